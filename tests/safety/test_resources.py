"""The crisis lines and their cautions."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator
from pathlib import Path

import pytest

from answers.catalogue import load_catalogue
from checks import resources as resource_check
from checks.report import Report
from safety import resources
from safety.data import DATA, SafetyDataError
from safety.resources import Resource, load_resources

ALL = list(load_resources("la_county").values())


@pytest.mark.parametrize("resource", ALL, ids=lambda r: r.key)
def test_only_confirmed_lines_are_shown(resource: Resource) -> None:
    assert not (resource.show and resource.evidence == "M")
    assert (f"r_{resource.key}" in resources.facts("la_county")) is resource.show


@pytest.mark.parametrize("resource", ALL, ids=lambda r: r.key)
def test_retired_lines_are_nowhere(resource: Resource) -> None:
    everything = f"{resource.say} {resource.say_es} {resource.phone} {resource.text}".lower()
    assert not [bad for bad in ("931-2237", "pride", "press 3", "tessa") if bad in everything]


def test_local_lines_need_the_region() -> None:
    assert "r_local_line" in resources.facts("la_county")
    assert "r_local_line" not in resources.facts()
    assert "call_local_line" not in resources.links()


def test_links_can_be_tapped() -> None:
    links = resources.links("la_county")
    assert links["call_988"] == {"title": "Call 988", "href": "tel:988"}
    assert links["text_988"] == {"title": "Text 988", "href": "sms:988"}
    assert links["call_911"] == {"title": "Call 911", "href": "tel:911"}
    assert all(link["href"].startswith(("tel:", "sms:", "https://")) for link in links.values())


def test_old_lines_are_reported() -> None:
    checked = ALL[0].checked
    assert resources.stale(checked + dt.timedelta(days=resources.MAX_AGE_DAYS)) == []
    assert resources.stale(checked + dt.timedelta(days=resources.MAX_AGE_DAYS + 1))


def test_make_check_warns_of_old_lines() -> None:
    for age, warned in ((resources.MAX_AGE_DAYS - 5, False), (resources.MAX_AGE_DAYS + 5, True)):
        report = Report()
        resource_check.check(report, max(r.checked for r in ALL) + dt.timedelta(days=age))
        assert bool(report.warnings) is warned
        assert report.problems == []


@pytest.fixture
def elsewhere(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[str]:
    """A region with one line of its own."""
    (tmp_path / "regions").mkdir()
    (tmp_path / "resources.yml").write_bytes((DATA / "resources.yml").read_bytes())
    (tmp_path / "regions" / "cook_county.yml").write_text(
        "resources:\n  local_line: {title: A line, say: In Cook County call 312-555-0100., "
        "say_es: En Cook llame al 312-555-0100., phone: 312-555-0100, hours: 24/7, evidence: P, "
        "checked: 2026-11-25, show: true}\n"
    )
    monkeypatch.setattr(resources, "DATA", tmp_path)
    load_resources.cache_clear()
    yield "cook_county"
    load_resources.cache_clear()


def test_another_region_has_its_own_lines_only(elsewhere: str) -> None:
    facts = resources.facts(elsewhere)
    catalogue = load_catalogue()
    assert "312-555-0100" in catalogue.render("crisis_S1", "web", facts).text
    for name in catalogue.answers:
        for channel in ("web", "sms"):
            text = catalogue.render(name, channel, facts).text  # type: ignore[arg-type]
            assert not [bad for bad in ("Los Angeles", "L.A.", "854-7771") if bad in text]


@pytest.mark.parametrize("region", ["../resources", "nowhere", ""])
def test_bad_region_is_refused(region: str) -> None:
    with pytest.raises(SafetyDataError):
        load_resources(region)
