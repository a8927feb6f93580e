"""STOP, START, HELP and their like: what law and platform demand of a text message.

Twilio's own list holds for a whole message in any case (twilio.com/docs/api/errors/23004). The
FCC's rule on revoking consent (47 CFR 64.1200(a)(10), in force since 2025-04-11) adds "revoke" and
"opt out", and any reasonable wording.
"""

from __future__ import annotations

import re
import unicodedata
from typing import Literal

Keyword = Literal["stop", "start", "help"]

STOP = frozenset({"stop", "stopall", "unsubscribe", "cancel", "end", "quit"})
START = frozenset({"start", "yes", "unstop"})
HELP = frozenset({"help", "info"})
# Not on Twilio's list: nobody but us honours them.
_OURS = frozenset(
    {"revoke", "optout", "opt out", "opt-out", "stop all", "alto", "parar", "pare", "cancelar"}
)
_SAME: dict[str, Keyword] = {
    **dict.fromkeys(STOP, "stop"),
    **dict.fromkeys(START, "start"),
    **dict.fromkeys(HELP, "help"),
}
_EDGES = " \t\r\n.,;:!?\"'()"

# Where a wish begins: at the start, after a stop, or after "and", "so", "but".
_BEGIN = r"(?:^|[.,;:!?\n]\s*|\b(?:and|so|but|ok|okay)\s+)"
_ASKS = (
    r"(?:(?:please|pls|plz|just|ok|okay|hey|hi|hello|can you|could you|would you|will you|you can"
    r"|you need to|you must|i want you to|i would like you to|i'd like you to|i said|i told you to"
    r"|i want to|i'd like to|i would like to|let me)\s*,?\s*)*"
)
_STOPS = r"(?:stop|quit|cease|end)"
_SENDS = r"(?:text(?:ing|s)?|messag(?:ing|es?)|contact(?:ing)?|sending|spamming|writing|sms(?:es)?)"
_WISHES = tuple(
    re.compile(pattern)
    for pattern in (
        rf"{_BEGIN}{_ASKS}{_STOPS}\s+(?:all\s+)?(?:the\s+|these\s+|your\s+|with\s+the\s+)?{_SENDS}\b",
        rf"{_BEGIN}{_ASKS}(?:do not|don'?t|dont|never)\s+(?:ever\s+)?"
        r"(?:(?:text|message|contact)\s+(?:me|this\s+number)|send\s+(?:me\s+)?(?:any\s+|more\s+)*"
        r"(?:texts|messages|sms))\b",
        rf"{_BEGIN}{_ASKS}no\s+more\s+(?:text|message|sms)(?:s|es)?\b",
        rf"{_BEGIN}{_ASKS}(?:opt(?:\s|-)?(?:me\s+)?out|unsubscribe|revoke)\b(?!\?)"
        r"(?:\s+(?:me|my\s+consent|from|of|please|now)\b|[.!]*$)",
        rf"{_BEGIN}{_ASKS}(?:take|remove|delete)\s+(?:me|my\s+(?:phone\s+)?number|this\s+number)\s+"
        r"(?:off|from|out)\b",
        r"\bno\s+(?:me\s+)?(?:escriban|manden|env[ií]en|escribas|mandes)\s+m[aá]s\b",
        r"\bdejen?\s+de\s+(?:escribirme|mandarme|enviarme)\b",
    )
)
# "Stop please", "please end this now": the whole message, with nothing else in it.
_BARE = re.compile(
    r"(?:(?:please|pls|plz|ok|okay|just)\s+)*(?:stop|quit|unsubscribe|cancel)"
    r"(?:\s+(?:please|pls|plz|now|it|this|all|everything|already|messages|texts))*"
)
# A question about it is answered, and stops nothing.
_QUESTION = re.compile(r"\bhow\s+(?:do|can|would|to|does)\b|\bwhat\s+(?:if|happens)\b")


def keyword_of(text: str) -> Keyword | None:
    """Return the keyword that a whole message is, as Twilio reads it."""
    return _SAME.get(text.strip().lower())


def revokes(text: str) -> bool:
    """Say whether a message asks in its own words for no more messages."""
    words = unicodedata.normalize("NFKC", text).lower().replace("\u2019", "'").strip(_EDGES)
    if words in _OURS:
        return True
    if words in STOP or _BARE.fullmatch(words):
        return True
    if _QUESTION.search(words):
        return False
    return any(pattern.search(words) for pattern in _WISHES)
