"""What `make eval` says at the terminal, and the file of errors that it writes."""

from __future__ import annotations

import csv
import sys
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import orjson
import yaml

from benchmarks import errors
from benchmarks.asking import Answered, as_read
from benchmarks.heldout import latency
from benchmarks.labelled import read, unknown
from benchmarks.scores import Read, accuracy, by_intent, confusions, label, macro_f1
from setup.code_print import ROOT

WORST, CONFUSED = 10, 10
YARDSTICK_HEAD = """| method | accuracy | macro F1 | training | one message |
|---|---:|---:|---:|---:|
"""
ERROR_COLUMNS = ("text", "intent", "found", "confidence")
Tell = Callable[[str], None]
Ask = Callable[[Sequence[str]], Sequence[Answered]]


def known_intents() -> list[str]:
    """Return the intents of domain.yml."""
    return list(yaml.safe_load((ROOT / "domain.yml").read_text("utf-8"))["intents"])


def write_json(path: Path, content: object) -> None:
    """Write figures, rounded by nobody."""
    path.parent.mkdir(parents=True, exist_ok=True)
    options = orjson.OPT_INDENT_2 | orjson.OPT_APPEND_NEWLINE
    path.write_bytes(orjson.dumps(content, option=options))


def score_file(path: Path, ask: Ask, tell: Tell, out: Path) -> None:
    """Score a file of labelled messages, print the figures, write what was wrong as CSV.

    Args:
        path: A CSV file with the columns text and intent.
        ask: Puts messages to the assistant.
        tell: Is told of what does not stop the scoring.
        out: The folder for the file of errors.

    Raises:
        FileError: The file cannot be used.
    """
    messages = read(path)
    odd = unknown(messages, known_intents())
    if odd:
        tell(errors.UNKNOWN_INTENTS.format(file=path, names=", ".join(odd)))
    answered = ask([message.text for message in messages])
    rows = [as_read(m, a) for m, a in zip(messages, answered, strict=True)]
    out.mkdir(parents=True, exist_ok=True)
    wrong = out / f"errors-{path.stem}.csv"
    write_errors(wrong, rows)
    times = latency([each.seconds for each in answered])
    sys.stdout.write(of_file(rows) + f"One turn: p50 {times['p50_ms']:.0f} ms, ")
    sys.stdout.write(f"p95 {times['p95_ms']:.0f} ms\nErrors: {wrong}\n")


def of_file(rows: Sequence[Read]) -> str:
    """Return accuracy, macro F1, the worst intents and the largest confusions, as lines."""
    scores = by_intent(rows)
    wrong = sum(not row.right for row in rows)
    lines = [f"{len(rows)} messages, {wrong} wrong"]
    lines += [f"Accuracy {accuracy(rows):.1%}", f"Macro F1 {macro_f1(scores):.1%}"]
    worst = [s for s in sorted(scores, key=lambda s: (s.f1, s.intent)) if s.f1 < 1][:WORST]
    if worst:
        lines += ["", "Worst intents           messages  precision  recall      F1"]
    lines += [
        f"{s.intent:26} {s.rows:5} {s.precision:10.1%} {s.recall:7.1%} {s.f1:7.1%}" for s in worst
    ]
    confused = confusions(rows)[:CONFUSED]
    if confused:
        lines += ["", "Largest confusions (right -> found)"]
    lines += [f"{len(texts):5}  {right} -> {found}" for right, found, texts in confused]
    return "\n".join([*lines, "", ""])


def write_errors(path: Path, rows: Sequence[Read]) -> None:
    """Write the messages that were understood wrongly, in the form of the file that was scored."""
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file)
        writer.writerow(ERROR_COLUMNS)
        for row in rows:
            if not row.right:
                asked = "|".join(label(either) for either in row.wanted)
                found = label(row.found(row.truth))
                writer.writerow((row.text, asked, found, f"{row.confidence:.2f}"))


def summary(figures: Mapping[str, Any]) -> str:
    """Return the main figures of the whole evaluation, as lines."""
    trained, asked, compound = (figures[k] for k in ("cross_validation", "questions", "compound"))
    misses, risk, harmless = (figures[k] for k in ("near_misses", "risk", "harmless"))
    caught, risks = (sum(row[k] for row in risk) for k in ("caught", "rows"))
    alarms, calm = (sum(row[k] for row in harmless) for k in ("alarms", "rows"))
    time = figures["latency"]
    rows = (
        ("Training messages, 5 folds", _both(trained)),
        ("Calibration error", f"{trained['calibration_error']:.3f}"),
        ("Held-out questions", _both(asked)),
        ("Near misses answered", f"{misses['answered_in_scope']} of {misses['messages']}"),
        ("Several questions, exact", f"{compound['exact']} of {compound['rows']}"),
        ("Several questions, some", f"{compound['some']} of {compound['rows']}"),
        ("One question, split", f"{compound['split']} of {compound['single_rows']}"),
        ("Risk caught", f"{caught} of {risks}"),
        ("Harmless, false alarms", f"{alarms} of {calm}"),
        ("One turn", f"p50 {time['p50_ms']:.0f} ms, p95 {time['p95_ms']:.0f} ms"),
    )
    return "".join(f"{name:28} {figure}\n" for name, figure in rows)


def _both(figures: Mapping[str, Any]) -> str:
    return f"accuracy {figures['accuracy']:.1%}, macro F1 {figures['macro_f1']:.1%}"


@dataclass(frozen=True)
class Yardstick:
    """The figures of one method on another domain."""

    name: str
    accuracy: float
    macro_f1: float
    train_s: float
    read_ms: float
    """Milliseconds for one message, its encoding included."""

    @property
    def line(self) -> str:
        """Its line of the table."""
        return (
            f"| {self.name} | {self.accuracy:.1%} | {self.macro_f1:.1%} "
            f"| {self.train_s:.1f} s | {self.read_ms:.1f} ms |\n"
        )


def yardstick(name: str, result: Mapping[str, Any]) -> Yardstick:
    """Return a method's figures.

    Args:
        name: What it is called.
        result: Texts, intents wanted and found, and times, as benchmarks.banking writes them.
    """
    columns = result["texts"], result["wanted"], result["found"]
    rows = [
        Read(text, (frozenset({wanted}),), found, frozenset({found}))
        for text, wanted, found in zip(*columns, strict=True)
    ]
    times = result["train_s"], result["read_ms"]
    return Yardstick(name, accuracy(rows), macro_f1(by_intent(rows)), *times)
