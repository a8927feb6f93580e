"""Rasa's own files: one rule per intent, telemetry off, sessions as the store expects."""

from __future__ import annotations

from pathlib import Path

import yaml
from rasa.shared.core.domain import Domain

ROOT = Path(__file__).resolve().parents[2]


def read(name: str) -> dict:
    return yaml.safe_load((ROOT / name).read_text("utf-8"))


def test_every_intent_has_a_rule_and_examples() -> None:
    domain = Domain.load(str(ROOT / "domain.yml"))
    wanted = set(read("domain.yml")["intents"])
    rules = {
        step["intent"]
        for rule in read("data/rules/rules.yml")["rules"]
        for step in rule["steps"]
        if "intent" in step
    }
    assert rules == wanted | {"nlu_fallback"}
    taught = {path.stem for path in (ROOT / "data" / "nlu").glob("*.yml")}
    assert taught == wanted
    assert domain.session_config.session_expiration_time == 60
    assert not domain.session_config.carry_over_slots


def test_no_built_in_channel_is_open() -> None:
    assert list(read("credentials.yml")) == ["brain.connector.DeskConnector"]


def test_no_restart_intent_can_be_predicted() -> None:
    assert "restart" not in read("domain.yml")["intents"]
