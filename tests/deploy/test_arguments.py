"""What `make deploy-server` is told: wrong words are refused with the remedy."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from deploy.server.arguments import Arguments
from deploy.server.errors import DeployError

NAMES = ["--domain", "chat.example.org", "--console", "staff.example.org"]


def test_names_and_networks_are_read(tmp_path: Path) -> None:
    read = Arguments.read([*NAMES, "--staff-networks", "10.0.0.0/8, 203.0.113.7"])
    assert (read.domain, read.console) == ("chat.example.org", "staff.example.org")
    assert read.staff_networks == ("10.0.0.0/8", "203.0.113.7")
    assert json.loads(read.as_json())["domain"] == "chat.example.org"


@pytest.mark.parametrize(
    ("words", "said"),
    [
        ([], "DOMAIN is missing"),
        (["--domain", "chat.example.org"], "CONSOLE is missing"),
        (["--domain", "https://chat.example.org", "--console", "a.example.org"], "without https"),
        (["--domain", "chat", "--console", "a.example.org"], "no name of a host"),
        (["--domain", "Chat.example.org", "--console", "a.example.org"], "small letters"),
        (["--domain", "10.0.0.1", "--console", "a.example.org"], "no name of a host"),
        (["--domain", "x.org;", "--console", "a.example.org"], "no name of a host"),
        (["--domain", "a.example.org", "--console", "a.example.org"], "a second DNS record"),
        ([*NAMES, "--email", "me"], "EMAIL=me"),
        ([*NAMES, "--acme", "http://ca.example.org/dir"], "https://ca.example.org"),
        ([*NAMES, "--certificate", "/no/such.pem"], "KEY=key.pem"),
        ([*NAMES, "--certificate", "/no/such.pem", "--key", "/no/key"], "cannot be read"),
        ([*NAMES, "--certificate", "a", "--key", "b", "--acme", "https://a.b/c"], "not both"),
        ([*NAMES, "--staff-networks", "10.0.0.0/99"], "10.0.0.0/99"),
        ([*NAMES, "--staff-networks", "10.0.0.1; return 200"], "no network"),
    ],
)
def test_what_cannot_be_used_is_refused_with_the_remedy(words: list[str], said: str) -> None:
    with pytest.raises(DeployError, match=said.replace(".", r"\.")):
        Arguments.read(words)
