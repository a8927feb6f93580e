"""Each fault that is planted into a healthy clinic is found, it alone, with its remedy."""

from __future__ import annotations

import base64
import os
import shutil
import sqlite3
import time
from collections.abc import Callable
from contextlib import closing
from functools import partial
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import Connection, delete, insert, update

from desk import measuring
from desk.measuring import Room
from store import alarms, audit, candidates, drills, log, models_in_use
from store.key_file import NAME, KeyFile
from store.records import DRILL, Alert, Entry, Message
from store.tables.alerts import drills as drill_rows
from store.tables.alerts import notices, places
from store.tables.channels import arrivals, deliveries
from store.tables.conversations import conversations, messages
from store.tables.learning import model_switches
from store.tables.privacy import person_keys
from store.tables.publishing import publications, revisions
from supervisor.doctor import faults
from supervisor.doctor.finding import Fault
from tests.supervisor.doctor.clinic import DAY, MINUTE, Clinic, aged

Plant = Callable[[Clinic], object]


def now() -> int:
    return int(time.time() * 1000)


# Files.


def mode(name: str, bits: int) -> Plant:
    return lambda clinic: (clinic.folder / name).chmod(bits)


def gone(name: str) -> Plant:
    return lambda clinic: (clinic.folder / name).unlink()


def junk(name: str, content: str = "no key at all\n") -> Plant:
    return lambda clinic: (clinic.folder / name).write_text(content)


def backup_for_others(clinic: Clinic) -> None:
    clinic.newest_backup().chmod(0o640)


def foreign_file(clinic: Clinic) -> None:
    stranger = clinic.state / "logs"
    if os.geteuid() == 0:
        stranger.mkdir()
        os.chown(stranger, 12_345, 12_345)
    else:
        # Without being root nobody can give files away: this one belongs to root.
        stranger.symlink_to("/etc/hostname")


def on_server(clinic: Clinic, bits: int) -> Path:
    folder = clinic.installation.layout.settings
    folder.mkdir(parents=True)
    file = folder / "settings.env"
    file.write_text("IOP_DEMO=0\n")
    file.chmod(bits)
    return file


# Keys.


def other_keys(clinic: Clinic) -> None:
    (clinic.state / NAME).write_text("ab" * 32 + "\n")


def damaged_key(clinic: Clinic) -> None:
    wrapped = base64.b64encode(bytes(60)).decode()
    clinic.write(lambda c: c.execute(update(person_keys).values(wrapped=wrapped)))


def half_rotated(clinic: Clinic) -> None:
    KeyFile(clinic.state / NAME).add()


# What waits.


def written(clinic: Clinic, entry: Entry) -> None:
    clinic.write(partial(log.write, entry=entry))


def alert(clinic: Clinic, kind: Any, minutes: int) -> None:
    at = now() - minutes * MINUTE
    said = Message(10, "visitor", "text", "made up", at, client_id="b")
    written(clinic, Entry("c2", "web", at, (said,), None, (Alert(10, kind, at, "S2", "T1"),)))


def told(clinic: Clinic) -> None:
    clinic.write(lambda c: c.execute(update(notices).values(sent_at=now())))


def open_alert(clinic: Clinic) -> None:
    alert(clinic, "crisis", 61)
    told(clinic)


def open_callback(clinic: Clinic) -> None:
    alert(clinic, "callback", 25 * 60)
    told(clinic)


def waiting_notice(clinic: Clinic) -> None:
    alert(clinic, "crisis", 11)
    clinic.write(lambda c: alarms.acknowledge(c, "c2", 10, by="ana", at=now()))


def waiting_delivery(clinic: Clinic) -> None:
    at = now() - 11 * MINUTE

    def work(connection: Connection) -> None:
        row = {"id": "c3", "channel": "sms", "created_at": at, "last_at": at}
        connection.execute(insert(conversations).values(**row))
        mine = {"conversation_id": "c3", "seq": 10}
        said = {**mine, "sender": "bot", "kind": "answer", "text": "made up", "at": at}
        connection.execute(insert(messages).values(**said))
        waits = {**mine, "state": "waiting", "due_at": at, "at": at}
        connection.execute(insert(deliveries).values(**waits))

    clinic.write(work)


def waiting_arrival(clinic: Clinic) -> None:
    row = {"conversation_id": "c1", "channel": "sms", "platform_id": "SM1", "content": None}
    row["at"] = now() - 6 * MINUTE  # type: ignore[assignment]
    clinic.write(lambda c: c.execute(insert(arrivals).values(**row)))


def spill(name: str, seconds: float) -> Plant:
    def plant(clinic: Clinic) -> None:
        path = clinic.state / name
        path.write_text("{}\n")
        path.chmod(0o600)
        aged(path, seconds)

    return plant


# Alerts.


def failing_place(clinic: Clinic) -> None:
    since = {"failing_since": now() - 3 * DAY, "trouble": "ClientConnectorError"}
    clinic.write(lambda c: c.execute(update(places).values(**since)))


def drill(trouble: str | None, days: int) -> Plant:
    def work(connection: Connection) -> None:
        at = now() - days * DAY
        connection.execute(delete(drill_rows))
        drills.begin(connection, "then", at)
        drills.end(connection, "then", f"{DRILL}abcdefghijklmnopqrstuv", at, trouble)

    return lambda clinic: clinic.write(work)


def no_drill(clinic: Clinic) -> None:
    clinic.write(lambda c: c.execute(delete(drill_rows)))
    aged(clinic.state / "web.keys", 3 * 86_400)


# Backups.


def no_backup(clinic: Clinic) -> None:
    clinic.newest_backup().unlink()
    aged(clinic.state / "web.keys", 27 * 3600)


def old_backup(clinic: Clinic) -> None:
    then = measuring.stamp(time.time() - 30 * 3600)
    clinic.newest_backup().rename(clinic.state / "backups" / f"iop-{then}.backup")


def damaged_backup(clinic: Clinic) -> None:
    path = clinic.newest_backup()
    content = bytearray(path.read_bytes())
    content[-40] ^= 1
    path.write_bytes(content)


def kept_backup(clinic: Clinic) -> None:
    then = measuring.stamp(time.time() - 60 * 86_400)
    shutil.copy2(clinic.newest_backup(), clinic.state / "backups" / f"iop-{then}.backup")


# The database.


def no_database(clinic: Clinic) -> None:
    for path in clinic.state.glob("desk.db*"):
        path.unlink()


def unreadable_database(clinic: Clinic) -> None:
    no_database(clinic)
    path = clinic.state / "desk.db"
    path.write_bytes(os.urandom(8192))
    path.chmod(0o600)


def damaged_database(clinic: Clinic) -> None:
    """Empty an index, whose page is a leaf (sqlite.org/fileformat.html, 1.6)."""
    path = clinic.state / "desk.db"
    clinic.sql("INSERT INTO facets VALUES ('intents', 'made up')")
    page, size = root_of(path, "sqlite_autoindex_facets_1"), page_size(path)
    with path.open("r+b") as file:
        file.seek((page - 1) * size)
        file.write(bytes([0x0A, 0, 0, 0, 0]) + size.to_bytes(2, "big") + b"\0")


def page_size(path: Path) -> int:
    return int.from_bytes(path.read_bytes()[16:18], "big")


def root_of(path: Path, index: str) -> int:
    with closing(sqlite3.connect(path)) as connection:
        query = "SELECT rootpage FROM sqlite_master WHERE name = ?"
        (page,) = connection.execute(query, (index,)).fetchone()
        return int(page)


def loose_row(clinic: Clinic) -> None:
    clinic.sql("INSERT INTO ratings (conversation_id, at, score) VALUES ('gone', 1, 1)")


def older_form(clinic: Clinic) -> None:
    clinic.sql("UPDATE alembic_version SET version_num = '0010'")


def changed_audit(clinic: Clinic) -> None:
    clinic.write(lambda c: audit.note(c, "ana", "signed in", at=now()))
    names = triggers(clinic.state / "desk.db", "audit")
    clinic.sql(*(f"DROP TRIGGER {name}" for name in names), "UPDATE audit SET action = 'nothing'")


def triggers(path: Path, table: str) -> list[str]:
    with closing(sqlite3.connect(path)) as connection:
        query = "SELECT name FROM sqlite_master WHERE type = 'trigger' AND tbl_name = ?"
        return [str(name) for (name,) in connection.execute(query, (table,))]


# Texts and facts.


def draft(clinic: Clinic) -> None:
    path = clinic.answers / "cost.yml"
    said = "approval: {name: Dr. Ana Diaz, role: clinician, date: '2026-11-01'}"
    path.write_text(path.read_text("utf-8").replace(said, "approval: draft", 1), "utf-8")


def silent_draft(clinic: Clinic) -> None:
    draft(clinic)
    clinic.edit("center.yml", speak_drafts=False)


def overdue_text(clinic: Clinic) -> None:
    place = {"kind": "text", "name": "cost", "channel": "web", "language": "en"}
    row = {"content": [{"say": "It costs."}], "version": 9, "state": "published", "crisis": 0}
    more = {"edits": 1, "authors": ["ana"], "at": now(), "review_by": "2026-01-01"}
    approved = {"approved_by": "Dr. Ana Diaz", "approved_at": now()}

    def work(connection: Connection) -> None:
        made = connection.execute(insert(revisions).values(**place, **row, **more, **approved))
        number = made.inserted_primary_key[0]  # type: ignore[index]
        spoken = {**place, "revision_id": number, "at": now(), "by": "ana"}
        connection.execute(insert(publications).values(**spoken))

    clinic.write(work)


def demo(clinic: Clinic) -> None:
    clinic.environment |= {"IOP_DEMO": "1", "IOP_PUBLIC_URL": "http://chat.example.org"}


# Models.


def failed_candidate(clinic: Clinic) -> None:
    name = clinic.write(lambda c: candidates.ask(c, None, now()))
    assert name
    clinic.write(lambda c: candidates.failed(c, name, "MemoryError", now()))


def failed_switch(clinic: Clinic) -> None:
    row = {"at": now(), "why": "accepted", "trouble": "TimeoutError"}
    clinic.write(lambda c: c.execute(insert(model_switches).values(**row)))
    assert clinic.write(models_in_use.current).trouble


# Alerts' and channels' settings.


def sms(clinic: Clinic) -> None:
    said = {"sms": {"account_sid_from": "NOT_THERE", "auth_token_from": "NOT_THERE"}}
    clinic.edit("credentials.yml", **{"brain.connector.DeskConnector": said})
    clinic.environment["IOP_PUBLIC_URL"] = "http://chat.example.org"


def webhook(url: str) -> Plant:
    return lambda clinic: clinic.edit("alerts.yml", places={"pager": {"webhook": {"url": url}}})


def set_to(**values: object) -> Plant:
    return lambda clinic: vars(clinic).update(values)


def variable(name: str, value: str) -> Plant:
    return lambda clinic: clinic.environment.update({name: value})


def claimed_proxies(clinic: Clinic) -> None:
    clinic.environment |= {"IOP_PROXIES": "1", "IOP_HOST": "0.0.0.0"}


def reboot(clinic: Clinic) -> None:
    (clinic.root / "run").mkdir()
    (clinic.root / "run/reboot-required").touch()


PLANTED: list[tuple[Plant, str, str]] = [
    (mode("state", 0o755), "state-open", "chmod 700"),
    (mode("state/store.keys", 0o644), "file-open", "chmod 600"),
    (mode("state/desk.db", 0o664), "file-open", "chmod 600"),
    (backup_for_others, "file-open", "chmod 600"),
    (mode("secrets/ALERTS_PAGER_TOKEN", 0o644), "secret-open", "chmod o-rwx"),
    (lambda c: on_server(c, 0o644), "secret-open", "chmod o-rwx"),
    (lambda c: on_server(c, 0o660), "settings-writable", "chmod go-w"),
    (mode("center.yml", 0o666), "settings-writable", "chown root"),
    (foreign_file, "owner-other", "chown -R"),
    (gone("state/store.keys"), "keys-missing", "Put back the copy"),
    (junk("state/store.keys"), "keys-wrong", "Put back its copy"),
    (junk("state/identity.key"), "keys-wrong", "everybody a stranger"),
    (junk("state/web.keys", "abc\n"), "keys-wrong", "visitors begin anew"),
    (damaged_key, "keys-other", "put back the copy"),
    (half_rotated, "keys-half-rotated", "make rotate-keys"),
    (gone("state/identity.key"), "identity-missing", "Put back its copy"),
    (gone("state/console.keys"), "console-keys-missing", "make reset-staff"),
    (gone("state/web.keys"), "web-keys-missing", "newest backup"),
    (gone("state/brain.token"), "token-missing", "make setup"),
    (junk("state/brain.token", "\n"), "token-missing", "make setup"),
    (open_alert, "alerts-open", "alerts page"),
    (open_callback, "alerts-open", "alerts page"),
    (waiting_notice, "notices-wait", "alerts page"),
    (waiting_delivery, "deliveries-wait", "make channels"),
    (waiting_arrival, "arrivals-wait", "restart iop-desk"),
    (spill("spill.jsonl", 600), "spill-waits", "Start the desk"),
    (spill("spill.locked.jsonl", 0), "spill-locked", "older key"),
    (failing_place, "place-failing", "desk.drill"),
    (drill("not told: pager", 0), "drill-failed", "desk.drill"),
    (drill(None, 3), "drill-old", "desk.drill"),
    (no_drill, "drill-old", "desk.drill"),
    (junk("alerts.yml", "places:\n"), "nobody-told", "Name a place"),
    (junk("alerts.yml", "plaices: {}\n"), "alerts-wrong", "Mend alerts.yml"),
    (webhook("http://127.0.0.1:1/hook"), "host-unreachable", "firewall"),
    (webhook("https://nowhere.invalid/hook"), "host-unknown", "name server"),
    (no_backup, "backup-none", "iop-backup.timer"),
    (old_backup, "backup-old", "make backup"),
    (damaged_backup, "backup-unreadable", "make backup"),
    (kept_backup, "backup-kept", "make backup"),
    (junk("state/restore.unfinished", ""), "restore-unfinished", "make restore"),
    (no_database, "database-missing", "restore a backup"),
    (unreadable_database, "database-unreadable", "make restore"),
    (damaged_database, "database-damaged", "make restore"),
    (loose_row, "database-loose", "Something else has written"),
    (older_form, "database-form", "restart"),
    (changed_audit, "audit-changed", "docs/breach.md"),
    (set_to(room=Room(900_000_000, 10_000_000_000)), "disk-full", "du -xh"),
    (set_to(free_memory=500.0), "memory-low", "swap"),
    (reboot, "reboot", "sudo reboot"),
    (draft, "texts-drafts", "make answers"),
    (silent_draft, "texts-silent", "speak_drafts"),
    (overdue_text, "texts-overdue", "new day"),
    (junk("answers/cost.yml", "answers: [\n"), "answers-wrong", "put back"),
    (lambda c: c.edit("center.yml", phone=None), "facts-unset", "center.yml"),
    (lambda c: c.edit("center.yml", retention_days="long"), "center-wrong", "docs/center.md"),
    (demo, "demo-public", "IOP_DEMO=0"),
    (failed_candidate, "candidate-failed", "page Models"),
    (failed_switch, "switch-failed", "restart iop-brain"),
    (junk("credentials.yml", "rest:\n"), "channels-wrong", "docs/channels.md"),
    (sms, "channels-wrong", "docs/channels.md"),
    (claimed_proxies, "proxies-claimed", "IOP_PROXIES=0"),
    (variable("IOP_STATE", "/nowhere/at/all"), "state-missing", "IOP_STATE"),
]


@pytest.mark.parametrize(
    ("plant", "fault", "remedy"), PLANTED, ids=[f"{n}-{row[1]}" for n, row in enumerate(PLANTED)]
)
def test_a_planted_fault_is_found_alone_with_its_remedy(
    clinic: Clinic, healthy: frozenset[str], plant: Plant, fault: str, remedy: str
) -> None:
    assert fault not in healthy
    plant(clinic)
    found = clinic.findings()
    assert found.keys() - healthy == {fault}
    assert remedy in found[fault].remedy


def test_other_master_keys_open_neither_the_database_nor_the_backup(
    clinic: Clinic, healthy: frozenset[str]
) -> None:
    other_keys(clinic)
    found = clinic.findings()
    assert found.keys() - healthy == {"keys-other", "backup-unreadable"}
    assert "put back the copy of store.keys" in found["keys-other"].remedy


def test_damage_at_which_sqlites_own_check_dies_is_told_as_damage(clinic: Clinic) -> None:
    path = clinic.state / "desk.db"
    page, size = root_of(path, "conversations"), page_size(path)
    with path.open("r+b") as file:
        file.seek((page - 1) * size)
        file.write(b"\xff" * size)
    found = clinic.findings("database")
    assert "database-damaged" in found
    assert "make restore" in found["database-damaged"].remedy


@pytest.mark.parametrize(
    "fault", [each for each in vars(faults).values() if isinstance(each, Fault)]
)
def test_every_fault_says_what_to_do(fault: Fault) -> None:
    assert len(fault.remedy) > 15
    assert fault.remedy != fault.what


def test_no_finding_tells_a_secret(clinic: Clinic) -> None:
    clinic.environment |= {
        "DATABASE_URL": "postgresql://user:s3cret-password@127.0.0.1:1/log",
        "ALERTS_HOOK": "https://nowhere.invalid/s3cret-path",
        "ALERTS_PAGER": "pagerduty://s3cretkey0s3cretkey0s3cretkey0ab@s3cretapikey",
    }
    places = {
        "hook": {"webhook": {"url_from": "ALERTS_HOOK"}},
        "pager": {"apprise": {"url_from": "ALERTS_PAGER"}},
    }
    clinic.edit("alerts.yml", places=places)
    found = clinic.findings()
    assert {"postgres-away", "host-unknown"} <= found.keys()
    told = " ".join(f"{each.what} {each.remedy}" for each in found.values())
    assert "s3cret" not in told.lower()
    assert "not-told-to-anybody" not in told
