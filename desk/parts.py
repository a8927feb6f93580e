"""Puts the desk together: what is read at the start, and what lives inside the event loop."""

from __future__ import annotations

import logging
import os
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from zoneinfo import ZoneInfo

from answers.catalogue import load_catalogue
from center.facts import Center, load_center, require_public
from desk import counting, errors, guarding, learned_screen, watching
from desk import publishing as publishing_texts
from desk.alerting.config import Alerting, load_alerting
from desk.alerting.courier import Courier
from desk.answer_ratings import AnswerRatings
from desk.brain_client import Brain
from desk.callbacks.turns import Callbacks, forget_forms
from desk.channels import mailroom, opening, postman
from desk.channels.clerk import Clerk
from desk.channels.contract import Channel
from desk.channels.mailroom import Mailroom
from desk.channels.opening import ChannelsConfig
from desk.channels.postman import Postman
from desk.channels.slack import staff_room
from desk.channels.slack.channel import SlackChannel
from desk.channels.slack.staff_replies import StaffReplies
from desk.channels.slack.staff_room import StaffRoom
from desk.channels.sms.channel import SmsChannel
from desk.composing import Composer, Encoder
from desk.conversations import TRIM_EVERY, Conversations
from desk.counting import Counter
from desk.credentials import sections, web_origins
from desk.drill import Drill
from desk.erasure import Eraser
from desk.errors import SettingsError
from desk.guarding import Guard
from desk.handoff import clock, follower
from desk.handoff.choices import Choices
from desk.handoff.clock import Clock
from desk.handoff.follower import Follower
from desk.handoff.texts import check_topics
from desk.handoff.waiting import Waiting
from desk.keeping import Keeper
from desk.keys import shared_token, signing_keys
from desk.learned_screen import LearnedScreen
from desk.lines import NOTICE, Lines
from desk.publishing import Publishing
from desk.reception import Reception
from desk.return_codes import ReturnCodes
from desk.screening import Screen, Screener
from desk.settings import Settings
from desk.tokens import Tokens
from desk.turn import Turns
from desk.upkeep import Job, Upkeep
from desk.watching import Watcher
from language.encoder import encoder
from safety.layers import load_layers
from setup.learned_models import folder_of
from store import key_file, persons, restoring, sealing
from store.database import Database, look
from store.key_file import KeyFile
from store.migrate import migrate
from store.retention import Retention
from store.spill import Spill

logger = logging.getLogger(__name__)

# What people ask first (facts of the intents' inventory), offered before the first message.
_TOPICS = (
    "what_is_iop",
    "cost",
    "insurance_coverage",
    "eligibility",
    "session_schedule",
    "how_to_enroll",
)


_NOBODY_ELSE = Alerting()
_NO_CHANNELS = ChannelsConfig()
_REPEAT_EVERY, _DRILL_EVERY, _FORGET_EVERY = 5.0, 30.0, 3600.0


@dataclass(frozen=True)
class Parts:
    """What is read from files at the start."""

    settings: Settings
    center: Center
    lines: Lines
    screen: Screen
    whole: bool
    """Whether both layers run that the center has chosen."""
    encoder: Encoder | None
    tokens: Tokens
    brain_token: str = field(repr=False)
    origins: frozenset[str]
    alerting: Alerting = _NOBODY_ELSE
    channels: ChannelsConfig = _NO_CHANNELS

    @property
    def topics(self) -> list[dict[str, str]]:
        """Buttons that are offered before the first message."""
        titles = self.lines.catalogue.titles
        return [{"title": titles[name], "id": name} for name in _TOPICS if name in titles]

    def notice(self) -> dict[str, object]:
        """Return what must be read before the first message: title, lines, links."""
        spoken = self.lines.say(NOTICE)
        title, *lines = spoken.text.split("\n\n")
        return {"title": title, "lines": lines, "links": [dict(link) for link in spoken.links]}

    def facts(self) -> Mapping[str, str | None]:
        """Return what pages show of the center."""
        center = self.lines.center
        return {
            "name": center.name,
            "city": center.city,
            "phone": center.phone,
            "website": center.website,
        }


@dataclass(frozen=True)
class Desk:
    """The desk at work."""

    parts: Parts
    turns: Turns
    reception: Reception
    screener: Screener
    conversations: Conversations
    database: Database
    brain: Brain
    upkeep: Upkeep
    courier: Courier
    return_codes: ReturnCodes
    publishing: Publishing
    answer_ratings: AnswerRatings
    channels: Mapping[str, Channel]
    """By name, those of platforms."""
    mailroom: Mailroom
    postman: Postman

    @property
    def lines(self) -> Lines:
        """What the desk says by itself."""
        return self.parts.lines


def load_parts(settings: Settings) -> Parts:
    """Read and check everything that the desk needs, and bring the log to the present form.

    Raises:
        SettingsError: A setting, credentials.yml, alerts.yml, a key file or a line is wrong.
        CenterError: The center's facts are wrong, or examples would face the world.
        CatalogueError: An answer is wrong.
        SafetyDataError: A file of risk rules is wrong.
    """
    center = load_center(settings.center_file, demo=settings.demo)
    require_public(center, settings.public_url or settings.host, settings.center_file.name)
    origins = web_origins(settings.credentials_file)
    channels = opening.load_channels(settings, sections(settings.credentials_file), os.environ)
    alerting = load_alerting(settings, os.environ, center.rota)
    lines = Lines(load_catalogue(), center)
    check_topics(lines)
    settings.state.mkdir(parents=True, exist_ok=True, mode=0o700)
    keys = signing_keys(settings.state / "web.keys")
    brain_token = shared_token(settings.token_file)
    sealing.use(settings.state / key_file.NAME, settings.database)
    if restoring.is_unfinished(settings.state):
        raise SettingsError(errors.RESTORE_UNFINISHED)
    migrate(settings.database)
    look(settings.database, persons.check_masters)
    screen, whole = load_layers(center.detection)
    if not whole:
        logger.error("%s", errors.HALF_SCREEN)
    return Parts(
        settings=settings,
        center=center,
        lines=lines,
        screen=screen,
        whole=whole,
        encoder=_encoder(),
        tokens=Tokens(keys, settings.session_days or center.retention_days),
        brain_token=brain_token,
        origins=origins,
        alerting=alerting,
        channels=channels,
    )


def _encoder() -> Encoder | None:
    try:
        return encoder()
    except FileNotFoundError as problem:
        logger.warning("%s Until then the brain makes the vectors.", problem)
        return None


@asynccontextmanager
async def opened(parts: Parts) -> AsyncIterator[Desk]:
    """Run a desk inside the event loop, and close what it has opened."""
    settings = parts.settings
    database, spill = Database(settings.database), _spill(settings)
    screener = Screener(parts.screen, whole=parts.whole)
    brain = Brain(settings.brain_url, parts.brain_token)
    desk = _desk(parts, database, spill, screener, brain)
    try:
        await desk.courier.register()
        await desk.publishing.begin()
        await desk.turns.warm_up(database)
        desk.courier.start()
        yield desk
    finally:
        await desk.upkeep.stop()
        await desk.mailroom.settle()
        await desk.turns.settle()
        await desk.postman.settle()
        for channel in desk.channels.values():
            await channel.close()
        await desk.courier.stop()
        await brain.close()
        screener.close()
        spill.close()
        database.close()


def _spill(settings: Settings) -> Spill:
    return Spill(settings.state, KeyFile(settings.state / key_file.NAME))


def _desk(parts: Parts, database: Database, spill: Spill, screener: Screener, brain: Brain) -> Desk:
    courier = Courier(parts.alerting, database)
    conversations, keeper = Conversations(), Keeper(database, spill, courier)
    composer = Composer(
        lines=parts.lines,
        brain=brain,
        encoder=parts.encoder,
        waiting=Waiting(parts.lines, database),
        choices=Choices(parts.lines, database),
        limit=parts.settings.brain_limit,
    )
    turns = Turns(
        conversations=conversations,
        keeper=keeper,
        screener=screener,
        lines=parts.lines,
        composer=composer,
        callbacks=Callbacks(parts.lines),
        topics=frozenset(topic["id"] for topic in parts.topics),
        waiting=parts.settings.waiting,
    )
    channels: dict[str, Channel] = {}
    clerk = Clerk(database)
    post = Postman(
        channels=channels,
        database=database,
        clerk=clerk,
        keeper=keeper,
        conversations=conversations,
    )
    mail = Mailroom(
        channels=channels,
        turns=turns,
        postman=post,
        database=database,
        clerk=clerk,
        folder=parts.settings.state,
        rate=parts.settings.rate_conversation,
    )
    channels.update(_channels(parts, mail, post, screener, database))
    reception = Reception(
        turns=turns, screener=screener, tokens=parts.tokens, settings=parts.settings
    )
    codes = ReturnCodes(database, parts.tokens)
    jobs = [*_jobs(parts, database, courier), *_handoff_jobs(parts, database, conversations)]
    jobs.append((_FORGET_EVERY, codes.forget))
    jobs.append((TRIM_EVERY, conversations.trim))
    folder, detection = folder_of(parts.settings.state), parts.center.detection
    following = LearnedScreen(screener, database, folder, detection)
    jobs.append((learned_screen.EVERY, following.follow))
    kept = Retention.of_center(parts.center.retention_days, parts.center.retention)
    eraser = Eraser(database, brain, conversations, spill)
    guard = Guard(database, parts.settings.state)
    jobs += [(guarding.EVERY, guard.seal_older), (guarding.EVERY, guard.watch_audit)]
    watcher = Watcher(parts.settings, parts.alerting.console_url, database, guard.audit_is_whole)
    jobs.append((watching.EVERY, watcher.look))
    counter = Counter(database, lambda: parts.lines.center, kept.conversations)
    jobs.append((counting.EVERY, counter.count))
    publishing = Publishing(parts.lines, database)
    jobs.append((publishing_texts.EVERY, publishing.follow))
    if channels:
        jobs += _channel_jobs(mail, post)
    slack = channels.get("slack")
    if isinstance(slack, SlackChannel) and slack.threads is not None:
        room = StaffRoom(slack.threads, database, parts.alerting.console_url)
        jobs.append((staff_room.EVERY, room.follow))
    upkeep = Upkeep(keeper, database, eraser, kept, jobs)
    return Desk(
        parts,
        turns,
        reception,
        screener,
        conversations,
        database,
        brain,
        upkeep,
        courier,
        codes,
        publishing,
        AnswerRatings(parts.lines, turns, database),
        channels,
        mail,
        post,
    )


def _channels(
    parts: Parts, mail: Mailroom, post: Postman, screener: Screener, database: Database
) -> dict[str, Channel]:
    found: dict[str, Channel] = {}
    slack = parts.channels.slack
    if parts.channels.sms is not None:
        zone = ZoneInfo(parts.center.time_zone)
        found["sms"] = SmsChannel(parts.channels.sms, zone, mail.take, post.report)
    if slack is not None:
        relay = StaffReplies(slack, database).relay
        found["slack"] = SlackChannel(slack, mail.take, screener.screen, parts.lines, relay)
    return found


def _channel_jobs(mail: Mailroom, post: Postman) -> list[Job]:
    return [
        (postman.EVERY, post.deliver_due),
        (mailroom.EVERY, mail.look_after),
        (mailroom.EVERY, mail.delete_media),
        (_FORGET_EVERY, mail.forget),
    ]


def _handoff_jobs(parts: Parts, database: Database, conversations: Conversations) -> list[Job]:
    following, ticking = (
        Follower(parts.lines, database, conversations),
        Clock(parts.lines, database),
    )
    return [
        (follower.EVERY, following.follow),
        (_FORGET_EVERY, following.forget),
        (clock.EVERY, ticking.tick),
    ]


def _jobs(parts: Parts, database: Database, courier: Courier) -> list[Job]:
    jobs: list[Job] = [
        (_REPEAT_EVERY, courier.repeat),
        (_FORGET_EVERY, lambda: forget_forms(database)),
    ]
    at = parts.alerting.drill_at
    if at is not None:
        drill = Drill(parts.settings.own_url, parts.tokens, database)
        zone = ZoneInfo(parts.center.time_zone)
        jobs.append((_DRILL_EVERY, lambda: drill.if_due(at, zone)))
    return jobs
