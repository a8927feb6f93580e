"""What the pretend Twilio keeps of one text message, and how it tells of it."""

from __future__ import annotations

import secrets
import time
from dataclasses import dataclass, field
from datetime import datetime, timezone
from email.utils import format_datetime
from typing import Any, Literal

from answers.sms import gsm7_length, segments

KEPT = 200
"""Messages kept of one person."""
PEOPLE = 50
"""People kept; who has not written for the longest is forgotten first."""

Sender = Literal["you", "desk", "carrier"]


def new_id(kind: str) -> str:
    """Return an id as Twilio makes them: two letters and 32 hex digits."""
    return kind + secrets.token_hex(16)


@dataclass(slots=True)
class Text:
    """One text message."""

    sid: str
    sender: Sender
    phone: str
    """The phone's number, whichever way the message goes."""
    body: str
    state: str
    code: int | None = None
    at: float = field(default_factory=time.time)
    callback: str = ""
    service: str = ""
    media: dict[str, bool] = field(default_factory=dict)
    """Whether each picture is still at the provider, by its id."""
    tries: int = 1
    note: str = ""
    """What the desk answered when it did not take the message."""

    def shown(self) -> dict[str, Any]:
        """Return it as the page shows it."""
        return {
            "id": self.sid,
            "from": self.sender,
            "text": self.body,
            "state": self.state,
            "code": self.code,
            "note": self.note,
            "segments": segments(self.body),
            "alphabet": "UCS-2" if gsm7_length(self.body) is None else "GSM-7",
            "length": _units(self.body),
            "tries": self.tries,
            "photos": len(self.media),
            "photos_kept": sum(self.media.values()),
            "at": int(self.at * 1000),
        }

    def resource(self, account: str, number: str) -> dict[str, Any]:
        """Return it as Twilio's REST interface does; `number` is the desk's."""
        inbound = self.sender == "you"
        at = format_datetime(datetime.fromtimestamp(int(self.at), timezone.utc))
        path = f"/2010-04-01/Accounts/{account}/Messages/{self.sid}"
        return {
            "sid": self.sid,
            "account_sid": account,
            "api_version": "2010-04-01",
            "messaging_service_sid": self.service or None,
            "from": self.phone if inbound else number,
            "to": number if inbound else self.phone,
            "body": self.body,
            "status": self.state,
            "direction": "inbound" if inbound else "outbound-api",
            "error_code": self.code,
            "error_message": None,
            "num_segments": str(segments(self.body)),
            "num_media": str(len(self.media)),
            "price": None,
            "price_unit": "USD",
            "date_created": at,
            "date_updated": at,
            "date_sent": at,
            "uri": f"{path}.json",
            "subresource_uris": {"media": f"{path}/Media.json"},
        }


def _units(text: str) -> int:
    length = gsm7_length(text)
    return len(text.encode("utf-16-le")) // 2 if length is None else length
