"""What can go wrong with a release, and what to do about it."""

from __future__ import annotations


class ReleaseError(RuntimeError):
    """Something that was not done; the message says why, what holds now, and what to do."""


NO_SOURCE = "{source} is no source of the assistant: run the command in its folder."
STEP_FAILED = "{step} failed (exit code {code}); its last words:\n{words}"
NO_CURRENT = (
    "The assistant is not on this server yet ({link} leads to no release). Put it there first: "
    "`sudo make deploy-server DOMAIN=... CONSOLE=...` (docs/server.md)."
)
