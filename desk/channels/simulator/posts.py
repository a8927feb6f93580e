"""What the pretend Slack keeps of one message, and how it tells of it."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any, Literal

KEPT = 200
"""Messages kept of one person, and of the channel."""
PEOPLE = 50

BOT_USER, BOT, TEAM, APP = "U0DESKBOT00", "B0DESKBOT00", "T0TRYTEAM00", "A0TRYAPP000"
CHANNEL, CHANNEL_NAME = "C0GENERAL00", "general"


@dataclass(slots=True)
class Post:
    """One message, in a direct message or in the channel."""

    ts: str
    channel: str
    user: str
    """Who wrote it; the bot's is BOT_USER."""
    text: str
    blocks: list[dict[str, Any]] = field(default_factory=list)
    metadata: dict[str, Any] | None = None
    thread: str | None = None
    only_for: str | None = None
    """The one who sees it, where it is ephemeral."""
    command: bool = False
    state: str = ""
    edited: bool = False
    refused: bool = False
    """Whether Slack did not take it."""
    pressed: str = ""
    """What became of the last button that was pressed in it."""

    @property
    def of_bot(self) -> bool:
        """Whether the desk wrote it."""
        return self.user == BOT_USER

    def shown(self) -> dict[str, Any]:
        """Return it as the page shows it."""
        kind: Literal["desk", "you"] = "desk" if self.of_bot else "you"
        return {
            "id": self.ts,
            "from": kind,
            "where": "channel" if self.channel == CHANNEL else "direct",
            "only_you": self.only_for is not None and not (self.command or self.refused),
            "thread": self.thread is not None,
            "text": self.text,
            "blocks": self.blocks,
            "state": self.state,
            "refused": self.refused,
            "edited": self.edited,
            "pressed": self.pressed,
        }

    def message(self) -> dict[str, Any]:
        """Return it as Slack's web interface and its events do."""
        made: dict[str, Any] = {
            "type": "message",
            "ts": self.ts,
            "user": self.user,
            "text": self.text,
            "team": TEAM,
        }
        if self.of_bot:
            made |= {"bot_id": BOT, "app_id": APP}
        if self.blocks:
            made["blocks"] = self.blocks
        if self.metadata:
            made["metadata"] = self.metadata
        if self.thread:
            made["thread_ts"] = self.thread
        return made
