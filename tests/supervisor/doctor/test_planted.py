"""Each fault that is planted into a healthy clinic is found, it alone, with its remedy."""

from __future__ import annotations

import pytest

from desk.measuring import Room
from supervisor.doctor import faults
from supervisor.doctor.finding import Fault
from tests.supervisor.doctor.clinic import Clinic
from tests.supervisor.doctor.plants import (
    Plant,
    backup_for_others,
    changed_audit,
    claimed_proxies,
    damaged_backup,
    damaged_database,
    damaged_key,
    demo,
    draft,
    drill,
    failed_candidate,
    failed_switch,
    failing_place,
    foreign_file,
    gone,
    half_rotated,
    junk,
    kept_backup,
    loose_row,
    mode,
    no_backup,
    no_database,
    no_drill,
    old_backup,
    older_form,
    on_server,
    open_alert,
    open_callback,
    other_keys,
    overdue_text,
    page_size,
    reboot,
    root_of,
    set_to,
    silent_draft,
    sms,
    spill,
    unreadable_database,
    variable,
    waiting_arrival,
    waiting_delivery,
    waiting_notice,
    webhook,
)

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
