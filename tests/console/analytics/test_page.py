"""The page of figures and its CSV, over real requests."""

from __future__ import annotations

import csv
import io

import pytest
from sqlalchemy import Connection

from console.analytics.hiding import FEW
from store import audit
from tests.console.entering import AT, MINUTE, Staff
from tests.store.history import turn

PEOPLE = 12


async def people(staff: Staff, count: int = PEOPLE, channel: str = "web") -> None:
    """Let so many people ask something today."""

    def write(c: Connection) -> None:
        for number in range(count):
            name = f"{channel}-{number}"
            turn(c, name, AT - (number + 1) * MINUTE, channel=channel)

    await staff.database.write(write)


async def table(staff: Staff, key: str, query: str = "days=7") -> list[list[str]]:
    status, words = await staff.get(f"/analytics/csv/{key}?{query}")
    assert status == 200
    return list(csv.reader(io.StringIO(words, newline="")))


async def test_an_administrator_sees_every_number(staff: Staff) -> None:
    await people(staff, 3)
    await staff.enter()
    status, page = await staff.get("/analytics?days=7")
    assert status == 200
    assert FEW not in page
    assert '<th scope="row">Conversations</th><td class="number">3</td>' in page


@pytest.mark.parametrize("role", ["clinician", "reviewer"])
async def test_others_see_no_number_of_few_people(staff: Staff, role: str) -> None:
    await people(staff, 3)
    await staff.enter(role)
    _, page = await staff.get("/analytics?days=7")
    assert f'<th scope="row">Conversations</th><td class="number">{FEW}</td>' in page
    await people(staff, 12)
    _, page = await staff.get("/analytics?days=7")
    assert '<th scope="row">Conversations</th><td class="number">12</td>' in page


@pytest.mark.parametrize("role", ["clinician", "reviewer", "administrator"])
async def test_no_csv_tells_a_number_of_few_people(staff: Staff, role: str) -> None:
    await people(staff)
    await people(staff, 3, "sms")
    await people(staff, 11, "slack")
    await staff.enter(role)
    head, *rows = await table(staff, "channels")
    assert head == ["Channel", "Conversations", "Messages"]
    assert rows == [["Web", "12", "12"], ["SMS", FEW, FEW], ["Slack", FEW, FEW]]


async def test_that_a_table_was_taken_is_noted(staff: Staff) -> None:
    await staff.enter("reviewer")
    await table(staff, "topics")
    row = (await staff.database.read(audit.newest))[0]
    assert (row["action"], row["subject"]) == ("exported", "figures topics")
    assert row["detail"].endswith("0 rows")


async def test_every_table_of_the_page_is_there_as_csv(staff: Staff) -> None:
    await people(staff)
    await staff.enter()
    _, page = await staff.get("/analytics?days=90&channel=web")
    links = [part.split('"')[0] for part in page.split('href="/analytics/csv/')[1:]]
    assert len(links) >= 8
    for link in links:
        key, _, query = link.replace("&amp;", "&").partition("?")
        assert await table(staff, key, query)


@pytest.mark.parametrize(
    "query", ["days=5", "from=x", "to=2999-01-01", "channel=post", "from=1960-01-01"]
)
async def test_no_period_is_refused_in_words(staff: Staff, query: str) -> None:
    await staff.enter()
    status, page = await staff.get(f"/analytics?{query}")
    assert status == 422
    assert "These are no days that can be counted" in page
    status, page = await staff.get(f"/analytics/csv/days?{query}")
    assert status == 422


async def test_a_table_that_there_is_not(staff: Staff) -> None:
    await staff.enter()
    assert (await staff.get("/analytics/csv/nonesuch"))[0] == 404


async def test_script_in_the_name_of_a_rule_or_topic_is_text(staff: Staff) -> None:
    script = "<script>alert(1)</script>"
    await staff.database.write(lambda c: turn(c, "x", AT - MINUTE, script))
    await staff.enter()
    _, page = await staff.get("/analytics?days=7")
    assert script not in page
    assert "&lt;script&gt;" in page
