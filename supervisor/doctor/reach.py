"""Which other machines the assistant must reach, by what is set up."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from desk.alerting.places import ApprisePlace, EmailPlace, WebhookPlace
from desk.alerting.services import service_of
from desk.measuring import address_of
from supervisor.doctor.installation import Installation

_HTTPS = 443
_PROXIED = ("https_proxy", "HTTPS_PROXY", "all_proxy", "ALL_PROXY")


@dataclass(frozen=True)
class Needed:
    """A machine that must be reached."""

    host: str
    port: int
    purpose: str
    web: bool = True
    """Whether it speaks HTTPS."""


def needed(installation: Installation) -> Iterator[Needed]:
    """Yield what must be reached: only what is set up is ever asked."""
    channels = installation.channels
    if channels is not None and not channels.pretend:
        if channels.sms is not None:
            yield Needed(*address_of(channels.sms.api_url), "texts (credentials.yml)")
        if channels.slack is not None:
            yield Needed(*address_of(channels.slack.api_url), "Slack (credentials.yml)")
    for place in installation.alerting.places if installation.alerting else ():
        purpose = f"the alerts of `{place.name}` (alerts.yml)"
        if isinstance(place, EmailPlace):
            yield Needed(place.host, place.port, purpose, web=False)
        elif isinstance(place, WebhookPlace):
            yield Needed(*address_of(place.url), purpose, web=place.url.startswith("https:"))
        elif isinstance(place, ApprisePlace):
            yield from _of_service(installation, place, purpose)


def _of_service(installation: Installation, place: ApprisePlace, purpose: str) -> Iterator[Needed]:
    # Apprise goes through the proxy of the environment, which then does the looking up.
    if any(installation.environment.get(name) for name in _PROXIED):
        return
    service = service_of(place.url)
    url = getattr(service, "webhook_url", None) or getattr(service, "notify_url", None)
    if isinstance(url, str) and "://" in url and "{" not in url:
        yield Needed(*address_of(url), purpose, web=url.startswith("https:"))
    elif getattr(service, "host", None) and all("{host}" in each for each in service.templates):
        # Elsewhere what stands there is a key or a number, which nobody may be asked for.
        secure = bool(getattr(service, "secure", True))
        port = service.port or (_HTTPS if secure else 80)
        yield Needed(service.host, port, purpose, web=secure)
