"""A console with people in it: accounts, sessions and a clock that tests move."""

from __future__ import annotations

import re
import socket
import uuid
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import aiohttp
import pyotp
from yarl import URL

from console.access import Staff as Person
from console.access import second_factor
from console.access.passwords import Passwords
from console.access.settings import Access, digest, new_secret, new_staff_id
from console.app import build_console
from store import staff as accounts
from store import staff_sessions
from store.database import Database
from store.migrate import migrate
from tests.desk.serving import serving_app

PASSWORD = "correct horse battery staple"
SECRET = "JBSWY3DPEHPK3PXPJBSWY3DPEHPK3PXP"
AT = 1_795_579_500_000
MINUTE, HOUR = 60_000, 3_600_000
_PROOF = re.compile(r'name="proof" value="([^"]+)"')


class Clock:
    def __init__(self) -> None:
        self.at = AT

    def __call__(self) -> int:
        return self.at

    def pass_(self, milliseconds: int) -> None:
        self.at += milliseconds


@dataclass
class Staff:
    """A console, and the browser of somebody who works in it."""

    url: str
    http: aiohttp.ClientSession
    database: Database
    access: Access
    clock: Clock
    hashed: str
    """The hash of PASSWORD."""
    app: Any = None
    proof: str = ""
    people: list[Person] = field(default_factory=list)

    async def get(self, path: str, **headers: str) -> tuple[int, str]:
        async with self.http.get(self.url + path, headers=headers) as answer:
            return answer.status, await answer.text()

    async def post(
        self, path: str, headers: Any = None, follow: bool = True, **form: str
    ) -> tuple[int, str]:
        """Post a form with the proof of whoever entered last, unless another is given."""
        form.setdefault("proof", self.proof)
        async with self.http.post(
            self.url + path, data=form, headers=headers, allow_redirects=follow
        ) as answer:
            return answer.status, await answer.text()

    async def form(self, page: str, to: str, **values: str) -> tuple[int, str]:
        """Open a page, then post to an address with the proof that the page's forms carry."""
        found = _PROOF.findall((await self.get(page))[1])
        return await self.post(to, proof=found[-1] if found else "", **values)

    async def account(
        self, role: str = "administrator", name: str = "Ana Diaz", *, factor: bool = True
    ) -> Person:
        """Open an account with PASSWORD and SECRET."""
        staff_id = new_staff_id()
        email = f"{name.split()[0].lower()}.{role}@example.org"
        sealed = second_factor.encrypted(self.access, staff_id, SECRET) if factor else None
        row = {"name": name, "email": email, "role": role, "password": self.hashed}
        await self.database.write(
            lambda c: (
                accounts.add(c, staff_id, at=self.clock(), **row),
                accounts.set_second_factor(c, staff_id, sealed),
            )
        )
        person = Person(staff_id, name, role)
        self.people.append(person)
        return person

    async def enter(self, role: str = "administrator", name: str = "Ana Diaz") -> Staff:
        """Be signed in, without going through the pages."""
        person = await self.account(role, name)
        await self.be(person.id)
        return self

    async def be(self, staff_id: str, *, complete: bool = True) -> str:
        """Take on a new session of an account, and return its cookie."""
        cookie, self.proof = new_secret(), new_secret()
        await self.database.write(
            lambda c: staff_sessions.begin(
                c, digest(cookie), staff_id, proof=self.proof, at=self.clock(), complete=complete
            )
        )
        self.http.cookie_jar.update_cookies({self.access.cookie: cookie}, URL(self.url))
        return cookie

    def email(self, person: Person) -> str:
        return f"{person.name.split()[0].lower()}.{person.role}@example.org"

    def code(self, steps: int = 0) -> str:
        """Return the code of the present time step, or of one before or after."""
        return pyotp.TOTP(SECRET).at(self.clock() // 1000 + 30 * steps)

    def cookie(self, name: str | None = None) -> str:
        found = self.http.cookie_jar.filter_cookies(URL(self.url)).get(name or self.access.cookie)
        return found.value if found else ""


@asynccontextmanager
async def console_of(tmp_path: Path, **settings: Any) -> AsyncIterator[Staff]:
    """Serve a console of its own database and key."""
    url = f"sqlite:///{tmp_path / 'log.db'}"
    migrate(url)
    database, clock = Database(url), Clock()
    listener = socket.create_server(("127.0.0.1", 0))
    port = listener.getsockname()[1]
    access = Access(key=bytes(32), ports=[port], clock=clock, **settings)
    app = build_console(url, access, state=tmp_path, name=f"console-{uuid.uuid4().hex}")
    jar = aiohttp.CookieJar(unsafe=True)
    passwords = Passwords()
    async with serving_app(app, listener), aiohttp.ClientSession(cookie_jar=jar) as http:
        yield Staff(
            f"http://127.0.0.1:{port}",
            http,
            database,
            access,
            clock,
            await passwords.hashed(PASSWORD),
            app,
        )
    passwords.close()
    database.close()
