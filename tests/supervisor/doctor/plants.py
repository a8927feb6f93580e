"""The faults that are planted into a healthy clinic, by what they trouble."""

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

from sqlalchemy import Connection, delete, insert, update

from desk import measuring
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
