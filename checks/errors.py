"""What an audit of the packages can find, and what to do about it."""

from __future__ import annotations

NOT_AUDITED = (
    "not audited: {what}. No vulnerability service answered ({why}). Run `make audit-deps` on a "
    "machine that reaches one."
)
HALF_READ = "pip-audit did not understand a part of the answer"
FOUND = (
    "{environment}: {package} {version} has {ids}: {words} Mended in: {mended}. Take such a "
    "version (`make lock`), or say in requirements/accepted.yml why it cannot be reached here."
)
NOT_LOCKED = (
    "requirements/accepted.yml: {entry} is accepted for {environment}, which does not install that "
    "version any more: take the entry out."
)
NOT_FOUND = (
    "requirements/accepted.yml: {entry} is accepted for {environment}, but the service does not "
    "report it: take the entry out."
)
REVIEW_DUE = (
    "requirements/accepted.yml: {entry} was to be looked at again by {day}: do that, and set a new "
    "day, or take a mended version."
)
ENTRY_WRONG = "requirements/accepted.yml, entry {number}: {problem}. See the head of the file."
