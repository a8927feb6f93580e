"""What a message does in a conversation when it asks nothing by itself: "why?", "say that again".

Found by form, over the whole message, so that a question that only holds such words stays one.
"""

from __future__ import annotations

import re
from enum import Enum

_LEAD = r"(?:(?:but|and|ok|okay|so|hey|hi|hello|um|uh|yes|yeah|no|wait|sorry|please|pls)[,. !]+)*"
_TAIL = r"(?:[ ,]+(?:please|pls|plz|though|tho|then|again|exactly|thanks|thx))*"
_THAT = r"(?:that|this|it|those|these|all that|that one|what you (?:just )?said)"
_SOME = r"(?:some |more |any |a bit of |a few |a little )?"

_SOMEBODY = (
    "daughter|son|kid|child|teen|teenager|husband|wife|spouse|partner|boyfriend|girlfriend|mom|"
    "mother|dad|father|brother|sister|friend|loved one|family member|family"
)


class Move(str, Enum):
    """A step in the conversation itself."""

    WHY = "why"
    """Wants the reason of the last answer."""
    SOURCE = "source"
    """Wants to know where the last answer comes from."""
    REPEAT = "repeat"
    """Wants to read the last answer again."""
    MORE = "more"
    """Wants to hear more on the same topic, or in other words."""
    WRONG = "wrong"
    """Says that the last answer missed the question."""
    OPEN = "open"
    """Begins without a question: "help", "info pls", "my daughter"."""


_FORMS: dict[Move, tuple[str, ...]] = {
    Move.WHY: (
        r"(?:why|how come|why not)",
        r"why (?:is|was|are|do you say) (?:that|so|this|it|they)(?: so \w+)?",
        r"(?:why|how come) (?:that|so|this|it'?s|its) (?:\w+ )?\w+",
        r"what(?:'?s| is) the reason(?: for (?:that|this|it))?",
        r"how so",
    ),
    Move.SOURCE: (
        rf"where (?:did|do|does) (?:you|u) (?:get|find|have|know) {_THAT}(?: from)?",
        r"where (?:is|are|was|were|does|do|did) (?:that|this|the|these|those|it)(?: \w+)? "
        r"(?:come )?from",
        r"where(?:'?s| is) (?:that|this|it) from",
        r"(?:what(?:'?s| is| are) )?(?:the |your )?sources?",
        r"what(?:'?s| is| are) (?:the|your) sources?(?: for (?:that|this|it))?",
        r"(?:do you have|got|have you got) (?:a |any )?sources?(?: for (?:that|this|it))?",
        r"(?:according to whom?|says who|who says(?: so| that)?|who told you(?: that)?)",
        rf"who (?:wrote|made|said) {_THAT}",
        rf"how do (?:you|u) know(?: {_THAT})?",
        r"(?:is that|are you) (?:really |100% )?(?:true|sure|right|correct)(?: about that)?",
    ),
    Move.REPEAT: (
        rf"(?:(?:can|could|would|will) (?:you|u) )?(?:please )?(?:say|repeat|send|tell me) {_THAT}"
        r"(?: again| one more time| once more)?",
        r"(?:say|repeat|send) (?:it|that) again",
        r"(?:can|could) (?:you|u) repeat",
        r"repeat",
        r"what did (?:you|u) (?:just )?say",
        r"(?:what was that|come again|say again|one more time|pardon(?: me)?|sorry,? what)",
    ),
    Move.MORE: (
        rf"(?:(?:can|could) (?:you|u) )?(?:tell|give|show) me {_SOME}(?:more|details?)"
        rf"(?: (?:about|on) {_THAT})?",
        rf"{_SOME}(?:more|details?|more info(?:rmation)?)",
        r"(?:go on|continue|keep going|and\?*|elaborate|like what|such as|for example|meaning)",
        r"(?:what|anything) else",
        rf"(?:(?:can|could) (?:you|u) )?explain(?: {_THAT})?(?: more| better| in more detail)?",
        rf"i (?:do not|don'?t|dont|didn'?t) (?:get|understand|follow) {_THAT}",
        rf"what (?:does|do) {_THAT} mean",
        r"(?:in (?:other|simple|plain) words|simpler|in english)",
    ),
    Move.WRONG: (
        r"(?:that|this|it)(?:'?s| is| was)? (?:not|isn'?t|wasn'?t|isnt|wasnt) "
        r"(?:what i (?:asked|meant|mean|said|wanted)(?: \w+)?|my question|it|right)",
        r"(?:that|this) (?:doesn'?t|didn'?t|doesnt|didnt|does not|did not) "
        r"(?:answer|help)(?: (?:me|my question|at all))?",
        r"(?:not (?:what i (?:asked|meant|mean)|my question|that|it))(?: \w+)?",
        r"wrong(?: (?:answer|question|one))?",
        r"(?:you|u) (?:misunderstood|got (?:me|that|it) wrong|missed (?:it|my (?:point|question))|"
        r"(?:don'?t|didn'?t|dont|didnt) (?:get|understand|answer)(?: (?:me|it|that|my question))?)",
        r"(?:no,? )?(?:i meant|i mean) something else",
        r"(?:this|that|it|you)(?:'?s| is| was| are|'?re)? (?:so |really |totally )?"
        r"(?:useless|stupid|dumb|pointless|no help|no use|not helping|not helpful|a waste of time)",
        r"(?:useless|not helpful|no help)",
    ),
    Move.OPEN: (
        r"help(?: me)?",
        rf"(?:i )?(?:just )?(?:need|want|would like|wanted|looking for) {_SOME}"
        r"(?:help|info(?:rmation)?|answers|advice)",
        rf"{_SOME}(?:help|info(?:rmation)?)(?: needed| wanted)?",
        r"(?:i )?(?:have|had|got|ve got) (?:a|some|a few|a couple of|another|one more)"
        r"(?: quick)? (?:question|questions)",
        r"(?:quick )?questions?",
        r"(?:can|could|may) i ask(?: (?:you|u))?(?: (?:something|a question|some questions))?",
        r"(?:can|could|would) (?:you|u) help(?: me)?(?: out)?",
        rf"(?:it'?s|its|this is|i'?m asking|asking|i'?m here|here)? ?(?:about|for|regarding)? ?"
        rf"(?:my|our|a) (?:\w+ )?(?:{_SOMEBODY})",
        r"i (?:do not|don'?t|dont) know where to (?:start|begin)",
        r"(?:where|how) do i (?:start|begin)\?? (?:i'?m|im) lost",
    ),
}
_MOVES = [
    (move, re.compile(rf"{_LEAD}(?:{form}){_TAIL}"))
    for move, forms in _FORMS.items()
    for form in forms
]
_LONGEST = 12
"""Words; whoever writes more has something to say."""


def move_of(text: str) -> Move | None:
    """Return what a message does in the conversation, or None when it asks or says something."""
    plain = " ".join(text.lower().replace("’", "'").split()).strip(" ?!.,…")
    if not plain or len(plain.split()) > _LONGEST:
        return None
    return next((move for move, form in _MOVES if form.fullmatch(plain)), None)


def names_somebody(text: str) -> bool:
    """Say whether a message names somebody close ("it's for my daughter")."""
    return re.search(rf"\b(?:{_SOMEBODY})\b", text.lower()) is not None
