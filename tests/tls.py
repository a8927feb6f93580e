"""Certificates and TLS servers of the tests' own: real keys, real handshakes."""

from __future__ import annotations

import ssl
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime, timedelta, timezone
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID


class Authority:
    """A certificate authority of one test run."""

    def __init__(self, folder: Path) -> None:
        """Make its key; `file` is what those trust who trust it."""
        self._folder, self._key = folder, ec.generate_private_key(ec.SECP256R1())
        self._name = _name("Authority of the tests")
        basic = x509.BasicConstraints(ca=True, path_length=None)
        made = _builder(self._name, self._name, self._key, days=3650, age=10)
        self._certificate = made.add_extension(basic, critical=True).sign(
            self._key, hashes.SHA256()
        )
        self.file = folder / "authority.pem"
        self.file.write_bytes(self._certificate.public_bytes(serialization.Encoding.PEM))

    def issue(self, host: str, days: float) -> Path:
        """Return a file with the certificate of a host, which ends in so many days, and its key."""
        key = ec.generate_private_key(ec.SECP256R1())
        names = x509.SubjectAlternativeName([x509.DNSName(host)])
        builder = _builder(_name(host), self._name, key, days=days, age=100)
        made = builder.add_extension(names, critical=False).sign(self._key, hashes.SHA256())
        path = self._folder / f"{host}.{days}.pem"
        private = serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
        pem = serialization.Encoding.PEM
        path.write_bytes(made.public_bytes(pem) + key.private_bytes(pem, *private))
        return path


def _name(common: str) -> x509.Name:
    return x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, common)])


def _builder(
    subject: x509.Name,
    issuer: x509.Name,
    key: ec.EllipticCurvePrivateKey,
    *,
    days: float,
    age: float,
) -> x509.CertificateBuilder:
    now = datetime.now(timezone.utc)
    return (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(issuer)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - timedelta(days=age))
        .not_valid_after(now + timedelta(days=days))
    )


class _Alive(BaseHTTPRequestHandler):
    """Answers as the desk's /healthz does."""

    def do_GET(self) -> None:
        body = b'{"alive":true}'
        self.send_response(200)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_: object) -> None:
        """Say nothing."""


@contextmanager
def tls_server(certificate: Path) -> Iterator[int]:
    """Serve HTTPS on a port of this machine as long as the block does, and give the port."""
    server = ThreadingHTTPServer(("127.0.0.1", 0), _Alive)
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(certificate)
    server.socket = context.wrap_socket(server.socket, server_side=True)
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02})
    thread.start()
    try:
        yield server.server_address[1]
    finally:
        server.shutdown()
        server.server_close()
        thread.join()
