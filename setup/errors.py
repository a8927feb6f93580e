"""What can go wrong before the first message, and what to do about it."""

from __future__ import annotations

NO_PYTHON = (
    "No Python {wanted} found on this machine, under pyenv, or to be fetched by uv. "
    "Install it (for instance `{command}`) and run the command again."
)
INSTALL_FAILED = (
    "Installing {name} failed (see above). Check that this machine reaches a package index, "
    "then run the command again."
)
PORT_TAKEN = (
    "Port {port} on {address} is taken by another program. Stop it, or choose another port: "
    "`{variable}={other} make run`."
)
TRAINING_FAILED = "Training failed; its own words are in {file}."
ENDED_EARLY = "{name} ended by itself (exit code {code}); see {file}."
MISSING_PACKAGES = (
    "These system packages are missing: {packages}. Install them and run `make test` again:\n"
    "  sudo apt-get update && sudo apt-get install -y --no-install-recommends {packages}"
)
NOT_READY = "{name} did not get ready; its own words are in state/logs/{file}."
NO_ACCOUNT = (
    "There is no open account of that email. Give the one that signs in: `make reset-staff "
    "EMAIL=ana@example.org`. While there is no administrator at all, `make run` prints a link that "
    "opens an account."
)

EXIT_REFUSED = 2
"""The exit code of a process that must not be started again before somebody mends its settings."""
