"""The rehearsal does what docs/server.md says, word by word."""

from __future__ import annotations

import re

from deploy.rehearsal.rehearse import commands
from setup.code_print import ROOT

DOCUMENT = (ROOT / "docs" / "server.md").read_text("utf-8")


def test_it_takes_the_steps_in_order() -> None:
    first, second = commands(DOCUMENT, "acme")
    assert "git clone" in first
    assert "update-ca-certificates" in second
    assert "ACME=https://" in second


def test_each_variable_of_the_document_is_handed_on() -> None:
    makefile = (ROOT / "Makefile").read_text("utf-8")
    recipe = makefile[makefile.index("deploy-server:") :].split(".PHONY")[0]
    named = set(re.findall(r"\b([A-Z_]+)=", "".join(re.findall(r"make deploy-server.*", DOCUMENT))))
    assert named >= {"DOMAIN", "CONSOLE", "EMAIL", "ACME", "CERTIFICATE", "KEY"}
    assert all(f"$({name})" in recipe for name in (*named, "STAFF_NETWORKS"))
