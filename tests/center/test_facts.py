"""center.yml: what is set is spoken, what is wrong stops the start with file, key and remedy."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
import yaml

from center.errors import CenterError
from center.facts import CENTER_FILE, check, load_center, require_public


@pytest.fixture
def values() -> dict[str, Any]:
    return yaml.safe_load(CENTER_FILE.read_text("utf-8"))


def test_unset_facts_are_not_spoken() -> None:
    facts = load_center().facts()
    assert "phone" not in facts
    assert facts["contact"] == "visit nuviewtreatment.com"


def test_example_values_fill_only_what_is_unset() -> None:
    center = load_center(demo=True)
    assert center.demo
    assert center.name == "NuView Treatment Center"
    assert "name" not in center.examples
    assert center.facts()["contact"] == f"call {center.phone}"


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({"phnoe": "1"}, "did you mean `phone`"),
        ({"phone": "call us"}, "`phone` has a wrong value"),
        ({"time_zone": "Mars/Olympus"}, "no such time zone"),
        ({"retention_days": 0}, "`retention_days`"),
        ({"hours": {"monday": "9-5"}}, "`hours.monday`"),
        ({"hours": {"mondy": "09:00-17:00"}}, "did you mean `monday`"),
        ({"sentences": {"tours": "no full stop here"}}, "a whole sentence"),
        ({"holidays": ["Christmas"]}, "`holidays.0`"),
        ({"detection": "none"}, "rules or rules+meaning"),
        ({"in_network": "Aetna"}, "a list of names"),
        ({"handoff": {"wait_minutes": 0}}, "minutes in the queue until the apology"),
        ({"handoff": {"answer_minutes": "5"}}, "minutes that staff may leave"),
        ({"handoff": {"topic": []}}, "did you mean `topics`"),
        ({"handoff": {"topics": ["Billing questions"]}}, "docs/intents.md has them all"),
        ({"handoff": {"topics": "cost"}}, "a list of intents"),
    ],
)
def test_wrong_key_names_file_key_and_remedy(
    values: dict[str, Any], change: dict[str, Any], said: str
) -> None:
    with pytest.raises(CenterError, match=r"center\.yml") as stopped:
        check({**values, **change}, "center.yml")
    assert said in str(stopped.value)


@pytest.mark.parametrize("key", ["name", "city", "time_zone", "retention_days", "speak_drafts"])
def test_missing_key_names_file_key_and_remedy(values: dict[str, Any], key: str) -> None:
    del values[key]
    with pytest.raises(CenterError, match=f"center.yml: the key `{key}` is missing"):
        check(values, "center.yml")


@pytest.mark.parametrize(
    ("content", "said"),
    [("name: [unclosed", "line"), ("just words", "key: value"), ("", "key: value")],
)
def test_unreadable_file_is_named(tmp_path: Path, content: str, said: str) -> None:
    path = tmp_path / "other.yml"
    path.write_text(content)
    with pytest.raises(CenterError, match=r"other\.yml") as stopped:
        load_center(path)
    assert said in str(stopped.value)


def test_missing_file_is_named(tmp_path: Path) -> None:
    with pytest.raises(CenterError, match=r"nowhere\.yml is missing"):
        load_center(tmp_path / "nowhere.yml")


@pytest.mark.parametrize("address", ["0.0.0.0", "192.0.2.7", "::"])
def test_example_values_stop_a_public_start(address: str) -> None:
    with pytest.raises(CenterError, match="phone"):
        require_public(load_center(demo=True), address)
    require_public(load_center(), address)


@pytest.mark.parametrize("address", ["127.0.0.1", "localhost", "::1"])
def test_example_values_may_be_shown_here(address: str) -> None:
    require_public(load_center(demo=True), address)
