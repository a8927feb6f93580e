"""Which connections are let in, how long they may keep the desk waiting, and what counts as HTTP.

Sanic sets its clock back with every byte that comes, so that a byte a second would hold a
connection for good; it takes as many connections as the process has file descriptors; and it
answers requests that were sent all at once without letting anybody else in between. This is what
stands in front of it on both ports (NIST SP 800-53, SC-5: limiting the effects of denial of
service).
"""

from __future__ import annotations

import asyncio
import re
import resource
import socket
import time
from collections import OrderedDict
from collections.abc import Iterable
from typing import Any

from sanic import Request, Sanic
from sanic.exceptions import BadRequest, PayloadTooLarge, RequestTimeout, ServiceUnavailable
from sanic.http import Http, Stage
from sanic.server import HttpProtocol

from desk.limits import Limiter, network
from desk.settings import Rate

FIRST_BYTE = 10.0
"""Seconds that a new connection may say nothing."""
ARRIVAL = 20.0
"""Seconds in which a request must have come, from its first byte to the last of its body."""
UNREAD = 20.0
"""Seconds that somebody may not read what they are sent, once 64 kB of it wait for them."""
PENALTY = 1.0
"""Seconds that a connection is not read from after an answer "too many"."""
SEND_BUFFER = 131_072
"""Bytes that the system may hold for a client that does not read, of itself up to some MB."""
BACKLOG = 1024
"""Connections that may wait until they are let in."""
_HEADERS, _CHUNKS = 100, 1_000
_LARGE = 65_536
"""Bytes from which on a body is a large one; no message of an ordinary length comes near."""
LARGE_RATE = Rate(10, 0.5)
"""Large bodies that are read of one address; others are refused unread."""
_KEPT_FILES = 256
"""File descriptors that are left for the database, the brain and places that are told of alerts."""
_LOOK_EVERY = 2.5

_TOKEN = rb"[!#$%&'*+.^_`|~0-9A-Za-z-]+"
# RFC 9112: request line in origin-form, then fields without a blank before the colon, without
# obs-fold, and without control characters such as a bare line feed. Whatever proxy and desk could
# read differently is no request.
_HEAD = re.compile(
    rb"[A-Z]{1,16} (?:/[!-~]*|\*) HTTP/1\.[01](?:\r\n" + _TOKEN + rb":[^\x00-\x08\x0a-\x1f\x7f]*)*"
)
_REFUSAL = (
    b"Too many connections are open just now. Please try again in a minute. In a crisis, don't "
    b"wait: call or text 988. In danger, call 911.\n"
)


def raise_file_limit() -> int:
    """Let this process open as many files as it may; return how many connections that leaves."""
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    if soft < hard:
        resource.setrlimit(resource.RLIMIT_NOFILE, (hard, hard))
        soft = hard
    return max(16, soft - _KEPT_FILES)


class Gate:
    """Which connections of one port are open, by network address."""

    def __init__(
        self,
        most: int,
        each: int,
        *,
        behind_proxy: bool,
        refusal: bytes = b"",
        large: Rate = LARGE_RATE,
    ) -> None:
        """Let in `most` in all and `each` of one address; a proxy's own counts for nobody."""
        self.large = Limiter(large)
        """Large bodies, by network address."""
        self.refusal = refusal
        """The whole answer to whoever is not let in."""
        self._most, self._each = most, most if behind_proxy else each
        self.behind_proxy = behind_proxy
        self._arrivals = Limiter(Rate(0, 0) if behind_proxy else Rate(4 * each, each))
        self._open: dict[str, OrderedDict[Connection, None]] = {}
        self.count = self.refused = 0

    def enter(self, connection: Connection) -> bool:
        """Say whether a new connection is let in, and count it if so."""
        address = connection.address
        if not (self._arrivals.allows(address) and self._has_room(address)):
            self.refused += 1
            return False
        self._open.setdefault(address, OrderedDict())[connection] = None
        self.count += 1
        return True

    def _has_room(self, address: str) -> bool:
        """Say whether one more may come, if need be in the place of one that has not asked yet."""
        mine = self._open.get(address, OrderedDict())
        if len(mine) >= self._each:
            # Others of the same house must not suffer from somebody's silent connections.
            return _end_one(mine)
        if self.count < self._most:
            return True
        most = max(self._open.values(), key=len)
        return (self.behind_proxy or len(most) > len(mine) + 1) and _end_one(most)

    def leave(self, connection: Connection) -> None:
        """Forget a connection that has ended."""
        mine = self._open.get(connection.address)
        if mine is None or connection not in mine:
            return
        del mine[connection]
        self.count -= 1
        if not mine:
            del self._open[connection.address]


def _end_one(connections: Iterable[Connection]) -> bool:
    for connection in connections:
        if connection.waits:
            connection.drop()
            return True
    return False


class PlainHttp(Http):
    """Takes plain requests alone."""

    __slots__ = ("_chunks",)

    def init_for_request(self) -> None:
        """Prepare for the next request."""
        super().init_for_request()  # type: ignore[no-untyped-call]
        self._chunks = 0

    async def http1_request_header(self) -> None:
        """Read a request's head; raises BadRequest for one that could be read in two ways."""
        await super().http1_request_header()  # type: ignore[no-untyped-call]
        request: Request = self.request
        if not _is_plain(request):
            # Where its body ends nobody can say.
            self.request_body = None
            raise BadRequest("Bad Request")
        gate: Gate = request.app.ctx.gate
        if self._is_large(request) and not gate.large.allows(_network(request)):
            self.keep_alive, self.request_body = False, None
            raise PayloadTooLarge("Too many large bodies")

    def _is_large(self, request: Request) -> bool:
        body: Any = self.request_body
        return body == "chunked" or (self.request_bytes_left or 0) > _LARGE

    def create_empty_request(self) -> None:
        """Stand something in for a request that cannot be read, so that it can be answered."""
        if not (self.url or "").startswith("/"):
            # Sanic would read it again, and fail again.
            self.url = None
        super().create_empty_request()

    async def read(self) -> bytes | None:
        """Read some of the body; raises BadRequest when it comes in crumbs."""
        body: Any = self.request_body
        if body == "chunked":
            self._chunks += 1
            if self._chunks > _CHUNKS:
                self.keep_alive = False
                raise BadRequest("Bad Request")
        found: bytes | None = await super().read()
        return found


def _network(request: Request) -> str:
    return network(request.remote_addr or request.transport.get_extra_info("peername")[0])


def _is_plain(request: Request) -> bool:
    if _HEAD.fullmatch(request.head) is None or request.head.count(b"\r\n") > _HEADERS:
        return False
    hosts = request.headers.getall("host", [])
    return len(hosts) == 1 or (not hosts and request.version == "1.0")


class Connection(HttpProtocol):
    """One connection of a client, with a clock that bytes do not set back."""

    HTTP_CLASS = PlainHttp
    __slots__ = ("_begun", "_given_up", "_let_in", "_served", "address", "gate")

    def __init__(self, **how: Any) -> None:
        """Prepare for a connection; `how` is Sanic's."""
        super().__init__(**how)
        self._http: Any = None
        self.gate: Gate = self.app.ctx.gate
        self.address = "unknown"
        self._let_in = False
        self._begun = False
        """Whether bytes of a request have come that is not answered yet."""
        self._served = self._given_up = False

    @property
    def waits(self) -> bool:
        """Whether it is the client's turn: no whole request has come that is not answered."""
        http = self._http
        return http is None or http.stage in (Stage.IDLE, Stage.REQUEST) or self._body_comes

    @property
    def _body_comes(self) -> bool:
        http = self._http
        # A connection on which nothing was asked yet does not have the attribute.
        body = getattr(http, "request_body", None)
        return http.stage in (Stage.HANDLER, Stage.IDLE) and bool(body)

    def drop(self) -> None:
        """End it at once."""
        self.gate.leave(self)
        self._abort()

    def _abort(self) -> None:
        if self.transport is not None:
            self.transport.abort()

    def connection_made(self, transport: Any) -> None:
        """Let a connection in, or say in a line why not."""
        peer = transport.get_extra_info("peername")
        self.address = network(peer[0]) if isinstance(peer, tuple) and peer else "unknown"
        self.transport = transport
        if not self.gate.enter(self):
            transport.write(self.gate.refusal)
            transport.close()
            return
        self._let_in = True
        super().connection_made(transport)  # type: ignore[no-untyped-call]

    def connection_lost(self, exc: BaseException | None) -> None:
        """Forget it."""
        if self._let_in:
            self.gate.leave(self)
            super().connection_lost(exc)  # type: ignore[no-untyped-call]

    def data_received(self, data: bytes) -> None:
        """Take bytes; only the first ones of a request start the clock."""
        if not self._let_in:
            return
        began = self._time
        super().data_received(data)
        if self._begun:
            self._time = began
        self._begun = True

    async def receive_more(self) -> None:
        """Wait for bytes."""
        if self._http.stage is Stage.IDLE:
            self._begun = False
        await super().receive_more()  # type: ignore[no-untyped-call]

    async def send(self, data: bytes) -> None:
        """Send, then let others have their turn: what was sent at once is not answered at once."""
        await super().send(data)  # type: ignore[no-untyped-call]
        self._served = True
        context = self.ctx
        if getattr(context, "slowly", False):
            context.slowly = False
            await asyncio.sleep(PENALTY)
        elif self.recv_buffer:
            await asyncio.sleep(0)

    def check_timeouts(self) -> None:
        """End what has kept the desk waiting too long; looks again by itself."""
        if self._task is None or self._http is None:
            return
        waited = time.monotonic() - self._time
        if not self._can_write.is_set() and waited > UNREAD:
            self._abort()
            return
        if self._overdue(waited):
            if self._given_up:
                # It was told, and still reads the rest of what comes.
                self._abort()
                return
            self._given_up = True
            self._task.cancel()
        self._callback_check_timeouts = self.loop.call_later(_LOOK_EVERY, self.check_timeouts)

    def _overdue(self, waited: float) -> bool:
        stage = self._http.stage
        if stage is Stage.REQUEST or self._body_comes:
            if waited > self.request_timeout:
                self._http.exception = RequestTimeout("Request Timeout")
                # What is left of it nobody waits for.
                self._http.request_body = None
                return True
            return False
        if stage is Stage.IDLE:
            return waited > (self.keep_alive_timeout if self._served else FIRST_BYTE)
        if waited > self.response_timeout:
            self._http.exception = ServiceUnavailable("Response Timeout")
            return True
        return False


def refusal(body: bytes = _REFUSAL, kind: str = "text/plain; charset=utf-8") -> bytes:
    """Return the whole answer to a connection that is not let in."""
    return (
        b"HTTP/1.1 503 Service Unavailable\r\nRetry-After: 60\r\nConnection: close\r\n"
        b"Access-Control-Allow-Origin: *\r\nCache-Control: no-store\r\n"
        b"X-Content-Type-Options: nosniff\r\n"
        b"Content-Type: %b\r\nContent-Length: %d\r\n\r\n%b" % (kind.encode(), len(body), body)
    )


def slow_down(request: Request) -> None:
    """Let the connection of somebody who asks for too much rest a while, once it is answered."""
    if request.conn_info is None:
        return
    gate: Gate = request.app.ctx.gate
    if gate.behind_proxy:
        # The proxy would give the same connection to somebody else.
        stream: Any = request.stream
        stream.keep_alive = False
    else:
        request.conn_info.ctx.slowly = True


def guard(
    app: Sanic[Any, Any],
    *,
    most: int,
    each: int,
    proxies: int,
    answer: bytes | None = None,
    large: Rate = LARGE_RATE,
) -> None:
    """Give an app a gate; it must then be served with Connection.

    Args:
        app: The app.
        most: Connections that may be open in all.
        each: Connections that one network address may have open.
        proxies: How many proxies of one's own stand in front; they count no connections here,
            since all come from them.
        answer: The whole answer to whoever is not let in, if it says more than `refusal`.
        large: Large bodies that are read of one address.
    """
    said = refusal() if answer is None else answer
    app.ctx.gate = Gate(most, each, behind_proxy=bool(proxies), refusal=said, large=large)
    app.config.REQUEST_TIMEOUT = ARRIVAL


def prepare(listener: socket.socket) -> None:
    """Bound what the system keeps for clients that do not read, of a socket's connections."""
    listener.setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, SEND_BUFFER)
