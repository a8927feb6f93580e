"""`make reset-staff EMAIL=...`: the way back in for whoever has the machine.

Takes the second factor off an account, signs it out everywhere, and prints a link, which works
once, that sets its password anew. Needs no running assistant, and does not disturb one.
"""

from __future__ import annotations

import asyncio
import os
import sys

from sqlalchemy import Connection

from console.access import links
from console.access.settings import Access
from desk.alerting.config import load_alerting
from desk.errors import SettingsError
from desk.settings import load_settings
from setup import errors
from store import staff as accounts
from store.database import Database
from store.migrate import migrate
from supervisor.ports import LOOPBACK


def reset(connection: Connection, access: Access, email: str) -> str | None:
    """Reset an open account; return the path of the link, or None when there is none such."""
    account = accounts.by_email(connection, email)
    if account is None or account.closed_at is not None:
        return None
    links.reset_second_factor(connection, access, account.id, None)
    return links.new_password(connection, access, account.id, None)


def main() -> int:
    """Reset the account of the email in the variable EMAIL.

    Returns:
        0; 1 when there is no open account of that email; 2 when a setting is wrong.
    """
    try:
        settings = load_settings((), os.environ)
        console_url = load_alerting(settings, os.environ).console_url
    except SettingsError as wrong:
        sys.stderr.write(f"{wrong}\n")
        return errors.EXIT_REFUSED
    migrate(settings.database)
    access, database = Access(key=b""), Database(settings.database)
    email = os.environ.get("EMAIL", "").strip()
    path = asyncio.run(database.write(lambda c: reset(c, access, email)))
    database.close()
    if path is None:
        sys.stderr.write(errors.NO_ACCOUNT + "\n")
        return 1
    address = console_url or f"http://{LOOPBACK}:{settings.console_port}"
    minutes = access.first_link // 60_000
    sys.stdout.write(f"New password, once, within {minutes} minutes: {address}{path}\n")
    return 0


if __name__ == "__main__":
    sys.exit(main())
