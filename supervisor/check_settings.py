"""`python -m supervisor.check_settings`: reads what the desk reads at its start.

Starts nothing. On a server it runs before anything is started, with the settings of the desk.
"""

from __future__ import annotations

import os
import sys

from answers.catalogue import load_catalogue
from answers.errors import CatalogueError
from center.errors import CenterError
from center.facts import load_center, require_public
from desk.alerting.config import load_alerting
from desk.channels.opening import load_channels
from desk.credentials import sections, web_origins
from desk.errors import SettingsError
from desk.settings import load_settings
from setup.errors import EXIT_REFUSED


def main() -> int:
    """Say what is wrong, in a line; 2 when something is."""
    try:
        settings = load_settings((), os.environ)
        center = load_center(settings.center_file, demo=settings.demo)
        require_public(center, settings.public_url or settings.host, settings.center_file.name)
        web_origins(settings.credentials_file)
        load_channels(settings, sections(settings.credentials_file), os.environ)
        load_alerting(settings, os.environ, center.rota)
        load_catalogue()
    except (SettingsError, CenterError, CatalogueError) as wrong:
        sys.stderr.write(f"{wrong}\n")
        return EXIT_REFUSED
    return 0


if __name__ == "__main__":
    sys.exit(main())
