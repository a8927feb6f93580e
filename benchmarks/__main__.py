"""`make bench`: trains and runs the stock assistant and this one, and compares their figures.

The two are never in memory at the same time: each round starts the one, measures it, ends it, and
does the same with the other, so that both meet the machine in the same moods.
"""

from __future__ import annotations

import argparse
import os
import platform
import signal
import sys
import tempfile
from collections.abc import Sequence
from datetime import datetime, timezone
from pathlib import Path
from types import FrameType

import orjson

from benchmarks import errors, report
from benchmarks.errors import BenchError
from benchmarks.figures import Figures, Measured, as_json, figures
from benchmarks.ours import Ours, require_trained
from benchmarks.rounds import QUICK, Plan, our_round, stock_round
from benchmarks.stock import Stock
from supervisor.brain import BRAIN_PYTHON

OUT = Path(__file__).resolve().parent / "out"
INTERRUPTED = 130


def say(text: str) -> None:
    """Tell the person at the terminal how far it is."""
    sys.stderr.write(text + "\n")
    sys.stderr.flush()


def measure(folder: Path, plan: Plan) -> tuple[Figures, Figures]:
    """Measure both assistants.

    Args:
        folder: An empty folder for what they write.
        plan: How much to measure.

    Returns:
        Stock's figures, and ours.

    Raises:
        BenchError: It cannot be done; the message says why.
    """
    (folder / "stock").mkdir()
    (folder / "ours").mkdir()
    stock, ours = Stock(folder / "stock"), Ours(folder / "ours")
    theirs, own = Measured(), Measured()
    say("Training the stock assistant (about two minutes) ...")
    theirs.train_s = stock.train()
    say("Training this one ...")
    own.train_s = ours.train()
    for number in range(1, plan.rounds + 1):
        say(f"Round {number} of {plan.rounds}: the stock assistant ...")
        stock_round(stock, plan, theirs)
        say(f"Round {number} of {plan.rounds}: this one ...")
        our_round(ours, plan, own)
    return figures(theirs), figures(own)


def machine() -> dict[str, object]:
    """Return where and when the figures were measured."""
    return {
        "at": datetime.now(timezone.utc).isoformat(timespec="seconds"),
        "system": f"{platform.system()} {platform.machine()}",
        "processors": len(os.sched_getaffinity(0))
        if hasattr(os, "sched_getaffinity")
        else os.cpu_count(),
        "busy": round(os.getloadavg()[0], 1),
    }


def publish(stock: Figures, ours: Figures, where: dict[str, object], out: Path = OUT) -> None:
    """Write bench.json and bench.md, and print the table."""
    out.mkdir(parents=True, exist_ok=True)
    options = orjson.OPT_INDENT_2 | orjson.OPT_APPEND_NEWLINE
    (out / "bench.json").write_bytes(orjson.dumps(as_json(stock, ours, where), option=options))
    note = f"Measured on {where['at']}: {where['system']}, {where['processors']} processors."
    (out / "bench.md").write_text(report.markdown(stock, ours, note), "utf-8")
    sys.stdout.write(report.plain(stock, ours) + "\n")


def _require_setup() -> None:
    if not BRAIN_PYTHON.exists():
        raise BenchError(errors.NO_ENVIRONMENT.format(path=BRAIN_PYTHON))
    require_trained()


def _terminated(number: int, _: FrameType | None) -> None:
    raise KeyboardInterrupt


def main(arguments: Sequence[str] | None = None) -> int:
    """Measure, write and print.

    Returns:
        0; 1 when it cannot be done, 130 when it was interrupted.
    """
    parser = argparse.ArgumentParser(prog="python -m benchmarks", description=__doc__)
    parser.add_argument("--quick", action="store_true", help="few messages, to try the benchmark")
    given = parser.parse_args(arguments)
    where = machine()
    try:
        _require_setup()
        with tempfile.TemporaryDirectory(prefix="bench-") as folder:
            stock, ours = measure(Path(folder), QUICK if given.quick else Plan())
    except KeyboardInterrupt:
        say("Interrupted; everything that was started has been ended.")
        return INTERRUPTED
    except BenchError as problem:
        say(str(problem))
        return 1
    # A trial must not stand where the published figures stand.
    publish(stock, ours, where, OUT / "quick" if given.quick else OUT)
    return 0


if __name__ == "__main__":
    signal.signal(signal.SIGTERM, _terminated)
    sys.exit(main())
