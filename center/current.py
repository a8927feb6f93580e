"""The center that this process speaks for, as its environment says."""

from __future__ import annotations

import os
from functools import lru_cache
from pathlib import Path

from center.facts import CENTER_FILE, Center, load_center

FILE_VARIABLE, DEMO_VARIABLE = "IOP_CENTER_FILE", "IOP_DEMO"


@lru_cache(maxsize=1)
def current_center() -> Center:
    """Return the facts in IOP_CENTER_FILE (default: center.yml), with example values if IOP_DEMO=1.

    Raises:
        CenterError: The file is missing or wrong.
    """
    path = Path(os.environ.get(FILE_VARIABLE) or CENTER_FILE)
    return load_center(path, demo=os.environ.get(DEMO_VARIABLE) == "1")
