"""Reads the answers and renders them: one text for one channel, with the facts that are set."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import lru_cache
from pathlib import Path
from typing import Any, Literal

import yaml

from answers import errors
from answers.errors import CatalogueError

FOLDER = Path(__file__).resolve().parent
CHOICE = "choice_"
"""Ids of the words on buttons that stand for no intent begin so."""
Channel = Literal["web", "sms"]
_PLACEHOLDER = re.compile(r"\{(\w+)\}")
_SPACED_PARAGRAPH = re.compile(r" ?\n\n ?")


@dataclass(frozen=True)
class Part:
    """A piece of a text: spoken when every fact in it is set, otherwise its replacement is."""

    say: str
    otherwise: str = ""

    @property
    def facts(self) -> tuple[str, ...]:
        """The names between braces in what may be said."""
        return tuple(_PLACEHOLDER.findall(self.say))

    def spoken(self, facts: Mapping[str, str]) -> str:
        """Return what is said with these facts; nothing unset ever appears."""
        for text in (self.say, self.otherwise):
            names = _PLACEHOLDER.findall(text)
            if all(facts.get(name) for name in names):
                return _PLACEHOLDER.sub(lambda match: facts[match[1]], text)
        return ""


@dataclass(frozen=True)
class Edition:
    """A form of an answer that was published in the console (answers.editions)."""

    parts: tuple[Part, ...]
    version: int
    approved_by: str
    overdue: bool = False
    """Whether the day is past by which somebody was to look at it again."""


@dataclass(frozen=True)
class Answer:
    """One answer of the catalogue, in all its forms."""

    id: str
    version: int
    intent: str | None
    """The intent whose questions it answers; None for the assistant's own lines."""
    about: str
    """The question it answers, in a line; empty for the intent's main answer."""
    texts: Mapping[str, tuple[Part, ...]]
    """Parts by form: web, sms, es (Spanish, web) and es_sms where there are any."""
    sources: tuple[str, ...]
    approval: Mapping[str, str] | None
    """Who approved it, in which role and when; None for a draft."""
    buttons: tuple[str, ...]
    links: tuple[str, ...]
    """Keys of crisis resources' actions, such as call_988."""
    editions: Mapping[str, Edition] = field(default_factory=dict)
    """What stands instead of the file's own text, by form."""

    def form(self, channel: Channel, language: str = "en") -> str:
        """Return which form is spoken on a channel to somebody who writes a language."""
        wanted: list[str] = [channel, "web"]
        if language == "es":
            wanted = ["es_sms" if channel == "sms" else "es", "es", *wanted]
        return next(form for form in wanted if form in self.texts)

    def approved(self, form: str) -> bool:
        """Say whether a named person has approved a form."""
        return form in self.editions or self.approval is not None


@dataclass(frozen=True)
class Spoken:
    """A text as it goes out, with what is needed to say later which text it was."""

    id: str
    version: int
    text: str
    variables: Mapping[str, str]
    """The facts that were spoken."""
    buttons: tuple[Mapping[str, str], ...]
    links: tuple[Mapping[str, str], ...]
    approved: bool
    language: str | None = None
    """Language of the form that was spoken, when it is not the first one's."""


class Catalogue:
    """All answers by id."""

    def __init__(
        self, answers: Mapping[str, Answer], titles: Mapping[str, str], sources: Mapping[str, Any]
    ) -> None:
        """Keep answers by id, human titles by intent, and sources by key."""
        self.answers, self.titles, self.sources = answers, titles, sources

    def get(self, answer_id: str) -> Answer:
        """Return an answer.

        Raises:
            CatalogueError: There is none of that id.
        """
        try:
            return self.answers[answer_id]
        except KeyError:
            raise CatalogueError(errors.NOT_THERE.format(id=answer_id)) from None

    def title(self, name: str, language: str = "en") -> str:
        """Return the words on a button: an intent's title, the text choice_<name>, or its id."""
        choice = self.answers.get(f"{CHOICE}{name}")
        if choice is None:
            return self.titles.get(name, name)
        return " ".join(part.say for part in choice.texts[choice.form("web", language)])

    def button(self, name: str, language: str = "en") -> dict[str, str]:
        """Return a button of that id with its words."""
        return {"title": self.title(name, language), "id": name}

    def render(
        self,
        answer_id: str,
        channel: Channel = "web",
        facts: Mapping[str, str] | None = None,
        language: str = "en",
        links: Mapping[str, Mapping[str, str]] | None = None,
    ) -> Spoken:
        """Return an answer as it is spoken on a channel.

        Args:
            answer_id: An id of the catalogue.
            channel: "web" or "sms".
            facts: What may be spoken, by name (center.facts, safety.resources.facts).
            language: "es" for the Spanish form, where there is one.
            links: Title and address by action key, for the links of crisis texts.

        Raises:
            CatalogueError: There is no answer of that id.
        """
        answer, facts, links = self.get(answer_id), facts or {}, links or {}
        form = answer.form(channel, language)
        parts, edition = answer.texts[form], answer.editions.get(form)
        text = " ".join(filter(None, (_spoken_or_break(part, facts) for part in parts)))
        used = {name for part in parts for name in part.facts if facts.get(name)}
        return Spoken(
            id=answer.id,
            version=edition.version if edition else answer.version,
            text=_SPACED_PARAGRAPH.sub("\n\n", text).strip(),
            variables={name: facts[name] for name in sorted(used)},
            buttons=tuple(self.button(name, language) for name in answer.buttons),
            links=tuple(links[key] for key in answer.links if key in links),
            approved=answer.approved(form),
            language="es" if form.startswith("es") else None,
        )


def _spoken_or_break(part: Part, facts: Mapping[str, str]) -> str:
    return "\n\n" if not part.say else part.spoken(facts)


def _parts(read: list[Any]) -> tuple[Part, ...]:
    return tuple(
        Part(part) if isinstance(part, str) else Part(part["say"], part.get("else", ""))
        for part in read
    )


def _answer(file: str, intent: str | None, read: Mapping[str, Any]) -> Answer:
    for key in ("id", "version", "web", "sms", "sources", "approval"):
        if key not in read:
            raise CatalogueError(
                errors.MISSING_KEY.format(file=file, id=read.get("id", "?"), key=key)
            )
    approval = read["approval"]
    complete = isinstance(approval, dict) and all(
        isinstance(approval.get(key), str) and approval[key] for key in ("name", "role", "date")
    )
    if approval != "draft" and not complete:
        raise CatalogueError(errors.WRONG_APPROVAL.format(file=file, id=read["id"]))
    forms = {form: _parts(read[form]) for form in ("web", "sms", "es", "es_sms") if read.get(form)}
    return Answer(
        id=read["id"],
        version=int(read["version"]),
        intent=intent,
        about=read.get("about", ""),
        texts=forms,
        sources=tuple(read["sources"]),
        approval=approval if complete else None,
        buttons=tuple(read.get("buttons") or ()),
        links=tuple(read.get("links") or ()),
    )


def _load(path: Path) -> Any:
    try:
        # The C loader is ten times faster, which the desk's start and every test feels.
        loader = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
        return yaml.load(path.read_text("utf-8"), Loader=loader)
    except yaml.MarkedYAMLError as problem:
        line = problem.problem_mark.line + 1 if problem.problem_mark else 1
        raise CatalogueError(
            errors.NOT_YAML.format(file=path.name, line=line, problem=problem.problem)
        ) from problem


@lru_cache(maxsize=4)
def load_catalogue(folder: Path = FOLDER) -> Catalogue:
    """Read every answer of a folder.

    Raises:
        CatalogueError: A file is wrong; the message names file, answer and remedy.
    """
    answers: dict[str, Answer] = {}
    files: dict[str, str] = {}
    titles: dict[str, str] = {}
    for path in sorted(folder.glob("*.yml")):
        if path.name == "sources.yml":
            continue
        read = _load(path)
        intent = read.get("intent")
        if intent and "title" in read:
            titles[intent] = read["title"]
        for entry in read["answers"]:
            answer = _answer(path.name, intent, entry)
            if answer.id in answers:
                raise CatalogueError(
                    errors.DUPLICATE.format(file=path.name, id=answer.id, other=files[answer.id])
                )
            answers[answer.id], files[answer.id] = answer, path.name
    sources = _load(folder / "sources.yml")
    _check_references(answers, files, titles, sources)
    return Catalogue(answers, titles, sources)


def _check_references(
    answers: Mapping[str, Answer],
    files: Mapping[str, str],
    titles: Mapping[str, str],
    sources: Mapping[str, Any],
) -> None:
    for answer in answers.values():
        where = {"file": files[answer.id], "id": answer.id}
        for name in answer.sources:
            if name not in sources:
                raise CatalogueError(errors.UNKNOWN_SOURCE.format(name=name, **where))
        for name in answer.buttons:
            if name not in titles and f"{CHOICE}{name}" not in answers:
                raise CatalogueError(errors.UNKNOWN_BUTTON.format(name=name, **where))
