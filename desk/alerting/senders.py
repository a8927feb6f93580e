"""Hands a notice to a place: a mail server, a web address, or a service that Apprise knows."""

from __future__ import annotations

import asyncio
import hashlib
import smtplib
import socket
import ssl
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime, timezone
from email.message import EmailMessage
from email.utils import format_datetime
from typing import Protocol

import aiohttp
import orjson

from desk.alerting import wording
from desk.alerting.limits import AT_ONCE, LIMIT, NotDeliveredError
from desk.alerting.places import ApprisePlace, EmailPlace, Place, WebhookPlace
from desk.alerting.services import Messenger
from desk.alerting.wording import Link
from store.outbox import Notice


class Sender(Protocol):
    """The way to one place."""

    async def send(self, notice: Notice) -> str | None:
        """Hand a notice over.

        Returns:
            The class of a lesser error, or None.

        Raises:
            NotDeliveredError: The place did not take it.
        """

    async def close(self) -> None:
        """Close what was opened."""


def sender_for(place: Place, link: Link) -> Sender:
    """Return the way to a place; make it inside the event loop."""
    if isinstance(place, EmailPlace):
        return Mailer(place, link)
    return Messenger(place, link) if isinstance(place, ApprisePlace) else Caller(place, link)


class Mailer:
    """Sends e-mails, each in a thread, since the standard library's client blocks."""

    def __init__(self, place: EmailPlace, link: Link) -> None:
        """Send to the recipients of a place."""
        self._place, self._link = place, link
        self._threads = ThreadPoolExecutor(AT_ONCE, f"mail-{place.name}")

    async def send(self, notice: Notice) -> str | None:
        """Hand a notice to the mail server; see Sender."""
        message = self._message(notice)
        return await asyncio.get_running_loop().run_in_executor(
            self._threads, self._deliver, message
        )

    def _message(self, notice: Notice) -> EmailMessage:
        message = EmailMessage()
        message["Subject"] = wording.subject(notice)
        message["From"] = self._place.sender
        message["To"] = ", ".join(self._place.recipients)
        message["Date"] = format_datetime(datetime.now(timezone.utc))
        # The same for a notice that is sent twice, so that mail programs show it once.
        key = f"{notice.id}.{notice.repeat}.{self._place.name}".encode()
        domain = self._place.sender.rpartition("@")[2]
        message["Message-ID"] = f"<{hashlib.sha256(key).hexdigest()[:40]}@{domain}>"
        message["Auto-Submitted"] = "auto-generated"
        message["X-Priority"] = "1"
        message.set_content(wording.text(notice, self._link(notice)))
        return message

    def _deliver(self, message: EmailMessage) -> str | None:
        place = self._place
        try:
            with self._connect() as server:
                if place.tls == "starttls":
                    server.starttls(context=ssl.create_default_context())
                if place.user and place.password:
                    server.login(place.user, place.password)
                refused = server.send_message(message, place.sender, list(place.recipients))
        except (OSError, smtplib.SMTPException) as problem:
            # Without its cause: a server's answer may repeat what it was sent.
            raise NotDeliveredError(_kind(problem)) from None
        return "SMTPRecipientsRefused" if refused else None

    def _connect(self) -> smtplib.SMTP:
        place, name = self._place, socket.gethostname()
        if place.tls == "tls":
            return smtplib.SMTP_SSL(
                place.host, place.port, name, timeout=LIMIT, context=ssl.create_default_context()
            )
        return smtplib.SMTP(place.host, place.port, name, timeout=LIMIT)

    async def close(self) -> None:
        """Let threads end by themselves."""
        self._threads.shutdown(wait=False, cancel_futures=True)


class Caller:
    """Posts JSON bodies to a web address."""

    def __init__(self, place: WebhookPlace, link: Link) -> None:
        """Post to the address of a place."""
        self._place, self._link = place, link
        self._session = aiohttp.ClientSession(
            timeout=aiohttp.ClientTimeout(total=LIMIT),
            # Nothing of the environment may reroute an alert, and no answer leaves a trace.
            trust_env=False,
            cookie_jar=aiohttp.DummyCookieJar(),
        )

    async def send(self, notice: Notice) -> str | None:
        """Post a notice; see Sender. Anything but a 2xx answer counts as not taken."""
        headers = {"Content-Type": "application/json", "User-Agent": "iop-assistant"}
        headers["Idempotency-Key"] = f"{notice.id}.{notice.repeat}"
        if self._place.token:
            headers["Authorization"] = f"Bearer {self._place.token}"
        data = orjson.dumps(wording.body(notice, self._link(notice)))
        try:
            async with self._session.post(
                self._place.url, data=data, headers=headers, allow_redirects=False
            ) as answer:
                status = answer.status
        except (aiohttp.ClientError, OSError) as problem:
            # Without its cause, which holds the address.
            raise NotDeliveredError(_kind(problem)) from None
        if not 200 <= status < 300:
            raise NotDeliveredError(f"status {status}")
        return None

    async def close(self) -> None:
        """Close the connections."""
        await self._session.close()


def _kind(problem: Exception) -> str:
    code = getattr(problem, "smtp_code", None)
    kind = type(problem).__name__
    return f"{kind} {code}"[:64] if isinstance(code, int) else kind[:64]
