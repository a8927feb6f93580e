"""nginx in front of the desk: names, TLS, redirects, limits."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from deploy.server import errors
from deploy.server.arguments import Arguments
from deploy.server.certificates import Certificate
from deploy.server.layout import Layout
from deploy.server.machine import Files, run
from deploy.server.settings import variables

SOURCE = Path(__file__).resolve().parents[1] / "nginx"
INCLUDED = ("limits.conf", "tls.conf", "proxy.conf", "refusals.conf")
NAME = "iop-assistant"


@dataclass(frozen=True)
class Ports:
    """Where nginx listens, and where it finds the desk."""

    http: int = 80
    https: int = 443
    visitors: int = 8080
    staff: int = 8081
    ipv6: bool = True

    @classmethod
    def of_machine(cls, layout: Layout) -> Ports:
        """Return those of this machine and its settings."""
        told = variables(layout.environment_file.read_text("utf-8"))
        return cls(
            visitors=int(told.get("IOP_PORT", "8080")),
            staff=int(told.get("IOP_CONSOLE_PORT", "8081")),
            ipv6=Path("/proc/net/if_inet6").exists(),
        )


def render(
    layout: Layout,
    arguments: Arguments,
    ports: Ports,
    certificates: Mapping[str, Certificate] | None,
) -> str:
    """Return nginx's site.

    Args:
        layout: Where its parts lie.
        arguments: Names of hosts, and networks of staff.
        ports: Where it listens, and where the desk does.
        certificates: By host; None before there are any: plain HTTP then redirects and proves to
            the authority that the names are this server's.
    """
    text = (SOURCE / "site.conf").read_text("utf-8")
    networks = [f"allow {network};" for network in arguments.staff_networks]
    words = {
        "FOLDER": str(layout.nginx / NAME),
        "DOMAIN": arguments.domain,
        "CONSOLE": arguments.console,
        "ACME_ROOT": str(layout.acme),
        "ERROR_LOG": str(layout.root / "var/log/nginx/error.log"),
        "PORT": str(ports.visitors),
        "CONSOLE_PORT": str(ports.staff),
        "HTTP": _listen(ports, ports.http, ""),
        "HTTP_DEFAULT": _listen(ports, ports.http, " default_server"),
        "HTTPS": _listen(ports, ports.https, " ssl http2"),
        "HTTPS_DEFAULT": _listen(ports, ports.https, " ssl http2 default_server"),
        "NETWORKS": "\n    ".join([*networks, "deny all;"] if networks else []),
    }
    if certificates is not None:
        text += (SOURCE / "site-tls.conf").read_text("utf-8")
        visitors, staff = certificates[arguments.domain], certificates[arguments.console]
        words |= {"CERTIFICATE": str(visitors.chain), "KEY": str(visitors.key)}
        words |= {"CONSOLE_CERTIFICATE": str(staff.chain), "CONSOLE_KEY": str(staff.key)}
    for name, word in words.items():
        text = text.replace(f"@{name}@", word)
    return text


def _listen(ports: Ports, port: int, more: str) -> str:
    lines = [f"listen {port}{more};"]
    if ports.ipv6:
        lines.append(f"listen [::]:{port}{more};")
    return "\n    ".join(lines)


def write(layout: Layout, site: str, files: Files) -> bool:
    """Put the site and its parts where nginx finds them; say whether one has changed."""
    files.folder(layout.nginx / NAME, 0o755)
    files.folder(layout.acme, 0o755)
    changed = False
    for name in INCLUDED:
        text = (SOURCE / name).read_text("utf-8")
        changed |= files.write(layout.nginx / NAME / name, text)
    for folder in ("sites-available", "sites-enabled"):
        files.folder(layout.nginx / folder, 0o755)
    there = layout.nginx / "sites-available" / NAME
    changed |= files.write(there, site)
    link = layout.nginx / "sites-enabled" / NAME
    if not link.is_symlink():
        link.symlink_to(f"../sites-available/{NAME}")
        changed = True
    # Debian's welcome page would answer for names that are not ours.
    welcome = layout.nginx / "sites-enabled" / "default"
    if welcome.is_symlink():
        welcome.unlink()
        changed = True
    return changed


def start() -> None:
    """Have nginx run with its present configuration.

    Raises:
        DeployError: It does not take it.
    """
    run("nginx -t", ["nginx", "-t", "-q"], errors.NGINX_REMEDY)
    run("systemctl daemon-reload", ["systemctl", "daemon-reload"])
    run("systemctl enable nginx", ["systemctl", "enable", "nginx"])
    remedy = errors.UNIT_REMEDY.format(unit="nginx")
    run("Starting nginx", ["systemctl", "reload-or-restart", "nginx"], remedy)
