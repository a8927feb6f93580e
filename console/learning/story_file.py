"""Stories as `rasa test` reads them: one file of YAML, with the actions that the rules run."""

from __future__ import annotations

from collections.abc import Sequence
from functools import lru_cache
from typing import Any

import yaml

from answers.priority import rank
from setup.code_print import ROOT
from store.stories import Story, Turn

VERSION = "3.1"
"""Of Rasa's form of training data."""


class _Block(str):
    """A text that is written in lines of its own, as in tests/stories."""


class _Dumper(yaml.SafeDumper):
    pass


_Dumper.add_representer(
    _Block, lambda dumper, text: dumper.represent_scalar("tag:yaml.org,2002:str", text, style="|")
)


@lru_cache(maxsize=1)
def actions() -> dict[str, tuple[str, ...]]:
    """Return by intent what the rules of data/rules run after it."""
    found = {}
    for path in sorted((ROOT / "data" / "rules").glob("*.yml")):
        for rule in yaml.safe_load(path.read_text("utf-8"))["rules"]:
            steps: list[dict[str, str]] = rule["steps"]
            (intent,) = [step["intent"] for step in steps if "intent" in step]
            found[intent] = tuple(step["action"] for step in steps if "action" in step)
    return found


def written(stories: Sequence[Story]) -> bytes:
    """Return stories as a file of test stories."""
    content = {
        "version": VERSION,
        "stories": [
            {"story": each.name, "steps": [step for turn in each.turns for step in _steps(turn)]}
            for each in stories
        ],
    }
    text: str = yaml.dump(content, Dumper=_Dumper, sort_keys=False, allow_unicode=True, width=4096)
    return text.encode()


def _steps(turn: Turn) -> list[dict[str, Any]]:
    intent = min(turn.intents, key=rank)
    # With a line's end, as Rasa writes it.
    said = {"user": _Block(turn.text + "\n"), "intent": intent}
    return [said, *({"action": name} for name in actions().get(intent, ()))]
