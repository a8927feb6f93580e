"""What can stand in the way of staff in a conversation, and what to do about it."""

from __future__ import annotations

EMPTY = "Nothing was sent: the box is empty. Write an answer first."
TOO_LONG = (
    "Nothing was sent: an answer may have {longest} characters, and this one has {length}. "
    "Shorten it, or send it in two parts."
)
BLOCKED = "Nothing was sent: this conversation is marked as spam. Unblock it first."
TAKEN = (
    "Nothing was sent yet: {name} has this conversation. If you send your answer all the same, "
    "the conversation becomes yours."
)
NOT_NOW = "Nothing was changed: somebody else was faster, or it does not fit any more. Look again."
NOBODY = "Choose somebody, or a team."
NO_TIME = "Choose until when."
NO_NOTE = "Nothing was noted: the box is empty."
NO_CANNED = "Give the answer a title and a text."
TOO_MANY_STREAMS = "Too many pages are open. Close some of them."
