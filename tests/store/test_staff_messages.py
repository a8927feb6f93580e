from __future__ import annotations

import pytest
from sqlalchemy import Connection

from store import log, ownership, staff_messages
from store.database import Database
from store.records import Message
from store.staff_messages import BlockedError, UnknownConversationError
from tests.store.people import C1, MARIA, SAM, begin, fed, moves, says


def send(c: Connection, text: str = "Hello, I am here.", at: int = 50, by: str = MARIA) -> int:
    return staff_messages.send(c, C1, by, text, at, f"form-{at}-{by}")


def all_messages(c: Connection) -> list[Message]:
    return log.messages_after(c, C1, 0)


async def test_agent_replies_but_forgets_status(database: Database) -> None:
    # chatwoot/chatwoot#11025: sending is the claim, so there is no status to forget.
    await database.write(begin)
    seq = await database.write(send)
    owned = await database.read(lambda c: ownership.state(c, C1))
    assert owned is not None
    assert (owned.owner, owned.agent) == ("human", MARIA)
    (message,) = await database.read(all_messages)
    assert (message.seq, message.sender, message.kind) == (seq, "staff", "text")
    assert message.variables == {"name": "Maria", "staff": MARIA}
    assert [kind for kind, _, _ in await database.read(fed)] == ["owner", "message"]


async def test_a_message_of_somebody_else_takes_the_conversation_over(database: Database) -> None:
    await database.write(begin)
    await database.write(send)
    await database.write(lambda c: send(c, at=60, by=SAM))
    assert [move[4] for move in await database.read(moves)] == [MARIA, SAM]


async def test_a_form_sent_twice_is_written_once(database: Database) -> None:
    await database.write(begin)
    first = await database.write(send)
    assert await database.write(lambda c: send(c, "Other words.")) == first
    assert len(await database.read(all_messages)) == 1


async def test_the_line_on_the_claim_comes_before_the_first_message(database: Database) -> None:
    await database.write(begin)
    seq = await database.write(send)
    (_, line, _), (_, said, _) = await database.read(fed)
    assert line is not None
    assert line < seq == said


@pytest.mark.parametrize("ahead", [0, 1, 5_000])
async def test_a_number_is_above_all_before_it_and_none_that_the_desk_gives(
    database: Database, ahead: int
) -> None:
    # The desk may have run ahead of the clock.
    await database.write(begin)
    await database.write(lambda c: says(c, 50 + ahead, 50))
    seq = await database.write(send)
    assert seq > 50 + ahead
    assert seq % 2 == 1


async def test_nobody_writes_to_the_blocked(database: Database) -> None:
    await database.write(begin)
    await database.write(lambda c: ownership.block(c, C1, 10, by=MARIA))
    with pytest.raises(BlockedError, match="Unblock"):
        await database.write(send)
    assert await database.read(all_messages) == []


async def test_nobody_writes_to_a_conversation_that_is_not_there(database: Database) -> None:
    with pytest.raises(UnknownConversationError):
        await database.write(send)


async def test_what_the_person_has_not_seen_is_known(database: Database) -> None:
    await database.write(begin)
    first = await database.write(send)
    second = await database.write(lambda c: send(c, at=60))
    assert await database.read(lambda c: staff_messages.unread(c, C1)) == 2
    found = await database.write(lambda c: staff_messages.delivered(c, C1, [first], 70))
    assert found == [first]
    again = await database.write(lambda c: staff_messages.delivered(c, C1, [first, second], 80))
    assert again == [second]
    assert [each.delivered_at for each in await database.read(all_messages)] == [70, 80]
    told = [row for row in await database.read(fed) if row[0] == "delivery"]
    assert told == [("delivery", first, "staff"), ("delivery", second, "staff")]
