"""What staff are told of an alert: where, how grave, of what kind, and a link; never any words."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from desk.items import moment
from safety.risk import CATEGORIES
from store.outbox import Notice
from store.server_troubles import KIND as SERVER
from store.server_troubles import TROUBLES

Link = Callable[[Notice], str]

_TIERS = {
    "T0": "T0, life in danger",
    "T1": "T1, urgent",
    "T2": "T2, at risk",
}
_KINDS = {
    "crisis": "Words of risk",
    "unscreened": "A message that could not be screened for risk",
    "handoff": "Somebody asks for a person",
    "unanswered": "Staff have left a person's message unanswered, and it waits again",
    "callback": "Somebody asks to be called back",
    "unreachable": "Somebody at risk cannot be reached by message: call them, or have them called",
    SERVER: "The server needs somebody",
}
_UNTIL = {
    "handoff": "This is told again until somebody takes the conversation over.",
    "unanswered": "This is told again until somebody takes the conversation over.",
    "callback": "This is told once.",
}
_SEEN = "This is told again until somebody acknowledges it there."


def body(notice: Notice, link: str) -> dict[str, Any]:
    """Return the JSON body of a webhook."""
    return {
        "channel": notice.channel,
        "tier": notice.tier,
        "category": notice.category,
        "kind": notice.kind,
        "at": moment(notice.at),
        "link": link,
        "id": notice.id,
        "repeat": notice.repeat,
        "drill": notice.drill,
    }


def subject(notice: Notice) -> str:
    """Return an e-mail's subject."""
    drill = "DRILL: " if notice.drill else ""
    again = f", reminder {notice.repeat}" if notice.repeat else ""
    grave = f" {notice.tier}" if notice.tier else ""
    return f"{drill}Alert{grave}, {notice.kind}, {notice.channel}{again}"


def text(notice: Notice, link: str) -> str:
    """Return an e-mail's text."""
    if notice.kind == SERVER:
        return _of_server(notice, link)
    lines = [f"{_KINDS.get(notice.kind, notice.kind)}."]
    if notice.drill:
        lines = ["THIS IS A DRILL. Nobody is at risk; the desk tests its alerts once a day."]
    if notice.tier:
        lines.append(f"Tier: {_TIERS.get(notice.tier, notice.tier)}")
    if notice.category:
        meaning = CATEGORIES.get(notice.category, "")
        lines.append(f"Category: {notice.category} ({meaning})" if meaning else notice.category)
    lines += [
        f"Channel: {notice.channel}",
        f"Written: {moment(notice.at)} (UTC)",
        f"Conversation: {link}",
        "",
        f"The link opens where the staff page is open. {_UNTIL.get(notice.kind, _SEEN)}",
    ]
    return "\n".join(lines) + "\n"


def _of_server(notice: Notice, link: str) -> str:
    return (
        f"{_KINDS[SERVER]}: {_trouble(notice)}.\n"
        f"Since: {moment(notice.at)} (UTC)\n"
        f"Alerts: {link}\n\n"
        "Run `make doctor` on it, which says what to do. Nobody is at risk by this alert. It is "
        "told again each day, and ends by itself when the trouble is gone.\n"
    )


def _trouble(notice: Notice) -> str:
    return TROUBLES.get(notice.category or "", notice.category or "")


def brief(notice: Notice, link: str) -> str:
    """Return two lines that fit into a text message or a chat; the subject comes before them."""
    if notice.kind == SERVER:
        return f"{_KINDS[SERVER]}: {_trouble(notice)}. Run `make doctor` on it.\n{link}"
    drill = "DRILL, nobody is at risk. " if notice.drill else ""
    meaning = CATEGORIES.get(notice.category or "", "")
    category = f" ({notice.category}: {meaning})" if meaning else ""
    return f"{drill}{_KINDS.get(notice.kind, notice.kind)}{category}.\n{link}"


def link_to(console_url: str) -> Link:
    """Return what makes the link: to a crisis' checklist, else to the message in its transcript.

    An alert of the server is about no conversation: its link leads to the alerts page.
    """

    def link(notice: Notice) -> str:
        if notice.kind == SERVER:
            return f"{console_url}/alerts"
        if notice.kind == "crisis":
            return f"{console_url}/alerts/{notice.conversation_id}/{notice.seq}"
        return f"{console_url}/conversations/{notice.conversation_id}#m{notice.seq}"

    return link
