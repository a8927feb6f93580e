"""Persons: whose conversations belong together, whose key their words are sealed under.

A visitor of the website is a person of one conversation. A channel that knows who writes (a phone
number, a user's id) finds the person again by `of_identity`; the log holds a keyed hash of that id,
never the id.
"""

from __future__ import annotations

import hashlib
import hmac
import os
import secrets
from collections.abc import Callable, Collection, Iterable, Mapping
from pathlib import Path
from typing import Any

from sqlalchemy import (
    Connection,
    Table,
    Text,
    bindparam,
    delete,
    select,
    tuple_,
    type_coerce,
    update,
)

from store.key_file import KeyFileError, opened, sealed
from store.rows import put
from store.sealing import GONE, MARK, ring_of
from store.tables.callbacks import callbacks
from store.tables.conversations import messages
from store.tables.privacy import holds, identities, person_keys, persons
from store.tables.staff import notes

IDENTITY_KEY = "identity.key"
"""The file, beside the master keys, of the key under which ids of channels are hashed."""
LOST_KEY = "A person's key is under a master key that store.keys does not have any more."
OTHER_FILE = (
    "store.keys is not the file that this database was written with: put back the copy of it that "
    "belongs to it. With another one no message can be read."
)
SEALED_OF_CALLS = frozenset({"name", "phone", "best_time", "topic", "others", "safe_time"})
SEALED: Mapping[str, tuple[Table, tuple[str, ...]]] = {
    "messages": (messages, ("text",)),
    "notes": (notes, ("text",)),
    "holds": (holds, ("reason",)),
    "callbacks": (callbacks, ("phone", *sorted(SEALED_OF_CALLS - {"phone"}))),
}
"""Tables with columns of words that are sealed; the first one always has words."""
_OF = select(persons.c.person).where(persons.c.conversation_id == bindparam("conversation"))
Key = tuple[Any, ...]
"""A row's primary key."""
Sealer = Callable[[str], str]
"""Returns words as they are to be stored."""


def seal(connection: Connection, conversation_id: str, words: str) -> str:
    """Return words of a conversation as they are to be stored: sealed under its person's key.

    Args:
        connection: A write's, in which the conversation is there already.
        conversation_id: Whose words.
        words: What was written.
    """
    return sealer(connection, conversation_id)(words)


def sealer(connection: Connection, conversation_id: str) -> Sealer:
    """Return what seals words of a conversation: its key is looked up once, see `seal`."""
    ring = ring_of(connection.dialect)
    if ring is None or ring.file is None:
        return _open_words(connection)
    return sealer_of(connection, person_of(connection, conversation_id))


def sealer_of(connection: Connection, person: str) -> Sealer:
    """Return what seals words under a person's key."""
    ring = ring_of(connection.dialect)
    key = ring.key_of(person, connection) if ring and ring.file else None
    if key is None:
        return _open_words(connection)
    cipher, start, bound_to = key, f"{MARK}{person}:", person.encode()
    return lambda words: start + sealed(cipher, words.encode("utf-8", "surrogatepass"), bound_to)


def _open_words(connection: Connection) -> Sealer:
    """Return what leaves words as they are, and say that they will not be sealed."""
    ring = ring_of(connection.dialect)
    if ring is not None:
        ring.complain()
    return str


def seal_fields(
    connection: Connection, conversation_id: str, row: dict[str, Any], names: frozenset[str]
) -> dict[str, Any]:
    """Return a row with some of its fields sealed; those that are None stay so."""
    given = sealer(connection, conversation_id)
    return {name: given(value) if name in names and value else value for name, value in row.items()}


def person_of(connection: Connection, conversation_id: str) -> str:
    """Return the person of a conversation; a new one, with a key, where it has none yet."""
    person: str | None = connection.execute(_OF, {"conversation": conversation_id}).scalar()
    if person is None:
        person = new_person(connection)
        row = {"conversation_id": conversation_id, "person": person}
        connection.execute(persons.insert().values(**row))
    return person


def new_person(connection: Connection) -> str:
    """Return the id of a new person, whose key has been made and stored."""
    person, secret = secrets.token_urlsafe(16), secrets.token_bytes(32)
    ring = ring_of(connection.dialect)
    if ring is not None and ring.file is not None:
        master = ring.file.read()[-1]
        wrapped = sealed(master.cipher, secret, person.encode())
        row = {"person": person, "wrapped": wrapped, "master": master.id}
        connection.execute(person_keys.insert().values(**row))
        ring.keep(person, secret)
    return person


def destroy_keys(connection: Connection, gone: Iterable[str]) -> None:
    """Destroy the keys of persons: what was sealed under them cannot be read any more."""
    ring = ring_of(connection.dialect)
    for person in gone:
        connection.execute(delete(person_keys).where(person_keys.c.person == person))
        if ring is not None:
            ring.drop(person)


def identity_key(folder: Path) -> bytes:
    """Return the key under which ids of channels are hashed; it is made where there is none.

    Args:
        folder: Where the master keys are.
    """
    path = folder / IDENTITY_KEY
    try:
        handle = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    except FileExistsError:
        return bytes.fromhex(path.read_text("ascii").strip())
    key = secrets.token_bytes(32)
    with os.fdopen(handle, "w", encoding="ascii") as file:
        file.write(key.hex() + "\n")
    return key


def identity_under(key: bytes, channel: str, sender: str) -> str:
    """Return the hash of a sender's id under a key; see `identity_of`."""
    return hmac.new(key, f"{channel}\0{sender}".encode(), hashlib.sha256).hexdigest()


def identity_of(connection: Connection, channel: str, sender: str) -> str | None:
    """Return the keyed hash of a sender's id; None where there is no file of keys.

    Args:
        connection: Of the database that it is for.
        channel: "phone", "sms", "slack": the same id in two channels is two identities.
        sender: The id, such as a phone number in E.164.
    """
    ring = ring_of(connection.dialect)
    if ring is None or ring.file is None:
        return None
    return identity_under(identity_key(ring.file.path.parent), channel, sender)


def know(connection: Connection, conversation_id: str, channel: str, sender: str) -> None:
    """Note that a conversation's person is whoever has an id in a channel."""
    digest = identity_of(connection, channel, sender)
    if digest:
        person = person_of(connection, conversation_id)
        row = {"digest": digest, "person": person, "channel": channel}
        put(connection, identities, [row])


def conversations_of(connection: Connection, channel: str, sender: str) -> list[str]:
    """Return the conversations of whoever has an id in a channel."""
    digest = identity_of(connection, channel, sender)
    if digest is None:
        return []
    theirs = (
        select(persons.c.conversation_id)
        .join(identities, identities.c.person == persons.c.person)
        .where(identities.c.digest == digest)
    )
    return list(connection.execute(theirs).scalars())


def together_with(connection: Connection, conversation_id: str) -> list[str]:
    """Return a conversation with all others of its person."""
    person = select(persons.c.person).where(persons.c.conversation_id == conversation_id)
    mine = select(persons.c.conversation_id).where(persons.c.person == person.scalar_subquery())
    return sorted({conversation_id, *connection.execute(mine).scalars()})


def plain_rows(
    connection: Connection, name: str, after: Key | None = None, count: int = 500
) -> tuple[list[Key], Key | None]:
    """Go through a table of SEALED, for words from before there were keys; reads only.

    Args:
        connection: Where to read.
        name: The table's name.
        after: The row after which to go on; None begins.
        count: How many rows to look at.

    Returns:
        The keys of rows whose words are plain, and the last row looked at; None at the end.
    """
    table, names = SEALED[name]
    ring, keys = ring_of(connection.dialect), list(table.primary_key)
    if ring is None or ring.file is None:
        return [], None
    # As it is stored: a column of the type SealedText would be opened.
    stored = type_coerce(table.c[names[0]], Text)
    done = (stored.like(f"{MARK}%") | (stored == GONE)).label("done")
    query = select(*keys, done).order_by(*keys).limit(count)
    if after is not None:
        query = query.where(tuple_(*keys) > after)
    rows = [tuple(row) for row in connection.execute(query)]
    plain = [row[:-1] for row in rows if not row[-1]]
    return plain, rows[-1][:-1] if len(rows) == count else None


def seal_rows(connection: Connection, name: str, keys: Iterable[Key]) -> int:
    """Seal the words of rows that `plain_rows` has found; return how many rows."""
    table, names = SEALED[name]
    done = 0
    for key in keys:
        mine = [column == value for column, value in zip(table.primary_key, key, strict=True)]
        row = connection.execute(select(table).where(*mine)).mappings().first()
        if row is None:
            continue
        given = sealer(connection, row["conversation_id"])
        values = {each: given(row[each]) for each in names if row[each]}
        connection.execute(update(table).where(*mine).values(**values))
        done += 1
    return done


def rewrap(connection: Connection, count: int = 1000) -> int:
    """Encrypt persons' keys under the newest master key.

    Args:
        connection: Where to write.
        count: How many keys at most.

    Returns:
        How many; 0 when all are under it.
    """
    ring = ring_of(connection.dialect)
    if ring is None or ring.file is None:
        return 0
    newest = ring.file.read()[-1]
    older = select(person_keys).where(person_keys.c.master != newest.id).limit(count)
    rows = connection.execute(older).all()
    for row in rows:
        master = ring.file.by_id(row.master)
        secret = opened(master.cipher, row.wrapped, row.person.encode()) if master else None
        if secret is None:
            raise KeyFileError(LOST_KEY)
        wrapped = sealed(newest.cipher, secret, row.person.encode())
        mine = person_keys.c.person == row.person
        connection.execute(
            update(person_keys).where(mine).values(wrapped=wrapped, master=newest.id)
        )
    return len(rows)


def check_masters(connection: Connection) -> None:
    """See that persons' keys can be read.

    Raises:
        KeyFileError: The file of master keys is not the one that belongs to this database.
    """
    ring = ring_of(connection.dialect)
    known = {key.id for key in ring.file.read()} if ring and ring.file else set()
    used = select(person_keys.c.master).distinct()
    if not set(connection.execute(used).scalars()) <= known:
        raise KeyFileError(OTHER_FILE)


def drop_old_masters(connection: Connection, waiting: Collection[str] = ()) -> int:
    """Remove master keys that no person's key is under; in a write, so that none is being made.

    Args:
        connection: Where to write.
        waiting: Ids of keys that something else is under (store.spill.keys_named); they stay.

    Returns:
        How many.
    """
    ring = ring_of(connection.dialect)
    if ring is None or ring.file is None:
        return 0
    used = {*waiting, *connection.execute(select(person_keys.c.master).distinct()).scalars()}
    keys = ring.file.read()
    kept = tuple(key for key in keys if key.id in used or key is keys[-1])
    if len(kept) < len(keys):
        ring.file.write(kept)
    return len(keys) - len(kept)
