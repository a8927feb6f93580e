"""What a visitor and a member of staff see of a server, over HTTPS, with a checked certificate."""

from __future__ import annotations

import json
import socket
import ssl
import uuid
from http.client import HTTPConnection, HTTPResponse, HTTPSConnection
from typing import Any

HERE = "127.0.0.1"


class Visits:
    """Asks one server under its names, wherever these lead."""

    def __init__(self, trusted: ssl.SSLContext, port: int = 443) -> None:
        """Trust an authority, and ask at a port of this machine."""
        self._trusted, self._port = trusted, port
        self._token = ""

    def ask(
        self, name: str, method: str, path: str, body: object = None, host: str = ""
    ) -> tuple[int, dict[str, str], bytes]:
        """Ask over HTTPS; return status, headers and body.

        Args:
            name: The host that TLS asks for, and whose certificate is checked.
            method: Of the request.
            path: Of the request.
            body: Sent as JSON.
            host: The Host header, where it is another one.
        """
        connection = self.connect(name)
        headers = {"Host": host or name, "Content-Type": "application/json"}
        headers |= self.credentials
        data = None if body is None else json.dumps(body).encode()
        connection.request(method, path, data, headers)
        answer = connection.getresponse()
        try:
            return answer.status, dict(answer.getheaders()), answer.read()
        finally:
            connection.close()

    def other(self) -> Visits:
        """Return somebody else, who asks the same server."""
        return Visits(self._trusted, self._port)

    @property
    def credentials(self) -> dict[str, str]:
        """Headers of the conversation that was begun."""
        return {"Authorization": f"Bearer {self._token}"} if self._token else {}

    def connect(self, name: str) -> HTTPSConnection:
        """Return a connection to a name, its certificate checked."""
        connection = HTTPSConnection(name, timeout=60)
        bare = socket.create_connection((HERE, self._port), timeout=60)
        connection.sock = self._trusted.wrap_socket(bare, server_hostname=name)
        return connection

    def begin(self, name: str) -> None:
        """Begin a conversation."""
        status, _, body = self.ask(name, "POST", "/api/v1/conversations", {})
        if status != 201:
            raise AssertionError(f"no conversation: {status} {body[:200]!r}")
        self._token = json.loads(body)["token"]

    def say(self, name: str, text: str) -> tuple[int, list[dict[str, Any]]]:
        """Send a message; return the status and the replies."""
        body = {"id": str(uuid.uuid4()), "text": text}
        status, _, told = self.ask(name, "POST", "/api/v1/messages", body)
        return status, json.loads(told)["replies"] if status == 200 else []


def plain(host: str, path: str, port: int = 80) -> HTTPResponse:
    """Ask over plain HTTP, under any name."""
    connection = HTTPConnection(HERE, port, timeout=10)
    connection.request("GET", path, headers={"Host": host})
    return connection.getresponse()
