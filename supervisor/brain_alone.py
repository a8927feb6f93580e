"""`python -m supervisor.brain_alone`: the brain and what makes its models, without the desk.

For a server, where systemd runs the desk as a unit of its own. Trains nothing at the start: a
release brings its model. What its processes say goes to standard output and error, not to files.
"""

from __future__ import annotations

import os
import sys

from desk.errors import SettingsError
from desk.settings import load_settings
from monitoring import log_lines
from setup import errors
from setup.learned_models import VARIABLE, folder_of
from supervisor.brain import brain_process
from supervisor.figures import Figures
from supervisor.learning import Learning, at_start
from supervisor.ports import LOOPBACK
from supervisor.run import BRAIN_PORT
from supervisor.watching import Supervisor, Watched


def main() -> int:
    """Run the brain until told to stop.

    Returns:
        0; 2 when a setting is wrong or the model is not there.
    """
    try:
        settings = load_settings((), os.environ)
    except SettingsError as wrong:
        sys.stderr.write(f"{wrong}\n")
        return errors.EXIT_REFUSED
    log_lines.begin("supervisor", settings.log_format)
    model = at_start(settings)
    if model is None:
        sys.stderr.write(errors.NO_MODEL + "\n")
        return errors.EXIT_REFUSED
    url = f"http://{LOOPBACK}:{BRAIN_PORT}"
    environment = {VARIABLE: str(folder_of(settings.state)), "IOP_BRAIN_URL": url}
    brain = brain_process(model, BRAIN_PORT, **environment)
    supervisor = Supervisor([Watched(brain, show=True)], Figures.wanted(settings))
    supervisor.obey_signals()
    learning = Learning(settings, brain, url, environment, show=True)
    with learning.alongside():
        return supervisor.run()


if __name__ == "__main__":
    sys.exit(main())
