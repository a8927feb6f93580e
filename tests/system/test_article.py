"""Every section of the center's article is answered, by its heading and in other words."""

from __future__ import annotations

import re
from typing import Any

import pytest

from tests.system.conftest import Asked

SECTIONS: dict[str, tuple[set[str], str, list[str]]] = {
    "what it is": (
        {"what_is_iop"},
        r"intensive outpatient",
        [
            "What Is IOP for Mental Health?",
            "can you explain what an intensive outpatient program is",
            "they told me i need iop, what does that mean",
        ],
    ),
    "how it works": (
        {"how_iop_works"},
        r"plan",
        [
            "How Does IOP Work for Mental Health?",
            "how do these programs operate, is there a treatment plan",
            "what are the parts of the program and how is progress measured",
        ],
    ),
    "difference": (
        {"iop_vs_other_levels"},
        r"inpatient|home",
        [
            "How Is IOP Different from Inpatient or Other Outpatient Treatments for Mental Health?",
            "whats the difference between this and staying in a hospital",
            "is it more than weekly therapy but less than inpatient",
        ],
    ),
    "benefits": (
        {"iop_benefits", "iop_vs_other_levels"},
        r"home|life|skill",
        [
            "What Benefits Does the IOP for Mental Health Offer Over Other Treatments?",
            "what are the advantages of an iop",
            "why would someone choose iop, what are the pros",
        ],
    ),
    "effectiveness": (
        {"iop_effectiveness"},
        r"research|stud|people",
        [
            "How Effective Are IOPs for Mental Health?",
            "what is the success rate",
            "does iop really help people get better",
        ],
    ),
    "who can join": (
        {"eligibility"},
        r"assess|safe|age|need",
        [
            "Who Can Join the IOP for Mental Health? Are There Any Requirements?",
            "what are the requirements to join",
            "who qualifies for this program",
        ],
    ),
    "cost": (
        {"cost"},
        r"\$|price|pay",
        [
            "How Much Does IOP Cost for Mental Health?",
            "whats the monthly price",
            "how expensive is an intensive outpatient program",
        ],
    ),
    "insurance": (
        {"insurance_coverage", "financial_aid"},
        r"plan|insur",
        [
            "Is the IOP for Mental Health Covered by Insurance? Are There Other Financial Aids?",
            "will my insurance cover it",
            "do insurance companies pay for iop",
        ],
    ),
    "financial aid": (
        {"financial_aid"},
        r"scale|plan|help|free",
        [
            "are there scholarships or a sliding scale",
            "i dont have the money for this, is there any financial help",
        ],
    ),
    "treatments": (
        {"treatments_offered"},
        r"group",
        [
            "What Treatments Are Provided in an Intensive Outpatient Program for Mental Health?",
            "what kinds of therapy do you offer",
            "which treatments are included",
        ],
    ),
    "what to expect": (
        {"what_to_expect"},
        r"group|first|day",
        [
            "What to Expect in an IOP for Mental Health?",
            "what happens in a typical session",
            "what will my first day be like",
        ],
    ),
    "how long": (
        {"program_length", "session_schedule"},
        r"week",
        [
            "How Long Does the IOP for Mental Health Last, and How Often Are Sessions?",
            "how many weeks is the program",
            "how often do i have to come each week",
        ],
    ),
    "virtual": (
        {"virtual_iop"},
        r"online|home|virtual",
        [
            "Are There Virtual IOPs for Mental Health?",
            "can i do it online",
            "is there a telehealth version",
        ],
    ),
    "aftercare": (
        {"aftercare"},
        r"after|support|group",
        [
            "What Support Is Available After Finishing the IOP for Mental Health?",
            "what happens after i finish the program",
            "is there help once the iop is over",
        ],
    ),
    "where": (
        {"find_program"},
        r"findtreatment|helpline|ask|800",
        [
            "Where to Find IOP for Mental Health?",
            "how do i find an iop near me",
            "where should i look for a good program",
        ],
    ),
    "first step": (
        {"how_to_enroll", "do_i_need_help", "find_program"},
        r"call|visit|step",
        [
            "Ready to Take the First Step Towards a Healthier Life?",
            "im ready to take the first step, how do i sign up",
        ],
    ),
}
CASES = [
    (section, text, intents, fact)
    for section, (intents, fact, texts) in SECTIONS.items()
    for text in texts
]


@pytest.fixture(scope="module")
def answers(ask: Asked) -> dict[str, dict[str, Any]]:
    texts = [text for _, text, _, _ in CASES]
    return dict(zip(texts, ask(texts), strict=True))


@pytest.mark.parametrize(
    ("section", "text", "intents", "fact"), CASES, ids=[f"{c[0]}: {c[1][:30]}" for c in CASES]
)
def test_section_is_answered(
    answers: dict[str, dict[str, Any]], section: str, text: str, intents: set[str], fact: str
) -> None:
    answer = answers[text]
    assert answer["intent"] in intents, (section, answer["intent"], answer["confidence"])
    assert re.search(fact, answer["replies"][0]["text"], re.IGNORECASE)
    assert answer["risk"] is None
