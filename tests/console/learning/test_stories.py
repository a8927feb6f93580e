"""Test stories: made of a conversation in other words, listed, shown, deleted, given as a file."""

from __future__ import annotations

import re
from typing import Any

import pytest
import yaml
from sqlalchemy import Connection, select

from console.learning import story_file
from console.learning.intents import title
from console.learning.stories import IDENTIFIERS, NO_INTENT, NO_LINES, NO_NAME, OWN_NAME, OWN_WORDS
from store import audit, log, stories
from store.records import Entry, Message
from store.stories import Story, Turn
from store.tables import metadata
from tests.console.entering import AT, Staff
from tests.console.learning.asking import ask, corrected

FORM = "/conversations/c1/story"
SCRIPT = "<script>document.title='HACKED'</script>"
POOL_LINE = {"text-10": "may i swim at your place", "intent-10-1": "facility_rules"}
COST_LINE = {"text-12": "what would i have to pay", "intent-12-1": "Cost"}
RIGHT = {"name": "swims, then pays", **POOL_LINE, **COST_LINE}
PRICE = "and how much is it all in all"


@pytest.fixture
async def reviewer(staff: Staff) -> Staff:
    """A reviewer, before a conversation of two messages."""
    await staff.enter("reviewer")
    await ask(staff)
    await ask(staff, PRICE, seq=12, intent="cost", intents=("cost", "eligibility"))
    return staff


async def kept(staff: Staff) -> list[Story]:
    return await staff.database.read(stories.everything)


async def saved(staff: Staff, **form: str) -> int:
    """Save a story, and return its id."""
    before = {each.id for each in await kept(staff)}
    status, page = await staff.post(FORM, **{**RIGHT, **form})
    assert status == 200, page
    (number,) = {each.id for each in await kept(staff)} - before
    return number


async def test_each_message_is_offered_masked_with_what_was_understood(reviewer: Staff) -> None:
    answer = Message(13, "bot", "answer", "It depends.", AT, reply_to=12)
    chosen = Message(14, "visitor", "text", "Yes, please", AT, client_id="b", button="affirm")
    await reviewer.database.write(lambda c: log.write(c, Entry("c1", "web", AT, (answer, chosen))))
    _, page = await reviewer.get(FORM)
    boxes = re.findall(r"<textarea[^>]*>([^<]*)</textarea>", page)
    assert boxes == ["MARKERWORD do you guys have a pool, call", PRICE]
    assert "555-0142" not in page
    values = re.findall(r'name="intent-\d+-\d" [^>]*value="([^"]*)"', page)
    named = [title(name) for name in ("out_of_scope", "cost", "eligibility")]
    assert values == [named[0], "", "", named[1], named[2], ""]
    last = (await reviewer.database.read(audit.newest))[0]
    assert (last["staff_id"], last["action"], last["subject"]) == (
        reviewer.people[0].id,
        "read",
        "c1",
    )


async def test_what_was_corrected_is_offered_as_corrected(staff: Staff) -> None:
    await staff.enter("reviewer")
    await corrected(staff)
    _, page = await staff.get(FORM)
    assert f'value="{title("facility_rules")}"' in page
    assert f'value="{title("out_of_scope")}" ' not in page.split("</datalist>")[1]


async def test_a_story_in_other_words_is_kept_and_shown(reviewer: Staff) -> None:
    number = await saved(reviewer, **{"intent-12-2": "eligibility"})
    (story,) = await kept(reviewer)
    assert (story.name, story.by) == ("swims, then pays", reviewer.people[0].id)
    assert story.turns == (
        Turn("may i swim at your place", ("facility_rules",)),
        Turn("what would i have to pay", ("cost", "eligibility")),
    )
    _, page = await reviewer.get("/review/stories")
    assert f'href="/review/stories/{number}">swims, then pays</a>' in page
    _, page = await reviewer.get(f"/review/stories/{number}")
    assert "what would i have to pay" in page
    assert f"{title('cost')}, {title('eligibility')}" in page
    assert (await reviewer.get(f"/review/stories/{number + 1}"))[0] == 404


async def test_an_empty_line_is_left_out(reviewer: Staff) -> None:
    await saved(reviewer, **{"text-10": " \n", "intent-10-1": "no such thing"})
    (story,) = await kept(reviewer)
    assert story.turns == (Turn("what would i have to pay", ("cost",)),)


@pytest.mark.parametrize(
    ("form", "words"),
    [
        # As offered, with another end, and the words of another message.
        ({"text-10": "MARKERWORD do you guys have a pool, call"}, OWN_WORDS),
        ({"text-10": "markerword, do you guys have a POOL? ring"}, OWN_WORDS),
        ({"text-10": PRICE}, OWN_WORDS),
        ({"name": "and how much is it all"}, OWN_NAME),
        ({"text-10": "may i swim, ring 213-555-0142"}, IDENTIFIERS),
        ({"name": "the one of 213-555-0142"}, IDENTIFIERS),
        ({"name": " "}, NO_NAME),
        ({"name": "x" * 81}, NO_NAME),
        ({"intent-10-1": "no such thing"}, NO_INTENT),
        ({"intent-10-1": ""}, NO_INTENT),
        ({"text-10": "", "text-12": "[phone]"}, NO_LINES),
    ],
)
async def test_what_cannot_be_kept_is_refused_and_stays_on_the_form(
    reviewer: Staff, form: dict[str, str], words: str
) -> None:
    status, page = await reviewer.post(FORM, **{**RIGHT, **form})
    assert status == 422
    assert page.count('role="alert"') - 1 == 1
    assert words in page
    assert "what would i have to pay" in page or form.get("text-12")
    assert await kept(reviewer) == []


async def test_a_name_is_taken_once(reviewer: Staff) -> None:
    await saved(reviewer)
    status, page = await reviewer.post(FORM, **RIGHT)
    assert (status, "There is a story of that name already." in page) == (409, True)
    assert len(await kept(reviewer)) == 1


async def test_there_is_an_end_of_stories(reviewer: Staff, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(stories, "MOST", 1)
    await saved(reviewer)
    status, page = await reviewer.post(FORM, **{**RIGHT, "name": "another"})
    assert (status, "Delete one first" in page) == (409, True)


async def test_nothing_of_the_person_is_in_a_story_or_in_its_audit(reviewer: Staff) -> None:
    number = await saved(reviewer)

    def rows(c: Connection) -> str:
        tables = [metadata.tables[name] for name in ("stories", "story_turns")]
        return repr([c.execute(select(table)).all() for table in tables])

    found = await reviewer.database.read(rows)
    assert "swim" in found
    for theirs in ("c1", "MARKERWORD", "pool"):
        assert theirs not in found
    deeds = await reviewer.database.read(audit.newest)
    (deed,) = [each for each in deeds if each["action"] == "story saved"]
    assert (deed["subject"], deed["detail"]) == (f"story {number}", "2 turns")


async def test_a_story_is_deleted_once_and_it_is_noted(reviewer: Staff) -> None:
    number = await saved(reviewer)
    status, page = await reviewer.post(f"/review/stories/{number}/delete")
    assert (status, "None yet" in page) == (200, True)
    assert (await reviewer.post(f"/review/stories/{number}/delete"))[0] == 404
    deeds = await reviewer.database.read(audit.newest)
    (deed,) = [each for each in deeds if each["action"] == "story deleted"]
    assert (deed["staff_id"], deed["subject"]) == (reviewer.people[0].id, f"story {number}")


async def exported(staff: Staff) -> tuple[Any, str]:
    """Return the headers and the text of the export."""
    url, data = f"{staff.url}/review/stories/export", {"proof": staff.proof}
    async with staff.http.post(url, data=data) as answer:
        assert answer.status == 200
        return answer.headers, await answer.text()


async def test_all_stories_are_given_as_one_file_of_test_stories(reviewer: Staff) -> None:
    await saved(reviewer)
    more = {"intent-10-1": "eligibility", "intent-10-2": "cost", "text-12": ""}
    await saved(reviewer, name="two: questions # at once", **more)
    headers, text = await exported(reviewer)
    assert re.search(
        r'filename="test_stories-\d{4}-\d\d-\d\d\.yml"', headers["Content-Disposition"]
    )
    assert "  - user: |\n      may i swim at your place\n    intent: facility_rules\n" in text
    found = yaml.safe_load(text)
    swim, pay = "may i swim at your place\n", "what would i have to pay\n"
    assert found == {
        "version": "3.1",
        "stories": [
            {
                "story": "swims, then pays",
                "steps": [
                    {"user": swim, "intent": "facility_rules"},
                    {"action": "utter_facility_rules"},
                    {"user": pay, "intent": "cost"},
                    {"action": "utter_cost"},
                ],
            },
            {
                "story": "two: questions # at once",
                # Of several the one is the message's intent that comes first by docs/intents.md.
                "steps": [{"user": swim, "intent": "cost"}, {"action": "utter_cost"}],
            },
        ],
    }
    last = (await reviewer.database.read(audit.newest))[0]
    assert (last["staff_id"], last["action"], last["subject"], last["detail"]) == (
        reviewer.people[0].id,
        "exported",
        "stories",
        "2 stories",
    )


async def test_a_stored_script_does_nothing(reviewer: Staff) -> None:
    number = await saved(reviewer, **{"name": SCRIPT, "text-10": SCRIPT})
    for path in ("/review/stories", f"/review/stories/{number}"):
        _, page = await reviewer.get(path)
        assert SCRIPT not in page
        assert "&lt;script&gt;" in page
    # On the form, too, when something else was wrong.
    status, page = await reviewer.post(FORM, **{**RIGHT, "name": SCRIPT, "intent-10-1": SCRIPT})
    assert status == 422
    assert SCRIPT not in page
    assert yaml.safe_load((await exported(reviewer))[1])["stories"][0]["story"] == SCRIPT


@pytest.mark.parametrize(
    "text", ["- a\n- b: *x", "'\"\\ {a: !!python/object:os.system}", "# \x85 é"]
)
def test_any_text_is_text_in_the_file(text: str) -> None:
    story = Story(1, text, (Turn(text, ("cost",)),), "ana", AT)
    (found,) = yaml.safe_load(story_file.written([story]))["stories"]
    assert (found["story"], found["steps"][0]["user"]) == (text, text + "\n")


def test_every_intent_has_an_action() -> None:
    rules = story_file.actions()
    assert rules["safety_crisis"] == ("action_crisis_resources",)
    assert rules["cost"] == ("utter_cost",)
    assert all(rules.values())


async def test_no_proof_no_story(reviewer: Staff) -> None:
    assert (await reviewer.post(FORM, proof="wrong", **RIGHT))[0] == 403
    assert await kept(reviewer) == []


@pytest.mark.parametrize("role", ["agent", "clinician"])
async def test_who_does_not_review_is_offered_no_story(reviewer: Staff, role: str) -> None:
    await reviewer.enter(role, "Bo Li")
    _, page = await reviewer.get("/conversations/c1")
    assert "/story" not in page
    assert (await reviewer.post(FORM, **RIGHT))[0] == 403
    assert await kept(reviewer) == []


async def test_what_is_not_there_is_not_found(reviewer: Staff) -> None:
    assert (await reviewer.get("/conversations/nobody/story"))[0] == 404
    assert (await reviewer.post("/conversations/nobody/story", **RIGHT))[0] == 404
    await reviewer.database.write(lambda c: log.write(c, Entry("c2", "web", AT)))
    _, page = await reviewer.get("/conversations/c2/story")
    assert "nothing that a story could be made of" in page
