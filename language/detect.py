"""Which language a message is in, as far as the answer depends on it. Used by the desk alone."""

from __future__ import annotations

import re
from functools import lru_cache
from typing import Literal

from lingua import Language, LanguageDetector, LanguageDetectorBuilder

Tongue = Literal["en", "es", "other"]

# The languages most spoken at home in Los Angeles County that use Latin letters (other scripts
# are told by their letters alone), and two large neighbours that keep Spanish honest.
_LATIN = (
    Language.ENGLISH,
    Language.SPANISH,
    Language.TAGALOG,
    Language.VIETNAMESE,
    Language.FRENCH,
    Language.PORTUGUESE,
    Language.GERMAN,
    Language.ITALIAN,
)
_LETTERS = re.compile(r"[^\W\d_]+")
# Words that are frequent in typed Spanish and are no English words: they decide short messages,
# for which statistics of letters are too thin.
_SPANISH = frozenset(
    "que qué cómo cuánto cuanto cuánta cuesta cuestan dónde cuándo por para porque pero "
    "muy más mi mis tu su una unas unos los las del al con sin este esta estoy está "
    "estan están eres es soy somos tengo tiene tienen tienes quiero quisiera quiere "
    "necesito necesita puedo puede pueden hay hola gracias ayuda ayúdame ayudame ayudar "
    "programa tratamiento seguro aceptan hablar habla hablan español espanol hijo hija "
    "esposo esposa mamá papá hermano hermana médico medico terapia grupo horario días "
    "dias semana ya nada morir vida siento triste ansiedad depresión depresion alcohol "
    "drogas buenos buenas señor señora también tambien donde cuando como gratis dinero "
    "pagar costo precio trabajo escuela familia ustedes usted".split()
)
_ENGLISH = frozenset(
    "the a an i im my is it its do does did you u ur your yall to and of for in on at what "
    "wat how can cant have has had me with that this was not dont just need get got are r if "
    "or but so want wanna help be been there we they he she them am pm n idk rn someone from "
    "about will would could should pay by as after".split()
)
# Names of places ("los angeles"), English words, and what is typed for "yeah": alone they decide
# nothing.
_EITHER = frozenset("ya los las del al con sin su tu mi mis una alcohol para por es este".split())
# Words of which one is enough to make a message English for all the statistics of its letters say.
_SURELY_ENGLISH = frozenset(
    "ok okay bye byee hi hello hey yes yeah yep nope thx thanks whats thats gotta gonna wk week "
    "weeks run cost price iop php rehab therapy group groups insurance".split()
)
# A foreign reading is believed only when it is long and sure.
_SURE, _MANY_WORDS = 0.85, 5


@lru_cache(maxsize=1)
def _detector() -> LanguageDetector:
    return LanguageDetectorBuilder.from_languages(*_LATIN).with_low_accuracy_mode().build()


def _is_latin(letter: str) -> bool:
    return letter < "\u0250" or "\u1e00" <= letter < "\u1f00"


def language_of(text: str) -> Tongue:
    """Say whether a message is English, Spanish or something else.

    English is what is assumed: typos, names, fragments and a Spanish word or two in an English
    sentence stay English, since an English answer to them is better than none.

    Args:
        text: A cleaned message; the first 500 characters are read.

    Returns:
        "en", "es", or "other".
    """
    words = _LETTERS.findall(text[:500].lower())
    letters = "".join(words)
    if not letters:
        return "en"
    if sum(map(_is_latin, letters)) < len(letters) / 2:
        return "other"
    spanish = sum(word in _SPANISH for word in words)
    if spanish >= 2 and spanish / len(words) >= 0.3 and _likely(text, words, Language.SPANISH):
        return "es"
    english = sum(word in _ENGLISH for word in words)
    if len(words) <= 3:
        told = any(word in _SPANISH and word not in _EITHER for word in words)
        return "es" if told and not english else "en"
    if english >= len(words) / 4 or not _SURELY_ENGLISH.isdisjoint(words):
        return "en"
    best = max(_detector().compute_language_confidence_values(text[:500]), key=lambda c: c.value)
    if best.language is Language.SPANISH and best.value > 0.6 and spanish:
        return "es"
    foreign = best.language not in (Language.ENGLISH, Language.SPANISH)
    return "other" if foreign and best.value >= _SURE and len(words) >= _MANY_WORDS else "en"


def _likely(text: str, words: list[str], language: Language) -> bool:
    """Say whether the language is likelier than English."""
    detector = _detector()
    value = detector.compute_language_confidence(text[:500], language)
    return len(words) <= 3 or value > detector.compute_language_confidence(
        text[:500], Language.ENGLISH
    )
