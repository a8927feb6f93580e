"""The center's facts: whether the file can be used, and what of them is not set."""

from __future__ import annotations

from collections.abc import Iterator

from center.errors import CenterError
from center.facts import load_center
from supervisor.doctor import faults
from supervisor.doctor.finding import Finding
from supervisor.doctor.installation import Installation, some


def check(installation: Installation) -> Iterator[Finding]:
    """Look at center.yml and at what was published over it."""
    settings = installation.settings
    try:
        load_center(settings.center_file, demo=settings.demo)
        examples = load_center(settings.center_file, demo=True).facts()
    except CenterError as problem:
        yield faults.CENTER_WRONG.found(problem=problem)
        return
    if settings.demo and (settings.public_url or installation.on_server):
        yield faults.DEMO_PUBLIC.found(url=settings.public_url or "a server's address")
    lines = installation.lines
    if lines is None or settings.demo:
        return
    unset = examples.keys() - lines.facts().keys()
    asking: dict[str, set[str]] = {}
    for answer in lines.catalogue.answers.values():
        for parts in answer.texts.values():
            for name in {each for part in parts for each in part.facts} & unset:
                asking.setdefault(name, set()).add(answer.id)
    if asking:
        answers = set().union(*asking.values())
        yield faults.FACTS_UNSET.found(count=len(answers), names=some(sorted(asking), most=20))
