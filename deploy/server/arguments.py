"""What `make deploy-server` is told, checked before anything is done."""

from __future__ import annotations

import argparse
import ipaddress
import json
import re
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from urllib.parse import urlsplit

from deploy.server import errors
from deploy.server.errors import DeployError

_LABEL = r"[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?"
_NAME = re.compile(rf"({_LABEL}\.)+[a-z]([a-z0-9-]{{0,61}}[a-z0-9])?")
_EMAIL = re.compile(r"[^@\s]+@[^@\s]+\.[^@\s]+")


@dataclass(frozen=True)
class Arguments:
    """Names of this server, and where its certificates come from."""

    domain: str
    """The visitors' host."""
    console: str
    """The staff's host."""
    email: str = ""
    """Who is warned before a certificate ends; may be empty."""
    certificate: str = ""
    """File with a certificate of one's own and its chain; empty: certbot fetches one."""
    key: str = ""
    """File with its key."""
    acme: str = ""
    """The directory of another authority than Let's Encrypt."""
    staff_networks: tuple[str, ...] = ()
    """From where the console can be reached; empty is from anywhere."""

    @classmethod
    def read(cls, words: Sequence[str]) -> Arguments:
        """Return the arguments of a command line.

        Raises:
            DeployError: One is missing or wrong.
        """
        parser = argparse.ArgumentParser(prog="make deploy-server", description=__doc__)
        for name in ("domain", "console", "email", "certificate", "key", "acme", "staff-networks"):
            parser.add_argument(f"--{name}", default="")
        given = vars(parser.parse_args(list(words)))
        networks = tuple(given.pop("staff_networks").replace(",", " ").split())
        arguments = cls(**given, staff_networks=networks)
        arguments.check()
        return arguments

    def check(self) -> None:
        """Refuse what cannot be used.

        Raises:
            DeployError: The message names what, and the remedy.
        """
        for option, value in (("DOMAIN", self.domain), ("CONSOLE", self.console)):
            if not value:
                raise DeployError(errors.NO_NAME.format(option=option))
            if len(value) > 253 or not _NAME.fullmatch(value):
                raise DeployError(errors.WRONG_NAME.format(option=option, value=value))
        if self.domain == self.console:
            raise DeployError(errors.SAME_NAMES.format(value=self.domain))
        if self.email and not _EMAIL.fullmatch(self.email):
            raise DeployError(errors.WRONG_EMAIL.format(value=self.email))
        if self.acme and urlsplit(self.acme).scheme != "https":
            raise DeployError(errors.WRONG_ADDRESS.format(value=self.acme))
        self._check_certificate()
        for network in self.staff_networks:
            try:
                ipaddress.ip_network(network, strict=False)
            except ValueError:
                raise DeployError(errors.WRONG_NETWORK.format(value=network)) from None

    def _check_certificate(self) -> None:
        if bool(self.certificate) != bool(self.key):
            raise DeployError(errors.HALF_CERTIFICATE)
        if self.certificate and self.acme:
            raise DeployError(errors.TWO_WAYS)
        for option, value in (("CERTIFICATE", self.certificate), ("KEY", self.key)):
            if value and not Path(value).is_file():
                raise DeployError(errors.NO_FILE.format(option=option, value=value))

    def as_json(self) -> str:
        """Return them as they are kept for the next time."""
        return json.dumps(asdict(self), indent=1) + "\n"
