"""The container files: by their linters, and what they must hold. No engine is needed."""

from __future__ import annotations

import ast
import json
import os
import re
import socket
import ssl
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path
from typing import Any

import pytest
import yaml

from deploy.server.proxy import INCLUDED
from setup.code_print import ROOT
from setup.environments import DESK_PYTHONS, VENVS, ensure_environment, ensure_uv
from supervisor.ports import answers, free_port

CONTAINERS = ROOT / "deploy" / "containers"
DOCKERFILE = CONTAINERS / "Dockerfile"
COMPOSE = ROOT / "deploy" / "compose.yml"
DOMAIN, CONSOLE = "chat.example.org", "staff.example.org"
NAMES = {"DOMAIN": DOMAIN, "CONSOLE": CONSOLE}


def instructions(text: str) -> list[str]:
    joined = re.sub(r"\\\n(\s*#.*\n)*", " ", text)
    return [line for line in joined.splitlines() if line.strip() and not line.startswith("#")]


def stages() -> dict[str, list[str]]:
    found: dict[str, list[str]] = {}
    for line in instructions(DOCKERFILE.read_text("utf-8")):
        if line.startswith("FROM "):
            found[line.split()[-1]] = current = [line]
        else:
            current.append(line)
    return found


def composed(**names: str) -> subprocess.CompletedProcess[str]:
    command = ["docker-compose", "-f", str(COMPOSE), "config"]
    clean = {k: v for k, v in os.environ.items() if k not in NAMES and not k.startswith("IOP_")}
    return subprocess.run(command, capture_output=True, text=True, env={**clean, **names})


@pytest.fixture(scope="module")
def services() -> dict[str, dict[str, Any]]:
    done = composed(**NAMES)
    assert done.returncode == 0, done.stderr
    found: dict[str, dict[str, Any]] = yaml.safe_load(done.stdout)["services"]
    return found


def test_the_linter_finds_nothing() -> None:
    ensure_uv()
    ensure_environment("audit", DESK_PYTHONS)
    done = subprocess.run(
        [VENVS / "audit" / "bin" / "hadolint", "--no-color", DOCKERFILE],
        capture_output=True,
        text=True,
    )
    assert (done.returncode, done.stdout) == (0, "")


def test_what_the_linter_must_ignore_has_a_reason_above_it() -> None:
    lines = DOCKERFILE.read_text("utf-8").splitlines()
    at = [number for number, line in enumerate(lines) if "hadolint ignore" in line]
    assert at
    assert all(re.match(r"# \w+ .{20,}", lines[number - 1]) for number in at)


@pytest.mark.parametrize("missing", sorted(NAMES))
def test_compose_asks_for_the_names(missing: str) -> None:
    done = composed(**{name: value for name, value in NAMES.items() if name != missing})
    assert done.returncode != 0
    assert f"Set {missing}" in done.stderr


@pytest.mark.parametrize("name", ["house", "desk", "brain", "proxy"])
def test_every_container_is_held_down(services: dict[str, dict[str, Any]], name: str) -> None:
    service = services[name]
    assert service["read_only"] is True
    assert service["cap_drop"] == ["ALL"]
    assert service["security_opt"] == ["no-new-privileges:true"]
    assert service["mem_limit"] == service["memswap_limit"]
    assert service["pids_limit"] <= 256
    assert set(service["logging"]["options"]) == {"max-size", "max-file"}
    assert not service.get("privileged")
    assert "cap_add" not in service
    assert not any("docker.sock" in str(volume) for volume in service.get("volumes", ()))


def test_only_the_proxy_can_be_reached(services: dict[str, dict[str, Any]]) -> None:
    networks = yaml.safe_load(composed(**NAMES).stdout)["networks"]
    assert networks["inside"]["internal"] is True
    assert list(services["brain"]["networks"]) == ["inside"]
    assert [name for name, service in services.items() if "ports" in service] == ["house"]
    template = (CONTAINERS / "proxy.conf.template").read_text("utf-8")
    listened = set(re.findall(r"listen (\d+)", template))
    assert {str(port["target"]) for port in services["house"]["ports"]} == listened
    assert "IOP_HOST" not in services["desk"]["environment"]


@pytest.mark.parametrize("name", ["desk", "proxy"])
def test_desk_and_proxy_can_start_again_without_each_other(
    services: dict[str, dict[str, Any]], name: str
) -> None:
    """Who shares the network of a container that starts again is cut off: nobody shares theirs."""
    assert services[name]["network_mode"] == "service:house"
    assert not any(each.get("network_mode") == f"service:{name}" for each in services.values())
    assert "signal.pause()" in services["house"]["command"][-1]


@pytest.mark.parametrize("name", ["desk", "brain"])
def test_an_image_runs_as_nobody_in_particular(name: str) -> None:
    lines = stages()[name]
    kinds = [line.split()[0] for line in lines]
    assert "USER 10001:10001" in lines
    assert kinds.index("USER") < kinds.index("CMD")
    assert all(kinds.index("USER") > n for n, kind in enumerate(kinds) if kind in ("RUN", "COPY"))
    assert "STOPSIGNAL SIGTERM" in lines
    for kind in ("HEALTHCHECK", "CMD"):
        (line,) = [line for line in lines if line.startswith(kind)]
        assert isinstance(json.loads(line[line.index("[") :]), list)


def test_every_package_is_installed_by_its_hash() -> None:
    installs = [line for line in instructions(DOCKERFILE.read_text("utf-8")) if " pip " in line]
    wanted = [line for line in installs if re.search(r"pip (install|sync)\b", line)]
    assert len(wanted) == 3
    assert all("--require-hashes" in line for line in wanted)


def copied(stage: str) -> set[str]:
    names: set[str] = set()
    for line in stages()[stage]:
        if line.startswith("COPY ") and "--from" not in line:
            names |= set(line.split()[1:-1])
    return names


def file_of(module: str) -> Path | None:
    whole = ROOT.joinpath(*module.split("."))
    return next((f for f in (whole.with_suffix(".py"), whole / "__init__.py") if f.exists()), None)


def imported(module: str) -> set[str]:
    """Return the project's modules that a module imports, at its head or in its functions."""
    named: set[str] = set()
    file = file_of(module)
    assert file is not None
    for node in ast.walk(ast.parse(file.read_text("utf-8"))):
        if isinstance(node, ast.Import):
            named |= {each.name for each in node.names}
        elif isinstance(node, ast.ImportFrom) and node.module:
            named |= {node.module} | {f"{node.module}.{each.name}" for each in node.names}
    return {name for name in named if file_of(name)}


def modules_of(room: str) -> set[str]:
    return {f"{room}.{file.stem}" for file in (ROOT / room).glob("[a-z]*.py")}


COMMANDS = ("audit", "backup", "reset_staff", "restore", "rotate_keys")
TRAINING = {"setup.encoder", "setup.rasa_training", "setup.train", "setup.vectors"}


@pytest.mark.parametrize(
    ("stage", "first"),
    [
        ("desk-made", {"desk.main", *(f"supervisor.{name}" for name in COMMANDS)}),
        # Rasa's own files name modules, and so does training.
        (
            "trained",
            {*modules_of("brain"), *modules_of("actions"), *TRAINING, "safety.train_meaning"},
        ),
    ],
)
def test_an_image_holds_every_room_that_its_processes_import(stage: str, first: set[str]) -> None:
    needed, looked = set(first), set[str]()
    while modules := needed - looked:
        looked |= modules
        needed |= {one for module in modules for one in imported(module)}
    assert {module.split(".")[0] for module in needed} <= copied(stage)


def test_what_an_image_is_made_from_is_let_in_and_nothing_else() -> None:
    rules = [
        line
        for line in (ROOT / ".dockerignore").read_text("utf-8").splitlines()
        if line and not line.startswith("#")
    ]
    assert rules[0] == "*"
    allowed = {rule[1:] for rule in rules if rule.startswith("!")}
    needed = set.union(*(copied(stage) for stage in stages()))
    inside = {name if not name.startswith("deploy/") else "deploy/containers" for name in needed}
    assert inside | {"deploy/containers"} == allowed
    assert not allowed & {"state", "secrets", ".git", ".venv", "models", "center.yml", "alerts.yml"}


@pytest.fixture
def answering() -> Iterator[tuple[str, dict[str, Any]]]:
    state: dict[str, Any] = {"status": 200, "body": b"{}", "token": None}

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            state["token"] = self.headers.get("Authorization")
            self.send_response(state["status"])
            self.end_headers()
            self.wfile.write(state["body"])

        def log_message(self, *_: object) -> None:
            """Say nothing."""

    with HTTPServer(("127.0.0.1", 0), Handler) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield f"http://127.0.0.1:{server.server_port}/", state
        server.shutdown()


def health(*arguments: str) -> int:
    command = [sys.executable, "-I", str(CONTAINERS / "healthy.py"), *arguments]
    return subprocess.run(command, env={"http_proxy": "http://127.0.0.1:9"}).returncode


@pytest.mark.parametrize(
    ("status", "body", "code"),
    [
        (200, b'{"alive": true}', 0),
        (200, b'{"ready": true, "model": "m"}', 0),
        (200, b'{"ready": false, "model": null}', 1),
        (200, b"Hello from Rasa", 1),
        (401, b"{}", 1),
        (503, b'{"ready": true}', 1),
    ],
)
def test_the_health_check_believes_only_a_good_answer(
    answering: tuple[str, dict[str, Any]], status: int, body: bytes, code: int
) -> None:
    address, state = answering
    state.update(status=status, body=body)
    assert health(address) == code


def test_the_health_check_shows_the_token_that_it_was_given(
    answering: tuple[str, dict[str, Any]], tmp_path: Path
) -> None:
    address, state = answering
    assert health(address) == 0
    assert state["token"] is None
    (tmp_path / "token").write_text("of-both\n")
    assert health(address, str(tmp_path / "token")) == 0
    assert state["token"] == "Bearer of-both"
    assert health(address, str(tmp_path / "nowhere")) == 1


def test_the_health_check_says_when_nobody_listens() -> None:
    assert health(f"http://127.0.0.1:{free_port()}/") == 1


@dataclass(frozen=True)
class Proxy:
    """A running nginx, and all that it has written to where Docker would read it."""

    http: int
    https: int
    written: Path


def _placed(folder: Path, http: int, https: int) -> Path:
    """Put the proxy's files into a folder as compose and the image do; return the main one."""
    places = {
        "/etc/nginx/iop-assistant": str(ROOT / "deploy" / "nginx"),
        "/etc/nginx/conf.d": str(folder / "conf.d"),
        "/etc/nginx/tls": str(folder),
        "/srv/acme": str(folder),
        "/run/nginx.pid": str(folder / "pid"),
        "127.0.0.1:8080": f"127.0.0.1:{free_port()}",
        "127.0.0.1:8081": f"127.0.0.1:{free_port()}",
        "listen 8880": f"listen 127.0.0.1:{http}",
        "listen 8443": f"listen 127.0.0.1:{https}",
        "http {": "http {\n" + _temporary(folder),
        **{f"${{{name}}}": value for name, value in NAMES.items()},
    }
    (folder / "conf.d").mkdir()
    main = folder / "nginx.conf"
    for source, to in (("proxy.conf.template", folder / "conf.d/iop.conf"), (main.name, main)):
        text = (CONTAINERS / source).read_text("utf-8")
        for old, new in places.items():
            text = text.replace(old, new)
        to.write_text(text)
    return main


def _temporary(folder: Path) -> str:
    kinds = ("client_body", "proxy", "fastcgi", "uwsgi", "scgi")
    return "".join(f"{kind}_temp_path {folder}/{kind};\n" for kind in kinds)


@pytest.fixture(scope="module")
def proxy(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Proxy]:
    """Run nginx with the proxy's files, with no desk behind it."""
    folder = tmp_path_factory.mktemp("proxy")
    running = Proxy(free_port(), free_port(), folder / "written")
    _certificate(folder)
    main = _placed(folder, running.http, running.https)
    command = ["nginx", "-e", "stderr", "-p", str(folder), "-c", str(main)]
    checked = subprocess.run([*command, "-t"], capture_output=True, text=True)
    assert checked.returncode == 0, checked.stderr
    with _running([*command, "-g", "daemon off;"], running.written):
        end = time.monotonic() + 20
        while not answers("127.0.0.1", running.https) and time.monotonic() < end:
            time.sleep(0.05)
        yield running


@contextmanager
def _running(command: list[str], written: Path) -> Iterator[None]:
    with written.open("wb") as to:
        process = subprocess.Popen(command, stdout=to, stderr=to)
    try:
        yield
    finally:
        process.terminate()
        process.wait(20)


def _certificate(folder: Path) -> None:
    command = ["openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "2"]
    command += ["-subj", f"/CN={DOMAIN}", "-addext", f"subjectAltName=DNS:{DOMAIN},DNS:{CONSOLE}"]
    command += ["-keyout", str(folder / "privkey.pem"), "-out", str(folder / "fullchain.pem")]
    subprocess.run(command, check=True, capture_output=True)


def _asked(port: int, host: str) -> bytes:
    with socket.create_connection(("127.0.0.1", port), timeout=10) as connection:
        connection.sendall(f"GET /chat?x=1 HTTP/1.1\r\nHost: {host}\r\n\r\n".encode())
        return _received(connection)


def _received(connection: socket.socket) -> bytes:
    """Return what comes first; nothing where nginx closes or resets the connection instead."""
    try:
        return connection.recv(8192)
    except ConnectionResetError:
        return b""


@pytest.mark.parametrize("name", [DOMAIN, CONSOLE])
def test_plain_http_leads_to_https_under_the_same_name(proxy: Proxy, name: str) -> None:
    assert f"Location: https://{name}/chat?x=1\r\n".encode() in _asked(proxy.http, name)


def test_plain_http_under_another_name_gets_no_answer(proxy: Proxy) -> None:
    assert _asked(proxy.http, "evil.example.com") == b""


def _through_tls(port: int, name: str, host: str | None = None) -> bytes:
    return _said(port, name, f"GET / HTTP/1.1\r\nHost: {host or name}\r\n\r\n".encode())


def _said(port: int, name: str, request: bytes) -> bytes:
    context = ssl.create_default_context()
    context.check_hostname, context.verify_mode = False, ssl.CERT_NONE
    with (
        socket.create_connection(("127.0.0.1", port), timeout=10) as plain,
        context.wrap_socket(plain, server_hostname=name) as wrapped,
    ):
        wrapped.sendall(request)
        return _received(wrapped)


@pytest.mark.parametrize("name", [DOMAIN, CONSOLE])
def test_https_under_our_names_goes_through_to_the_desk(proxy: Proxy, name: str) -> None:
    # Nobody listens behind it here: 502 is what says that it was passed on.
    assert _through_tls(proxy.https, name).split()[1] == b"502"


def test_https_under_another_name_is_refused_at_once(proxy: Proxy) -> None:
    with pytest.raises(ssl.SSLError):
        _through_tls(proxy.https, "evil.example.com")


def test_another_host_in_a_request_under_our_name_gets_no_answer(proxy: Proxy) -> None:
    assert _through_tls(proxy.https, DOMAIN, "evil.example.com") == b""


def test_the_proxy_gets_its_files_where_they_look_for_each_other(
    services: dict[str, dict[str, Any]],
) -> None:
    volumes = [volume.split(":") for volume in services["proxy"]["volumes"]]
    mounted = {Path(source): target for source, target, mode in volumes if mode == "ro"}
    assert mounted[CONTAINERS / "nginx.conf"] == "/etc/nginx/nginx.conf"
    template = mounted[CONTAINERS / "proxy.conf.template"]
    assert template == "/etc/nginx/templates/iop.conf.template"
    text = (CONTAINERS / "proxy.conf.template").read_text("utf-8")
    included = {Path(name) for name in re.findall(r"include (\S+);", text)}
    assert {str(name.parent) for name in included} == {mounted[ROOT / "deploy" / "nginx"]}
    assert {name.name for name in included} == set(INCLUDED)


def _post(path: str, length: int, sent: int) -> bytes:
    head = f"POST {path} HTTP/1.1\r\nHost: {DOMAIN}\r\nContent-Length: {length}\r\n\r\n"
    return head.encode() + b" " * sent


def _away(proxy: Proxy, path: str) -> bytes:
    return _said(proxy.https, DOMAIN, _post(path, 2, 2))


def _too_large(proxy: Proxy, path: str) -> bytes:
    return _said(proxy.https, DOMAIN, _post(path, 2_000_000, 0))


def _too_many(proxy: Proxy, path: str) -> bytes:
    """Send large bodies, of which twenty are let through at once, until one is refused."""
    for _ in range(200):
        answer = _said(proxy.https, DOMAIN, _post(path, 10_000, 10_000))
        if answer.split()[1] == b"429":
            break
    return answer


REFUSALS = [(_away, 502), (_too_large, 413), (_too_many, 429)]


@pytest.mark.parametrize(("refused", "status"), REFUSALS)
def test_the_widget_reads_988_from_whatever_the_proxy_refuses(
    proxy: Proxy, refused: Callable[[Proxy, str], bytes], status: int
) -> None:
    head, _, body = refused(proxy, "/api/v1/messages").partition(b"\r\n\r\n")
    assert int(head.split()[1]) == status
    assert b"Content-Type: application/json" in head
    answer = json.loads(body)
    assert "988" in answer["error"]["message"]
    assert "tel:988" in [link["href"] for link in answer["crisis"]["links"]]


@pytest.mark.parametrize(("refused", "status"), REFUSALS)
def test_people_read_988_from_whatever_the_proxy_refuses(
    proxy: Proxy, refused: Callable[[Proxy, str], bytes], status: int
) -> None:
    head, _, body = refused(proxy, "/chat").partition(b"\r\n\r\n")
    assert int(head.split()[1]) == status
    assert b"Content-Type: text/plain" in head
    assert b"call or text 988" in body
    assert b"<html" not in body


def test_what_plain_http_refuses_names_988_too(proxy: Proxy) -> None:
    with socket.create_connection(("127.0.0.1", proxy.http), timeout=10) as connection:
        connection.sendall(_post("/chat", 2_000_000, 0))
        answer = _received(connection)
    assert answer.split()[1] == b"413"
    assert b"call or text 988" in answer


def test_many_refusals_leave_neither_address_nor_url_in_the_logs(proxy: Proxy) -> None:
    for refused, _ in REFUSALS * 10:
        refused(proxy, "/api/v1/messages?words=unspoken")
    with pytest.raises(ssl.SSLError):
        _through_tls(proxy.https, "evil.example.com")
    written = proxy.written.read_text("utf-8")
    assert not re.findall(r"127\.0\.0\.1|client:|unspoken|/api/", written)
