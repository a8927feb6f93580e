"""The crisis lines and their cautions."""

from __future__ import annotations

import datetime as dt

import pytest

from safety import resources
from safety.data import SafetyDataError
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


@pytest.mark.parametrize("region", ["../resources", "nowhere", ""])
def test_bad_region_is_refused(region: str) -> None:
    with pytest.raises(SafetyDataError):
        load_resources(region)
