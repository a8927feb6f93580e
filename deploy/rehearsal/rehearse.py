"""`sudo make rehearse-server`: docs/server.md, followed word by word on a fresh Debian 12.

    python3 -m deploy.rehearsal.rehearse [--folder PLACE] [--python FOLDER] [--keep]

It needs root, debootstrap and systemd-container (Debian packages), a mirror of Debian and a package
index within reach, and ports 80, 443, 8080, 8081, 5005 and 9108 of this machine. An authority of
its own (Pebble, Let's Encrypt's test server) gives the certificates. In the end each process is
killed, and must answer again.
"""

from __future__ import annotations

import argparse
import json
import re
import shutil
import ssl
import subprocess
import sys
import threading
import time
import urllib.request
from collections.abc import Callable
from http.client import HTTPException, RemoteDisconnected
from pathlib import Path

from deploy.rehearsal.container import Container, make, say
from deploy.rehearsal.visits import Visits, plain

ROOT = Path(__file__).resolve().parents[2]
MIRROR = "http://deb.debian.org/debian"
DOMAIN, CONSOLE, AUTHORITY = "chat.example.org", "staff.example.org", "ca.example.org"
QUESTION, ANSWER = "how much does it cost", "answer"
_FENCE = re.compile(r"^```sh( \w+)?\n(.*?)^```$", re.MULTILINE | re.DOTALL)
_PEBBLE = {
    "pebble": {
        "listenAddress": "0.0.0.0:14000",
        "managementListenAddress": "0.0.0.0:15000",
        "certificate": "/etc/clinic-ca/server.pem",
        "privateKey": "/etc/clinic-ca/server.key",
        "httpPort": 80,
        "tlsPort": 443,
        "ocspResponderURL": "",
        "externalAccountBindingRequired": False,
    }
}
_AUTHORITY = f"""
apt-get update -qq
DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends pebble openssl
mkdir -p /etc/clinic-ca && cd /etc/clinic-ca
openssl req -x509 -newkey rsa:2048 -nodes -days 30 -subj "/CN=Clinic CA" -keyout ca.key \
  -out /etc/ssl/clinic-ca.crt 2>/dev/null
openssl req -newkey rsa:2048 -nodes -subj "/CN={AUTHORITY}" -keyout server.key -out server.csr \
  2>/dev/null
printf "subjectAltName=DNS:{AUTHORITY}" > san
openssl x509 -req -in server.csr -CA /etc/ssl/clinic-ca.crt -CAkey ca.key -CAcreateserial -days 30 \
  -extfile san -out server.pem 2>/dev/null
systemd-run --quiet --unit=clinic-ca -p Restart=always -E PEBBLE_VA_NOSLEEP=1 \
  -E PEBBLE_WFE_NONCEREJECT=0 pebble -config /etc/clinic-ca/pebble.json
"""

_CANDIDATE = """
import asyncio, os, sys, time
from desk.settings import load_settings
from store import candidates
from store.database import Database

async def main():
    database, now = Database(load_settings((), os.environ).database), int(time.time() * 1000)
    await database.write(lambda c: candidates.ask(c, None, now))
    while True:
        newest = (await database.read(candidates.newest))[0]
        if newest.state not in candidates.WORKING:
            print(newest.state, newest.trouble or "")
            return
        await asyncio.sleep(1)

asyncio.run(main())
"""
_AS_SERVICE = (
    "systemd-run --quiet --pipe --wait -p User=iop-assistant -p EnvironmentFile="
    "/etc/iop-assistant/settings.env -p WorkingDirectory=/opt/iop-assistant/current "
    "/opt/iop-assistant/current/.venv/desk/bin/python -"
)


def commands(document: str, kind: str) -> list[str]:
    """Return the fenced commands of a document, those without a kind and those of one.

    Args:
        document: Markdown.
        kind: The word behind ```sh of blocks that are another way to do the same.
    """
    found = [(mark.strip(), text) for mark, text in _FENCE.findall(document)]
    install = next(text for mark, text in found if not mark and "deploy-server" in text)
    instead = next(text for mark, text in found if mark == kind)
    return [instead if text == install else text for mark, text in found if not mark]


class Rehearsal:
    """One run."""

    def __init__(self, container: Container) -> None:
        """Use a machine."""
        self._machine = container
        self.figures: list[tuple[str, str]] = []
        self._visits = Visits(ssl.create_default_context())

    def note(self, what: str, figure: str) -> None:
        """Keep a finding, and show it."""
        self.figures.append((what, figure))
        say(f"  {what}: {figure}")

    def prepare(self, python: Path | None) -> list[str]:
        """Put into the machine what this one's network asks for; return what is to be seen inside.

        Args:
            python: A folder with a Python 3.10, for where none can be fetched.
        """
        folder = self._machine.folder
        own_name = (folder / "etc/hostname").read_text().strip()
        names = f"127.0.0.1 localhost {own_name} {DOMAIN} {CONSOLE} {AUTHORITY}\n"
        (folder / "etc/hosts").write_text(names, "utf-8")
        (folder / "etc/clinic-ca").mkdir()
        (folder / "etc/clinic-ca/pebble.json").write_text(json.dumps(_PEBBLE), "utf-8")
        own = Path("/usr/local/share/ca-certificates")
        for file in own.glob("*.crt") if own.is_dir() else ():
            shutil.copy(file, folder / own.relative_to("/"))
        binds = _package_index(folder)
        if python is not None:
            binds.append(f"{python}:/opt/python3.10")
            (folder / "usr/local/bin/python3.10").symlink_to("/opt/python3.10/bin/python3.10")
            (folder / "etc/ld.so.conf.d/python3.10.conf").write_text("/opt/python3.10/lib\n")
        bare = folder / "srv/iop-assistant.git"
        subprocess.run(["git", "clone", "-q", "--bare", str(ROOT), str(bare)], check=True)
        (folder / "root/.gitconfig").write_text(
            '[url "file:///srv/iop-assistant.git"]\n'
            "\tinsteadOf = https://git.example.org/iop-assistant.git\n[safe]\n\tdirectory = *\n"
        )
        return binds

    def follow(self, document: str) -> None:
        """Do what the document says."""
        for number, text in enumerate(commands(document, "acme"), 1):
            say("\n".join(f"  $ {line}" for line in text.splitlines()))
            begun = time.monotonic()
            # A shell of its own for each block: the folder of the clone is where the last one was.
            where = "cd iop-assistant\n" if number > 1 else ""
            self._machine.run(where + text, quiet=False)
            self.note(f"step {number}", f"{time.monotonic() - begun:.0f} s")

    def trust(self) -> None:
        """Trust the authority of this run, and no other."""
        unchecked = ssl.create_default_context()
        unchecked.check_hostname, unchecked.verify_mode = False, ssl.CERT_NONE
        address = "https://127.0.0.1:15000/roots/0"
        with urllib.request.urlopen(address, context=unchecked, timeout=10) as answer:
            trusted = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
            trusted.load_verify_locations(cadata=answer.read().decode())
        self._visits = Visits(trusted)

    def look(self) -> None:
        """Check what visitors and staff see."""
        visits = self._visits
        status, headers, page = visits.ask(DOMAIN, "GET", "/")
        assert (status, b"/widget/iop-chat.js" in page) == (200, True), status
        assert "strict-transport-security" in {name.lower() for name in headers}
        status, headers, script = visits.ask(DOMAIN, "GET", "/widget/iop-chat.js")
        assert (status, len(script) > 1000) == (200, True), status
        assert "nginx/" not in headers.get("server", headers.get("Server", ""))
        self.note("page and widget over HTTPS, certificate checked", "yes")
        self.answers()
        self.note("a question answered by the model over HTTPS", "yes")
        status, _, page = visits.ask(CONSOLE, "GET", "/sign-in")
        assert (status, b"password" in page) == (200, True), (status, page[:300])
        assert visits.ask(DOMAIN, "GET", "/sign-in")[0] == 404
        assert visits.ask(CONSOLE, "GET", "/widget/iop-chat.js")[0] != 200
        self.note("console on its own host alone", "yes")
        for name in (DOMAIN, CONSOLE):
            answer = plain(name, "/x?y=1")
            assert answer.status == 301, answer.status
            assert answer.headers["location"] == f"https://{name}/x?y=1"
        self.note("HTTP leads to HTTPS", "yes")
        for ask in (
            lambda: plain("other.example.org", "/"),
            lambda: visits.ask(DOMAIN, "GET", "/", host="other.example.org"),
            lambda: visits.ask("other.example.org", "GET", "/"),
        ):
            assert refused(ask), "another name was answered"
        self.note("other names refused", "yes")

    def answers(self) -> None:
        """Have a question answered by the model.

        Raises:
            AssertionError: It is not.
        """
        self._visits.begin(DOMAIN)
        status, replies = self._visits.say(DOMAIN, QUESTION)
        kinds = [reply["kind"] for reply in replies]
        assert (status, ANSWER in kinds) == (200, True), (status, kinds)

    def until_it_answers(self, seconds: float = 90) -> float:
        """Return after how many seconds a question is answered again."""
        begun, last = time.monotonic(), ""
        while time.monotonic() - begun < seconds:
            try:
                self.answers()
                return time.monotonic() - begun
            except (AssertionError, OSError, HTTPException, ValueError) as problem:
                last = f"{type(problem).__name__}: {problem}"
                time.sleep(0.1)
        raise AssertionError(f"nothing after {seconds} s: {last}")

    def kill(self) -> None:
        """Kill each process outright; it must come back by itself, and answer."""
        for name, unit in (
            ("desk", "iop-desk"),
            ("supervisor of the brain", "iop-brain"),
            ("nginx", "nginx"),
        ):
            old = self._main(unit)
            self._kill(old)
            if name == "desk":
                # Nobody is refused meanwhile: the first question waits.
                begun = time.monotonic()
                self.answers()
                waited = f"answered after {time.monotonic() - begun:.1f} s"
                self.note("a question while the desk was dead", waited)
            self.note(f"{name} killed", f"answers after {self.until_it_answers():.1f} s")
            self._comes_back(unit, old)
        child = self._machine.run("pgrep -u iop-assistant -f brain.rasa_alone").split()[0]
        self._kill(int(child))
        self.note("brain killed", f"answers after {self.until_it_answers():.1f} s")
        self._stop_for_good(self._main("iop-desk"))

    def _stop_for_good(self, old: int) -> None:
        """Have the desk hang; systemd must notice."""
        begun = time.monotonic()
        self._machine.run(f"kill -STOP {old}")
        self._comes_back("iop-desk", old)
        self.until_it_answers()
        self.note("desk hung", f"answers after {time.monotonic() - begun:.0f} s")

    def _main(self, unit: str) -> int:
        return int(self._machine.run(f"systemctl show -p MainPID --value {unit}"))

    def _kill(self, process: int) -> None:
        self._machine.run(f"kill -9 {process}")

    def _comes_back(self, unit: str, old: int, seconds: float = 120) -> None:
        end = time.monotonic() + seconds
        while self._main(unit) in (0, old):
            assert time.monotonic() < end, f"{unit} did not come back"
            time.sleep(0.2)

    def again(self, document: str) -> None:
        """Run the installation again: nothing may be started again."""
        text = next(t for t in commands(document, "acme") if "deploy-server" in t)
        before = [self._main(unit) for unit in ("iop-desk", "iop-brain", "nginx")]
        begun = time.monotonic()
        self._machine.run(f"cd iop-assistant\n{text}", quiet=False)
        assert before == [self._main(unit) for unit in ("iop-desk", "iop-brain", "nginx")]
        self.note("installed again, nothing started again", f"{time.monotonic() - begun:.0f} s")

    def restart(self) -> None:
        """Start the desk again while visitors write: each message must be taken."""
        over, statuses = threading.Event(), []

        def write(visits: Visits) -> None:
            visits.begin(DOMAIN)
            while not over.is_set():
                statuses.append(visits.say(DOMAIN, QUESTION)[0])
                # As often as the limits of one conversation and of one address bear it.
                over.wait(1.5)

        writers = [threading.Thread(target=write, args=(self._visits.other(),)) for _ in range(4)]
        for each in writers:
            each.start()
        for _ in range(3):
            self._machine.run("systemctl restart iop-desk")
        over.set()
        for each in writers:
            each.join()
        assert set(statuses) == {200}, statuses
        self.note("messages while the desk was started again thrice, all taken", str(len(statuses)))

    def learn(self) -> None:
        """Have the brain's unit train and compare a candidate, while visitors ask."""
        begun = time.monotonic()
        told = self._machine.run(f"{_AS_SERVICE} <<'END'\n{_CANDIDATE}\nEND")
        assert told.startswith("ready"), told
        self.note("a candidate trained and compared", f"{time.monotonic() - begun:.0f} s")
        self.answers()

    def exposure(self) -> None:
        """Ask systemd how exposed the units are, renew certificates, make a backup."""
        for unit in ("iop-desk", "iop-brain", "iop-backup", "iop-doctor"):
            told = self._machine.run(f"systemd-analyze security --no-pager {unit}.service")
            self.note(f"exposure of {unit}", told.strip().splitlines()[-1].partition(": ")[2])
        now = "--force-renewal --no-random-sleep-on-renew"
        self._machine.run(f"certbot renew {now} --quiet && systemctl is-active nginx")
        self.until_it_answers()
        self.note("certificates renewed", "yes")
        self._machine.run("systemctl start iop-backup.service")
        self.note("a backup by its unit", self._machine.run("ls /var/lib/iop-assistant/backups"))
        used = self._machine.run("du -sxm / | cut -f1; du -sm /opt/iop-assistant | cut -f1")
        self.note("disk, all and the assistant's", " MB, ".join(used.split()) + " MB")
        failed = self._machine.run(
            "systemctl list-units --failed --plain --no-legend 'iop*' nginx*"
        )
        self.note("failed units", failed.strip() or "none")


def refused(ask: Callable[[], object]) -> bool:
    """Say whether a request gets no answer at all."""
    try:
        ask()
    except (RemoteDisconnected, ConnectionError, ssl.SSLError):
        return True
    return False


def _package_index(folder: Path) -> list[str]:
    """Have pip inside use the package index that it uses here; return the folders it needs."""
    told = subprocess.run(
        [sys.executable, "-m", "pip", "config", "list"], capture_output=True, text=True
    ).stdout
    lines: dict[str, str] = {}
    binds = []
    for key, value in re.findall(r"^(?:global|:env:)\.([a-z-]+)='(.*)'$", told, re.MULTILINE):
        if key != "constraint":
            lines[key] = f"{key} = {value}\n"
        places = (word.removeprefix("file://") for word in value.split())
        binds += [f"{place}:{place}" for place in places if key != "cert" and Path(place).is_dir()]
    (folder / "etc/pip.conf").write_text("[global]\n" + "".join(lines.values()), "utf-8")
    return sorted(set(binds))


def main() -> int:
    """Rehearse; 0 when all was as it must be."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--folder", type=Path, default=Path("/var/tmp/iop-rehearsal"))
    parser.add_argument("--python", type=Path, help="a folder with bin/python3.10")
    parser.add_argument("--mirror", default=MIRROR)
    parser.add_argument("--keep", action="store_true", help="leave the machine's folder there")
    given = parser.parse_args()
    machine = Container(given.folder / "machine")
    if machine.folder.exists():
        machine.remove()
    given.folder.mkdir(parents=True, exist_ok=True)
    rehearsal, document = Rehearsal(machine), (ROOT / "docs/server.md").read_text("utf-8")
    begun = time.monotonic()
    say("A fresh Debian 12 ...")
    make(machine.folder, given.mirror)
    try:
        binds = rehearsal.prepare(given.python)
        machine.boot(binds)
        rehearsal.note("a fresh Debian, started", f"{time.monotonic() - begun:.0f} s")
        machine.run("ldconfig; update-ca-certificates")
        machine.run(_AUTHORITY)
        rehearsal.follow(document)
        rehearsal.trust()
        rehearsal.look()
        rehearsal.kill()
        rehearsal.restart()
        rehearsal.again(document)
        rehearsal.exposure()
        rehearsal.learn()
    finally:
        machine.end()
        if not given.keep:
            machine.remove()
    say("\nFigures:")
    for what, figure in rehearsal.figures:
        say(f"| {what} | {figure.strip()} |")
    return 0


if __name__ == "__main__":
    sys.exit(main())
