"""Staff in a browser of their own, in front of the running console."""

from __future__ import annotations

import asyncio
import functools
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any, TypeVar

from argon2 import PasswordHasher
from playwright.sync_api import Browser, BrowserContext, Page, expect
from sqlalchemy import Connection

from console.access.settings import digest, new_secret, new_staff_id, now_ms
from store import staff as accounts
from store import staff_sessions
from store.database import Database

Result = TypeVar("Result")
PASSWORD = "correct horse battery staple"


@functools.cache
def _hashed() -> str:
    return PasswordHasher().hash(PASSWORD)


def with_log(state: Path, work: Callable[[Connection], Result]) -> Result:
    """Do something in a running desk's database.

    In a thread: Playwright keeps an event loop in the test's own.
    """

    async def run() -> Result:
        database = Database(f"sqlite:///{state}/desk.db")
        try:
            return await database.write(work)
        finally:
            database.close()

    with ThreadPoolExecutor(1) as threads:
        return threads.submit(lambda: asyncio.run(run())).result()


class StaffMember:
    """Somebody of staff, signed in, with one tab."""

    def __init__(
        self,
        browser: Browser,
        running: Any,
        name: str,
        role: str,
        *,
        ahead: int = 0,
        **options: Any,
    ):
        """Open an account and a session as the sign-in would (tests/console/access tests that).

        Args:
            browser: Where the tab is opened.
            running: The system.
            name: Of the person.
            role: Theirs.
            ahead: By how many milliseconds the system's clock was moved.
            **options: Of the browser's context.
        """
        self.name, self.url, self.id = name, running.console_url, new_staff_id()
        cookie, now = new_secret(), now_ms() + ahead

        def write(c: Connection) -> None:
            email = f"{self.id}@example.org"
            row = {"name": name, "email": email, "role": role, "password": _hashed()}
            accounts.add(c, self.id, at=now, **row)
            accounts.set_second_factor(c, self.id, "none")
            accounts.set_presence(c, self.id, "available", now)
            proof = new_secret()
            staff_sessions.begin(c, digest(cookie), self.id, proof=proof, at=now, complete=True)

        with_log(running.state, write)
        self.scriptless = options.get("java_script_enabled") is False
        size: Any = {"width": 1280, "height": 860}
        self.context: BrowserContext = browser.new_context(**{"viewport": size, **options})
        self.context.add_cookies([{"name": "iop_console", "value": cookie, "url": self.url}])
        self.page: Page = self.context.new_page()

    def go(self, path: str) -> Page:
        """Open a page of the console and wait until it is live."""
        self.page.goto(self.url + path)
        if self.scriptless:
            return self.page
        expect(self.page.get_by_text("Live", exact=True)).to_be_visible()
        return self.page

    def reply(self, text: str) -> None:
        """Write an answer and send it by the keys."""
        box = self.page.get_by_role("textbox", name="Answer as")
        box.fill(text)
        box.press("Control+Enter")
        expect(box).to_have_value("")

    def unlock(self) -> None:
        """Go on after the page was locked, with the password."""
        expect(self.page.get_by_role("heading", level=1)).to_have_text("Locked")
        self.page.get_by_label("Password").fill(PASSWORD)
        self.page.get_by_role("button", name="Unlock").click()
        expect(self.page.get_by_text("Live", exact=True)).to_be_visible()

    @property
    def entries(self) -> Any:
        """The messages of the open transcript."""
        return self.page.locator("[data-keyed=entries] > li")
