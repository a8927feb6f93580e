"""Mail goes encrypted to a server that proves who it is, to every recipient that it takes."""

from __future__ import annotations

import ssl
import subprocess
from pathlib import Path

import pytest

from store import alert_lists
from store.database import Database
from tests.desk.alerting.couriers import (
    MARKER,
    Start,
    entry,
    everywhere,
    mailbox,
    write,
)
from tests.desk.alerting.servers import MailServer


async def test_one_recipient_that_is_refused_does_not_stop_the_others(
    start: Start, database: Database, mail: MailServer
) -> None:
    both = ("gone@example.org", "on-call@example.org")
    courier = await start(mailbox(mail, recipients=both))
    mail.refuse = {"gone@example.org"}
    await write(database, entry())
    await everywhere(courier)
    assert mail.envelopes == [["on-call@example.org"]]
    (place,) = await database.read(alert_lists.all_places)
    assert place["trouble"] == "SMTPRecipientsRefused"


@pytest.fixture
def certificate(tmp_path: Path) -> tuple[Path, Path]:
    key, made = tmp_path / "key.pem", tmp_path / "cert.pem"
    command = "openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:prime256v1 -nodes -days 2"
    command += " -subj /CN=localhost -addext subjectAltName=DNS:localhost"
    subprocess.run(
        [*command.split(), "-keyout", key, "-out", made], check=True, capture_output=True
    )
    return made, key


async def test_mail_goes_encrypted_and_signed_in(
    start: Start,
    database: Database,
    certificate: tuple[Path, Path],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    context.load_cert_chain(*certificate)
    server = MailServer(tls=context, login="me:s3cret")
    await server.start()
    monkeypatch.setenv("SSL_CERT_FILE", str(certificate[0]))
    signed = {"tls": "starttls", "host": "localhost", "user": "me", "password": "s3cret"}
    courier = await start(mailbox(server, **signed))
    await write(database, entry())
    await everywhere(courier)
    await server.stop()
    assert server.encrypted == [True]


async def test_no_mail_goes_to_a_server_that_cannot_prove_who_it_is(
    start: Start, database: Database, certificate: tuple[Path, Path]
) -> None:
    context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    context.load_cert_chain(*certificate)
    server = MailServer(tls=context)
    await server.start()
    courier = await start(mailbox(server, tls="starttls", host="localhost"))
    await write(database, entry())
    await everywhere(courier)
    await server.stop()
    assert server.mails == []
    (place,) = await database.read(alert_lists.all_places)
    assert place["trouble"] == "SSLCertVerificationError"


async def test_no_mail_goes_in_the_open_where_encryption_is_wanted(
    start: Start, database: Database, mail: MailServer
) -> None:
    courier = await start(mailbox(mail, tls="starttls"))
    await write(database, entry())
    await everywhere(courier)
    assert mail.mails == []
    assert MARKER not in "".join(mail.raw)
