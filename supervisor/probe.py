"""`python -m supervisor.probe SECONDS`: sees that the running assistant answers as it should.

Asked by the public API, as visitors ask, under a conversation of the kind that the daily drill has:
it is in no list and no count. The message of risk is sent without a token: whoever is turned away
is shown the resources, too, but nobody is alarmed and nothing is kept.
"""

from __future__ import annotations

import json
import os
import sys
import time
import urllib.error
import urllib.request
import uuid
from collections.abc import Callable, Sequence
from typing import Any

from sqlalchemy import Connection, select

from desk.errors import SettingsError
from desk.keys import signing_keys
from desk.settings import Settings, load_settings
from desk.tokens import Tokens, new_conversation_id
from setup import errors
from store.database import look
from store.errors import StoreError
from store.records import DRILL
from store.tables.conversations import readings

FAILED = 3
QUESTIONS = (
    ("How much does the program cost?", "cost"),
    ("What is an intensive outpatient program?", "what_is_iop"),
    ("Which insurance do you take?", "insurance_coverage"),
)
"""What is asked, and as what it must be understood (docs/intents.md)."""
RISK = "I want to kill myself tonight."
_ANSWER_SECONDS, _LOGGED_SECONDS, _PAUSE = 30.0, 10.0, 0.1


class ProbeError(RuntimeError):
    """The assistant does not answer as it should; the message says what is wrong."""


class Probe:
    """Asks a running desk."""

    def __init__(self, url: str, database: str, tokens: Tokens) -> None:
        """Ask the desk at `url`, which logs in `database` and believes `tokens`."""
        self._url, self._database = url, database
        self.conversation = DRILL + new_conversation_id()
        self._token, _ = tokens.issue(self.conversation)

    @classmethod
    def of(cls, settings: Settings) -> Probe:
        """Return one for the desk with these settings."""
        tokens = Tokens(signing_keys(settings.state / "web.keys"), days=1)
        return cls(settings.own_url, settings.database, tokens)

    def wait_until_ready(self, seconds: float, runs: Callable[[], bool] = lambda: True) -> None:
        """Wait until desk, brain and database are ready.

        Args:
            seconds: How long at most.
            runs: Says whether the desk's process still runs.

        Raises:
            ProbeError: They are not.
        """
        end, trouble = time.monotonic() + seconds, errors.PROBE_SILENT
        while time.monotonic() < end and runs():
            status, told = self._call("GET", "/readyz")
            if status == 200 and told.get("ready"):
                return
            if status == 503:
                missing = [name for name in ("brain", "database") if not told.get(name)]
                trouble = errors.PROBE_NOT_READY.format(parts=" and ".join(missing) or "it")
            time.sleep(_PAUSE)
        raise ProbeError(trouble.format(seconds=seconds))

    def answers(self) -> None:
        """See that questions are understood, answered and logged; raises ProbeError."""
        for text, intent in QUESTIONS:
            reply = self._say(text)
            kinds = {item["kind"] for item in reply["replies"]}
            if "answer" not in kinds:
                said = ", ".join(sorted(kinds)) or "nothing"
                raise ProbeError(errors.PROBE_NO_ANSWER.format(text=text, said=said))
            understood = self._understood(reply["message"]["seq"])
            if understood != intent:
                raise ProbeError(
                    errors.PROBE_WRONG.format(text=text, found=understood, wanted=intent)
                )

    def shows_resources(self) -> None:
        """See that who is turned away with words of risk is shown resources; raises ProbeError."""
        status, refused = self._call("POST", "/api/v1/messages", _message(RISK))
        if status != 401 or "988" not in refused.get("crisis", {}).get("text", ""):
            raise ProbeError(errors.PROBE_NO_RESOURCES)

    def alarms(self) -> None:
        """See that a message of risk is answered with resources; staff are alarmed of it."""
        replies = self._say(RISK)["replies"]
        if not any(item["kind"] == "crisis" and "988" in item["text"] for item in replies):
            raise ProbeError(errors.PROBE_NO_RESOURCES)

    def _say(self, text: str) -> Any:
        status, answer = self._call("POST", "/api/v1/messages", _message(text), self._token)
        if status != 200:
            raise ProbeError(errors.PROBE_STATUS.format(text=text, status=status))
        return answer

    def _understood(self, seq: int) -> str | None:
        """Return as what a message was understood; the log may have it a moment later."""
        mine = (readings.c.conversation_id == self.conversation) & (readings.c.seq == seq)

        def read(connection: Connection) -> Any:
            return connection.execute(select(readings.c.intent).where(mine)).first()

        end = time.monotonic() + _LOGGED_SECONDS
        while time.monotonic() < end:
            row = look(self._database, read)
            if row is not None:
                return str(row.intent)
            time.sleep(_PAUSE)
        raise ProbeError(errors.PROBE_NOT_LOGGED)

    def _call(self, method: str, path: str, body: object = None, token: str = "") -> Any:
        data = None if body is None else json.dumps(body).encode()
        request = urllib.request.Request(self._url + path, data, method=method)
        request.add_header("Content-Type", "application/json")
        if token:
            request.add_header("Authorization", f"Bearer {token}")
        try:
            with _OPENER.open(request, timeout=_ANSWER_SECONDS) as answer:
                return answer.status, json.load(answer)
        except urllib.error.HTTPError as refused:
            return refused.code, _json(refused.read())
        except (OSError, ValueError):
            return 0, {}


# No proxy of this machine's may stand between: the desk is here.
_OPENER = urllib.request.build_opener(urllib.request.ProxyHandler({}))


def _json(content: bytes) -> Any:
    try:
        return json.loads(content)
    except ValueError:
        return {}


def _message(text: str) -> dict[str, str]:
    return {"id": str(uuid.uuid4()), "text": text}


def main(arguments: Sequence[str]) -> int:
    """Wait until the assistant is ready, for so many seconds at most, and ask it.

    Returns:
        0; 2 when a setting is wrong; 3 when it does not answer as it should.
    """
    try:
        probe = Probe.of(load_settings((), os.environ))
        probe.wait_until_ready(float(arguments[0]))
        probe.answers()
        probe.shows_resources()
    except SettingsError as wrong:
        sys.stderr.write(f"{wrong}\n")
        return errors.EXIT_REFUSED
    except (ProbeError, StoreError) as problem:
        sys.stderr.write(f"{problem}\n")
        return FAILED
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
