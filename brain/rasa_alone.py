"""`python -m brain.rasa_alone ...` is `rasa ...` without TensorFlow in memory.

Rasa imports TensorFlow whatever the configuration says: 350 MB and three seconds for components
that this assistant does not use. Where config.yml names only the project's own components (and
Rasa's that do without), stand-ins take the place of TensorFlow's modules: their names can be
imported and inherited from, and anything done with one of them fails at once. As soon as
config.yml names another component, TensorFlow itself is loaded.
"""

from __future__ import annotations

import importlib
import os
import sys
import types
from collections.abc import Sequence
from importlib.abc import Loader, MetaPathFinder
from importlib.machinery import ModuleSpec
from pathlib import Path
from typing import Any, NoReturn

import yaml

from monitoring import log_lines

CONFIG = Path(__file__).resolve().parent.parent / "config.yml"
FAMILY = frozenset(
    {"keras", "tensorflow", "tensorflow_addons", "tensorflow_hub", "tensorflow_text"}
)
DO_WITHOUT = frozenset({"FallbackClassifier", "RulePolicy", "MemoizationPolicy"})
"""Rasa's own components that need no TensorFlow."""


class _Kind(type):
    def __getattr__(cls, name: str) -> type:
        if name.startswith("__"):
            raise AttributeError(name)
        return StandIn


class StandIn(metaclass=_Kind):
    """Stands in for every name of TensorFlow's; can be named and inherited from, not used."""

    def __init__(self, *_: Any, **__: Any) -> None:
        """Refuse.

        Raises:
            RuntimeError: Always; the message says what to do.
        """
        _refuse()

    def __class_getitem__(cls, _: Any) -> type:
        """Be a type that takes parameters, as in annotations."""
        return cls


class _Module(types.ModuleType):
    __path__: list[str] = []  # noqa: RUF012 - what makes it a package

    def __getattr__(self, name: str) -> type:
        if name.startswith("__"):
            raise AttributeError(name)
        return StandIn


class _Finder(MetaPathFinder, Loader):
    def find_spec(
        self, fullname: str, path: Sequence[str] | None, target: types.ModuleType | None = None
    ) -> ModuleSpec | None:
        if fullname.split(".")[0] in FAMILY:
            return ModuleSpec(fullname, self, is_package=True)
        return None

    def create_module(self, spec: ModuleSpec) -> types.ModuleType:
        return _Module(spec.name)

    def exec_module(self, module: types.ModuleType) -> None:
        """Leave the module empty: its names come as they are asked for."""


def _refuse() -> NoReturn:
    raise RuntimeError(
        "A component needs TensorFlow, which is not loaded. Name it in config.yml, or start Rasa "
        "as `rasa` instead of `python -m brain.rasa_alone`."
    )


def can_do_without(config: Path = CONFIG) -> bool:
    """Say whether no component that a configuration names needs TensorFlow."""
    read = yaml.safe_load(config.read_text("utf-8"))
    named = [each["name"] for part in ("pipeline", "policies") for each in read.get(part) or ()]
    return all(name.startswith("brain.") or name in DO_WITHOUT for name in named)


def stand_in() -> None:
    """Put the stand-ins in place; must come before the first import of Rasa."""
    # spaCy's library looks whether TensorFlow is there, to share its memory: it is not.
    sys.modules["tensorflow"] = None  # type: ignore[assignment]
    importlib.import_module("thinc.compat")
    del sys.modules["tensorflow"]
    sys.meta_path.insert(0, _Finder())


def own_log_lines() -> None:
    """Have the server's log lines look as everybody's, whatever level somebody asks Rasa for.

    At its lower levels Rasa logs what people write.
    """
    os.environ.update(LOG_LEVEL="WARNING", LOG_LEVEL_LIBRARIES="WARNING")
    log_lines.begin("brain", log_lines.chosen(os.environ), of_libraries=True)
    import rasa.utils.io

    # It would put a handler of its own in the place of ours.
    rasa.utils.io.configure_colored_logging = lambda _: None


def main() -> None:
    """Run Rasa's command line."""
    if can_do_without():
        stand_in()
    if sys.argv[1:2] == ["run"]:
        own_log_lines()
    from rasa.__main__ import main as rasa

    rasa()


if __name__ == "__main__":
    main()
