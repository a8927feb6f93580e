"""Learning: what staff have corrected, what was learned of it, models made of it."""

from __future__ import annotations

from sqlalchemy import JSON, BigInteger, Column, ForeignKey, Index, Integer, String, Table, Text

from store.sealing import SealedText
from store.tables.shared import GROWING, conversation_id, metadata

corrections = Table(
    "corrections",
    metadata,
    conversation_id(primary=True),
    Column("seq", BigInteger, primary_key=True, autoincrement=False),
    Column("kind", String(16), nullable=False),  # one of store.corrections.Kind
    Column("intents", JSON, nullable=False),  # what would have been right, in the order asked
    Column("category", String(16)),  # of a crisis that was missed
    Column("by", String(32), nullable=False),
    Column("at", BigInteger, nullable=False),
    Column("settled_at", BigInteger),  # when it was decided what, if anything, is learned from it
    Index("ix_corrections_open", "settled_at", "at"),
    Index("ix_corrections_by", "by", "at"),
)

# What the assistant is taught and tested with beside the files of data/.
examples = Table(
    "examples",
    metadata,
    Column("id", GROWING, primary_key=True),
    # Set where the text is in the person's own words alone: these go with the conversation.
    Column("conversation_id", String(64), ForeignKey("conversations.id", ondelete="CASCADE")),
    Column("text", SealedText, nullable=False),  # own words are sealed as the conversation is
    Column("intents", JSON, nullable=False),
    Column("risk", String(16)),  # a category, "-" for what alarmed without need, null: neither
    Column("purpose", String(8)),  # train, test or both; null while it waits for approval
    Column("by", String(32), nullable=False),
    Column("at", BigInteger, nullable=False),
    Column("approved_by", String(32)),  # of own words: who else has looked
    Column("approved_at", BigInteger),
    Index("ix_examples_conversation", "conversation_id"),
    # Numbers of removed ones are not given again: a model names what it was trained from.
    sqlite_autoincrement=True,
)

# Tests of several turns, in reviewers' own words: of no conversation, and of nobody.
stories = Table(
    "stories",
    metadata,
    Column("id", GROWING, primary_key=True),
    Column("name", String(80), nullable=False, unique=True),
    Column("by", String(32), nullable=False),
    Column("at", BigInteger, nullable=False),
    # As above: a comparison names those that were right and no longer are.
    sqlite_autoincrement=True,
)

story_turns = Table(
    "story_turns",
    metadata,
    Column("story_id", BigInteger, ForeignKey("stories.id", ondelete="CASCADE"), primary_key=True),
    Column("number", Integer, primary_key=True, autoincrement=False),  # 1, 2, ...
    Column("text", Text, nullable=False),
    Column("intents", JSON, nullable=False),  # what is right, in the order asked
)

# Models trained from data/ and the store; also the jobs that the supervisor looks for.
candidates = Table(
    "candidates",
    metadata,
    Column("name", String(32), primary_key=True),
    Column("state", String(16), nullable=False),  # one of store.candidates.State
    Column("why", String(16), nullable=False),  # asked, erased or changed
    Column("asked_at", BigInteger, nullable=False),
    Column("asked_by", String(32)),  # null: the supervisor
    Column("busy_until", BigInteger),  # whoever trains it says again and again that it lives
    Column("made_from", String(64)),  # fingerprint of data, configuration and code
    Column("against", String(32)),  # what it was compared with; null: the model of `make train`
    Column("examples", JSON),  # ids of what it was trained from
    Column("crises", JSON),  # ids of the confirmed crises that it was tried on
    Column("crises_lost", Integer),
    Column("figures", JSON),
    Column("changes", JSON),  # answers that would change: places and names, never words
    Column("trouble", String(64)),
    Column("finished_at", BigInteger),
    Column("decided_at", BigInteger),
    Column("decided_by", String(32)),
    Column("removed_at", BigInteger),  # since when its files are gone
    Index("ix_candidates_state", "state", "asked_at"),
)

# Which model was put in use when; the newest row says which one is.
model_switches = Table(
    "model_switches",
    metadata,
    Column("id", GROWING, primary_key=True),
    Column("at", BigInteger, nullable=False),
    Column("by", String(32)),  # null: the supervisor
    Column("model", String(32)),  # null: the one that `make train` made
    Column("before", String(32)),  # what one goes back to
    Column("why", String(16), nullable=False),  # accepted, back, erased or changed
    Column("done_at", BigInteger),  # when the brain had taken it
    Column("trouble", String(64)),
)
