"""Calls Twilio's API: send, look up, delete a picture."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timedelta, timezone
from email.utils import parsedate_to_datetime
from typing import Any

import aiohttp

from desk.channels.calling import Answered, call, session
from desk.channels.contract import NotSentError, OptedOutError, Receipt, Rendered
from desk.channels.sms.config import SmsConfig

OPTED_OUT = "21610"
"""The person has texted STOP (twilio.com/docs/api/errors/21610)."""
_GONE = frozenset({"404", "20404"})
_SKEW = timedelta(seconds=5)
# A setting that is wrong may be mended: nothing is lost until then.
_MENDED = frozenset({401, 403, 404, 408, 409, 425, 429})


class Twilio:
    """A client of one account; make it inside the event loop."""

    def __init__(self, config: SmsConfig) -> None:
        """Call with the account's token."""
        self._config = config
        self._url = f"{config.api_url}/2010-04-01/Accounts/{config.account_sid}/Messages"
        self._session = session(_basic(config))

    async def send(self, address: Mapping[str, str], rendered: Rendered) -> Receipt:
        """Hand over a text; raises as desk.channels.contract.Channel.send does."""
        form = {
            "To": address["to"],
            **self._config.sender,
            "Body": rendered.body["text"],
            "StatusCallback": f"{self._config.public_url}/webhooks/sms/status",
        }
        answer = await self._call("POST", f"{self._url}.json", data=form)
        sid = answer.get("sid")
        if not isinstance(sid, str):
            raise NotSentError("no sid", again=True, maybe=True)
        return Receipt(sid)

    async def find(
        self, address: Mapping[str, str], rendered: Rendered, since: int
    ) -> list[Receipt]:
        """Return texts of the same words to the same number since a moment; raises NotSentError."""
        begin = datetime.fromtimestamp(since / 1000, timezone.utc) - _SKEW
        asked = {
            "To": address["to"],
            "DateSent>": (begin - timedelta(days=1)).date().isoformat(),
            "PageSize": "50",
        }
        answer = await self._call("GET", f"{self._url}.json", params=asked)
        return [
            Receipt(each["sid"])
            for each in answer.get("messages") or ()
            if each.get("body") == rendered.body["text"] and _is_since(each, begin)
        ]

    async def delete_media(self, ids: list[str]) -> None:
        """Delete pictures, each named by its message and itself; raises NotSentError."""
        for each in ids:
            sid, _, media = each.partition("/")
            if not media:
                continue
            try:
                await self._call("DELETE", f"{self._url}/{sid}/Media/{media}.json")
            except NotSentError as problem:
                if problem.code not in _GONE:
                    raise

    async def _call(self, method: str, url: str, **how: Any) -> dict[str, Any]:
        answer = await call(self._session, method, url, **how)
        if answer.status < 300:
            return answer.body
        raise _refusal(answer)

    async def account(self) -> str:
        """Return what Twilio says of the account, such as "active"; raises NotSentError."""
        base = self._url.rpartition("/")[0]
        return str((await self._call("GET", f"{base}.json")).get("status"))

    async def webhook(self) -> str | None:
        """Return where Twilio posts texts to our number; None if the number is not the account's.

        Raises:
            NotSentError: Twilio does not say.
        """
        base = self._url.rpartition("/")[0]
        asked = {"PhoneNumber": self._config.number or ""}
        answer = await self._call("GET", f"{base}/IncomingPhoneNumbers.json", params=asked)
        numbers = answer.get("incoming_phone_numbers") or []
        return str(numbers[0].get("sms_url") or "") if numbers else None

    async def close(self) -> None:
        """Close the connections."""
        await self._session.close()


def _refusal(answer: Answered) -> NotSentError:
    status, code = answer.status, str(answer.body.get("code") or answer.status)[:16]
    if code == OPTED_OUT:
        return OptedOutError(code)
    if status >= 500:
        return NotSentError(code, again=True, maybe=True, after=answer.after)
    return NotSentError(code, again=status in _MENDED, after=answer.after)


def _is_since(found: Mapping[str, Any], begin: datetime) -> bool:
    try:
        at = parsedate_to_datetime(str(found.get("date_created")))
    except ValueError:
        return False
    # "-0000" gives a moment without a zone: it is UTC all the same (RFC 5322, 3.3).
    return (at if at.tzinfo else at.replace(tzinfo=timezone.utc)) >= begin.replace(microsecond=0)


def _basic(config: SmsConfig) -> str:
    made: str = aiohttp.encode_basic_auth(config.account_sid, config.auth_token)
    return made
