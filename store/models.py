"""The tables of the log.

Core tables, not mapped classes: the desk writes a handful of known rows per message and reads
them back in order, so an identity map would only cost time. Every type exists on SQLite and
PostgreSQL alike. Moments are whole milliseconds since 1970 (UTC).
"""

from __future__ import annotations

from sqlalchemy import (
    JSON,
    BigInteger,
    Column,
    Float,
    ForeignKey,
    Index,
    Integer,
    MetaData,
    String,
    Table,
    Text,
    UniqueConstraint,
    text,
)
from sqlalchemy.dialects.postgresql import TSVECTOR

from store.sealing import SealedText

metadata = MetaData()

# SQLite numbers rows by itself only in a column of its own INTEGER type.
_GROWING = BigInteger().with_variant(Integer, "sqlite")


def _conversation(*, primary: bool) -> Column[str]:
    parent = ForeignKey("conversations.id", ondelete="CASCADE")
    return Column("conversation_id", String(64), parent, primary_key=primary, nullable=False)


_RISK = text("tiers <> '|'")
_LISTED = (
    "last_at id drill channel heard hidden fallbacks safe least_sure languages intents models "
    "tiers categories handed called score reviewed_to"
).split()
conversations = Table(
    "conversations",
    metadata,
    Column("id", String(64), primary_key=True),
    Column("channel", String(16), nullable=False),
    Column("created_at", BigInteger, nullable=False),
    Column("last_at", BigInteger, nullable=False),
    # 1 for the daily drill's own conversation, 2 for one that holds an alert of the server itself
    # (store.server_troubles): left out of lists and counts.
    Column("drill", Integer, nullable=False, server_default="0"),
    # 1 when staff have marked it as spam: the bot says nothing but crisis resources.
    Column("blocked", Integer, nullable=False, server_default="0"),
    # What the list filters by, kept with what it sums up (store.summaries). Sets are written
    # "|one|two|", an empty one "|".
    Column("heard", Integer, nullable=False, server_default="0"),  # messages of the person
    Column("hidden", Integer, nullable=False, server_default="0"),  # those with identifiers
    Column("languages", Text, nullable=False, server_default="|"),
    Column("intents", Text, nullable=False, server_default="|"),
    Column("least_sure", Float),  # the lowest confidence of a reading
    Column("fallbacks", Integer, nullable=False, server_default="0"),
    Column("safe", Integer, nullable=False, server_default="0"),  # safe replies
    Column("models", Text, nullable=False, server_default="|"),
    Column("tiers", Text, nullable=False, server_default="|"),
    Column("categories", Text, nullable=False, server_default="|"),
    Column("handed", Integer, nullable=False, server_default="0"),  # 1: has left the assistant
    Column("called", Integer, nullable=False, server_default="0"),  # 1: a call was asked for
    Column("score", Integer),  # the latest rating
    # Who has reviewed it when, and up to which last_at: what came later was not reviewed.
    Column("reviewed_at", BigInteger),
    Column("reviewed_by", String(32)),
    Column("reviewed_to", BigInteger),
    Index("ix_conversations_last_at_id", "last_at", "id"),
    Index("ix_conversations_risk", "last_at", "id", sqlite_where=_RISK, postgresql_where=_RISK),
    # All that SQLite needs to go through the whole list. PostgreSQL reads the table as quickly, and
    # takes no long rows in an index: there it stays empty.
    Index("ix_conversations_list", *_LISTED, postgresql_where=text("false")),
)

ownership = Table(
    "ownership",
    metadata,
    _conversation(primary=True),
    Column("owner", String(8), nullable=False),  # bot, queue or human
    Column("agent", String(64)),
    Column("since", BigInteger, nullable=False),
    Column("reason", String(64), nullable=False),
    Column("team", String(16)),  # the role that it is assigned to, where it is to no one person
    Column("wake_at", BigInteger),  # set while it is snoozed
    Column("reminded_at", BigInteger),  # when its owner was reminded of a message left unanswered
    Index("ix_ownership_owner", "owner", "since"),
)

_UNREAD = text("sender = 'staff' AND delivered_at IS NULL")
messages = Table(
    "messages",
    metadata,
    _conversation(primary=True),
    # Grows within a conversation; given by the desk, so that a message that had to wait in the
    # spill file keeps its place.
    Column("seq", BigInteger, primary_key=True, autoincrement=False),
    Column("sender", String(8), nullable=False),  # visitor, bot, staff or system
    Column("kind", String(8), nullable=False),
    Column("text", SealedText, nullable=False),
    Column("at", BigInteger, nullable=False),
    Column("client_id", String(64)),  # the visitor's own id for the message
    Column("button", String(128)),  # what the visitor chose, or null when the words were typed
    Column("reply_to", BigInteger),  # the visitor's message that this answers
    Column("answer_id", String(128)),
    Column("answer_version", Integer),
    Column("approved", Integer),  # 1, 0 for a draft, null for no text of the catalogue
    Column("variables", JSON),
    Column("buttons", JSON),
    Column("links", JSON),
    Column("language", String(8)),
    Column("delivered_at", BigInteger),  # of staff's: when the person's page was first sent it
    UniqueConstraint("conversation_id", "client_id", name="uq_messages_client"),
    Index("ix_messages_reply", "conversation_id", "reply_to"),
    # What staff wrote and the person has not seen: few of the many.
    Index("ix_messages_unread", "at", sqlite_where=_UNREAD, postgresql_where=_UNREAD),
)

DOUBTFUL = text(
    "intent IN ('out_of_scope', 'safety_crisis') OR confidence < 0.6 OR risk_rule LIKE 'meaning:%'"
)
readings = Table(
    "readings",
    metadata,
    _conversation(primary=True),
    Column("seq", BigInteger, primary_key=True, autoincrement=False),
    Column("outcome", String(16), nullable=False),  # brain, fixed, safe or read
    Column("intent", String(64)),
    Column("confidence", Float),
    Column("ranking", JSON),
    Column("intents", JSON),
    Column("entities", JSON),
    Column("signals", JSON),
    Column("model", String(128)),
    Column("risk_category", String(16)),
    Column("risk_tier", String(4)),
    Column("risk_rule", String(128)),
    Column("milliseconds", Float, nullable=False),
    # What the review queue looks at first: few of the many.
    Index("ix_readings_doubtful", "seq", sqlite_where=DOUBTFUL, postgresql_where=DOUBTFUL),
)

alerts = Table(
    "alerts",
    metadata,
    _conversation(primary=True),
    Column("seq", BigInteger, primary_key=True, autoincrement=False),
    # one of store.records.AlertKind
    Column("kind", String(16), primary_key=True),
    Column("category", String(16)),
    Column("tier", String(4)),
    Column("rule", String(128)),
    Column("at", BigInteger, nullable=False),
    Column("acknowledged_at", BigInteger),
    Column("acknowledged_by", String(64)),
    Column("told_at", BigInteger),  # when notices of it were last queued
    Column("repeats", Integer, nullable=False, server_default="0"),
    # What came of a crisis: reached, emergency (911 was called), not_reached, false_alarm.
    Column("outcome", String(16)),
    Column("outcome_at", BigInteger),
    Column("outcome_by", String(64)),
    # When the last reminder had gone out and still nobody had answered.
    Column("given_up_at", BigInteger),
    Index("ix_alerts_open", "acknowledged_at", "at"),
)

# Where staff are told, as the desk's alerts.yml names them; holds no address and no secret.
places = Table(
    "places",
    metadata,
    Column("name", String(32), primary_key=True),
    Column("kind", String(16), nullable=False),  # email, webhook or apprise
    Column("told_of", String(128)),  # kinds of alerts, with a space between; null: all
    # By the rota, as it is now: minutes without an answer until it is told; null: not now.
    Column("told_after", Integer, server_default="0"),
    Column("sent_at", BigInteger),
    Column("failing_since", BigInteger),
    Column("trouble", String(64)),  # the class of the last error, or null
)

# The outbox: what is to be told to a place of an alert, and whether it was.
notices = Table(
    "notices",
    metadata,
    Column("id", _GROWING, primary_key=True),
    _conversation(primary=False),
    Column("seq", BigInteger, nullable=False),
    Column("kind", String(16), nullable=False),
    Column("repeat", Integer, nullable=False),  # 0 is the first notice of an alert
    Column("place", String(32), nullable=False),
    Column("queued_at", BigInteger, nullable=False),
    Column("due_at", BigInteger, nullable=False),
    # Several desks may run: whoever has claimed a notice has it until this moment.
    Column("claimed_until", BigInteger, nullable=False, server_default="0"),
    Column("tries", Integer, nullable=False, server_default="0"),
    Column("trouble", String(64)),
    Column("sent_at", BigInteger),
    UniqueConstraint("conversation_id", "seq", "kind", "repeat", "place", name="uq_notices"),
    Index("ix_notices_waiting", "sent_at", "place", "due_at"),
)

# How often crisis resources were shown; holds nothing of any person.
referrals = Table(
    "referrals",
    metadata,
    Column("year", Integer, primary_key=True, autoincrement=False),
    Column("channel", String(16), primary_key=True),
    Column("category", String(16), primary_key=True),
    Column("count", BigInteger, nullable=False),
)

drills = Table(
    "drills",
    metadata,
    Column("name", String(32), primary_key=True),  # the day, in the center's time zone
    Column("began_at", BigInteger, nullable=False),
    Column("ended_at", BigInteger),
    Column("trouble", String(128)),  # null when it passed
)

heartbeat = Table(
    "heartbeat",
    metadata,
    Column("name", String(32), primary_key=True),
    Column("at", BigInteger, nullable=False),
)

# Every change of owner, never changed afterwards.
transitions = Table(
    "transitions",
    metadata,
    Column("id", _GROWING, primary_key=True),
    _conversation(primary=False),
    Column("at", BigInteger, nullable=False),
    Column("event", String(32), nullable=False),
    Column("from_owner", String(8), nullable=False),
    Column("to_owner", String(8), nullable=False),
    Column("agent", String(32)),  # who owns it after, when a person does
    Column("by", String(32), nullable=False),  # staff id, or visitor, bot, clock
    Column("reason", String(64), nullable=False),
    # Number of the message with which the person is told of it; kept free where they are not told.
    Column("seq", BigInteger, nullable=False),
    Index("ix_transitions_conversation", "conversation_id", "id"),
)

# What happened, in order: how desk and console hear of each other's writes. Holds no words.
feed = Table(
    "feed",
    metadata,
    Column("id", _GROWING, primary_key=True),
    _conversation(primary=False),
    Column("kind", String(16), nullable=False),  # one of store.feed.Kind
    Column("seq", BigInteger),  # the message's number, where it is about one
    Column("sender", String(8)),  # of that message, or who is typing
    Column("at", BigInteger, nullable=False),
    Index("ix_feed_at", "at"),
    Index("ix_feed_conversation", "conversation_id", "id"),
    # Numbers of deleted rows are not given again: whoever follows the feed would miss them.
    sqlite_autoincrement=True,
)

staff = Table(
    "staff",
    metadata,
    Column("id", String(32), primary_key=True),
    Column("name", String(80), nullable=False),  # as visitors see it
    Column("email", String(254), nullable=False, unique=True),  # lower case
    Column("role", String(16), nullable=False),  # agent, clinician, reviewer or administrator
    Column("password", String(255), nullable=False),  # Argon2id
    Column(
        "second_factor", String(255)
    ),  # secret of the time-based codes, encrypted; null: not set up
    Column("last_step", BigInteger, nullable=False, server_default="0"),  # last time step used
    Column("created_at", BigInteger, nullable=False),
    Column("closed_at", BigInteger),  # the account is closed since
    Column("presence", String(16), nullable=False, server_default="away"),  # available, away, call
    Column("presence_at", BigInteger, nullable=False, server_default="0"),
    Column("seen_at", BigInteger, nullable=False, server_default="0"),
)

recovery_codes = Table(
    "recovery_codes",
    metadata,
    Column("staff_id", String(32), ForeignKey("staff.id", ondelete="CASCADE"), primary_key=True),
    Column("digest", String(64), primary_key=True),
    Column("used_at", BigInteger),
)

staff_sessions = Table(
    "staff_sessions",
    metadata,
    Column("digest", String(64), primary_key=True),  # SHA-256 of the cookie
    Column("staff_id", String(32), ForeignKey("staff.id", ondelete="CASCADE"), nullable=False),
    Column("proof", String(64), nullable=False),  # what its forms carry
    Column("began_at", BigInteger, nullable=False),
    Column("used_at", BigInteger, nullable=False),
    Column("complete", Integer, nullable=False),  # 0 until the second factor was shown
)

invitations = Table(
    "invitations",
    metadata,
    Column("digest", String(64), primary_key=True),
    Column("role", String(16), nullable=False),
    Column("made_by", String(32)),  # null: printed on the machine itself
    # The account whose password it sets anew; null for one that opens an account.
    Column("staff_id", String(32), ForeignKey("staff.id", ondelete="CASCADE")),
    Column("until", BigInteger, nullable=False),
    Column("used_at", BigInteger),
)

sign_in_tries = Table(
    "sign_in_tries",
    metadata,
    Column("id", _GROWING, primary_key=True),
    Column("key", String(64), nullable=False),  # keyed hash of an email or an address
    Column("at", BigInteger, nullable=False),
    Index("ix_sign_in_tries", "key", "at"),
)

# What staff did, never changed afterwards.
audit = Table(
    "audit",
    metadata,
    Column("id", _GROWING, primary_key=True),
    Column("at", BigInteger, nullable=False),
    Column("staff_id", String(32)),
    Column("action", String(32), nullable=False),
    Column("subject", String(64)),  # a conversation, an account, a callback
    Column("detail", String(128)),  # never a person's words
    # Hash of the row before, and of this one with it (store.audit); 64 zeros before the first.
    Column("previous", String(64), nullable=False, server_default=""),
    Column("digest", String(64), nullable=False, server_default=""),
    Index("ix_audit_staff", "staff_id", "id"),
    Index("ix_audit_action", "action", "id"),
    Index("ix_audit_subject", "subject", "id"),
    Index("ix_audit_at", "at"),
)

notes = Table(
    "notes",
    metadata,
    Column("id", _GROWING, primary_key=True),
    _conversation(primary=False),
    Column("at", BigInteger, nullable=False),
    Column("staff_id", String(32), nullable=False),
    Column("text", SealedText, nullable=False),
    Index("ix_notes_conversation", "conversation_id", "id"),
)

# Up to which message somebody of staff has had a conversation on their screen.
seen = Table(
    "seen",
    metadata,
    _conversation(primary=True),
    Column("staff_id", String(32), ForeignKey("staff.id", ondelete="CASCADE"), primary_key=True),
    Column("seq", BigInteger, nullable=False),
)

canned_replies = Table(
    "canned_replies",
    metadata,
    Column("id", _GROWING, primary_key=True),
    Column("title", String(80), nullable=False),
    Column("text", Text, nullable=False),
    Column("made_by", String(32), nullable=False),
    Column("at", BigInteger, nullable=False),
)

callbacks = Table(
    "callbacks",
    metadata,
    Column("id", _GROWING, primary_key=True),
    _conversation(primary=False),
    Column("seq", BigInteger, nullable=False),  # the message with which they agreed
    Column("asked_at", BigInteger, nullable=False),
    Column("name", SealedText, nullable=False),
    Column("phone", SealedText, nullable=False),  # E.164, an extension as ";ext=12" behind it
    Column("best_time", SealedText),
    Column("topic", SealedText),
    Column("voicemail", Integer, nullable=False),  # 1 only when they said yes
    Column("others", SealedText),  # who else may answer
    Column("safe_time", SealedText),
    Column("minor", Integer, nullable=False, server_default="0"),
    # 1 unless they agreed that the center is named to whoever answers.
    Column("quiet", Integer, nullable=False, server_default="1"),
    Column("consent", Text, nullable=False),  # the words they agreed to
    Column("consent_version", Integer, nullable=False),
    Column("start_at", BigInteger, nullable=False),  # not to be called before
    Column("due_at", BigInteger, nullable=False),
    Column("taken_by", String(32)),  # who sees the number
    Column("attempts", Integer, nullable=False, server_default="0"),
    Column("tried_at", BigInteger),
    Column("done_at", BigInteger),
    Column("done_by", String(32)),
    Column("outcome", String(32)),  # reached, no_answer, wrong_number, cancelled
    UniqueConstraint("conversation_id", "seq", name="uq_callbacks"),
    Index("ix_callbacks_due", "done_at", "due_at"),
)

# The form for a callback, half filled; what was given goes as soon as it is sent or given up.
callback_forms = Table(
    "callback_forms",
    metadata,
    _conversation(primary=True),
    Column("seq", BigInteger, nullable=False),  # the last message that it heard
    Column("at", BigInteger, nullable=False),
    Column("state", JSON, nullable=False),
)

# With such a code a conversation is taken up again on another device.
return_codes = Table(
    "return_codes",
    metadata,
    Column("digest", String(64), primary_key=True),  # keyed hash of the code
    _conversation(primary=False),
    Column("made_at", BigInteger, nullable=False),
    Column("until", BigInteger, nullable=False),
    Column("used_at", BigInteger),
    Index("ix_return_codes_conversation", "conversation_id"),
)

ratings = Table(
    "ratings",
    metadata,
    _conversation(primary=True),
    Column("at", BigInteger, primary_key=True, autoincrement=False),
    Column("score", Integer, nullable=False),  # 1 helped, 0 did not
)

# The same of a single answer of the assistant.
_DOWN = text("score = 0")
answer_ratings = Table(
    "answer_ratings",
    metadata,
    _conversation(primary=True),
    Column("seq", BigInteger, primary_key=True, autoincrement=False),  # the answer
    Column("at", BigInteger, nullable=False),
    Column("score", Integer, nullable=False),  # as above
    # What the review queue looks at: few of the many.
    Index("ix_answer_ratings_down", "at", sqlite_where=_DOWN, postgresql_where=_DOWN),
)


# Learning: what staff have corrected, what was learned of it, candidate models, the model in use.

corrections = Table(
    "corrections",
    metadata,
    _conversation(primary=True),
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
    Column("id", _GROWING, primary_key=True),
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
    Column("id", _GROWING, primary_key=True),
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
    Column("id", _GROWING, primary_key=True),
    Column("at", BigInteger, nullable=False),
    Column("by", String(32)),  # null: the supervisor
    Column("model", String(32)),  # null: the one that `make train` made
    Column("before", String(32)),  # what one goes back to
    Column("why", String(16), nullable=False),  # accepted, back, erased or changed
    Column("done_at", BigInteger),  # when the brain had taken it
    Column("trouble", String(64)),
)

# Review: what is searched for, and what staff put on conversations and messages.

_WORDS = text("words IS NOT NULL")
# What people and staff have written, without identifiers: the only texts that are searched.
masked_texts = Table(
    "masked_texts",
    metadata,
    Column("id", _GROWING, primary_key=True),  # grows with time: the newest are found first
    _conversation(primary=False),
    Column("seq", BigInteger, nullable=False),
    Column("sender", String(8), nullable=False),
    Column("hidden", Integer, nullable=False),  # 1 where an identifier was hidden
    Column("text", Text, nullable=False),
    # PostgreSQL's index of words. SQLite's is the table masked_index (FTS5), kept by triggers.
    Column("words", Text().with_variant(TSVECTOR(), "postgresql")),
    UniqueConstraint("conversation_id", "seq", name="uq_masked_texts"),
    Index("ix_masked_texts_words", "words", postgresql_using="gin", sqlite_where=_WORDS),
)

# Values that some conversation has had, to choose from; nothing of any person.
facets = Table(
    "facets",
    metadata,
    Column("kind", String(16), primary_key=True),  # languages, intents or models
    Column("name", String(128), primary_key=True),
)

tags = Table(
    "tags",
    metadata,
    Column("id", _GROWING, primary_key=True),
    Column("name", String(40), nullable=False, unique=True),  # lower case
)

tagged = Table(
    "tagged",
    metadata,
    _conversation(primary=True),
    # The message; 0 for the conversation as a whole.
    Column("seq", BigInteger, primary_key=True, autoincrement=False),
    Column("tag_id", BigInteger, ForeignKey("tags.id", ondelete="CASCADE"), primary_key=True),
    Column("staff_id", String(32), nullable=False),
    Column("at", BigInteger, nullable=False),
    Index("ix_tagged_tag", "tag_id", "conversation_id"),
)

flags = Table(
    "flags",
    metadata,
    _conversation(primary=True),
    Column("seq", BigInteger, primary_key=True, autoincrement=False),  # 0 as above
    Column("staff_id", String(32), nullable=False),
    Column("at", BigInteger, nullable=False),
)

# Filters that somebody has kept under a name.
views = Table(
    "views",
    metadata,
    Column("id", _GROWING, primary_key=True),
    Column("staff_id", String(32), ForeignKey("staff.id", ondelete="CASCADE"), nullable=False),
    Column("name", String(80), nullable=False),
    Column("shared", Integer, nullable=False),
    Column("filters", JSON, nullable=False),  # as the list's address holds them
    Column("words", Text, nullable=False, server_default=""),  # searched for, masked
    Column("at", BigInteger, nullable=False),
    Index("ix_views_staff", "staff_id"),
)

# What somebody searches for, so that no address holds it; kept for a day.
searches = Table(
    "searches",
    metadata,
    Column("id", String(32), primary_key=True),
    Column("staff_id", String(32), ForeignKey("staff.id", ondelete="CASCADE"), nullable=False),
    Column("words", Text, nullable=False),  # masked
    Column("at", BigInteger, nullable=False),
)

# Privacy: where the audit begins once rows were kept long enough; persons and their keys, what was
# erased, what is held for a court.

audit_starts = Table(
    "audit_starts",
    metadata,
    Column("after", BigInteger, primary_key=True, autoincrement=False),  # the last row that went
    Column("digest", String(64), nullable=False),  # its hash
    Column("at", BigInteger, nullable=False),
)

# Whose conversations belong together, and under whose key their words are sealed.
persons = Table(
    "persons",
    metadata,
    _conversation(primary=True),
    Column("person", String(32), nullable=False),
    Index("ix_persons_person", "person"),
)

# Persons' keys, encrypted under a master key of a file. A row that goes makes words unreadable.
person_keys = Table(
    "person_keys",
    metadata,
    Column("person", String(32), primary_key=True),
    Column("wrapped", Text, nullable=False),
    Column("master", String(16), nullable=False),  # id of the master key
    Index("ix_person_keys_master", "master"),
)

# Ids that a person has in channels, as keyed hashes.
identities = Table(
    "identities",
    metadata,
    Column("digest", String(64), primary_key=True),
    Column("person", String(32), primary_key=True),
    Column("channel", String(16), nullable=False),
    Index("ix_identities_person", "person"),
)

# Conversations that were erased: known by a hash, so that nothing of them is written again.
erasures = Table(
    "erasures",
    metadata,
    Column("id", _GROWING, primary_key=True),
    Column("digest", String(64), nullable=False),  # SHA-256 of the conversation's id
    # The id itself, until the brain has forgotten it and the files were cleaned; then null.
    Column("conversation_id", String(64)),
    Column("at", BigInteger, nullable=False),
    Column("by", String(32)),  # null: kept long enough
    Column("done_at", BigInteger),
    Index("ix_erasures_digest", "digest"),
    Index("ix_erasures_open", "done_at"),
    sqlite_autoincrement=True,
)

# Conversations that must not be deleted, for a court or an inquiry.
holds = Table(
    "holds",
    metadata,
    Column("id", _GROWING, primary_key=True),
    _conversation(primary=False),
    Column("reason", SealedText, nullable=False),
    Column("by", String(32), nullable=False),
    Column("at", BigInteger, nullable=False),
    Column("ended_at", BigInteger),
    Column("ended_by", String(32)),
    Index("ix_holds_conversation", "conversation_id", "ended_at"),
)

# Counts: what each day comes to, kept after its conversations are gone; notes from shift to shift.

# When a conversation began never changes: exports go by it, page by page.
Index("ix_conversations_created", conversations.c.created_at, conversations.c.id)

day_counts = Table(
    "day_counts",
    metadata,
    Column("day", String(10), primary_key=True),  # in the center's time zone
    Column("measure", String(24), primary_key=True),  # one of store.day_counts.MEASURES
    Column("channel", String(16), primary_key=True),
    Column("name", String(128), primary_key=True),  # an intent, an hour, seconds; "" for none
    Column("count", BigInteger, nullable=False),
    # Marks of eleven of the people at most: enough to know whether there are as many.
    Column("people", Text, nullable=False),
)

counted_days = Table(
    "counted_days",
    metadata,
    Column("day", String(10), primary_key=True),
    Column("at", BigInteger, nullable=False),  # when it was counted last
)

handover_notes = Table(
    "handover_notes",
    metadata,
    Column("id", _GROWING, primary_key=True),
    Column("at", BigInteger, nullable=False),
    Column("staff_id", String(32), nullable=False),
    Column("key_of", String(32), nullable=False),  # whose key of person_keys seals it: its own
    Column("text", SealedText, nullable=False),
    Index("ix_handover_notes_at", "at"),
)

# Publishing: texts and facts that were edited in the console, and which of them are spoken.


def _place() -> list[Column[str]]:
    """Return what says which text or fact: an answer's form, or a key of center.yml."""
    return [
        Column("kind", String(8), nullable=False),  # text, fact, or closure for a notice
        Column("name", String(64), nullable=False),
        Column("channel", String(8), nullable=False),  # web or sms; empty for facts
        Column("language", String(8), nullable=False),  # en or es; empty for facts
    ]


_PLACE = ("kind", "name", "channel", "language")
_OPEN = text("state IN ('draft', 'submitted', 'approved')")
revisions = Table(
    "revisions",
    metadata,
    Column("id", _GROWING, primary_key=True),
    *_place(),
    Column("content", JSON, nullable=False),  # parts of a text, or a fact's value
    Column("version", Integer, nullable=False),  # of the answer, as the log names it
    Column("state", String(16), nullable=False),  # one of store.revisions.State
    Column("crisis", Integer, nullable=False),  # 1: a clinician approves it
    Column("edits", Integer, nullable=False),  # grows with each: who saw another one is refused
    Column("authors", JSON, nullable=False),  # everybody who has written in it
    Column("at", BigInteger, nullable=False),
    Column("review_by", String(10)),  # a day such as 2027-06-30
    Column("submitted_by", String(32)),
    Column("submitted_at", BigInteger),
    Column("approved_by", String(32)),
    Column("approved_at", BigInteger),
    Index("ix_revisions_place", *_PLACE, "id"),
    # Of each text one is being worked on, not two.
    Index("ix_revisions_open", *_PLACE, unique=True, sqlite_where=_OPEN, postgresql_where=_OPEN),
)

# Never changed: the newest row of a place says what is spoken, the newest of all what desks know.
publications = Table(
    "publications",
    metadata,
    Column("id", _GROWING, primary_key=True),
    *_place(),
    Column("revision_id", BigInteger, ForeignKey("revisions.id")),  # null: the file's own
    Column("at", BigInteger, nullable=False),
    Column("by", String(32), nullable=False),
    Index("ix_publications_place", *_PLACE, "id"),
)

# When the center is closed although it would be open by its hours.
closures = Table(
    "closures",
    metadata,
    Column("id", _GROWING, primary_key=True),
    Column("from_at", BigInteger, nullable=False),
    Column("until_at", BigInteger, nullable=False),
    Column("at", BigInteger, nullable=False),
    Column("by", String(32), nullable=False),
    Column("ended_at", BigInteger),
    Column("ended_by", String(32)),
    Index("ix_closures_until", "until_at"),
)

# Text messages and Slack: what came, to whom answers go, and what became of each.

# What a platform has handed over, until it is handled; then only its id, for retries.
arrivals = Table(
    "arrivals",
    metadata,
    Column("id", _GROWING, primary_key=True),
    _conversation(primary=False),
    Column("channel", String(16), nullable=False),
    Column("platform_id", String(128), nullable=False),  # the platform's id, the same in a retry
    Column("content", SealedText),  # JSON of a desk.channels.contract.Arrival; null once handled
    Column("at", BigInteger, nullable=False),
    # Several desks may run: whoever has claimed it has it until this moment.
    Column("claimed_until", BigInteger, nullable=False, server_default="0"),
    Column("handled_at", BigInteger),
    Column(
        "media", JSON(none_as_null=True)
    ),  # what is to be deleted at the provider; null when nothing is left
    UniqueConstraint("channel", "platform_id", name="uq_arrivals"),
    Index("ix_arrivals_open", "handled_at", "claimed_until"),
)

# Where a person of a channel is reached; one conversation each.
contacts = Table(
    "contacts",
    metadata,
    _conversation(primary=True),
    Column("channel", String(16), nullable=False),
    Column("digest", String(64), nullable=False),  # keyed hash of the address
    Column("address", SealedText, nullable=False),  # JSON, as the channel needs it
    Column("at", BigInteger, nullable=False),
    Column("told_at", BigInteger),  # when the first messages' notice was sent
    # What the last answer has offered: ids of buttons by number, and what "MORE" gives.
    Column("menu", JSON(none_as_null=True)),
    Column("rest", SealedText),
    Index("ix_contacts_digest", "digest"),
)

# Who has said that no more texts are to be sent; stays when a person is erased.
opt_outs = Table(
    "opt_outs",
    metadata,
    Column("digest", String(64), primary_key=True),
    Column("channel", String(16), nullable=False),
    Column("at", BigInteger, nullable=False),
    Column("how", String(16), nullable=False),  # keyword, words or provider
    Column("ended_at", BigInteger),  # when they asked for texts again
)

# What was posted to staff's channel in Slack; whoever writes the row posts it.
staff_posts = Table(
    "staff_posts",
    metadata,
    _conversation(primary=True),
    Column("seq", BigInteger, primary_key=True, autoincrement=False),
    Column("at", BigInteger, nullable=False),
)

_TO_SEND = text("state = 'waiting'")
# What is sent out of a conversation whose person has no page open, and what became of it.
deliveries = Table(
    "deliveries",
    metadata,
    _conversation(primary=True),
    Column("seq", BigInteger, primary_key=True, autoincrement=False),
    # waiting, sent, delivered, undelivered, failed or withheld
    Column("state", String(16), nullable=False),
    Column("provider_id", String(128)),
    Column("tries", Integer, nullable=False, server_default="0"),
    Column("due_at", BigInteger, nullable=False),
    Column("claimed_until", BigInteger, nullable=False, server_default="0"),
    Column("trouble", String(64)),  # the platform's code or the class of an error
    Column("at", BigInteger, nullable=False),  # when the state became this
    Index("ix_deliveries_waiting", "due_at", sqlite_where=_TO_SEND, postgresql_where=_TO_SEND),
    Index("ix_deliveries_provider", "provider_id"),
)
