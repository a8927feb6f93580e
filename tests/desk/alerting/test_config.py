from __future__ import annotations

from datetime import time
from pathlib import Path

import pytest

from desk.alerting.config import Alerting, load_alerting
from desk.alerting.places import EmailPlace, WebhookPlace
from desk.errors import SettingsError
from desk.settings import ROOT, Settings, load_settings

WHOLE = """
console_url: http://127.0.0.1:9081
drill_at: "07:30"
repeat: {T0: 1, T2: 30, most: 12}
places:
  mail:
    email:
      host: smtp.example.org
      user: alerts
      password_from: MAIL_PASSWORD
      from: alerts@example.org
      to: [a@example.org, b@example.org]
  pager:
    webhook:
      url: https://pager.example.org/hook
      token_from: pager-token
"""
HOOK = "places:\n  hook:\n    webhook:\n      "
MAIL = "places:\n  mail:\n    email:\n      host: smtp.example.org\n      from: a@example.org\n"


def load(folder: Path, text: str, **environment: str) -> Alerting:
    path = folder / "alerts.yml"
    path.write_text(text)
    settings = Settings(alerts_file=path, secrets=folder / "secrets")
    return load_alerting(settings, environment)


def test_without_a_file_nobody_is_told_elsewhere() -> None:
    read = load_alerting(Settings(), {})
    assert (read.places, read.drill_at) == ((), None)
    assert read.console_url == "http://127.0.0.1:8081"


def test_everything_that_can_be_said(tmp_path: Path) -> None:
    (tmp_path / "secrets").mkdir()
    (tmp_path / "secrets" / "pager-token").write_text("t0ken\n")
    read = load(tmp_path, WHOLE, MAIL_PASSWORD="s3cret")
    mail, pager = read.places
    assert isinstance(mail, EmailPlace)
    assert isinstance(pager, WebhookPlace)
    assert (mail.port, mail.tls, mail.password) == (587, "starttls", "s3cret")
    assert mail.recipients == ("a@example.org", "b@example.org")
    assert pager.token == "t0ken"
    assert read.drill_at == time(7, 30)
    assert read.console_url == "http://127.0.0.1:9081"
    minutes = [read.pace.every(tier) / 60_000 for tier in ("T0", "T1", "T2", None)]
    assert minutes == [1, 5, 30, 15]
    assert read.pace.most == 12


def test_no_secret_shows_when_a_place_is_printed(tmp_path: Path) -> None:
    (tmp_path / "secrets").mkdir()
    (tmp_path / "secrets" / "pager-token").write_text("t0ken")
    shown = repr(load(tmp_path, WHOLE, MAIL_PASSWORD="s3cret"))
    assert "s3cret" not in shown
    assert "t0ken" not in shown
    assert "pager.example.org" not in shown


def test_the_drill_is_on_where_a_place_is_named_and_can_be_put_off(tmp_path: Path) -> None:
    text = HOOK + "url: https://x.example.org\n"
    assert load(tmp_path, text).drill_at == time(10, 0)
    assert load(tmp_path, text + "drill_at: off\n").drill_at is None
    assert load(tmp_path, 'drill_at: "09:00"\n').drill_at is None


@pytest.mark.parametrize(
    ("text", "key"),
    [
        ("place: {}", "`place`.*did you mean `places`"),
        ("places: [mail]", "`places`"),
        ("places:\n  Mail: {webhook: {url: https://x.org}}", "Mail"),
        ("places:\n  mail: {}", "places.mail"),
        ("places:\n  mail: {pager: {}}", "places.mail.pager"),
        ("places:\n  a: {webhook: {url: https://x.org}}\n  a: {webhook: {}}", "line 3.*twice"),
        (HOOK + "url: ftp://x.org", "places.hook.webhook.url"),
        (HOOK + "url: http://x.org/hook", "plain_http"),
        (HOOK + "url: https://user:pw@x.org/", "places.hook.webhook.url"),
        (HOOK + "url: 'http://[x/'", "places.hook.webhook.url"),
        (HOOK + "token_from: T", "either `url` or `url_from`"),
        (HOOK + "url: https://x.org\n      token_from: T", "set the variable T.*secrets/T"),
        (HOOK + "url_from: U", "url_from.*set the variable U"),
        (HOOK + "url: https://x.org\n      token: abc", "webhook.token`.*not known"),
        (MAIL, "places.mail.email.to"),
        (MAIL + "      to: nobody", "places.mail.email.to"),
        (MAIL + '      to: "a@x.org\\nBcc: b@x.org"', "places.mail.email.to"),
        (MAIL + "      to: []", "places.mail.email.to"),
        (MAIL + "      to: a@x.org\n      tls: ssl", "tls.*starttls"),
        (MAIL + "      to: a@x.org\n      port: smtp", "email.port"),
        (MAIL + "      to: a@x.org\n      user: me", "user.*both"),
        ('drill_at: "25:00"', "drill_at.*time of day"),
        ("drill_at: 10:00", "drill_at.*quotes"),
        ("repeat: {T1: 0}", "repeat.T1.*minutes"),
        ("repeat: {T9: 5}", "repeat.T9"),
        ("console_url: https://x.org/path", "console_url"),
        ("a: [", "line 1"),
        ("- a", "key: value"),
        ("\x00", "line 1"),
    ],
)
def test_what_is_wrong_stops_the_start_with_file_key_and_remedy(
    tmp_path: Path, text: str, key: str
) -> None:
    with pytest.raises(SettingsError, match=f"alerts.yml.*{key}"):
        load(tmp_path, text)


def test_a_password_never_goes_in_the_open(tmp_path: Path) -> None:
    text = f"{MAIL}      to: a@x.org\n      tls: none\n      user: me\n      password_from: P\n"
    with pytest.raises(SettingsError, match="unencrypted"):
        load(tmp_path, text, P="s3cret")


def test_no_message_shows_a_secret(tmp_path: Path) -> None:
    with pytest.raises(SettingsError) as found:
        load(tmp_path, HOOK + "url_from: U\n", U="ftp://s3cret")
    assert "s3cret" not in str(found.value)


def test_the_file_lies_beside_the_centers_facts(tmp_path: Path) -> None:
    center = tmp_path / "center.yml"
    environment = {"IOP_CENTER_FILE": str(center)}
    assert load_settings([], environment).alerts_file is None
    (tmp_path / "alerts.yml").write_text("")
    assert load_settings([], environment).alerts_file == tmp_path / "alerts.yml"
    elsewhere = load_settings([], {**environment, "IOP_ALERTS_FILE": "/dev/null"})
    assert load_alerting(elsewhere, {}).places == ()


def test_a_file_that_was_named_must_be_there() -> None:
    with pytest.raises(SettingsError, match=r"no\.yml.*cannot be read"):
        load_alerting(Settings(alerts_file=Path("/no.yml")), {})


def test_the_projects_own_file_is_right_and_names_nobody() -> None:
    assert load_alerting(Settings(alerts_file=ROOT / "alerts.yml"), {}).places == ()


@pytest.mark.parametrize(
    ("host", "url"),
    [
        ("127.0.0.1", "http://127.0.0.1:8080"),
        ("0.0.0.0", "http://127.0.0.1:8080"),
        ("::", "http://[::1]:8080"),
        ("10.0.0.5", "http://10.0.0.5:8080"),
    ],
)
def test_where_the_desk_finds_itself(host: str, url: str) -> None:
    assert Settings(host=host).own_url == url
