"""Services that Apprise knows: Slack, Teams, PagerDuty, providers of SMS and a hundred more."""

from __future__ import annotations

import asyncio
import logging
from concurrent.futures import ThreadPoolExecutor
from typing import Any

from desk.alerting import wording
from desk.alerting.limits import AT_ONCE, LIMIT, NotDeliveredError
from desk.alerting.places import ApprisePlace
from desk.alerting.wording import Link
from desk.settings import LOOPBACK
from store.outbox import Notice

_CONNECT, _READ = 3.0, 6.0
"""Seconds; together below LIMIT, so that a thread ends before its notice is tried again."""
# Their lines hold addresses, which are secrets, and answers of servers.
_LOUD = ("apprise", "urllib3", "requests")


def service_of(url: str) -> Any:
    """Return Apprise's way to an address, or None when it knows none such.

    Imported here, since Apprise loads a module for every service that it knows.
    """
    _silence()
    from apprise import Apprise, AppriseAsset

    asset = AppriseAsset(
        app_id="iop-assistant",
        app_desc="Alerts",
        app_url="",
        # No picture: whoever shows the alert would fetch it from a third party.
        image_url_mask="",
        image_url_logo="",
        storage_mode="memory",
        http_redirects=False,
        async_mode=False,
    )
    return Apprise.instantiate(url, asset=asset)


def is_known(url: str) -> bool:
    """Say whether Apprise knows the kind of address, whether or not the rest of it is right."""
    _silence()
    from apprise import manager_plugins

    manager: Any = manager_plugins.NotificationManager
    return url.partition("://")[0].lower() in manager()


def is_open(service: Any, url: str) -> bool:
    """Say whether an address leaves this machine without encryption that its service could have."""
    if getattr(service, "host", None) in LOOPBACK:
        return False
    plain = _names(service.protocol)
    encrypted = _names(service.secure_protocol)
    return url.partition("://")[0].lower() in plain - encrypted and bool(encrypted)


def proves_nothing(service: Any) -> bool:
    """Say whether the server need not prove who it is (`verify=no`), though it is elsewhere."""
    return not service.verify_certificate and getattr(service, "host", None) not in LOOPBACK


def _names(protocol: Any) -> set[str]:
    return {protocol} if isinstance(protocol, str) else set(protocol or ())


def _silence() -> None:
    for name in _LOUD:
        logger = logging.getLogger(name)
        logger.setLevel(logging.CRITICAL + 1)
        logger.propagate = False


class Messenger:
    """Sends by Apprise, each notice in a thread and with an instance of its own: both block."""

    def __init__(self, place: ApprisePlace, link: Link) -> None:
        """Send to the service of a place."""
        self._place, self._link = place, link
        self._threads = ThreadPoolExecutor(AT_ONCE, f"apprise-{place.name}")

    async def send(self, notice: Notice) -> str | None:
        """Hand a notice to the service; see Sender. Apprise says only whether it was taken."""
        words = wording.subject(notice), wording.brief(notice, self._link(notice))
        loop = asyncio.get_running_loop()
        try:
            async with asyncio.timeout(LIMIT):
                taken = await loop.run_in_executor(self._threads, self._deliver, notice, *words)
        except TimeoutError:
            raise NotDeliveredError("TimeoutError") from None
        if not taken:
            raise NotDeliveredError("not taken by the service")
        return None

    def _deliver(self, notice: Notice, title: str, body: str) -> bool:
        service = service_of(self._place.url)
        # The outbox has pauses of its own; Apprise's would hold up the next alert.
        service.request_rate_per_sec = 0
        service.socket_connect_timeout, service.socket_read_timeout = _CONNECT, _READ
        grave = "failure" if notice.tier in ("T0", "T1") else "warning"
        return bool(service.notify(title=title, body=body, notify_type=grave))

    async def close(self) -> None:
        """Let threads end by themselves."""
        self._threads.shutdown(wait=False, cancel_futures=True)
