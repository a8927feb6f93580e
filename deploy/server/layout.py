"""Where everything is on a server."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

USER = "iop-assistant"
"""Whom the assistant runs as; owns the state alone, neither code nor settings."""


@dataclass(frozen=True)
class Layout:
    """The folders, below a root that only tests and rehearsals change."""

    root: Path = Path("/")

    @property
    def home(self) -> Path:
        """Releases and what they share."""
        return self.root / "opt/iop-assistant"

    @property
    def releases(self) -> Path:
        """A folder for each release: its code, its models, links to its environments."""
        return self.home / "releases"

    @property
    def environments(self) -> Path:
        """Python environments, NAME-FINGERPRINT, shared by the releases with the same packages."""
        return self.home / "environments"

    @property
    def current(self) -> Path:
        """A link to the release in use."""
        return self.home / "current"

    @property
    def previous(self) -> Path:
        """A link to the release before, for the way back."""
        return self.home / "previous"

    @property
    def settings(self) -> Path:
        """The center's files: settings.env, center.yml, alerts.yml, credentials.yml, secrets/."""
        return self.root / "etc/iop-assistant"

    @property
    def environment_file(self) -> Path:
        """The variables of docs/operations.md, a line each, read by every unit."""
        return self.settings / "settings.env"

    @property
    def state(self) -> Path:
        """What the assistant writes (IOP_STATE): log, keys, backups, learned models."""
        return self.root / "var/lib/iop-assistant"

    @property
    def units(self) -> Path:
        """Where systemd finds the units of this machine."""
        return self.root / "etc/systemd/system"

    @property
    def arguments(self) -> Path:
        """What `make deploy-server` was told last: names, certificate, networks of staff."""
        return self.settings / "server.json"

    @property
    def tls(self) -> Path:
        """A certificate of the center's own, for root alone."""
        return self.settings / "tls"

    @property
    def nginx(self) -> Path:
        """The proxy's configuration."""
        return self.root / "etc/nginx"

    @property
    def acme(self) -> Path:
        """Where certbot puts what proves that the names are this server's."""
        return self.root / "var/www/iop-assistant-acme"

    @property
    def letsencrypt(self) -> Path:
        """What certbot keeps."""
        return self.root / "etc/letsencrypt"
