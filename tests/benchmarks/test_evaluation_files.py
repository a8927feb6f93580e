"""`make eval` reads and writes: files that are refused, the page, the file of errors."""

from __future__ import annotations

import csv
from pathlib import Path

import orjson
import pytest
from hypothesis import given
from hypothesis import strategies as st

from benchmarks import evaluate, evaluation_report, file_report
from benchmarks.errors import FileError
from benchmarks.evaluation_report import Evaluation
from benchmarks.heldout import Heldout, heldout
from benchmarks.labelled import examples, read, unknown, wanted
from benchmarks.scores import Read
from tests.benchmarks.test_evaluation import ROWS, answered
from tests.benchmarks.test_evaluation import read as made

HOSTILE = "<script>alert('x')</script>"


def write(folder: Path, content: str, encoding: str = "utf-8") -> Path:
    path = folder / "messages.csv"
    path.write_bytes(content.encode(encoding))
    return path


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig"])
def test_a_file_is_read(tmp_path: Path, encoding: str) -> None:
    content = 'note,text,intent\nx,"how much, please",cost\ny,hi,greet|thanks\nz,both,b+a\n'
    first, second, third = read(write(tmp_path, content, encoding))
    assert (first.text, first.wanted) == ("how much, please", (frozenset({"cost"}),))
    assert second.wanted == (frozenset({"greet"}), frozenset({"thanks"}))
    assert third.wanted == (frozenset({"a", "b"}),)


@pytest.mark.parametrize(
    ("content", "said"),
    [
        ("", "has the columns none"),
        ("message,label\nhi,greet\n", "has the columns `message`, `label`"),
        ("text\nhi\n", "`text`, `intent` are needed"),
        ("text,intent\n", "holds no messages"),
        ("text,intent\nhi,greet\nhello,\n", "line 3: there is no intent"),
        ("text,intent\nhi, | + \n", "line 2: there is no intent"),
        ("text,intent\nhi\n", "line 2: there is no intent"),
        ('text,intent\n"hi,greet\n', "cannot be read as a CSV file"),
        (f"text,intent\n{'x' * 200_000},greet\n", "cannot be read as a CSV file"),
    ],
)
def test_a_wrong_file_is_refused_with_a_remedy(tmp_path: Path, content: str, said: str) -> None:
    path = write(tmp_path, content)
    with pytest.raises(FileError) as refused:
        read(path)
    assert said in str(refused.value)
    assert str(path) in str(refused.value)


def test_another_encoding_is_refused_without_its_words(tmp_path: Path) -> None:
    path = write(tmp_path, "text,intent\ncuánto cuesta,cost\n", "latin-1")
    with pytest.raises(FileError, match="UTF-8") as refused:
        read(path)
    assert "cuesta" not in str(refused.value)


@pytest.mark.parametrize("missing", ["none.csv", "."])
def test_a_missing_file_ends_with_code_2(
    tmp_path: Path, missing: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert evaluate.main(["--file", str(tmp_path / missing)]) == evaluate.EXIT_REFUSED
    assert "make eval FILE=" in capsys.readouterr().err


def test_a_missing_folder_ends_with_code_2(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert evaluate.main(["--banking", str(tmp_path)]) == evaluate.EXIT_REFUSED
    assert "train_10.csv is not there" in capsys.readouterr().err


@pytest.mark.parametrize("column", ["intent", "category"])
def test_another_domain_is_read(tmp_path: Path, column: str) -> None:
    path = write(tmp_path, f"text,{column}\nwhere is my card,card\n")
    assert examples(path) == (["where is my card"], ["card"])


def test_another_domain_without_labels_is_refused(tmp_path: Path) -> None:
    with pytest.raises(FileError, match="`intent` are needed"):
        examples(write(tmp_path, "text,label\nhi,card\n"))


@given(st.text(st.characters(exclude_categories=["Cs"])))
def test_any_label_is_sets_of_names(label: str) -> None:
    assert all(names and all(names) for names in wanted(label))


def test_unknown_intents_are_named(tmp_path: Path) -> None:
    messages = read(write(tmp_path, "text,intent\nhi,greet|puppets\nho,greet+yodel\n"))
    assert unknown(messages, ["greet"]) == ["puppets", "yodel"]
    assert "cost" in file_report.known_intents()


def test_a_file_is_scored_and_its_errors_written(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path = write(tmp_path, "text,intent\nhow much,cost\nhi,greet|thanks\nboth,cost+greet\n")
    said: list[str] = []
    replies = [answered("cost"), answered("deny"), answered("cost")]
    file_report.score_file(path, lambda texts: replies, said.append, tmp_path / "out")
    printed = capsys.readouterr().out
    assert said == []
    assert "3 messages, 2 wrong" in printed
    assert "Accuracy 33.3%" in printed
    with (tmp_path / "out" / "errors-messages.csv").open(newline="") as file:
        rows = list(csv.DictReader(file))
    assert [(r["text"], r["intent"], r["found"]) for r in rows] == [
        ("hi", "greet|thanks", "deny"),
        ("both", "cost+greet", "cost"),
    ]
    # The file of errors can be scored again.
    assert len(read(tmp_path / "out" / "errors-messages.csv")) == 2


def test_all_right_has_no_worst_intents() -> None:
    assert file_report.of_file([made("cost", "cost")]).strip().endswith("Macro F1 100.0%")


@pytest.fixture(name="evaluation")
def _evaluation() -> Evaluation:
    files = {name: [{"text": HOSTILE, **row} for row, _ in rows] for name, rows in ROWS.items()}
    scored: Heldout = heldout(files, lambda texts: [a for rows in ROWS.values() for _, a in rows])
    trained: list[Read] = [
        made("cost", "cost", 0.9, HOSTILE),
        made("cost", "greet", 0.4, HOSTILE),
        made("out_of_scope", "out_of_scope", 0.7, HOSTILE),
    ]
    where = {"at": "2026-01-01", "system": "Linux", "processors": 2}
    return Evaluation(trained, [1.0, 0.5], scored, 0.3, where)


def test_the_page_holds_its_plots_and_no_markup_of_a_message(evaluation: Evaluation) -> None:
    page = evaluation_report.page(evaluation)
    assert page.count('src="data:image/svg+xml;base64,') == 3
    assert "<script" not in page
    assert "&lt;script&gt;" in page
    assert "http" not in page.replace("http-equiv", "")


def test_the_figures_are_json(
    evaluation: Evaluation, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    evaluate.publish(evaluation, tmp_path)
    figures = orjson.loads((tmp_path / "evaluation.json").read_bytes())
    assert figures["cross_validation"]["accuracy"] == pytest.approx(2 / 3)
    assert figures["compound"]["exact"] == 1
    assert {row["name"]: row["caught"] for row in figures["risk"]} == {"S4": 1, "S1": 0}
    printed = capsys.readouterr().out
    assert "Risk caught                  1 of 2" in printed
    assert str(tmp_path / "evaluation.html") in printed


def test_a_method_is_scored_on_another_domain() -> None:
    found = {"texts": ["a", "b"], "wanted": ["x", "y"], "found": ["x", "x"]}
    scored = file_report.yardstick("theirs", {**found, "train_s": 60.0, "read_ms": 9.0})
    assert scored.line == "| theirs | 50.0% | 33.3% | 60.0 s | 9.0 ms |\n"


def test_the_threshold_is_that_of_the_pipeline() -> None:
    assert 0 < evaluate.threshold() < 1
