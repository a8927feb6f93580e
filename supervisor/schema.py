"""`python -m supervisor.schema`: which form the log's database has, and the way back to an earlier.

`show` prints the form, `to FORM` brings the database back to it. For the way back of an upgrade:
the later release's code knows both forms. Nothing else may use the database meanwhile.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Sequence

from desk.errors import SettingsError
from desk.settings import load_settings
from setup import errors
from store.errors import StoreError
from store.migrate import form_of, take_back

FAILED = 3


def main(arguments: Sequence[str]) -> int:
    """Show or change the form.

    Returns:
        0; 2 when a setting is wrong; 3 when it failed.
    """
    try:
        url = load_settings((), os.environ).database
        if arguments[0] == "show":
            sys.stdout.write(f"{form_of(url) or ''}\n")
        elif form_of(url) != arguments[1]:
            take_back(url, arguments[1])
    except SettingsError as wrong:
        sys.stderr.write(f"{wrong}\n")
        return errors.EXIT_REFUSED
    except StoreError as problem:
        sys.stderr.write(f"{problem}\n")
        return FAILED
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
