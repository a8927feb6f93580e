"""What the list and the marks of review say when something does not fit, in words for staff."""

from __future__ import annotations

LEFT_OUT = "Something in the address was not understood and is left out: {names}."
FORGOTTEN = "What was searched for is kept for a day, and is gone. Search anew."
IDENTIFIERS = (
    "Numbers, addresses, dates of birth and the like are hidden in what people write, so that "
    "nobody can search for them. They are left out of the search."
)
NO_WORD = "There is no word in it to search for."
NO_VIEW = "There is no such view any more."
NO_NAME = (
    "Give the view a name, of 80 characters at most, without anything that identifies a person."
)
TOO_MANY_VIEWS = "You have 50 views already. Remove one first."
NO_TAG = "A tag is a word or two, of 40 characters at most, and identifies nobody."
ALL_REVIEWED = "Nothing more here waits for review."
