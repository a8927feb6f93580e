"""Reads what people answer in the form, in the desk alone: nothing of it is sent to the brain."""

from __future__ import annotations

import re
from typing import Literal

from desk.callbacks.phones import digits_of, has_number

Age = Literal["adult", "teen", "child"]
LONGEST_NAME, LONGEST_NOTE, LONGEST_TOPIC = 80, 200, 1000
_TEEN, _ADULT, _OLDEST = 13, 18, 120

_ENDS = re.compile(
    r"(?:no,? ?)?(?:please )?(?:cancel|stop|quit|exit|end|abort|never ?mind|forget (?:it|about it)"
    r"|no thanks?|no thank you|not now|i changed my mind|i don't want (?:this|to|a call))"
    r"(?: (?:it|this|that|please|the (?:form|call|request|call ?back)|my (?:request|call ?back)))*"
    r"|(?:no,? ?)?(?:cancelar?|cancele(?:lo|la)?|salir|parar|terminar|olv[ií](?:de|da)lo"
    r"|no,? gracias|ahora no|mejor no|ya no(?: quiero)?|cambi[eé] de (?:opini[oó]n|idea)"
    r"|no quiero (?:esto|una llamada|que me llamen))"
    r"(?: (?:por favor|(?:la|esta|mi) (?:solicitud|llamada)))*"
)
_GOES_ON = re.compile(
    r"(?:ok(?:ay)?,? )?(?:let's )?(?:go on|continue|resume|carry on|keep going)"
    r"(?: (?:please|with (?:the|my) (?:call ?back|call|request|form)))*"
    r"|(?:s[ií],? )?(?:seguir|sigamos|siga|continuar|continuemos|contin[uú]e|adelante|entiendo)"
    r"(?:,? (?:por favor|con (?:la|mi) (?:llamada|solicitud)))*"
)
_CANCELS = re.compile(
    r"\b(?:cancel|withdraw|drop) (?:it|(?:my|the|this) request)\b"
    r"|\bcancel(?:ar|e|en|a) (?:mi|la|esta) solicitud\b"
)
_CANCELS_CALL = re.compile(
    r"\b(?:cancel|withdraw|drop|delete)\b.{0,20}\b(?:call ?-?backs?|call)\b"
    r"|\b(?:don'?t|do not|no need to) call me\b(?!.{0,12}\b(?:before|after|until|at)\b)"
    r"|\b(?:cancel(?:ar|e|en|a)|borr(?:ar|e|en))\b.{0,20}\bllamada\b"
    r"|\bno me llamen?\b(?!.{0,12}\b(?:antes|despu[eé]s|hasta|a las?)\b)"
)
_SKIPS = re.compile(
    r"skip(?: (?:this|it|that|please))*|no|nope|none|nothing|nobody|no ?one|no one else|pass|n/?a|-"
    r"|just me|only me|not really|rather not(?: say)?|i'd rather not(?: say)?|prefer not to say"
    r"|omitir|omita|saltar|ningun[oa]|nadie(?: m[aá]s)?|nada|s[oó]lo yo|prefiero no decir(?:lo)?"
)
_YES = re.compile(
    r"(?:yes|yeah|yep|yup|ya|sure|ok(?:ay)?|of course|fine|y|please do|go ahead|correct|right"
    r"|that'?s (?:fine|ok(?:ay)?|right)|yes (?:please|i am|they may|you may|that's fine|it is)"
    r"|s[ií](?:,? (?:por favor|claro|gracias|pueden?|est[aá] bien))?|claro(?: que s[ií])?"
    r"|por supuesto|est[aá] bien|de acuerdo|correcto)"
)
_NO = re.compile(
    r"(?:no|nope|nah|n|don'?t|please don'?t|do not|rather not|i'd rather not|no (?:thanks?"
    r"|thank you|voicemail|please|they may not)|not? voicemails?|absolutely not|never"
    r"|no,? (?:pueden?|por favor|lo digan|dejen mensajes?)|prefiero que no|sin mensajes?|nunca)"
)
_AGREES = re.compile(
    r"(?:yes,? )?i (?:do )?agree|agree[d]?|i consent|i accept|accept|yes|yes please"
    r"|(?:s[ií],? )?(?:acepto|(?:estoy )?de acuerdo)|s[ií](?:,? por favor)?"
)
_CHANGES = re.compile(
    r"(?:i want to |please )?(?:change|edit|correct|fix)(?: (?:it|this|something))?"
    r"|(?:quiero )?(?:cambiar|corregir)(?: (?:algo|esto))?"
)
_ANY_TIME = re.compile(
    r"any ?time|whenever|any|no preference|does(?:n't| not) matter|all day"
    r"|(?:a |en )?cualquier (?:hora|momento)|cuando (?:sea|quieran|puedan)|no importa"
    r"|todo el d[ií]a"
)

_ASKED_TO_BE_CALLED = re.compile(
    r"\b(?:call|phone|ring|telephone)(?:ing)? (?:me|us)(?! (?:names?|crazy|stupid|that|a)\b)"
    r"|\b(?:give|gimme) (?:me |us )?a (?:call|ring|buzz)\b|\bcall ?-?backs?\b"
    r"|\bhave (?:someone|somebody|a person|staff) (?:call|phone)\b"
    r"|\b(?:to|please) be (?:called|phoned)\b"
    r"|\b(?:get|want|need|like|request|schedule|book|arrange) (?:a |an? \w+ )?(?:phone )?call\b"
    r"|\bll[aá]m[ae]n?me\b|\bme (?:llamen?|(?:pueden?|podr[ií]an?) llamar)\b"
    r"|\b(?:quiero|quisiera|necesito|pedir|solicitar|agendar) (?:una )?llamada\b"
)
_NOT_ASKED = re.compile(
    r"\b(?:don'?t|do not|never|stop|didn'?t|did not|won'?t|hasn'?t|haven'?t|nobody|no one|quit)\b"
    r".{0,24}\b(?:call|phone|ring)"
    r"|^(?:when|why|what time|did|do you)\b"
    r"|\b(?:you|he|she|they|people|everyone) (?:always|keeps?|kept) "
    r"|\b(?:he|she|they|people|everyone) (?:call|calls|called|calling)\b"
    r"|\b(?:no|nunca|nadie)\b.{0,24}\bllam|^¿?(?:cu[aá]ndo|por qu[eé])\b"
)

_INTRODUCED = re.compile(
    r"^(?:(?:hi|hello|hey|yes|ok(?:ay)?|sure)[,.! ]+)?(?:my (?:first |full )?name(?:'s| is)|name is"
    r"|i'?m|i am|it'?s|it is|this is|call me|you can call me|ask for|they can ask for"
    r"|(?:hola[,.! ]+)?(?:me llamo|mi nombre es|soy|pregunten por))\s+",
    re.IGNORECASE,
)
_NAME = re.compile(r"[^\W\d_](?:[^\W\d_]|[ '.,\-\u0300-\u036f\u2010\u2011])*")
_MOST_NAMES = 6
# Words of sentences, so that a refusal is not noted as a name.
_NO_NAME = frozenset(
    "i i'm im my me you your u it this that the a an and or but not no don't dont do want give "
    "need like think know why what how is are was have leave tell say sorry please yes ok okay "
    "none nothing nobody skip hello hi hey help prefer rather call yo mi quiero necesito qué que "
    "cómo usted ustedes esto eso una nada nadie ninguno prefiero hola gracias ayuda sí".split()
)
_LEAST_BESIDE_NAME = 4
_QUESTION_WORDS = frozenset(
    "what whats what's how hows how's why when where who which do does did is are can could will "
    "would should may am".split()
)
_AFTER_THEM = frozenset(
    "is are was do does did can could will would should much many long often soon far the your "
    "you i we they he she it's there this that my a any time kind happens about".split()
)
# The number that somebody names is then not their age.
_BELOW = re.compile(
    r"\b(?:under|below|younger than|less than|not yet|almost|nearly|casi|menor de|menos de)\b"
)
_NUMBER = re.compile(r"(?<!\d)\d{1,3}(?!\d)")
_AGE_WORDS: tuple[tuple[str, Age], ...] = (
    (
        r"\b(?:under|below|younger than|less than) (?:13|thirteen)\b|\bi'?m a (?:little )?kid\b"
        r"|\b(?:menor|menos) de (?:13|trece)\b",
        "child",
    ),
    (
        r"\b13 ?(?:to|-|–|a) ?17\b|\b(?:i'?m a )?(?:teen|teenager|minor)\b|\badolescente\b",
        "teen",
    ),
    (
        r"\b(?:over|above|older than|at least) (?:17|18|21|eighteen)\b"
        r"|\b18 ?(?:\+|or older|or over)|\badult\b|\bi am (?:over )?18\b"
        r"|\b18 (?:años )?o más\b|\bmayor de (?:edad|17|18|21)\b|\badult[oa]\b",
        "adult",
    ),
)


def _bare(text: str) -> str:
    """Return a short answer in lower case, without marks around it."""
    return " ".join(text.lower().split()).strip(" .,!?;:\"()'¿¡")


def ends(text: str) -> bool:
    """Say whether an answer ends the form, and is nothing else."""
    return _ENDS.fullmatch(_bare(text)) is not None


def goes_on(text: str) -> bool:
    """Say whether a message asks to take the form up again, and is nothing else."""
    return _GOES_ON.fullmatch(_bare(text)) is not None


def skips(text: str) -> bool:
    """Say whether an answer leaves the question out."""
    return _SKIPS.fullmatch(_bare(text)) is not None


def yes_or_no(text: str) -> bool | None:
    """Return what a short answer says, or None."""
    bare = _bare(text)
    if _YES.fullmatch(bare):
        return True
    return False if _NO.fullmatch(bare) else None


def agrees(text: str) -> bool:
    """Say whether an answer agrees to the consent text in plain words."""
    return _AGREES.fullmatch(_bare(text)) is not None


def changes(text: str) -> bool:
    """Say whether an answer asks to change something."""
    return _CHANGES.fullmatch(_bare(text)) is not None


def any_time(text: str) -> bool:
    """Say whether an answer names no time in particular."""
    return _ANY_TIME.fullmatch(_bare(text)) is not None


def age_of(text: str) -> Age | None:
    """Return the age that somebody gives, or None: a bare "no" may mean two things."""
    if has_number(text):
        return None
    bare = _bare(text)
    for pattern, age in _AGE_WORDS:
        if re.search(pattern, bare):
            return age
    if _BELOW.search(bare):
        return None
    numbers = [int(digits_of(each)) for each in _NUMBER.findall(bare)]
    if len(numbers) == 1 and 0 < numbers[0] <= _OLDEST:
        return "child" if numbers[0] < _TEEN else "teen" if numbers[0] < _ADULT else "adult"
    return "adult" if not numbers and yes_or_no(text) else None


def name_of(text: str) -> str | None:
    """Return the name in an answer, or None when it is none."""
    given = _INTRODUCED.sub("", " ".join(text.split())).strip(" .,!-'")
    words = given.lower().split()
    if len(given) > LONGEST_NAME or len(words) > _MOST_NAMES or not _NO_NAME.isdisjoint(words):
        return None
    return given if _NAME.fullmatch(given) else None


def is_question(text: str, *, name: bool = False) -> bool:
    """Say whether a message asks something, so that it is no answer.

    Only the mark and the beginning count: "what it takes to begin" is a topic.

    Args:
        text: A cleaned message.
        name: Whether a name is waited for, which must not be read by anybody else ("Will Moore").
    """
    if has_number(text):
        return False
    if "?" in text:
        return True
    words = re.findall(r"[\w']+", text.lower())
    if len(words) < (_LEAST_BESIDE_NAME if name else 2):
        return False
    return words[0] in _QUESTION_WORDS and words[1] in _AFTER_THEM


def wants_call(text: str) -> bool:
    """Say whether somebody asks to be called ("call me back at 5")."""
    lower = " ".join(text.lower().split())
    return bool(_ASKED_TO_BE_CALLED.search(lower)) and not _NOT_ASKED.search(lower)


def withdraws(text: str, *, waits: bool = False) -> bool:
    """Say whether somebody takes back a request for a call.

    Args:
        text: A cleaned message.
        waits: Whether they wait for staff too, so that a bare "cancel my request" may mean that.
    """
    lower = " ".join(text.lower().split())
    bare = not waits and _CANCELS.search(lower)
    return bool(bare or _CANCELS_CALL.search(lower))


def note_of(text: str, longest: int = LONGEST_NOTE) -> str:
    """Return a free answer, cut to what is kept."""
    return " ".join(text.split())[:longest].rstrip()
