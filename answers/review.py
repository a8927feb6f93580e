"""`make answers`: every text that the assistant can say, on one page for a clinician to review."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Sequence
from datetime import datetime, timezone
from pathlib import Path
from urllib.parse import urlsplit

from jinja2 import Environment, FileSystemLoader

from answers.catalogue import Catalogue, load_catalogue
from answers.errors import CatalogueError
from answers.grouping import groups
from center.current import current_center
from center.errors import CenterError
from center.facts import ROOT, Center
from safety.data import SafetyDataError

OUT = ROOT / "state" / "answers.html"
EXIT_REFUSED = 2
_SCHEMES = frozenset({"https", "http", "tel", "sms"})
_templates = Environment(
    loader=FileSystemLoader(Path(__file__).resolve().parent / "templates"),
    autoescape=True,
    trim_blocks=True,
    lstrip_blocks=True,
)


def safe_address(address: str | None) -> str | None:
    """Return an address if it is of a kind that may be followed."""
    return address if address and urlsplit(address).scheme in _SCHEMES else None


def page(catalogue: Catalogue, center: Center, at: datetime) -> str:
    """Return the page.

    Args:
        catalogue: The answers.
        center: Whose facts are shown.
        at: The moment that the page names.
    """
    everything = catalogue.answers.values()
    return _templates.get_template("review.html").render(
        groups=groups(catalogue, center),
        center=center,
        at=at.strftime("%d %B %Y, %H:%M UTC"),
        count=len(everything),
        drafts=sum(answer.approval is None for answer in everything),
        own_facts=frozenset(center.facts()),
        safe_address=safe_address,
    )


def main(arguments: Sequence[str] | None = None) -> int:
    """Write the page and print where it is.

    Returns:
        0; 2 when the answers, the center's facts or the crisis lines are wrong.
    """
    parser = argparse.ArgumentParser(prog="python -m answers.review", description=__doc__)
    parser.add_argument("--out", type=Path, default=OUT, help="where to write the page")
    given = parser.parse_args(arguments)
    try:
        written = page(load_catalogue(), current_center(), datetime.now(timezone.utc))
    except (CatalogueError, CenterError, SafetyDataError) as problem:
        sys.stderr.write(f"{problem}\n")
        return EXIT_REFUSED
    given.out.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    given.out.write_text(written, "utf-8")
    sys.stdout.write(f"{given.out}\n")
    return 0


if __name__ == "__main__":
    sys.exit(main())
