"""A trouble of the server is told like an alert, in words of its own, and speaks of no person."""

from __future__ import annotations

from pathlib import Path

from desk.alerting.config import load_alerting
from desk.settings import Settings
from store import server_troubles
from store.database import Database
from tests.desk.alerting.couriers import AT, Start, address, everywhere, mailbox
from tests.desk.alerting.servers import HookServer, MailServer


async def test_mail_says_what_is_wrong_and_what_to_do(
    start: Start, database: Database, mail: MailServer
) -> None:
    courier = await start(mailbox(mail))
    await database.write(lambda c: server_troubles.note(c, {"disk"}, AT))
    await everywhere(courier)
    (message,) = mail.mails
    assert message["Subject"] == "Alert, server, server"
    text = str(message.get_payload())
    assert "The server needs somebody: the disk of the server is nearly full." in text
    assert "make doctor" in text
    assert "http://127.0.0.1:8081/alerts\n" in text.replace("\r\n", "\n")


async def test_a_webhook_gets_kind_and_category(
    start: Start, database: Database, hook: HookServer
) -> None:
    courier = await start(address(hook))
    await database.write(lambda c: server_troubles.note(c, {"backup"}, AT))
    await everywhere(courier)
    (body,) = hook.bodies
    assert (body["kind"], body["category"], body["channel"]) == ("server", "backup", "server")
    assert (body["tier"], body["drill"]) == (None, False)


def test_a_place_can_be_told_of_the_server_alone(tmp_path: Path) -> None:
    file = tmp_path / "alerts.yml"
    file.write_text(
        "places:\n"
        "  nurse: {kinds: [crisis, drill], webhook: {url: 'http://127.0.0.1:1/a'}}\n"
        "  technician: {kinds: [server], webhook: {url: 'http://127.0.0.1:1/b'}}\n"
    )
    told_of = load_alerting(Settings(alerts_file=file), {}).told_of
    assert told_of == {"nurse": ("crisis", "drill"), "technician": ("server",)}
