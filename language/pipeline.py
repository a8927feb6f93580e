"""The spaCy pipeline, assembled here: no trained package is needed or looked for."""

from __future__ import annotations

from functools import lru_cache

import spacy
from spacy.language import Language


@lru_cache(maxsize=1)
def nlp() -> Language:
    """Return the project's English pipeline, one for the process.

    Tokens by spaCy's English rules, sentence borders by punctuation, lemmas from the tables of
    spacy-lookups-data. Behaves alike on spaCy 3.4 (brain) and 3.8 (desk).

    Raises:
        ValueError: spacy-lookups-data is not installed (spaCy's own message names it).
    """
    pipeline = spacy.blank("en")
    pipeline.add_pipe("sentencizer")
    # The lookup mode needs no part-of-speech tags, which would need a trained model.
    lemmatizer = pipeline.add_pipe("lemmatizer", config={"mode": "lookup"})
    lemmatizer.initialize()  # type: ignore[attr-defined]
    return pipeline
