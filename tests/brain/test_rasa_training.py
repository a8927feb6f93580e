"""What `make train` spares Rasa changes nothing of what is learned."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
READ = """
from rasa.shared.utils.io import deep_container_fingerprint
from rasa.shared.importers.importer import TrainingDataImporter
importer = TrainingDataImporter.load_from_config("config.yml", "domain.yml", ["data"])
read = importer.get_nlu_data()
messages = sorted(message.fingerprint() for message in read.intent_examples)
learned = [messages, read.entity_synonyms, read.lookup_tables, read.regex_features]
print(importer.get_domain().fingerprint(), len(messages), deep_container_fingerprint(learned))
"""
SPARED = "from setup.rasa_training import spare; spare()\n"


def _read(code: str) -> str:
    command = [sys.executable, "-W", "ignore", "-c", code]
    said = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=True).stdout
    return said.splitlines()[-1]


@pytest.fixture(scope="module")
def as_rasa_reads_it() -> str:
    return _read(READ)


def test_messages_and_domain_are_those_that_rasa_train_learns_from(as_rasa_reads_it: str) -> None:
    assert _read(SPARED + READ) == as_rasa_reads_it
