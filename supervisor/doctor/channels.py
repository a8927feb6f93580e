"""Channels of platforms, and what stands between people and the desk."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator

from desk.channels import checking
from desk.channels.opening import load_channels
from desk.credentials import sections, web_origins
from desk.errors import SettingsError
from desk.settings import LOOPBACK
from supervisor.doctor import faults
from supervisor.doctor.finding import Finding
from supervisor.doctor.installation import Installation


def check(installation: Installation) -> Iterator[Finding]:
    """Look at credentials.yml, at what platforms say of it, and at the proxy's settings."""
    yield from _proxy(installation)
    settings = installation.settings
    try:
        web_origins(settings.credentials_file)
        said = sections(settings.credentials_file)
        channels = load_channels(settings, said, installation.environment)
    except SettingsError as problem:
        yield faults.CHANNELS_WRONG.found(problem=problem)
        return
    if channels.pretend:
        return
    for channel, (name, right, words) in asyncio.run(checking.look(channels)):
        if not right and words != checking.NOT_SET_UP:
            yield faults.CHANNEL_INCOMPLETE.found(channel=channel, name=name, words=words)


def _proxy(installation: Installation) -> Iterator[Finding]:
    settings = installation.settings
    if settings.secure and settings.proxies == 0 and settings.host in LOOPBACK:
        yield faults.PROXIES_UNCOUNTED.found()
    if settings.proxies and not settings.public_url and settings.host not in LOOPBACK:
        yield faults.PROXIES_CLAIMED.found(count=settings.proxies)
