"""The routes of privacy."""

from __future__ import annotations

from sanic import Blueprint

from console.privacy import audit, incident, people, unmasking

_PERSON = "/privacy/person/<conversation:str>"


def routes() -> Blueprint:
    """Return the routes under /audit and /privacy, and those that show what is masked."""
    privacy = Blueprint("console_privacy")
    privacy.add_route(audit.listing, "/audit", methods=["GET"], name="audit")
    privacy.add_route(audit.check, "/audit/check", methods=["POST"], name="audit_check")
    unmasked = "/conversations/<conversation:str>/unmasked"
    privacy.add_route(unmasking.show, unmasked, methods=["POST"], name="unmasked")
    file = "/alerts/<conversation:str>/<seq:whole>/file"
    privacy.add_route(incident.give, file, methods=["POST"], name="incident")
    privacy.add_route(people.overview, "/privacy", methods=["GET"], name="privacy")
    privacy.add_route(people.find, "/privacy/find", methods=["POST"], name="find")
    privacy.add_route(people.show, _PERSON, methods=["GET"], name="person")
    privacy.add_route(people.export, f"{_PERSON}/export", methods=["POST"], name="export")
    privacy.add_route(people.erase, f"{_PERSON}/erase", methods=["POST"], name="erase")
    privacy.add_route(people.hold, f"{_PERSON}/hold", methods=["POST"], name="hold")
    end = "/privacy/holds/<number:whole>/end"
    privacy.add_route(people.end_hold, end, methods=["POST"], name="end_hold")
    return privacy
