"""Reads the forms that platforms post."""

from __future__ import annotations

from urllib.parse import parse_qsl

from sanic import Request

FORM, JSON = "application/x-www-form-urlencoded", "application/json"
_MOST = 200


class FormError(ValueError):
    """A request is not what its platform posts; carries nothing of it."""


def fields(body: bytes) -> dict[str, str]:
    """Return the fields of a posted form.

    Raises:
        FormError: It is none, or names a field twice.
    """
    try:
        pairs = parse_qsl(
            body.decode("utf-8"), keep_blank_values=True, strict_parsing=True, max_num_fields=_MOST
        )
    except ValueError:
        # Without its cause, which carries the text.
        raise FormError from None
    found = dict(pairs)
    if len(found) != len(pairs):
        raise FormError
    return found


def is_of(request: Request, kind: str) -> bool:
    """Say whether a request is of a content type, whatever its parameters."""
    return request.headers.get("content-type", "").partition(";")[0].strip().lower() == kind
