"""Counts the training examples, and keeps test messages out of them."""

from __future__ import annotations

import csv
import re
from collections import Counter
from functools import lru_cache
from pathlib import Path

import yaml

from checks.report import Report
from language.encoder import encoder
from safety.train_meaning import ASKED, labelled
from setup.code_print import ROOT

CORE = frozenset(
    "cost insurance_coverage financial_aid eligibility session_schedule program_length virtual_iop "
    "aftercare what_is_iop iop_vs_other_levels treatments_offered what_to_expect how_to_enroll "
    "do_i_need_help speak_to_human safety_crisis out_of_scope".split()
)
CORE_AT_LEAST, OTHERS_AT_LEAST = 60, 30
IN_ALL_AT_LEAST, DISTINCT_AT_LEAST = 2000, 1600
TOO_NEAR = 0.95
"""A test message with a higher cosine to a training example would test memory, not sense."""
_WORD = re.compile(r"[a-z']+|\d+")
# Words that are exchanged when one example is spun into many.
_SYNONYMS = {
    "it": "iop outpatient rehab program programs treatment therapy iops class group",
    "i": "we he she they you u ya yall me my our his her their your ur",
    "child": "son daughter kid boy girl",
    "spouse": "husband wife partner boyfriend girlfriend",
    "parent": "mom dad mother father",
    "do": "does did is are was am can could will would should",
    "the": "a an this that these those",
}
_SAME = {word: name for name, words in _SYNONYMS.items() for word in words.split()}


@lru_cache(maxsize=1)
def examples() -> list[tuple[str, str]]:
    """Return every training example as (intent, text)."""
    found = []
    for path in sorted((ROOT / "data" / "nlu").glob("*.yml")):
        for entry in yaml.safe_load(path.read_text("utf-8"))["nlu"]:
            for line in entry["examples"].splitlines():
                if line.startswith("- "):
                    found.append((entry["intent"], line[2:].strip()))
    return found


@lru_cache(maxsize=1)
def _slot_words() -> list[tuple[re.Pattern[str], str]]:
    patterns = []
    for path in sorted((ROOT / "data" / "lookups").glob("*.yml")):
        label = ""
        for entry in yaml.safe_load(path.read_text("utf-8"))["nlu"]:
            label = entry.get("lookup", label)
            names = [line[2:].strip() for line in entry["examples"].splitlines()]
            if "synonym" in entry:
                names.append(entry["synonym"])
            joined = "|".join(re.escape(n.lower()) for n in sorted(names, key=len, reverse=True))
            patterns.append((re.compile(rf"\b(?:{joined})\b"), label))
    return patterns


def bare(text: str) -> str:
    """Return an example with slot words, numbers and synonyms replaced by their kind."""
    text = text.lower()
    for pattern, label in _slot_words():
        text = pattern.sub(label, text)
    words = ["#" if w.isdigit() else _SAME.get(w, w) for w in _WORD.findall(text)]
    return " ".join(words)


def check(report: Report) -> None:
    """Check how many examples there are, per intent and in all, and that none stands twice."""
    everything = examples()
    texts = Counter(text.lower() for _, text in everything)
    report.problems += [f"twice: {text}" for text, count in texts.items() if count > 1]
    per_intent = Counter(intent for intent, _ in everything)
    for intent, count in sorted(per_intent.items()):
        least = CORE_AT_LEAST if intent in CORE else OTHERS_AT_LEAST
        if count < least:
            report.problems.append(f"{intent}: {count} examples, at least {least} are wanted")
    distinct = len({bare(text) for _, text in everything})
    if len(texts) < IN_ALL_AT_LEAST or distinct < DISTINCT_AT_LEAST:
        report.problems.append(f"{len(texts)} examples, {distinct} distinct: too few")
    report.summary = (
        f"{len(texts)} examples of {len(per_intent)} intents, {distinct} with words exchanged"
    )


def _heldout(path: Path) -> list[str]:
    with path.open(encoding="utf-8", newline="") as file:
        return [row["text"] for row in csv.DictReader(file)]


def check_heldout(report: Report) -> None:
    """Refuse test messages that are nearly the same as a training example.

    Short greetings and yes or no cannot differ much and are left out.
    """
    trained = [text for _, text in examples()]
    trained += [text for label, text in labelled() if label != ASKED]
    vectors = encoder().encode_all(trained)
    count = 0
    # Dialogues are about what a turn means after the one before it, so their openings may be plain.
    for path in sorted((ROOT / "tests" / "heldout").glob("*.csv")):
        texts = [text for text in _heldout(path) if len(text.split()) > 4]
        near = encoder().encode_all(texts) @ vectors.T
        for text, row in zip(texts, near, strict=True):
            count += 1
            if row.max() > TOO_NEAR:
                twin = trained[int(row.argmax())]
                report.problems.append(f"{path.name}: “{text}” is too near to “{twin}”")
    report.summary = f"{count} messages"
