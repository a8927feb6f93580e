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

metadata = MetaData()

# SQLite numbers rows by itself only in a column of its own INTEGER type.
_GROWING = BigInteger().with_variant(Integer, "sqlite")


def _conversation(*, primary: bool) -> Column[str]:
    parent = ForeignKey("conversations.id", ondelete="CASCADE")
    return Column("conversation_id", String(64), parent, primary_key=primary, nullable=False)


conversations = Table(
    "conversations",
    metadata,
    Column("id", String(64), primary_key=True),
    Column("channel", String(16), nullable=False),
    Column("created_at", BigInteger, nullable=False),
    Column("last_at", BigInteger, nullable=False),
    # 1 for the daily drill's own conversation: left out of lists and counts.
    Column("drill", Integer, nullable=False, server_default="0"),
    # 1 when staff have marked it as spam: the bot says nothing but crisis resources.
    Column("blocked", Integer, nullable=False, server_default="0"),
    Index("ix_conversations_last_at_id", "last_at", "id"),
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
    Column("text", Text, nullable=False),
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
)

alerts = Table(
    "alerts",
    metadata,
    _conversation(primary=True),
    Column("seq", BigInteger, primary_key=True, autoincrement=False),
    # crisis, unscreened, handoff, unanswered or callback
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
)

notes = Table(
    "notes",
    metadata,
    Column("id", _GROWING, primary_key=True),
    _conversation(primary=False),
    Column("at", BigInteger, nullable=False),
    Column("staff_id", String(32), nullable=False),
    Column("text", Text, nullable=False),
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
    Column("name", String(120), nullable=False),
    Column("phone", String(32), nullable=False),  # E.164, an extension as ";ext=12" behind it
    Column("best_time", String(200)),
    Column("topic", Text),
    Column("voicemail", Integer, nullable=False),  # 1 only when they said yes
    Column("others", String(200)),  # who else may answer
    Column("safe_time", String(200)),
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
