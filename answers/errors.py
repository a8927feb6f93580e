"""What can be wrong with the answers, and what to do about it."""

from __future__ import annotations


class CatalogueError(ValueError):
    """The answers cannot be used; the message names file, answer and remedy."""


NOT_YAML = "answers/{file}, line {line}: this is not YAML ({problem}). Mend the line."
MISSING_KEY = "answers/{file}, answer `{id}`: the key `{key}` is missing: add it."
DUPLICATE = "answers/{file}: the id `{id}` is already used in {other}: choose another."
UNKNOWN_FACT = (
    "answers/{file}, answer `{id}`: `{{{name}}}` is not a fact that a center can set. "
    "See docs/center.md for the names."
)
UNKNOWN_SOURCE = (
    "answers/{file}, answer `{id}`: the source `{name}` is not in sources.yml: add it there."
)
UNKNOWN_BUTTON = (
    "answers/{file}, answer `{id}`: the button `{name}` leads to no intent that has answers, and "
    "there is no text choice_{name} for it."
)
WRONG_APPROVAL = (
    "answers/{file}, answer `{id}`: `approval` is `draft` or a person's act with `name`, `role` "
    "and `date` (a date in quotes)."
)
NOT_THERE = "The catalogue has no answer `{id}`."
