"""Every text of the crisis path against the rules for what it must and must not say."""

from __future__ import annotations

import re
from itertools import pairwise, product
from typing import get_args

import pytest

from answers.catalogue import Part
from safety import resources
from safety.follow_ups import Follow
from safety.replies import CHOICES, crisis_answer_id, question_of
from safety.risk import TIERS, Risk
from safety.special_lines import PREFIX
from tests.safety.reachable import (
    ALL,
    CATALOGUE,
    FIRST,
    IDS,
    LA,
    LINE_IDS,
    chicago,
    findings,
    followed,
    render,
    repeated,
)

HOURS = {"monday": "09:00-17:00"}
CENTERS = {
    "la": chicago(city="Los Angeles", region=LA),
    "la open": chicago(city="Los Angeles", region=LA, hours=HOURS, phone="(213) 555-0100"),
    "chicago": chicago(),
    "chicago open": chicago(hours=HOURS, phone="(312) 555-0100"),
}
FORMS = list(product(("web", "sms"), ("en", "es"), CENTERS))
GENTLE = [i for i in IDS if i.startswith(("crisis_SOFT", "crisis_check_in", "crisis_withdrawn"))]
ALARM = [i for i in IDS if i not in GENTLE]
GSM7 = re.compile(r"[A-Za-z0-9 \n@$£¥èéùìòÇØøÅåÄÖÑÜäöñüàß!\"#%&'()*+,\-./:;<=>?¡¿_]*\Z")
SEGMENT = 160
# Red and yellow points of the rules for a crisis message.
FORBIDDEN = {
    "a promise of secrecy": r"confidential|secret|between us|anonymous|confidencial|secreto",
    "a promise": r"promise|guarantee|promet|garantiza",
    "a demand for a promise": r"promise me|no.suicide",
    "a title or a person": r"therapist|counsel+or|counsel+ing|nurse|i am a person|as a human",
    "a diagnosis": r"diagnos|you have (depression|anxiety|ptsd)|you are (depressed|bipolar)",
    "shame or argument": r"selfish|attention|calm down|worth living|so much to live|others have it",
    "a leading question": r"you are not suicidal|you're not|aren't you|right\?",
    "agreeing with death": r"makes sense (that|to)|i would too",
    "knowing how it feels": r"i (understand|know) how you feel",
    "help that nobody sent": r"we will call|we'll call|right with you|someone will",
    "what staff know": r"(our|your) team|staff (has|have|know)|nuestro equipo|let .* know",
    "words of blame": r"committed|failed attempt|successful",
    "methods and doses": r"\bmg\b|tablets|noose|rope|bridge|\bhang|shoot|overdos",
    "the end of the talk": r"can't talk about|(?<!last )goodbye|end this chat|adi[oó]s",
}


@pytest.fixture(params=FORMS, ids=lambda form: "-".join(form))
def form(request: pytest.FixtureRequest) -> tuple[str, str, str]:
    chosen: tuple[str, str, str] = request.param
    return chosen


def _text(answer_id: str, form: tuple[str, str, str]) -> str:
    channel, language, center = form
    return render(answer_id, channel, language, CENTERS[center])


@pytest.mark.parametrize("answer_id", IDS)
class TestEveryReply:
    """What holds for every reply that a finding can lead to, in every form."""

    def test_names_988(self, answer_id: str, form: tuple[str, str, str]) -> None:
        text = _text(answer_id, form)
        assert "988" in text
        if form[1] == "es":
            assert re.search(r"marque 2|marcar 2|AYUDA", text)
        elif form[0] == "web":
            assert re.search(r"call or text|by call or text|call\W|dial 988", text.lower())

    def test_says_nothing_forbidden(self, answer_id: str, form: tuple[str, str, str]) -> None:
        text = _text(answer_id, form)
        found = [what for what, words in FORBIDDEN.items() if re.search(words, text, re.I)]
        assert found == []

    def test_is_whole_without_the_centers_facts(
        self, answer_id: str, form: tuple[str, str, str]
    ) -> None:
        text = _text(answer_id, form)
        assert not re.search(r"[{}]|  |\bNone\b", text)
        assert text[0].isupper() or text[0] in "¿¡"
        assert text[-1] in ".!?"

    def test_asks_one_question_at_most(self, answer_id: str, form: tuple[str, str, str]) -> None:
        if form[0] == "web":
            assert _text(answer_id, form).count("?") <= 1

    def test_an_sms_is_one_segment(self, answer_id: str, form: tuple[str, str, str]) -> None:
        if form[0] == "sms":
            text = _text(answer_id, form)
            assert GSM7.match(text)
            assert len(text) <= SEGMENT


@pytest.mark.parametrize("answer_id", ALARM)
class TestAlarm:
    def test_names_911_too(self, answer_id: str, form: tuple[str, str, str]) -> None:
        assert "911" in _text(answer_id, form)

    def test_says_what_it_is(self, answer_id: str, form: tuple[str, str, str]) -> None:
        assert re.search(r"automated|autom[aá]tico", _text(answer_id, form))

    def test_stays_open(self, answer_id: str, form: tuple[str, str, str]) -> None:
        if form[0] == "web":
            assert re.search(
                r"here|keep (helping|answering)|go on|sigo|seguir|volver",
                _text(answer_id, form),
                re.IGNORECASE,
            )

    def test_an_sms_begins_with_911_and_988(
        self, answer_id: str, form: tuple[str, str, str]
    ) -> None:
        if form[0] == "sms":
            text = _text(answer_id, form)
            assert min(text.find("911"), text.find("988")) <= 80


@pytest.mark.parametrize("answer_id", ALARM)
def test_links_can_be_tapped(answer_id: str) -> None:
    keys = set(CATALOGUE.get(answer_id).links)
    assert {"call_911", "call_988", "text_988"} <= keys
    assert keys <= set(resources.links(LA))


@pytest.mark.parametrize("answer_id", IDS)
def test_the_question_is_the_one_whose_answers_lead_somewhere(answer_id: str) -> None:
    assert ("?" in render(answer_id)) == (question_of(answer_id) is not None)
    assert ("?" in render(answer_id, language="es")) == (question_of(answer_id) is not None)


@pytest.mark.parametrize("answer_id", FIRST)
def test_a_first_text_asks_about_danger(answer_id: str) -> None:
    assert question_of(answer_id) in CHOICES


@pytest.mark.parametrize("answer_id", [i for i in FIRST if "_T0" in i or "_MED" in i])
@pytest.mark.parametrize("language", ["en", "es"])
def test_an_emergency_leads_with_911(answer_id: str, language: str) -> None:
    for channel in ("web", "sms"):
        assert re.match(r"Call 911 now|Llame al 911 ahora", render(answer_id, channel, language))
    assert CATALOGUE.get(answer_id).links[0] == "call_911"


@pytest.mark.parametrize("answer_id", ["crisis_VIO", "crisis_VIO_other", "crisis_again_VIO"])
def test_violence_leads_with_911(answer_id: str) -> None:
    for channel in ("web", "sms"):
        assert "911" in render(answer_id, channel)[:85]
    assert CATALOGUE.get(answer_id).links[0] == "call_911"


@pytest.mark.parametrize("answer_id", ["crisis_S3", "crisis_S4", "crisis_S5", "crisis_S6"])
@pytest.mark.parametrize("channel", ["web", "sms"])
def test_grave_risk_parts_from_means_and_seeks_company(answer_id: str, channel: str) -> None:
    text = render(answer_id, channel).lower()
    assert re.search(r"be with someone|with someone", text)
    if answer_id != "crisis_S6" or channel == "web":
        assert re.search(r"(move|step) away from anything", text)


@pytest.mark.parametrize("answer_id", [i for i in FIRST if re.fullmatch(r"crisis_S\d_other", i)])
def test_who_worries_for_another_learns_what_to_do(answer_id: str) -> None:
    text = render(answer_id)
    for words in ("Ask them plainly", "Stay with them", "out of reach", "988 together"):
        assert words in text
    assert re.search(r"Thank", text)


@pytest.mark.parametrize("answer_id", ["crisis_S1", "crisis_PANIC", "crisis_PANIC_other"])
def test_the_barrier_is_low(answer_id: str) -> None:
    assert re.search(r"suicidal to (reach out|call)", render(answer_id))


NAMED = {
    "S1": "alive",
    "S2": "thoughts of suicide|thinking of suicide",
    "S3": "way to end",
    "S4": "acting on|ending their life",
    "S5": "plan",
    "S6": "attempt|What you did",
    "SH": "hurting (yourself|themselves)|[Bb]leeding",
    "MED": "medical",
    "VIO": "hurt|safe place",
    "ABU": "What you describe|hurt like this",
    "PSY": "frightening|hear, see or fear",
    "PANIC": "panic",
    "ED": "food|eating|[Ff]ainting",
}


@pytest.mark.parametrize("risk", [r for r in findings() if r.alarm], ids=lambda r: f"{r}")
def test_a_first_text_names_what_was_said(risk: Risk) -> None:
    answer_id = crisis_answer_id(risk)
    if answer_id in FIRST:
        assert re.search(NAMED[risk.category], render(answer_id))


# --- Repetition ---


@pytest.mark.parametrize("risk", findings(), ids=lambda r: f"{r.category}-{r.tier}-{r.other}")
def test_no_reply_comes_twice_in_a_row_and_later_ones_are_shorter(risk: Risk) -> None:
    for language, channel in product(("en", "es"), ("web", "sms")):
        said = [render(reply.answer_id, channel, language) for reply in repeated(risk)]
        assert all(first != second for first, second in pairwise(said))
    said = [render(reply.answer_id) for reply in repeated(risk)]
    assert max(map(len, said[1:])) < len(said[0])
    assert max(map(len, said[2:])) <= len(said[1])


@pytest.mark.parametrize("follow", get_args(Follow))
@pytest.mark.parametrize("risk", findings(), ids=lambda r: f"{r.category}-{r.tier}-{r.other}")
def test_the_same_answer_twice_has_other_words(risk: Risk, follow: Follow) -> None:
    said = [reply.answer_id for reply in followed(risk, follow)]
    if follow != "heavy":  # asked for once in several messages (safety/course.py)
        assert all(first != second for first, second in pairwise(said))


@pytest.mark.parametrize("low", [r for r in findings() if r.tier == "T2" and r.category != "PANIC"])
def test_a_rising_tier_has_its_own_text(low: Risk) -> None:
    said = [crisis_answer_id(low)]
    grave = "S5" if low.category == "S4" else "S4"
    for tier, category in (("T1", grave), ("T0", "S6")):
        high = Risk(category, tier, "a.rule", low.other)
        answer_id = crisis_answer_id(high, said, low.tier)
        assert answer_id.startswith(f"crisis_{high.category}")
        said.append(answer_id)


T0 = [
    reply
    for reply in ALL
    if reply.risk.tier == "T0" and reply.follow in (None, "not_safe", "no_help")
]


@pytest.mark.parametrize("answer_id", sorted({reply.answer_id for reply in T0}))
def test_in_an_emergency_911_leads_every_time(answer_id: str) -> None:
    assert "911" in render(answer_id)[:45]


# --- Particular texts ---


def test_abuse_text_names_its_line_and_a_way_out() -> None:
    text = render("crisis_ABU")
    assert text.startswith("Is it safe for you to chat")
    assert "1-800-799-7233" in text
    assert "Quick exit" in text
    for answer_id in (i for i in IDS if i.endswith("ABU") or "_ABU_" in i):
        assert "1-800-799-7233" in render(answer_id)
        assert not re.search(r"leave (him|her|them)", render(answer_id))


def test_panic_names_chest_pain_and_the_grounding_text_asks_nothing() -> None:
    assert re.search(r"new chest pain, feel faint, or are not sure", render("crisis_PANIC"))
    grounding = render("crisis_grounding")
    assert "?" not in grounding
    assert CATALOGUE.get("crisis_grounding").approval is None


@pytest.mark.parametrize("answer_id", LINE_IDS)
def test_a_line_for_some_people_names_988_too(answer_id: str, form: tuple[str, str, str]) -> None:
    text = _text(answer_id, form)
    assert "988" in text
    assert len(text) <= SEGMENT or form[0] == "web" or form[2].startswith("la")
    assert CATALOGUE.get(answer_id).links


def test_every_line_for_some_people_has_a_text() -> None:
    assert {i for i in CATALOGUE.answers if i.startswith(PREFIX)} == set(LINE_IDS)


def test_every_crisis_text_can_be_reached() -> None:
    texts = {i for i in CATALOGUE.answers if i.startswith("crisis_")}
    assert texts == {*IDS, *LINE_IDS, "crisis_grounding"}


@pytest.mark.parametrize("tier", TIERS)
def test_every_choice_has_its_words(tier: str) -> None:
    for choices in CHOICES.values():
        for choice, _ in choices:
            for language in ("en", "es"):
                assert len(render(f"choice_{choice}", language=language)) <= 28


# --- The whole catalogue ---

EVERYTHING = sorted(CATALOGUE.answers)


def _said(answer_id: str) -> str:
    """All words of an answer, whether or not a fact is set."""
    parts = [part for each in CATALOGUE.get(answer_id).texts.values() for part in each]
    return " ".join(f"{part.say} {part.otherwise}" for part in parts)


@pytest.mark.parametrize("answer_id", EVERYTHING)
def test_nothing_promises_secrecy_diagnoses_or_takes_a_title(answer_id: str) -> None:
    words = _said(answer_id)
    for pattern in (
        r"(is|are|stays?|kept|100%|fully|completely|strictly) (confidential|secret|anonymous)",
        r"(i|we) (will|can)( \w+)? keep (it|this|that|your)[\w ]* (secret|private)",
        r"your secret",
        r"\byou (have|suffer from) (depression|anxiety|ptsd|bipolar|an addiction|panic disorder)",
        r"\byou are (depressed|bipolar|an addict|an alcoholic|mentally ill)",
        r"(i am|i'm|as) (a|an|your) (therapist|counselor|nurse|doctor|clinician|psychologist)",
        r"(this chat|this assistant|i can|i) (is|offers?|gives?|provides?) therapy",
    ):
        found = re.search(rf"(?<!not )(?<!never ){pattern}", words, re.IGNORECASE)
        assert not found, found


LOCAL = {
    part
    for region in resources.regions()
    for line in resources.load_resources(region).values()
    if line.key.startswith("local_")
    for part in (line.phone, line.text)
    if part
}


@pytest.mark.parametrize("answer_id", EVERYTHING)
def test_no_text_holds_a_place_or_a_number_of_one_region(answer_id: str) -> None:
    words = _said(answer_id)
    assert not re.search(r"L\.A\.|Los [AÁ]ngeles|\bLA County", words)
    assert not [number for number in LOCAL if number.removeprefix("1-") in words]


@pytest.mark.parametrize("name", ["chicago", "chicago open"])
@pytest.mark.parametrize("answer_id", EVERYTHING)
def test_a_center_elsewhere_says_nothing_of_los_angeles(answer_id: str, name: str) -> None:
    for channel, language in product(("web", "sms"), ("en", "es")):
        text = render(answer_id, channel, language, CENTERS[name])
        assert not re.search(r"L\.A\.|Los [AÁ]ngeles", text)
        assert not [number for number in LOCAL if number.removeprefix("1-") in text]
    facts = {*resources.facts(), *CENTERS[name].facts()}
    assert not [key for key in CATALOGUE.get(answer_id).links if "local" in key and key in facts]


def test_a_center_in_los_angeles_does_name_its_lines() -> None:
    assert "800-854-7771" in render("crisis_S1")
    assert "800-854-7771" in render("find_program", "sms")
    assert "1-800-540-4000" in render("crisis_line_child")


_PHONE = re.compile(r"\b(?:1-)?[2-9]\d{2}-\d{3}-\d{4}\b")


@pytest.mark.parametrize("answer_id", [i for i in EVERYTHING if _PHONE.search(_said(i))])
def test_numbers_in_crisis_texts_are_those_of_the_resources(answer_id: str) -> None:
    shown = {r.phone for r in resources.load_resources().values() if r.show and r.phone}
    other = {"1-800-985-3059", "1-800-318-2596", "1-800-633-4227"}  # help desks of health plans
    assert set(_PHONE.findall(_said(answer_id))) <= shown | other


def test_a_part_without_its_fact_is_left_out() -> None:
    assert Part("{r_local_line}").spoken({}) == ""
