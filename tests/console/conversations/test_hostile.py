"""Whatever an address or a form of the list holds, a page is the answer."""

from __future__ import annotations

from urllib.parse import quote, urlencode

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from yarl import URL

from console.conversations.asked import NAMES
from tests.console.entering import Staff

ODD = st.one_of(
    st.text(max_size=40),
    st.text(alphabet="\x00\x02'\"%;|\\*()[]{}<>-_+&=?#/ \r\n\ud800é漢0123456789T", max_size=40),
    st.integers().map(str),
    st.sampled_from(["9" * 5000, "0001-01-01", "9999-12-31", "nan", "-1", "1e9", "٣", "any"]),
)
NAMED = st.sampled_from([*NAMES, "s", "view", "before", "after", "list", "again", "words", "x"])
STORY = ("text-10", "intent-10-1", "intent-10-2", "text-11")
GIVEN = settings(
    max_examples=120, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
WITHOUT_ERROR = {200, 303, 404, 422}


def encoded(pairs: list[tuple[str, str]]) -> str:
    return urlencode([(k, v.encode("utf-8", "surrogatepass")) for k, v in pairs])[:7000]


async def status_of(staff: Staff, path: str) -> int:
    url = URL(staff.url + path, encoded=True)
    async with staff.http.get(url, allow_redirects=False) as answer:
        return answer.status


@GIVEN
@given(pairs=st.lists(st.tuples(NAMED, ODD), max_size=6))
async def test_any_values_in_the_address(entered: Staff, pairs: list[tuple[str, str]]) -> None:
    for path in ("/conversations", "/conversations/next", "/conversations/c1"):
        assert await status_of(entered, f"{path}?{encoded(pairs)}") in WITHOUT_ERROR


@GIVEN
@given(raw=st.text(alphabet=st.characters(min_codepoint=33, max_codepoint=126), max_size=80))
async def test_any_characters_behind_the_question_mark(entered: Staff, raw: str) -> None:
    query = raw.replace("#", "%")
    assert await status_of(entered, f"/conversations?{query}") in WITHOUT_ERROR


@GIVEN
@given(
    path=st.sampled_from(
        ["find", "c1/tag", "c1/flag", "c1/untag", "c1/reviewed", "c1/done", "c1/story"]
    ),
    form=st.dictionaries(
        st.sampled_from([*NAMES, "words", "list", "name", "seq", "to", "on", *STORY]), ODD
    ),
)
async def test_any_values_in_a_form(entered: Staff, path: str, form: dict[str, str]) -> None:
    sent = {"proof": entered.proof, **form}
    async with entered.http.post(
        f"{entered.url}/conversations/{path}",
        data=encoded(list(sent.items())),
        headers={"content-type": "application/x-www-form-urlencoded"},
        allow_redirects=False,
    ) as answer:
        assert answer.status in WITHOUT_ERROR
        to = answer.headers.get("location")
    if to is not None:
        assert to.startswith("/conversations")
        assert await status_of(entered, quote(to, safe="/?&=%#+-._~")) in WITHOUT_ERROR


async def test_a_number_that_is_too_long_for_the_database_is_passed_over(entered: Staff) -> None:
    for name in ("tag", "length_from", "view", "before"):
        assert await status_of(entered, f"/conversations?{name}={'9' * 30}") == 200
