"""A person who asks to be called back, as tests play them."""

from __future__ import annotations

from typing import Any

from tests.desk.brain_server import BrainServer, reading, reply
from tests.desk.conftest import Running
from tests.desk.talk import Talk, buttons

NAME, PHONE = "Marguerite", "(818) 555-0177"
E164 = "+18185550177"
# Each step's question, by the words of its text, and an answer to it: text or a button's id.
WALK: tuple[tuple[str, str], ...] = (
    ("are you 18", "callback_adult"),
    ("What name", NAME),
    ("Which phone number", PHONE),
    ("good time", "weekday mornings"),
    ("call about", "what it takes to begin"),
    ("leave a voicemail", "callback_voicemail_no"),
    ("say the center's name", "callback_named_no"),
    ("Who else", "my sister Beatrix"),
    ("safe to call", "not after six in the evening"),
)


class Asker(Talk):
    """Walks through the form."""

    async def give(self, answer: str) -> list[dict[str, Any]]:
        """Press a button of the form, or type."""
        return await (self.press(answer) if answer.startswith("callback") else self.say(answer))

    async def begin(self) -> list[dict[str, Any]]:
        return await self.press("callback")

    async def walk(self, until: str | None = None) -> list[dict[str, Any]]:
        """Answer every question up to the one that holds these words, or up to the consent."""
        asked = await self.begin()
        for question, answer in WALK:
            assert question in asked[-1]["text"]
            if until is not None and until in question:
                return asked
            asked = await self.give(answer)
        assert "callback_agree" in buttons(asked[-1])
        return asked

    def callbacks(self) -> list[dict[str, Any]]:
        rows = self.desk.rows("select * from callbacks order by id")
        return [dict(row._mapping) for row in rows]

    def logged(self) -> str:
        """Return all that the log holds of what was said."""
        return "\n".join(row[0] for row in self.desk.rows("select text from messages"))


def texts(replies: list[dict[str, Any]]) -> str:
    return "\n".join(each["text"] for each in replies)


def knows(brain: BrainServer, intent: str, *signals: str, text: str = "It depends.") -> None:
    """Make the brain understand every message so."""
    brain.reading, brain.replies = reading(intent), [reply(intent, text)]
    brain.signals = [{"name": name} for name in signals]


async def asker(desk: Running) -> Asker:
    token, _ = await desk.start()
    return Asker(desk, token)
