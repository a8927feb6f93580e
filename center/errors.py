"""What can be wrong with a center file, and what to do about it."""

from __future__ import annotations


class CenterError(ValueError):
    """A center file that cannot be used; the message names file, key and remedy."""


MISSING_FILE = "{file} is missing: copy center.yml from the project and put in your own facts."
NOT_YAML = "{file}, line {line}: this is not YAML ({problem}). Mend the line and start again."
NOT_A_MAPPING = "{file} must hold `key: value` lines; see docs/center.md for the keys."
UNKNOWN_KEY = "{file}: the key `{key}` is not known{hint}. See docs/center.md for the keys."
MISSING_KEY = "{file}: the key `{key}` is missing: add it ({remedy})."
WRONG_VALUE = "{file}: the key `{key}` has a wrong value: {problem}. Remedy: {remedy}."
ROTA_GAP = "nobody is on duty on {when}"
ROTA_GAP_REMEDY = "add a shift for then, or name under `fallback` who is told when nobody is"
EXAMPLE_ON_PUBLIC_ADDRESS = (
    "{file}: these facts are unset and only example values stand in for them: {keys}. Example "
    "values may be shown on 127.0.0.1 alone, not on {address}: set the facts (or leave them "
    "unset and start with IOP_DEMO=0)."
)
