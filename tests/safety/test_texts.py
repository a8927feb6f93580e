"""Every text of the crisis path against the rules for what it must and must not say."""

from __future__ import annotations

import re
from itertools import product

import pytest

from answers.catalogue import Catalogue, Channel, load_catalogue
from safety import resources
from safety.replies import crisis_answer_id
from safety.risk import CATEGORIES, TIERS, Risk

CATALOGUE: Catalogue = load_catalogue()
IDS = sorted(i for i in CATALOGUE.answers if i.startswith("crisis_"))
LINES = [i for i in IDS if i != "crisis_grounding"]
ALARM = [i for i in LINES if i != "crisis_SOFT"]
GSM7 = re.compile(r"[A-Za-z0-9 \n@$£¥èéùìòÇØøÅåÄÖÑÜäöñüàß!\"#%&'()*+,\-./:;<=>?¡¿_]*\Z")
FORMS = list(product(("web", "sms"), ("en", "es")))
FORBIDDEN = re.compile(
    r"committed|failed attempt|successful|confidential|secret|promise|therapist|counsel+ing"
    r"|diagnos|i understand how you feel|calm down|we will call|right with you|worth living"
    r"|your team|our team|staff (has|have|know)|you are not suicidal|selfish|\bmg\b|tablets"
    r"|confidencial|secreto|promet|nuestro equipo",
    re.IGNORECASE,
)


def _text(answer_id: str, channel: str, language: str, region: str | None = "la_county") -> str:
    facts, links = resources.facts(region), resources.links(region)
    form: Channel = "sms" if channel == "sms" else "web"
    return CATALOGUE.render(answer_id, form, facts, language, links).text


@pytest.mark.parametrize(
    ("category", "tier", "other", "repeated"),
    list(product(CATEGORIES, TIERS, (False, True), (0, 1, 2))),
)
def test_every_finding_has_a_text(category: str, tier: str, other: bool, repeated: int) -> None:
    risk = Risk(category, tier, "x", other)
    assert crisis_answer_id(risk, repeated) in CATALOGUE.answers


@pytest.mark.parametrize("language", ["en", "es"])
@pytest.mark.parametrize("channel", ["web", "sms"])
@pytest.mark.parametrize("answer_id", ALARM)
class TestAlarm:
    def test_names_911_and_988(self, answer_id: str, channel: str, language: str) -> None:
        text = _text(answer_id, channel, language)
        assert "911" in text
        assert "988" in text

    def test_says_what_it_is(self, answer_id: str, channel: str, language: str) -> None:
        assert re.search(r"automated|autom[aá]tico", _text(answer_id, channel, language))

    def test_asks_one_question_at_most(self, answer_id: str, channel: str, language: str) -> None:
        if channel == "web":
            assert _text(answer_id, channel, language).count("?") <= 1

    def test_needs_no_region(self, answer_id: str, channel: str, language: str) -> None:
        text = _text(answer_id, channel, language, None)
        assert "Los Angeles" not in text
        assert not re.search(r"[{}]", text)


@pytest.mark.parametrize(("channel", "language"), FORMS)
@pytest.mark.parametrize("answer_id", IDS)
def test_says_nothing_forbidden(answer_id: str, channel: str, language: str) -> None:
    assert not FORBIDDEN.search(_text(answer_id, channel, language))


@pytest.mark.parametrize("language", ["en", "es"])
@pytest.mark.parametrize("answer_id", IDS)
def test_sms_fits(answer_id: str, language: str) -> None:
    text = _text(answer_id, "sms", language, None)
    assert GSM7.match(text)
    assert len(text) <= 290


@pytest.mark.parametrize("language", ["en", "es"])
@pytest.mark.parametrize("answer_id", LINES)
def test_sms_leads_with_help(answer_id: str, language: str) -> None:
    assert re.search(r"911|988", _text(answer_id, "sms", language)[:160])


@pytest.mark.parametrize("answer_id", [i for i in ALARM if "_T0" in i or "_MED" in i])
def test_emergency_leads_with_911(answer_id: str) -> None:
    assert _text(answer_id, "web", "en").startswith("Call 911 now")
    assert CATALOGUE.get(answer_id).links[0] == "call_911"


@pytest.mark.parametrize("answer_id", ALARM)
def test_web_links_can_be_tapped(answer_id: str) -> None:
    keys = set(CATALOGUE.get(answer_id).links)
    assert {"call_911", "call_988", "text_988"} <= keys
    assert keys <= set(resources.links("la_county"))


def test_repeats_have_other_words() -> None:
    risk = Risk("S1", "T2", "x")
    ids = [crisis_answer_id(risk, n) for n in range(3)]
    assert len({_text(i, "web", "en") for i in ids}) == 3


def test_emergency_is_repeated_in_full() -> None:
    assert crisis_answer_id(Risk("MED", "T0", "x"), 5) == "crisis_MED"


def test_abuse_text_names_its_line_and_a_way_out() -> None:
    text = _text("crisis_ABU", "web", "en")
    assert text.startswith("Is it safe for you to chat")
    assert "1-800-799-7233" in text
    assert "close this page" in text
    assert not re.search(r"leave (him|her|them)", text)
