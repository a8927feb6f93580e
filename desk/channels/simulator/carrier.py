"""A pretend Twilio: takes the desk's messages, reports on them, and brings it what phones write."""

from __future__ import annotations

import asyncio
import re
from collections import OrderedDict
from collections.abc import Mapping
from typing import Any, Literal, get_args
from urllib.parse import urldefrag, urlencode

from twilio.request_validator import RequestValidator  # type: ignore[import-untyped]

from answers.sms import segments
from desk.channels.simulator.keywords import REPLIES, keyword
from desk.channels.simulator.texts import KEPT, PEOPLE, Text, new_id
from desk.channels.simulator.wire import Wire

Delivery = Literal["yes", "unreachable", "blocked", "down", "slow"]
DELIVERIES: tuple[Delivery, ...] = get_args(Delivery)
NUMBER = "+12135550142"
"""The desk's number: one that is kept for fiction."""
LONGEST = 1600
_PHONE = re.compile(r"\+[1-9]\d{6,14}")
_SERVICE = re.compile(r"MG[0-9a-f]{32}")
_PATIENCE = 15.0
_UNDELIVERED: dict[Delivery, int] = {"unreachable": 30003, "blocked": 30007}


class TwilioError(Exception):
    """Twilio does not take a message; told as its REST interface tells it."""

    def __init__(self, status: int, code: int, message: str) -> None:
        """Keep what is answered: HTTP status, Twilio's code, and words."""
        super().__init__(code)
        self.status, self.code, self.message = status, code, message

    def body(self) -> dict[str, Any]:
        """Return the JSON of the answer."""
        more = f"https://www.twilio.com/docs/errors/{self.code}"
        return {
            "code": self.code,
            "message": self.message,
            "more_info": more,
            "status": self.status,
        }


class PretendTwilio:
    """One account with one number; everything is in memory."""

    advanced_opt_out = False
    """Whether keywords are marked for the desk, as a Messaging Service with that option does."""
    slow_seconds = 20.0
    pause = 0.15
    """Seconds between two delivery reports."""

    def __init__(self, account_sid: str, auth_token: str, url: str, number: str = NUMBER) -> None:
        """Serve a desk.

        Args:
            account_sid: Made anew at each start, as is the next.
            auth_token: Under which the desk signs in, and webhooks are signed.
            url: The desk's own address, without a slash at the end.
            number: From which the desk writes.
        """
        self.account_sid, self.auth_token, self.url = account_sid, auth_token, url
        self.number = number
        self.delivery: Delivery = "yes"
        self.wire = Wire()
        self._phones: OrderedDict[str, list[Text]] = OrderedDict()
        self._stopped: OrderedDict[str, None] = OrderedDict()

    def write(self, phone: str, text: str, *, photo: bool = False) -> Text:
        """Send what somebody has typed on a phone to the desk; returns before the desk answers."""
        media = {new_id("ME"): True} if photo else {}
        sent = Text(new_id("MM" if photo else "SM"), "you", phone, text, "sending", media=media)
        self._keep(sent)
        asked = keyword(text)
        changed = self._list(phone, asked)
        if asked is not None and changed:
            self._keep(Text(new_id("SM"), "carrier", phone, REPLIES[asked], "delivered"))
        self.wire.begin(self._bring(sent, asked if self.advanced_opt_out else None))
        return sent

    def _list(self, phone: str, asked: str | None) -> bool:
        """Keep the list of those who want no messages; return whether an answer is due."""
        stopped = phone in self._stopped
        if asked == "STOP":
            self._stopped[phone] = None
            return not stopped
        if asked == "START":
            self._stopped.pop(phone, None)
            # YES is an ordinary answer for whoever has not opted out.
            return stopped
        return asked == "HELP"

    async def _bring(self, text: Text, asked: str | None) -> None:
        fields = {
            "MessageSid": text.sid,
            "SmsSid": text.sid,
            "SmsMessageSid": text.sid,
            "AccountSid": self.account_sid,
            "ApiVersion": "2010-04-01",
            "SmsStatus": "received",
            "From": text.phone,
            "To": self.number,
            "Body": text.body,
            "NumMedia": str(len(text.media)),
            "NumSegments": str(segments(text.body)),
        }
        for index, media in enumerate(text.media):
            account = f"{self.url}/try/twilio/2010-04-01/Accounts/{self.account_sid}"
            fields[f"MediaUrl{index}"] = f"{account}/Messages/{text.sid}/Media/{media}"
            fields[f"MediaContentType{index}"] = "image/jpeg"
        if asked is not None:
            fields["OptOutType"] = asked
        text.note = await self._post(f"{self.url}/webhooks/sms", fields)
        text.state = "refused" if text.note else "received"

    async def _post(self, url: str, fields: Mapping[str, str]) -> str:
        """Post a signed form; return what went wrong, empty when the desk took it."""
        signature: str = RequestValidator(self.auth_token).compute_signature(url, dict(fields))
        headers = {
            "X-Twilio-Signature": signature,
            "Content-Type": "application/x-www-form-urlencoded; charset=UTF-8",
        }
        body = urlencode(fields).encode("ascii")
        answer = await self.wire.post(url, body, headers, _PATIENCE)
        if not answer.status:
            # Twilio tries once more when it could not connect or was not answered.
            answer = await self.wire.post(url, body, headers, _PATIENCE)
        return answer.trouble

    async def accept(self, fields: Mapping[str, str]) -> Text:
        """Take a message of the desk, and report on it as it is delivered.

        Raises:
            TwilioError: It cannot be sent.
        """
        try:
            text = self._checked(fields)
        except TwilioError as refusal:
            self._keep_refused(fields, refusal)
            raise
        text.tries += self._take_back(text)
        self._keep(text)
        self.wire.begin(self._report(text, self._fate()))
        if self.delivery == "slow":
            await asyncio.sleep(self.slow_seconds)
        return text

    def is_up(self) -> None:
        """Raise TwilioError while the provider is switched off."""
        if self.delivery == "down":
            raise TwilioError(503, 20503, "Service is unavailable.")

    def _checked(self, fields: Mapping[str, str]) -> Text:
        self.is_up()
        to, body = fields.get("To", ""), fields.get("Body", "")
        sender, service = fields.get("From", ""), fields.get("MessagingServiceSid", "")
        callback = fields.get("StatusCallback", "")
        problems = (
            (not to, 21604, "A 'To' phone number is required."),
            (not _PHONE.fullmatch(to), 21211, "Invalid 'To' Phone Number."),
            (not sender and not service, 21603, "A 'From' phone number is required."),
            (
                bool(service) and not _SERVICE.fullmatch(service),
                21701,
                "The Messaging Service does not exist.",
            ),
            (bool(sender) and sender != self.number, 21606, "The 'From' number is not yours."),
            (not body, 21602, "Message body is required."),
            (
                len(body) > LONGEST,
                21617,
                "The concatenated message body exceeds the 1600 character limit.",
            ),
            (
                # Anywhere else nothing may be sent from here.
                bool(callback) and not callback.startswith(f"{self.url}/webhooks/"),
                21609,
                "The 'StatusCallback' URL is not a valid fully qualified URL.",
            ),
            (to in self._stopped, 21610, "Attempt to send to unsubscribed recipient."),
        )
        for wrong, code, message in problems:
            if wrong:
                raise TwilioError(400, code, message)
        return Text(new_id("SM"), "desk", to, body, "queued", callback=callback, service=service)

    def _fate(self) -> tuple[str, int | None]:
        code = _UNDELIVERED.get(self.delivery)
        return ("undelivered" if code else "delivered", code)

    async def _report(self, text: Text, fate: tuple[str, int | None]) -> None:
        """Go through a message's states and tell the desk of each, in order."""
        for state, code in (("queued", None), ("sent", None), fate):
            text.state, text.code = state, code
            if text.callback:
                # What follows "#" in a webhook's address is for Twilio, and is not signed.
                text.note = await self._post(
                    urldefrag(text.callback).url, self._report_fields(text)
                )
            await asyncio.sleep(self.pause)

    def _report_fields(self, text: Text) -> dict[str, str]:
        fields = {
            "MessageSid": text.sid,
            "SmsSid": text.sid,
            "AccountSid": self.account_sid,
            "ApiVersion": "2010-04-01",
            "From": self.number,
            "To": text.phone,
            "MessageStatus": text.state,
            "SmsStatus": text.state,
        }
        if text.service:
            fields["MessagingServiceSid"] = text.service
        if text.code is not None:
            fields["ErrorCode"] = str(text.code)
        return fields

    def find(self, *, to: str, sender: str, since: float, most: int) -> list[Text]:
        """Return messages that were taken, the newest first; empty values match all."""
        every = (text for texts in self._phones.values() for text in texts)
        found = [
            text
            for text in every
            if text.sender != "carrier"
            and text.state != "refused"
            and text.at >= since
            and self._fits(text, to, sender)
        ]
        return sorted(found, key=lambda text: text.at, reverse=True)[:most]

    def _fits(self, text: Text, to: str, sender: str) -> bool:
        ends = (self.number, text.phone) if text.sender == "you" else (text.phone, self.number)
        return to in ("", ends[0]) and sender in ("", ends[1])

    def delete_media(self, sid: str, media: str) -> bool:
        """Delete a picture; return whether it was there."""
        for texts in self._phones.values():
            for text in texts:
                if text.sid == sid and text.media.get(media):
                    text.media[media] = False
                    return True
        return False

    def seen_by(self, phone: str) -> dict[str, Any]:
        """Return what the page of a phone shows."""
        return {
            "number": phone,
            "desk": self.number,
            "deliver": self.delivery,
            "stopped": phone in self._stopped,
            "messages": [text.shown() for text in self._phones.get(phone, [])],
        }

    def _keep(self, text: Text) -> None:
        texts = self._phones.setdefault(text.phone, [])
        texts.append(text)
        del texts[:-KEPT]
        self._phones.move_to_end(text.phone)
        while len(self._phones) > PEOPLE:
            phone, _ = self._phones.popitem(last=False)
            self._stopped.pop(phone, None)

    def _keep_refused(self, fields: Mapping[str, str], refusal: TwilioError) -> None:
        """Show what could not be sent: nothing that the desk says may go unseen here."""
        phone = fields.get("To", "")
        if not _PHONE.fullmatch(phone):
            return
        text = Text(new_id("SM"), "desk", phone, fields.get("Body", ""), "refused", refusal.code)
        text.tries += self._take_back(text)
        self._keep(text)

    def _take_back(self, text: Text) -> int:
        """Remove the same message that was refused before; return how often it was tried."""
        texts = self._phones.get(text.phone, [])
        for old in reversed(texts):
            if old.sender == "desk" and old.state == "refused" and old.body == text.body:
                texts.remove(old)
                return old.tries
        return 0

    async def close(self) -> None:
        """End what is under way."""
        await self.wire.close()
