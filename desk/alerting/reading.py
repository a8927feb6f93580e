"""Reads a YAML file strictly, and says in plain words what a schema finds wrong with it."""

from __future__ import annotations

import difflib
from collections.abc import Hashable, Mapping
from pathlib import Path
from typing import Any

import jsonschema
import yaml

from desk import errors
from desk.errors import SettingsError


class _Once(yaml.SafeLoader):
    """Refuses a key that is there twice: one of two places would be lost without a word."""

    def construct_mapping(self, node: Any, deep: bool = False) -> dict[Hashable, Any]:
        seen = set()
        for key, _ in node.value:
            if key.value in seen:
                raise yaml.MarkedYAMLError(
                    problem=f"`{key.value}` twice", problem_mark=key.start_mark
                )
            seen.add(key.value)
        return super().construct_mapping(node, deep)


def read_yaml(path: Path) -> Mapping[str, Any]:
    """Return what a file holds; nothing for an empty one.

    Raises:
        SettingsError: It is missing, or not `key: value` lines of YAML.
    """
    try:
        values = yaml.load(path.read_text("utf-8"), _Once)
    except (OSError, UnicodeDecodeError) as problem:
        raise SettingsError(errors.ALERTS_MISSING.format(file=path)) from problem
    except yaml.YAMLError as problem:
        mark = getattr(problem, "problem_mark", None)
        line = mark.line + 1 if mark else 1
        reason = getattr(problem, "problem", None) or "it cannot be read"
        message = errors.ALERTS_NOT_YAML.format(file=path.name, line=line, problem=reason)
        raise SettingsError(message) from problem
    if values is None:
        return {}
    if not isinstance(values, dict):
        raise SettingsError(
            errors.ALERTS_NOT_YAML.format(file=path.name, line=1, problem="no `key: value` lines")
        )
    return values


def complaint(problem: jsonschema.ValidationError, file: str, schema: Mapping[str, Any]) -> str:
    """Return a schema's finding as a message that names file, key and remedy, but no value."""
    key = ".".join(map(str, problem.path))
    # jsonschema's own types allow more than a schema of ours can be.
    part: Any = problem.schema
    given: Any = problem.instance
    remedy = part.get("remedy", "docs/operations.md shows the form")
    if problem.validator == "additionalProperties":
        known = list(part["properties"])
        unknown = next(name for name in given if name not in known)
        near = difflib.get_close_matches(str(unknown), known, 1)
        key = f"{key}.{unknown}" if key else str(unknown)
        remedy = f"this key is not known{f'; did you mean `{near[0]}`?' if near else ''}"
    if problem.validator == "required":
        missing = next(name for name in part["required"] if name not in given)
        key, remedy = f"{key}.{missing}", f"add it; needed are {remedy}"
    if "propertyNames" in problem.schema_path:
        remedy = "a name of small letters, digits, - and _, 32 at most"
        key = f"{key}.{given}"
    return errors.ALERTS_WRONG.format(file=file, key=key or file, remedy=remedy)
