"""Words that Twilio itself acts upon by default, and what it answers in the desk's place."""

from __future__ import annotations

from typing import Literal

Keyword = Literal["STOP", "HELP", "START"]

_WORDS: dict[str, Keyword] = {
    **dict.fromkeys(("STOP", "STOPALL", "UNSUBSCRIBE", "CANCEL", "END", "QUIT"), "STOP"),
    **dict.fromkeys(("HELP", "INFO"), "HELP"),
    **dict.fromkeys(("START", "YES", "UNSTOP"), "START"),
}
REPLIES: dict[Keyword, str] = {
    "STOP": "You have successfully been unsubscribed. You will not receive any more messages from "
    "this number. Reply START to resubscribe.",
    "HELP": "Reply STOP to unsubscribe. Msg&Data Rates May Apply.",
    "START": "You have successfully been re-subscribed to messages from this number. Reply HELP "
    "for help. Reply STOP to unsubscribe. Msg&Data Rates May Apply.",
}


def keyword(text: str) -> Keyword | None:
    """Return what a text asks of the carrier: the whole text is the word, in any case."""
    return _WORDS.get(text.strip().upper())
