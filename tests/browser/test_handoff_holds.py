"""Staff have a conversation until they give it back, whatever happens in its midst.

A visitor and staff in two browsers before the whole system, from the wish for a person to the
assistant's return: undisturbed, and with each thing that has made other assistants speak up.
"""

from __future__ import annotations

import os
import re
import signal
from collections.abc import Callable, Iterator
from dataclasses import dataclass

import pytest
from playwright.sync_api import Browser, Locator, expect

from store import alert_lists
from store.alert_lists import Listed
from supervisor.processes import Child
from tests.browser.conftest import PATIENCE_MS, Chat
from tests.browser.moved_clock import MovedClock
from tests.browser.staff import StaffMember, with_log
from tests.running import RunningDesk, wait_for

IDLE_MINUTES = 61
"""One more than the brain's session lasts; staff's own screen is locked by then, too."""


@pytest.fixture(scope="module", autouse=True)
def patience() -> Iterator[None]:
    """Processes start anew here while the pages wait for them."""
    expect.set_options(timeout=30_000)
    yield
    expect.set_options(timeout=PATIENCE_MS)


@pytest.fixture(scope="module")
def clock(tmp_path_factory: pytest.TempPathFactory) -> MovedClock:
    """The clock of this file's system."""
    return MovedClock(tmp_path_factory.mktemp("clock"))


@pytest.fixture(scope="module")
def running_desk(
    tmp_path_factory: pytest.TempPathFactory, clock: MovedClock
) -> Iterator[RunningDesk]:
    """A system of this file's own, since its processes are killed and its clock is moved."""
    with pytest.MonkeyPatch.context() as patched:
        patched.setenv("PYTHONPATH", str(clock.folder))
        with RunningDesk(tmp_path_factory.mktemp("state")) as running:
            yield running


_MINUTE = re.compile(r"\d+:\d\d\s[AP]M")


@dataclass
class Scene:
    """Who takes part."""

    running: RunningDesk
    clock: MovedClock
    chat: Chat
    ana: StaffMember

    @property
    def log(self) -> Locator:
        """All that the visitor's page shows of the conversation."""
        return self.chat.host.locator(".log")

    @property
    def state(self) -> Locator:
        """What staff's page says of the owner."""
        return self.ana.page.locator("#state")

    @property
    def spoken(self) -> Locator:
        """What the assistant said, in staff's transcript, but for resources in a crisis."""
        return self.ana.page.locator(".entry.from-bot:not(.kind-crisis)")

    def begin(self) -> None:
        """Have the visitor ask for a person, and staff find and open the conversation."""
        self.ana.go("/inbox")
        rows = self.ana.page.locator("[data-keyed=rows] > li")
        before = rows.count()
        self.chat.open()
        self.chat.ask("I want to talk to a person")
        expect(self.chat.messages.last).to_contain_text(re.compile("team|call back"))
        expect(rows).to_have_count(before + 1)
        expect(rows.last).to_contain_text("nobody has it")
        rows.last.get_by_role("link").click()
        expect(self.state).to_contain_text("nobody has it")
        self.live()

    def live(self) -> None:
        """Wait until staff's page follows what happens, and its keys work."""
        expect(self.ana.page.get_by_text("Live", exact=True)).to_be_visible()

    def claim(self) -> None:
        """Answer, which is the whole claim; it reaches who has not written again."""
        self.ana.reply("Hello, this is Ana.")
        expect(self.chat.messages.last).to_contain_text("Hello, this is Ana.")
        expect(self.log).to_contain_text("Ana Diaz, staff, has joined")
        expect(self.state).to_contain_text("with Ana Diaz (you)")
        expect(self.ana.entries.last).not_to_contain_text("not delivered yet")
        expect(self.ana.entries.last).to_contain_text("delivered ")

    def both_write(self, question: str, answer: str) -> None:
        """Have a message read by the assistant to its end, and answered by staff alone."""
        said = self.chat.messages.count()
        self.chat.say(question)
        expect(self.ana.entries.last).to_contain_text(question)
        expect(self.ana.entries.last).to_contain_text("Understood: ")
        self.ana.reply(answer)
        expect(self.chat.messages.last).to_contain_text(answer)
        expect(self.chat.messages).to_have_count(said + 2)
        expect(self.chat.host.locator(".typing")).to_be_hidden()

    def alerts(self) -> list[Listed]:
        """Return the open alerts of a crisis in this conversation."""
        here = self.ana.page.url.split("#")[0].rsplit("/", 1)[1]
        found = with_log(self.running.state, alert_lists.open_alerts)
        return [each for each in found if (each.conversation_id, each.kind) == (here, "crisis")]

    def _shown(self) -> list[str]:
        """Return what is shown, without the minute: the log's own is that of the arrival."""
        return [_MINUTE.sub("", words) for words in self.chat.messages.all_inner_texts()]

    def reload(self) -> None:
        """Load the visitor's page anew, which shows all that it showed."""
        before = self._shown()
        self.chat.page.reload()
        expect(self.chat.messages).to_have_count(len(before))
        assert self._shown() == before
        expect(self.chat.panel.get_by_role("heading", level=2)).to_have_text("Ana Diaz, staff")


Disturbance = Callable[[Scene], None]


def nothing(_: Scene) -> None:
    """What is written goes on being answered."""


def restart_typed(scene: Scene) -> None:
    """Rasa's own command, which would begin the conversation anew and let the assistant speak."""
    scene.both_write("/restart", "That does nothing here.")


def _kill(process: Child) -> None:
    assert process.pid is not None
    os.kill(process.pid, signal.SIGKILL)
    process.stop()


def _start_desk(scene: Scene) -> None:
    scene.running.desk.start()
    wait_for(f"{scene.running.url}/readyz", scene.running.desk)
    scene.live()


def brain_killed(scene: Scene) -> None:
    """What is written while it is away reaches staff, and gets no safe reply."""
    _kill(scene.running.brain)
    scene.chat.say("Is anybody there?")
    expect(scene.ana.entries.last).to_contain_text("Is anybody there?")
    scene.running.start_brain()


def desk_killed(scene: Scene) -> None:
    """The console with it; what is written while it is away goes out by itself."""
    _kill(scene.running.desk)
    expect(scene.ana.page.get_by_text("Not connected")).to_be_visible()
    scene.chat.say("Is anybody there?")
    expect(scene.chat.own.last).to_contain_text("Not sent yet")
    _start_desk(scene)
    expect(scene.ana.entries.last).to_contain_text("Is anybody there?")


def all_ended_and_started(scene: Scene) -> None:
    """As by Ctrl-C and another `make run`."""
    scene.running.desk.stop()
    scene.running.brain.stop()
    scene.running.start_brain()
    _start_desk(scene)


def an_idle_hour(scene: Scene) -> None:
    """Nobody touches anything: the brain's session ends, and staff's screen is locked."""
    scene.clock.pass_by(IDLE_MINUTES)
    for page in (scene.chat.page, scene.ana.page):
        page.clock.install()
        page.clock.fast_forward(IDLE_MINUTES * 60_000)
    scene.ana.unlock()


DISTURBANCES: list[Disturbance] = [
    nothing,
    restart_typed,
    brain_killed,
    desk_killed,
    all_ended_and_started,
    an_idle_hour,
]


@pytest.fixture
def scene(
    browser: Browser, running_desk: RunningDesk, clock: MovedClock, chat: Chat
) -> Iterator[Scene]:
    ana = StaffMember(browser, running_desk, "Ana Diaz", "agent", ahead=clock.ahead)
    yield Scene(running_desk, clock, chat, ana)
    ana.context.close()


@pytest.mark.parametrize("disturb", DISTURBANCES, ids=lambda each: str(each.__name__))
def test_from_the_wish_for_a_person_to_the_assistants_return(
    scene: Scene, disturb: Disturbance
) -> None:
    chat, ana = scene.chat, scene.ana
    scene.begin()
    scene.claim()
    said = scene.spoken.count()
    scene.both_write("What does it cost?", "I'll look it up for you.")
    disturb(scene)
    expect(scene.state).to_contain_text("with Ana Diaz (you)")
    scene.both_write("How long does it last?", "Eight weeks.")

    # Resources come at once, and staff are alerted although they have it.
    assert scene.alerts() == []
    chat.say("I want to kill myself")
    expect(chat.messages.last).to_contain_text("988")
    expect(scene.state).to_contain_text("Crisis")
    expect(scene.state).to_contain_text("with Ana Diaz (you)")
    expect(ana.entries.last).to_contain_text("crisis resources")
    assert len(scene.alerts()) == 1

    scene.reload()
    entries = ana.entries.all_inner_texts()
    ana.page.reload()
    expect(ana.entries).to_have_count(len(entries))
    expect(scene.spoken).to_have_count(said)

    # Given back, the assistant says so, and answers again.
    ana.page.get_by_role("button", name="Resolve").click()
    expect(chat.messages.last).to_contain_text("automated assistant again")
    expect(scene.state).to_contain_text("with the assistant")
    reply = chat.ask("What is an IOP?")
    expect(reply).to_contain_text("Intensive Outpatient")
    expect(reply).to_have_class(re.compile("bot"))
