"""Test stories: made of a conversation in the reviewer's own words, listed, given as a file."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

from sanic import HTTPResponse, Request
from sanic.exceptions import NotFound
from sanic.response import redirect
from sqlalchemy import Connection

from console.access import current, may
from console.access.settings import access_of
from console.access.settings import clean as printable
from console.access.settings import field as posted
from console.conversations.listing import clock_of
from console.databases import LIMIT, database_of, writer_of
from console.inbox.listing import fragments_of
from console.inbox.shown import label
from console.learning import story_file
from console.learning.intents import all_named, intents, title
from console.learning.reviewing import MOST_QUESTIONS, note_read
from console.learning.teaching import IDENTIFIERS, LONGEST
from console.rendering import page
from store import audit, review, stories
from store import staff as accounts
from store.learned import clean
from store.masking import masked
from store.stories import Heard, Refusal, Story, Turn

NAME_LONGEST = 80
"""Characters of a story's name."""
OWN_WORDS = "This is still what the person wrote. Say it in your own words, or leave it empty."
OWN_NAME = "The name is what the person wrote. Name the story in your own words."
NO_INTENT = "Say what it should be understood as: choose one of the list."
NO_NAME = "Give the story a name, of 80 characters at most."
NO_LINES = "Keep one line at least."
REFUSALS: dict[Refusal, str] = {
    "name": "There is a story of that name already.",
    "full": f"There are {stories.MOST} stories already. Delete one first.",
}
_KIND = "application/yaml; charset=utf-8"


@dataclass
class _Line:
    """One message of the person on the form."""

    seq: int
    theirs: str
    """What they wrote, masked."""
    text: str
    intents: list[str]
    """What stands in the fields: titles, or whatever was typed."""
    wrong: str = ""
    """What is wrong with the text."""
    unknown: str = ""
    """What is wrong with the intents."""
    turn: Turn | None = None
    """The line as it can be kept."""


@dataclass
class _Form:
    """The form as it is shown, or as it came."""

    channel: str
    heard: Sequence[Heard]
    lines: list[_Line] = field(default_factory=list)
    name: str = ""
    wrong: str = ""
    wrong_name: str = ""

    @property
    def turns(self) -> dict[int, Turn]:
        """The lines that are kept."""
        return {line.seq: line.turn for line in self.lines if line.turn}

    @property
    def right(self) -> bool:
        """Whether all of it can be kept."""
        lines = any(line.wrong or line.unknown for line in self.lines)
        return not (lines or self.wrong or self.wrong_name)


@may("review")
async def form(request: Request, conversation: str) -> HTTPResponse:
    """Show what a person wrote, masked, to be put into other words; it is noted as read."""
    found = await _of(request, conversation)
    found.lines = [_offered(each) for each in found.heard]
    await note_read(request, conversation)
    return _page(request, conversation, found)


async def _of(request: Request, conversation: str) -> _Form:
    def look(c: Connection) -> tuple[dict[str, Any] | None, list[Heard]]:
        return review.head(c, conversation), stories.heard(c, conversation)

    head, heard = await database_of(request).read(look, limit=LIMIT)
    if head is None:
        raise NotFound
    return _Form(head["channel"], heard)


def _offered(each: Heard) -> _Line:
    theirs = masked(each.text)
    return _Line(each.seq, theirs, clean(theirs)[:LONGEST], [title(name) for name in each.intents])


def _page(request: Request, conversation: str, found: _Form, status: int = 200) -> HTTPResponse:
    for line in found.lines:
        line.intents = (line.intents + [""] * MOST_QUESTIONS)[:MOST_QUESTIONS]
    return page(
        request,
        "learning/story_form.html",
        status=status,
        id=conversation,
        label=label(conversation, found.channel),
        form=found,
        most=stories.LINES,
        intents=list(intents().values()),
        longest=LONGEST,
        name_longest=NAME_LONGEST,
        path="/conversations",
    )


@may("review")
async def save(request: Request, conversation: str) -> HTTPResponse:
    """Keep a story, unless something of it is still in the person's own words."""
    found = await _of(request, conversation)
    found.name = printable(_plain(posted(request, "name")))
    found.lines = [_posted(request, each) for each in found.heard]
    # In a thread: words are compared with all that was written.
    await asyncio.to_thread(_judge, found)
    if not found.right:
        return _page(request, conversation, found, 422)
    who, now = current(request).id, access_of(request).clock()
    made = await writer_of(request).write(
        lambda c: stories.save(c, found.name, found.turns, found.heard, who, now), limit=LIMIT
    )
    if isinstance(made, str):
        found.wrong_name = REFUSALS[made]
        return _page(request, conversation, found, 409)
    return redirect(f"/review/stories/{made}", status=303)


def _plain(words: str) -> str:
    # Half of a pair of surrogates is in no UTF-8.
    return words.encode("utf-8", "replace").decode()


def _posted(request: Request, each: Heard) -> _Line:
    words = [posted(request, f"intent-{each.seq}-{n}") for n in range(1, MOST_QUESTIONS + 1)]
    text = clean(printable(_plain(posted(request, f"text-{each.seq}"))))[:LONGEST]
    return _Line(each.seq, masked(each.text), text, [_plain(each) for each in words])


def _judge(found: _Form) -> None:
    """Say what is wrong with a form, or make the turns of a story of it."""
    for line in found.lines:
        if line.text:
            _judge_line(found.heard, line)
    if not found.name or len(found.name) > NAME_LONGEST:
        found.wrong_name = NO_NAME
    elif masked(found.name) != found.name:
        found.wrong_name = IDENTIFIERS
    elif stories.is_theirs(found.heard, found.name):
        found.wrong_name = OWN_NAME
    if not any(line.text for line in found.lines):
        found.wrong = NO_LINES


def _judge_line(heard: Sequence[Heard], line: _Line) -> None:
    chosen = all_named([each for each in line.intents if each.strip()])
    if masked(line.text) != line.text:
        line.wrong = IDENTIFIERS
    elif stories.is_theirs(heard, line.text, line.seq):
        line.wrong = OWN_WORDS
    if chosen is None:
        line.unknown = NO_INTENT
    else:
        line.turn = Turn(line.text, chosen)


@may("review")
async def listing(request: Request) -> HTTPResponse:
    """Show all stories; nobody's words are in them."""
    found, names = await database_of(request).read(
        lambda c: (stories.everything(c), accounts.names(c)), limit=LIMIT
    )
    rows = [_shown(request, each, names) for each in reversed(found)]
    return page(request, "learning/stories.html", rows=rows, path="/review")


def _shown(request: Request, each: Story, names: dict[str, str]) -> dict[str, Any]:
    return {
        "id": each.id,
        "name": each.name,
        "turns": [
            {"text": turn.text, "intents": [title(name) for name in turn.intents]}
            for turn in each.turns
        ],
        "by": names.get(each.by, each.by),
        "at": fragments_of(request).moment(each.at),
    }


@may("review")
async def show(request: Request, number: int) -> HTTPResponse:
    """Show a story."""
    found, names = await database_of(request).read(
        lambda c: (stories.one(c, number), accounts.names(c)), limit=LIMIT
    )
    if found is None:
        raise NotFound
    row = _shown(request, found, names)
    return page(request, "learning/story.html", story=row, path="/review")


@may("review")
async def delete(request: Request, number: int) -> HTTPResponse:
    """Delete a story."""
    who, now = current(request).id, access_of(request).clock()
    done = await writer_of(request).write(
        lambda c: stories.remove(c, number, who, now), limit=LIMIT
    )
    if not done:
        raise NotFound
    return redirect("/review/stories", status=303)


@may("export")
async def export(request: Request) -> HTTPResponse:
    """Give all stories as one file; who took it, and how many there were, is noted."""
    who, now = current(request).id, access_of(request).clock()
    found = await database_of(request).read(stories.everything, limit=LIMIT)
    body = await asyncio.to_thread(story_file.written, found)
    detail = f"{len(found)} stories"
    # Before it leaves: what cannot be noted is not given.
    await writer_of(request).write(
        lambda c: audit.note(c, who, "exported", "stories", detail, at=now), limit=LIMIT
    )
    # Rasa knows test stories by how the file's name begins.
    name = f"test_stories-{clock_of(request).today}.yml"
    headers = {"Content-Disposition": f'attachment; filename="{name}"'}
    return HTTPResponse(body, 200, headers, _KIND)
