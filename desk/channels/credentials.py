"""What a channel's part of credentials.yml needs: a verdict in plain words, and secrets."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import jsonschema

from desk import errors
from desk.alerting.reading import complaint
from desk.errors import SettingsError
from desk.secret import read_secret

FILE = "credentials.yml"


def check(section: str, values: Any, schema: Mapping[str, Any]) -> Mapping[str, Any]:
    """Return a channel's part of the file, once it is known to have the right form.

    Args:
        section: The channel's name.
        values: What stands under it.
        schema: A JSON schema; `remedy` in it is what the error message says.

    Raises:
        SettingsError: It has another form; file, key and remedy are named, no value is.
    """
    whole = {
        "type": "object",
        "properties": {section: dict(schema)},
        "$defs": schema.get("$defs", {}),
    }
    problem = jsonschema.Draft202012Validator(whole)
    found = jsonschema.exceptions.best_match(problem.iter_errors({section: values}))
    if found is not None:
        raise SettingsError(complaint(found, FILE, whole))
    read: Mapping[str, Any] = values
    return read


def secret(key: str, name: str, folder: Path, environment: Mapping[str, str]) -> str:
    """Return a secret that credentials.yml names.

    Args:
        key: Where it is named, such as "sms.auth_token_from".
        name: The variable, or the file in `folder`.
        folder: The folder of secrets.
        environment: Variables, such as os.environ.

    Raises:
        SettingsError: It is in neither.
    """
    value = read_secret(name, environment, folder)
    if not value or not value.isprintable():
        remedy = errors.ALERTS_NOT_FOUND.format(name=name, folder=folder.name)
        raise SettingsError(errors.ALERTS_WRONG.format(file=FILE, key=key, remedy=remedy))
    return value
