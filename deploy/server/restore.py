"""`sudo make restore-server FILE=...`: puts a backup back on this server.

    python3 -m deploy.server.restore FILE

Stops desk and brain, has the release in use do what `make restore` does, starts them again.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Sequence
from pathlib import Path

from deploy.server import release_errors as errors
from deploy.server.layout import Layout
from deploy.server.release_errors import ReleaseError
from deploy.server.service import Server, Service, Systemd, start_again
from deploy.server.signals import end_on_signal, undisturbed


def restore(server: Server, file: Path) -> None:
    """Put a backup in the place of the database; what was there before is kept aside.

    Args:
        server: Where.
        file: The backup, wherever it lies.

    Raises:
        ReleaseError: It was not restored, or the assistant does not answer with it.
    """
    release = server.current()
    with server.alone():
        if not file.is_file():
            raise ReleaseError(errors.NO_BACKUP.format(file=file))
        server.say(errors.STOPPING)
        mine = None
        try:
            server.units.stop()
            mine = server.service.take(file)
            server.say(server.service.run(release, "supervisor.restore", FILE=str(mine)).strip())
        finally:
            with undisturbed():
                if mine is not None:
                    mine.unlink(missing_ok=True)
                start_again(server)
        server.say(errors.ASKING)
        server.service.run(release, "supervisor.probe", str(server.ready_seconds))
    server.say(errors.RESTORED)


def main(arguments: Sequence[str]) -> int:
    """Restore the backup that is named.

    Returns:
        0; 1 when it was not restored.
    """
    layout = Layout()
    try:
        if os.geteuid() != 0:
            raise ReleaseError(errors.NOT_ROOT.format(command="restore-server FILE=..."))
        if not arguments or not arguments[0]:
            raise ReleaseError(errors.WHICH_BACKUP.format(folder=layout.state / "backups"))
        end_on_signal()
        restore(Server(layout, Systemd(layout), Service(layout)), Path(arguments[0]))
    except ReleaseError as problem:
        sys.stderr.write(f"{problem}\n")
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
