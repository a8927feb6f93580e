"""Texts that were published in the console, put in the place of the files' own."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

from answers.catalogue import Answer, Catalogue, Edition

FORMS: Mapping[tuple[str, str], str] = {
    ("web", "en"): "web",
    ("sms", "en"): "sms",
    ("web", "es"): "es",
    ("sms", "es"): "es_sms",
}
"""The name of an answer's form by channel and language."""
PLACES: Mapping[str, tuple[str, str]] = {form: place for place, form in FORMS.items()}
"""Channel and language by the name of a form."""


def with_editions(catalogue: Catalogue, editions: Mapping[tuple[str, str], Edition]) -> Catalogue:
    """Return a catalogue in which published texts stand instead of the files' own.

    Args:
        catalogue: As the files have it.
        editions: What was published, by answer and form. What is of no answer is left out: its
            file may be gone since.
    """
    answers = dict(catalogue.answers)
    for (answer_id, form), edition in editions.items():
        answer = answers.get(answer_id)
        if answer is not None and form in PLACES and edition.parts:
            answers[answer_id] = _with(answer, form, edition)
    return Catalogue(answers, catalogue.titles, catalogue.sources)


def _with(answer: Answer, form: str, edition: Edition) -> Answer:
    return replace(
        answer,
        texts={**answer.texts, form: edition.parts},
        editions={**answer.editions, form: edition},
    )


def unapproved(catalogue: Catalogue) -> int:
    """Return how many answers have a form that no named person has approved."""
    return sum(
        any(not answer.approved(form) for form in answer.texts)
        for answer in catalogue.answers.values()
    )
