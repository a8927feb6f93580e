from __future__ import annotations

import base64
import stat
from pathlib import Path

import pytest
from itsdangerous import TimestampSigner

from desk.errors import SettingsError
from desk.keys import shared_token, signing_keys
from desk.tokens import TokenError, Tokens, new_conversation_id
from tests.desk.conftest import CRISIS, Running

OLD, NEW = "a" * 64, "b" * 64


def at(monkeypatch: pytest.MonkeyPatch, seconds: int) -> None:
    monkeypatch.setattr(TimestampSigner, "get_timestamp", lambda self: seconds)


def test_a_token_opens_its_conversation() -> None:
    tokens = Tokens([NEW], days=30)
    token, _ = tokens.issue("conversation")
    assert tokens.read(token) == "conversation"


def test_a_token_runs_out(monkeypatch: pytest.MonkeyPatch) -> None:
    tokens = Tokens([NEW], days=30)
    at(monkeypatch, 1_000_000)
    token, _ = tokens.issue("conversation")
    at(monkeypatch, 1_000_000 + 30 * 86_400 + 1)
    with pytest.raises(TokenError, match="token_expired"):
        tokens.read(token)


def test_a_key_is_changed_without_ending_conversations() -> None:
    old, _ = Tokens([OLD], days=30).issue("conversation")
    both = Tokens([OLD, NEW], days=30)
    new, _ = both.issue("conversation")
    assert both.read(old) == both.read(new) == "conversation"
    with pytest.raises(TokenError, match="token_unknown"):
        Tokens([NEW], days=30).read(old)
    assert Tokens([NEW], days=30).read(new) == "conversation"


def test_a_form_proof_is_no_token_and_belongs_to_one_conversation() -> None:
    tokens = Tokens([NEW], days=30)
    proof = tokens.form_proof("mine")
    assert tokens.form_is_ours("mine", proof)
    assert not tokens.form_is_ours("other", proof)
    assert not tokens.form_is_ours("mine", "é")
    with pytest.raises(TokenError):
        tokens.read(f"mine.{proof}")


def test_ids_cannot_be_guessed() -> None:
    assert len({new_conversation_id() for _ in range(100)}) == 100
    assert len(base64.urlsafe_b64decode(new_conversation_id() + "==")) == 16


def test_the_key_file_is_made_once_and_for_its_owner_only(tmp_path: Path) -> None:
    path = tmp_path / "web.keys"
    keys = signing_keys(path)
    assert signing_keys(path) == keys
    assert stat.S_IMODE(path.stat().st_mode) == 0o600


@pytest.mark.parametrize("content", ["", "short\n", f"{OLD}\nxyz\n", "\xff"])
def test_a_damaged_key_file_stops_the_start(tmp_path: Path, content: str) -> None:
    path = tmp_path / "web.keys"
    path.write_text(content, "latin-1")
    with pytest.raises(SettingsError, match=r"web\.keys"):
        signing_keys(path)


def test_a_missing_shared_token_stops_the_start(tmp_path: Path) -> None:
    with pytest.raises(SettingsError, match="make setup"):
        shared_token(tmp_path / "brain.token")


def forgeries(token: str) -> dict[str, str | None]:
    conversation, moment, signature = token.split(".")
    flipped = ("A" if signature[0] != "A" else "B") + signature[1:]
    return {
        "none": None,
        "empty parts": "..",
        "unsigned": conversation,
        "wrong signature": f"{conversation}.{moment}.{flipped}",
        "other conversation": f"{new_conversation_id()}.{moment}.{signature}",
        "other moment": f"{conversation}.AAAAAA.{signature}",
        "signed by another": Tokens([OLD], days=30).issue(conversation)[0],
        "endless": "a" * 5_000,
        "not ascii": "tök.en.é",
    }


@pytest.mark.parametrize("forgery", sorted(forgeries("a.b.c")))
async def test_a_forged_token_opens_nothing(desk: Running, forgery: str) -> None:
    token, _ = await desk.start()
    status, body = await desk.send(forgeries(token)[forgery], "how much is it")
    assert status == 401
    assert body["error"]["code"] in ("token_unknown", "token_missing")
    assert "988" in body["error"]["message"]
    assert "crisis" not in body
    assert desk.rows("select count(*) from messages where sender = 'visitor'") == [(0,)]


@pytest.mark.parametrize("path", ["messages", "events"])
async def test_a_forged_token_reads_nothing(desk: Running, path: str) -> None:
    token, _ = await desk.start()
    headers = {"Authorization": f"Bearer {forgeries(token)['wrong signature']}"}
    async with desk.http.get(f"{desk.url}/api/v1/{path}", headers=headers) as answer:
        assert answer.status == 401


async def test_a_risk_is_answered_whatever_the_token(desk: Running) -> None:
    status, body = await desk.send("forged", CRISIS)
    assert status == 401
    assert body["crisis"]["kind"] == "crisis"
    assert body["crisis"]["seq"] is None
    assert "988" in body["crisis"]["text"]


async def test_an_expired_token_says_so(desk: Running, monkeypatch: pytest.MonkeyPatch) -> None:
    token, _ = await desk.start()
    at(monkeypatch, 4_000_000_000)
    status, body = await desk.send(token)
    assert status == 401
    assert body["error"]["code"] == "token_expired"


async def test_nobody_reads_or_writes_another_conversation(desk: Running) -> None:
    mine, _ = await desk.start()
    other, _ = await desk.start()
    await desk.send(mine, "my own question")
    assert "my own question" not in str(await desk.history(other))
    await desk.send(other, "their question")
    assert "their question" not in str(await desk.history(mine))
