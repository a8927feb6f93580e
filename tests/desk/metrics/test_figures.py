"""What a desk at work counts, as Prometheus would read it."""

from __future__ import annotations

import asyncio
import socket
import urllib.request
from collections.abc import AsyncIterator, Callable
from pathlib import Path
from typing import Any

import pytest
from prometheus_client.parser import text_string_to_metric_families
from prometheus_client.registry import Collector

from desk.metrics import port, standing
from desk.metrics.others import BrainFigures, SupervisorFigures
from monitoring.figures import REGISTRY
from supervisor.ports import free_port
from tests.desk.brain_server import BrainServer, reading
from tests.desk.conftest import CRISIS, Running, Serve

Figures = Callable[..., float]


def figure(name: str, **labels: str) -> float:
    return REGISTRY.get_sample_value(name, labels) or 0.0


@pytest.fixture
def grown() -> Callable[..., float]:
    """By how much a figure has grown since it was asked for first."""
    before: dict[Any, float] = {}

    def by(name: str, **labels: str) -> float:
        key = name, tuple(sorted(labels.items()))
        now = figure(name, **labels)
        return now - before.setdefault(key, now)

    return by


@pytest.fixture
async def watched(desk: Running, monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[Running]:
    """A desk whose figures are told."""
    monkeypatch.setattr(standing, "EVERY", 0.0)
    with port.of_desk(desk.desk):
        yield desk


async def scraped() -> dict[str, list[Any]]:
    """Return what is told, by name; away from the event loop, as the port asks."""
    families = await asyncio.to_thread(lambda: list(REGISTRY.collect()))
    return {each.name: each.samples for each in families}


def value(samples: list[Any], **labels: str) -> float:
    (found,) = [each.value for each in samples if each.labels == labels]
    return float(found)


async def test_a_turn_counts_by_channel_and_by_what_became_of_it(
    desk: Running, brain: BrainServer, grown: Figures
) -> None:
    told = [
        ("iop_turns_total", {"channel": "web", "outcome": "brain"}),
        ("iop_turns_total", {"channel": "web", "outcome": "safe"}),
        ("iop_turns_total", {"channel": "web", "outcome": "fixed"}),
        ("iop_turn_seconds_count", {"channel": "web"}),
        ("iop_readings_total", {"intent": "cost"}),
        ("iop_unsure_readings_total", {}),
        ("iop_brain_call_failures_total", {"call": "turn"}),
        ("iop_brain_call_seconds_count", {"call": "turn"}),
    ]
    for name, labels in told:
        grown(name, **labels)
    token, _ = await desk.start()
    await desk.send(token)
    brain.reading = {**reading("cost"), "confidence": 0.4}
    await desk.send(token)
    await desk.send(token, "")
    brain.status = 500
    await desk.send(token)
    assert [grown(name, **labels) for name, labels in told] == [2, 1, 1, 4, 2, 1, 1, 2]


async def test_a_message_that_is_sent_again_is_one_turn(desk: Running, grown: Figures) -> None:
    grown("iop_turns_total", channel="web", outcome="brain")
    token, _ = await desk.start()
    for _ in range(2):
        await desk.send(token, id="the-same-id")
    assert grown("iop_turns_total", channel="web", outcome="brain") == 1


async def test_a_risk_counts_by_tier_and_category(desk: Running, grown: Figures) -> None:
    grown("iop_risks_total", tier="T0", category="S4")
    grown("iop_risks_total", tier="T1", category="S4")
    token, _ = await desk.start()
    await desk.send(token, CRISIS)
    found = [grown("iop_risks_total", tier=tier, category="S4") for tier in ("T0", "T1")]
    assert sum(found) == 1


async def test_a_message_that_nobody_could_screen_counts(serve: Serve, grown: Figures) -> None:
    class Broken:
        def screen(self, text: str) -> None:
            raise ValueError(text)

        by_rules = screen

    grown("iop_unscreened_total")
    desk = await serve(screen=Broken())
    token, _ = await desk.start()
    await desk.send(token)
    assert grown("iop_unscreened_total") == 1


async def test_a_refusal_counts_by_status(desk: Running, grown: Figures) -> None:
    grown("iop_refusals_total", status="401", reason="token_unknown")
    grown("iop_http_answers_total", app="desk", status="401")
    assert (await desk.send("forged"))[0] == 401
    assert grown("iop_refusals_total", status="401", reason="token_unknown") == 1
    assert grown("iop_http_answers_total", app="desk", status="401") == 1


async def test_an_open_stream_counts_until_it_ends(desk: Running) -> None:
    before, (token, _) = figure("iop_streams"), await desk.start()
    headers = {"Authorization": f"Bearer {token}"}
    async with desk.http.get(f"{desk.url}/api/v1/events", headers=headers) as stream:
        await stream.content.readline()
        assert figure("iop_streams") == before + 1
    desk.desk.conversations.end_streams()
    async with asyncio.timeout(10):
        while figure("iop_streams") > before:
            await asyncio.sleep(0.01)


async def test_how_things_stand_is_told(watched: Running) -> None:
    token, _ = await watched.start()
    await watched.send(token, CRISIS)
    state = watched.parts.settings.state
    (state / "backups").mkdir()
    (state / "backups" / "iop-20261130-010000.backup").touch()
    found = await scraped()
    assert value(found["iop_figures_read"]) == 1
    assert value(found["iop_waiting_people"]) == 1
    assert value(found["iop_alerts_open"], kind="crisis") == 1
    assert 0 <= value(found["iop_alerts_open_oldest_seconds"], kind="crisis") < 600
    assert value(found["iop_server_trouble"], trouble="disk") == 0
    assert value(found["iop_spill_entries"]) == 0
    assert value(found["iop_backup_timestamp_seconds"]) == 1_796_000_400
    assert value(found["iop_database_bytes"]) > 10_000
    assert value(found["iop_disk_free_bytes"]) > 0
    assert value(found["iop_loop_delay_seconds"]) < standing.LIMIT
    (writes,) = [
        each.value
        for each in found["iop_database_seconds"]
        if each.name.endswith("_count") and each.labels == {"purpose": "write"}
    ]
    assert writes > 0


async def test_a_log_that_cannot_be_read_is_told_and_the_rest_is(
    watched: Running, monkeypatch: pytest.MonkeyPatch
) -> None:
    watched.write("ALTER TABLE alerts RENAME TO gone")
    found = await scraped()
    assert value(found["iop_figures_read"]) == 0
    assert "iop_alerts_open" not in found
    assert value(found["iop_disk_free_bytes"]) > 0


async def test_the_log_is_not_asked_oftener_than_needed(desk: Running) -> None:
    with port.of_desk(desk.desk):
        token, _ = await desk.start()
        assert value((await scraped())["iop_waiting_people"]) == 0
        await desk.send(token, CRISIS)
        assert value((await scraped())["iop_waiting_people"]) == 0


async def test_no_label_holds_anything_of_a_person(watched: Running) -> None:
    token, _ = await watched.start()
    await watched.send(token, "zanzibarquux how much is it")
    await watched.send(token, f"zanzibarquux {CRISIS}")
    await watched.send(token, button="zanzibarquux")
    await watched.post(token, data=b"zanzibarquux")
    (conversation,) = {row[0] for row in watched.rows("select id from conversations")}
    labels = {
        str(label)
        for samples in (await scraped()).values()
        for sample in samples
        for label in sample.labels.values()
    }
    assert not {label for label in labels if "zanzibar" in label or conversation in label}
    assert all(len(label) < 40 for label in labels)


def told(collector: Collector) -> dict[str, float]:
    samples = [sample for family in collector.collect() for sample in family.samples]
    return {sample.name: sample.value for sample in samples}


async def test_the_brains_figures_are_handed_on(brain: BrainServer) -> None:
    brain.figures = (
        "# TYPE iop_brain_process_open_fds gauge\niop_brain_process_open_fds 7\n"
        "# TYPE process_open_fds gauge\nprocess_open_fds 8\n"
    )
    found = await asyncio.to_thread(told, BrainFigures(brain.url, brain.token))
    # Only its own names: another's would be taken for the desk's.
    assert found == {"iop_brain_up": 1, "iop_brain_process_open_fds": 7}


@pytest.mark.parametrize("answer", ["", "no figures\n", None])
async def test_a_brain_that_tells_none_is_down(brain: BrainServer, answer: str | None) -> None:
    brain.figures = answer
    found = await asyncio.to_thread(told, BrainFigures(brain.url, brain.token))
    assert found == {"iop_brain_up": 0}


def test_a_brain_that_is_not_there_is_down() -> None:
    assert told(BrainFigures(f"http://127.0.0.1:{free_port()}", "x")) == {"iop_brain_up": 0}


@pytest.mark.parametrize("content", [None, b"\xff", b"no figures"])
def test_without_a_supervisor_nothing_is_told_of_it(tmp_path: Any, content: bytes | None) -> None:
    if content is not None:
        (tmp_path / "supervisor.prom").write_bytes(content)
    assert told(SupervisorFigures(tmp_path)) == {}


async def test_prometheus_asks_on_this_machine_alone(watched: Running) -> None:
    number = free_port()
    port.listen(number)
    listening = {
        line.split()[1]
        for line in Path("/proc/net/tcp").read_text("utf-8").splitlines()[1:]
        if line.split()[3] == "0A"
    }
    assert f"0100007F:{number:04X}" in listening
    assert f"00000000:{number:04X}" not in listening

    def ask() -> str:
        with urllib.request.urlopen(f"http://127.0.0.1:{number}/metrics", timeout=10) as answer:
            read: str = answer.read().decode()
            return read

    names = {each.name for each in text_string_to_metric_families(await asyncio.to_thread(ask))}
    assert {"iop_turns", "iop_brain_up", "iop_waiting_people", "process_open_fds"} <= names


async def test_the_port_answers_while_the_desk_stands_still(
    watched: Running, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(standing, "LIMIT", 0.2)
    families: list[Any] = []
    asking = asyncio.to_thread(lambda: families.extend(REGISTRY.collect()))
    task = asyncio.create_task(asking)
    await asyncio.sleep(0)
    # The event loop does nothing else meanwhile.
    end = asyncio.get_running_loop().time() + 20
    while "iop_disk_free_bytes" not in {each.name for each in families}:
        assert asyncio.get_running_loop().time() < end
    found = {each.name: each.samples for each in families}
    assert value(found["iop_loop_delay_seconds"]) >= 0.2
    assert value(found["iop_figures_read"]) == 1
    await task


def test_a_taken_port_is_refused_with_its_remedy() -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        number = taken.getsockname()[1]
        with pytest.raises(OSError, match=r"taken by another program.*IOP_METRICS_PORT"):
            port.listen(number)


def test_without_a_port_nobody_listens(monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(*_: Any) -> None:
        raise AssertionError

    monkeypatch.setattr(port, "start_http_server", refuse)
    port.listen(0)
