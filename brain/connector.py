"""The one door to the brain: the desk's calls, over HTTP on this machine.

POST v1/turn: take a turn in a conversation. POST v1/read: only understand a message.
POST v1/forget: erase a conversation. POST v1/reload: answer with another model. GET v1/ready.
GET v1/metrics: its figures. The bodies are described in desk/brain_contract.json, against which
both sides are tested.
"""

from __future__ import annotations

import asyncio
import base64
import hmac
import itertools
import logging
import os
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Any

import numpy as np
from rasa.core.agent import Agent
from rasa.core.channels.channel import InputChannel, OutputChannel, UserMessage
from rasa.core.processor import MessageProcessor
from rasa.core.tracker_store import FailSafeTrackerStore
from rasa.shared.core.events import SlotSet, UserUttered
from rasa.shared.core.trackers import DialogueStateTracker
from rasa.shared.exceptions import InvalidConfigException
from sanic import Blueprint, Sanic, response
from sanic.request import Request
from sanic.response import HTTPResponse

from brain import given, metrics
from brain.answer_generator import replies as more
from brain.calls import (
    VERSION,
    BadCallError,
    conversation_of,
    facts_of,
    is_alarm,
    message_text,
    model_file,
)
from brain.conversation_store import ConversationStore
from brain.intent_classifier import QUESTIONS_KEY
from brain.lean import lean
from brain.memory import ANSWERS_KEY
from brain.risk_screen import CRISIS_INTENT
from center.current import with_facts
from language.encoder import WIDE
from monitoring import log_lines, trace

logger = logging.getLogger(__name__)

OUT_OF_SCOPE = "out_of_scope"
FALLBACK = "nlu_fallback"
SIGNAL_SLOT = "signal"
WARM_UP = ("what_is_iop", "speak_to_human", "safety_crisis")
_CHANNEL = "desk"
_FIRST_WORDS = "hello there"
CLEAR_BESIDE_RISK = 0.5
"""How sure a reading must be for its answer to stand beside crisis resources."""
NO_QUESTION = frozenset(
    "safety_crisis out_of_scope other_in_domain greet goodbye thanks affirm deny".split()
)

Reply = dict[str, Any]
_numbers = itertools.count(1)


class DeskOutput(OutputChannel):
    """Collects the replies of one turn."""

    def __init__(self, channel: str) -> None:
        """Collect for a channel ("web", "sms"), whose form of the texts is chosen."""
        self.channel = channel
        self.replies: list[Reply] = []

    def name(self) -> str:  # type: ignore[override]
        """Return the channel, which the response generator reads."""
        return self.channel

    async def send_response(self, recipient_id: str, message: dict[str, Any]) -> None:
        """Take what was said, with names and versions of its texts."""
        unknown = {"text": message.get("text") or "", "id": None, "version": 0}
        self.replies += message.get(ANSWERS_KEY) or [unknown]


def reading(parsed: dict[str, Any]) -> dict[str, Any]:
    """Return what was understood, in the form of the contract."""
    ranking = [
        {"name": candidate["name"], "confidence": round(float(candidate["confidence"]), 4)}
        for candidate in parsed.get("intent_ranking") or []
        if candidate["name"] != FALLBACK
    ]
    intent = parsed["intent"].get("name") or OUT_OF_SCOPE
    name = OUT_OF_SCOPE if intent == FALLBACK else intent
    return {
        "intent": name,
        "confidence": round(float(parsed["intent"].get("confidence") or 0.0), 4),
        "ranking": ranking,
        "intents": _asked(parsed, name),
        "entities": [
            {
                "name": entity["entity"],
                "value": str(entity["value"]),
                "text": entity.get("text", ""),
                "start": entity.get("start", 0),
                "end": entity.get("end", 0),
            }
            for entity in parsed.get("entities") or []
        ],
    }


def beside_risk(
    understood: dict[str, Any], replies: list[Reply]
) -> tuple[dict[str, Any], list[Reply]]:
    """Put the risk that the desk found first, and leave an answer only to a clear question.

    Args:
        understood: The reading of the words themselves.
        replies: The answer to it.

    Returns:
        The reading with `safety_crisis` first, and the replies that stay beside the resources.
    """
    asked = understood["intent"]
    clear = understood["confidence"] >= CLEAR_BESIDE_RISK and asked not in NO_QUESTION
    others = [c for c in understood["ranking"] if c["name"] != CRISIS_INTENT]
    crisis = {"name": CRISIS_INTENT, "confidence": 1.0}
    told = {
        **understood,
        "intent": CRISIS_INTENT,
        "confidence": 1.0,
        "ranking": [crisis, *others],
        "intents": [CRISIS_INTENT, *([asked] if clear else [])],
    }
    return told, replies if clear else []


def _asked(parsed: dict[str, Any], name: str) -> list[str]:
    """Return all intents of a message in the order asked."""
    asked = [question["intent"] for question in parsed.get(QUESTIONS_KEY) or ()]
    return asked if name in asked else [name]


class DeskConnector(InputChannel):
    """The input channel named in credentials.yml."""

    def __init__(self, token: str) -> None:
        """Serve calls that carry this token."""
        self._token = token

    @classmethod
    def name(cls) -> str:
        """Return the name under which Rasa mounts the channel: /webhooks/desk."""
        return _CHANNEL

    @classmethod
    def from_credentials(cls, credentials: dict[str, Any] | None) -> InputChannel:
        """Read the token that set-up made.

        Raises:
            InvalidConfigException: There is no token file; the message says what to run.
        """
        named = (credentials or {}).get("token_file", "state/brain.token")
        path = Path(os.environ.get("IOP_BRAIN_TOKEN_FILE") or named)
        if not path.exists() or not path.read_text("utf-8").strip():
            raise InvalidConfigException(
                f"credentials.yml, token_file: {path.name} is missing or empty. Run `make setup`, "
                "which makes it."
            )
        return cls(path.read_text("utf-8").strip())

    def blueprint(self, on_new_message: Callable[[UserMessage], Awaitable[Any]]) -> Blueprint:
        """Return the routes."""
        routes = Blueprint("desk_connector", __name__)

        @routes.listener("after_server_start")
        async def warm_up(app: Sanic, _: Any) -> None:
            # The first custom action takes a second, and the first one may be a crisis.
            processor = _processor(app)
            if processor is None:
                raise SystemExit("The brain has no model: run `make train`.")
            store = _store(processor)
            # An empty vector spares the brain its own encoder: the desk sends one with each text.
            vector = base64.b64encode(bytes(4 * WIDE)).decode()
            await self._turn(
                app, {"v": 1, "conversation": "warm-up", "text": _FIRST_WORDS, "vector": vector}
            )
            for intent in WARM_UP:
                await self._turn(app, {"v": 1, "conversation": "warm-up", "payload": intent})
            await store.delete("warm-up")
            # From now on libraries are given what people write.
            log_lines.hush()

        @routes.middleware("request")
        async def take_trace(request: Request) -> None:
            trace.begin(request.headers.get(trace.HEADER))

        @routes.middleware("response")
        async def return_trace(_: Request, answer: HTTPResponse) -> None:
            answer.headers[trace.HEADER] = trace.current() or ""

        @routes.middleware("request")
        async def check_token(request: Request) -> HTTPResponse | None:
            sent = request.headers.get("authorization", "")
            if hmac.compare_digest(sent.encode(), f"Bearer {self._token}".encode()):
                return None
            return response.json({"error": "token"}, status=401)

        @routes.get("/v1/ready")
        async def ready(request: Request) -> HTTPResponse:
            processor = _processor(request.app)
            model = processor.model_metadata.model_id if processor else None
            return response.json({"ready": processor is not None, "model": model})

        @routes.get("/v1/metrics")
        async def figures(request: Request) -> HTTPResponse:
            processor = _processor(request.app)
            model = processor.model_metadata.model_id if processor else None
            return response.raw(metrics.exposition(model), content_type=metrics.CONTENT_TYPE)

        @routes.post("/v1/turn")
        async def turn(request: Request) -> HTTPResponse:
            return await _answered("turn", self._turn(request.app, _body(request)))

        @routes.post("/v1/read")
        async def read(request: Request) -> HTTPResponse:
            return await _answered("read", self._read(request.app, _body(request)))

        @routes.post("/v1/reload")
        async def reload(request: Request) -> HTTPResponse:
            return await _answered("reload", self._reload(request.app, _body(request)))

        @routes.post("/v1/forget")
        async def forget(request: Request) -> HTTPResponse:
            return await _answered("forget", self._forget(request.app, _body(request)))

        return routes

    async def _turn(self, app: Sanic, body: Any) -> dict[str, Any]:
        with with_facts(facts_of(body)):
            return await self._taken(app, body)

    async def _taken(self, app: Sanic, body: Any) -> dict[str, Any]:
        text, conversation = message_text(body), conversation_of(body)
        output = DeskOutput(body.get("channel") or "web")
        agent = app.ctx.agent
        processor = agent.processor
        try:
            await agent.handle_message(
                # A number: Rasa's own id costs a system call for random bytes.
                UserMessage(
                    text,
                    output,
                    conversation,
                    input_channel=_CHANNEL,
                    message_id=str(next(_numbers)),
                )
            )
            tracker = await processor.tracker_store.retrieve(conversation)
        except Exception:
            # Whatever failed, the next turn must not build upon half a turn.
            _store(processor).drop(conversation)
            raise
        understood, signals = _last_turn(tracker)
        replies = _in_order(output.replies, understood, tracker, output.channel)
        if is_alarm(body):
            understood, replies = beside_risk(understood, replies)
        return {
            "v": VERSION,
            "replies": replies,
            "reading": understood,
            "signals": signals,
            "model": processor.model_metadata.model_id,
        }

    async def _read(self, app: Sanic, body: Any) -> dict[str, Any]:
        processor = app.ctx.agent.processor
        with with_facts(facts_of(body)):
            parsed = await processor.parse_message(UserMessage(message_text(body)))
        understood = reading(parsed)
        if is_alarm(body):
            understood, _ = beside_risk(understood, [])
        return {
            "v": VERSION,
            "reading": understood,
            "model": processor.model_metadata.model_id,
        }

    async def _reload(self, app: Sanic, body: Any) -> dict[str, Any]:
        file = model_file(body)
        agent = app.ctx.agent
        # In a thread: people are answered by the model before, meanwhile.
        load = asyncio.get_running_loop().run_in_executor
        processor = await load(None, _loaded, agent, file)
        given.remember(_FIRST_WORDS, np.zeros(WIDE, dtype=np.float32))
        await processor.parse_message(UserMessage(_FIRST_WORDS))
        agent.processor, agent.domain = processor, processor.domain
        agent.tracker_store.domain = processor.domain
        return {"v": VERSION, "model": processor.model_metadata.model_id}

    async def _forget(self, app: Sanic, body: Any) -> dict[str, Any]:
        await _store(app.ctx.agent.processor).delete(conversation_of(body))
        return {"v": VERSION, "forgotten": True}


def _body(request: Request) -> Any:
    return request.json


async def _answered(name: str, call: Awaitable[dict[str, Any]]) -> HTTPResponse:
    try:
        with metrics.counted(name):
            return response.json(await call)
    except BadCallError as wrong:
        return response.json({"error": f"field `{wrong}` does not keep to the contract"}, 400)


def _in_order(
    replies: list[Reply], understood: dict[str, Any], tracker: DialogueStateTracker, channel: str
) -> list[Reply]:
    """Add the answers to a message's further questions, in the order asked."""
    if len(understood["intents"]) < 2:
        return replies
    ordered: list[Reply] = []
    for intent in understood["intents"]:
        if intent == understood["intent"]:
            ordered += replies
        else:
            ordered += more(intent, tracker, channel)
    return ordered


def _last_turn(tracker: DialogueStateTracker) -> tuple[dict[str, Any], list[dict[str, str]]]:
    signals: list[dict[str, str]] = []
    for event in reversed(tracker.events):
        if isinstance(event, SlotSet) and event.key == SIGNAL_SLOT and event.value:
            signals.insert(0, {"name": str(event.value)})
        if isinstance(event, UserUttered):
            return reading(event.parse_data), signals
    raise LookupError("The turn left no message in the tracker.")


def _loaded(agent: Agent, file: Path) -> MessageProcessor:
    """Return what answers with another model, in the same conversations."""
    return lean(
        MessageProcessor(
            model_path=str(file),
            tracker_store=agent.tracker_store,
            lock_store=agent.lock_store,
            action_endpoint=agent.action_endpoint,
            generator=agent.nlg,
            http_interpreter=agent.http_interpreter,
        )
    )


def _processor(app: Sanic) -> MessageProcessor | None:
    agent = getattr(app.ctx, "agent", None)
    if agent is None or not agent.is_ready():
        return None
    return lean(agent.processor)


def _store(processor: MessageProcessor) -> ConversationStore:
    """Return the store behind Rasa's fail-safe wrapper.

    Raises:
        TypeError: endpoints.yml names another store (Rasa itself only warns and forgets all).
    """
    store = processor.tracker_store
    inner = store._tracker_store if isinstance(store, FailSafeTrackerStore) else store
    if not isinstance(inner, ConversationStore):
        raise TypeError("endpoints.yml: `tracker_store` must be brain.conversation_store.")
    return inner
