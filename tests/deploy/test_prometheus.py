"""Prometheus itself takes the rules, and they are told when they must be and not before."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
import yaml

from tests.promtool import promtool

FOLDER = Path(__file__).resolve().parents[2] / "deploy" / "prometheus"
RULES = FOLDER / "alerts.yml"
RULE = {
    rule["alert"]: rule for rule in yaml.safe_load(RULES.read_text("utf-8"))["groups"][0]["rules"]
}
JOB = 'job="iop-assistant"'
# Figures over 20 minutes, a value a minute: rule, figure, harmless values, values that are told.
CASES = [
    ("IopDeskDown", f"up{{{JOB}}}", "1x20", "0x20"),
    ("IopDeskStandsStill", "iop_loop_delay_seconds", "0.2x20", "2x20"),
    ("IopBrainDown", "iop_brain_up", "1x20", "0x20"),
    ("IopUnscreened", "iop_unscreened_total", "7x20", "0x18 1 1"),
    (
        "IopCrisisUnacknowledged",
        'iop_alerts_open_oldest_seconds{kind="crisis"}',
        "0+30x20",
        "0+60x20",
    ),
    ("IopNoticesStuck", 'iop_notices_waiting_oldest_seconds{kind="crisis"}', "30x20", "0+60x20"),
    ("IopDrillFailed", "iop_drill_failed", "0x20", "1x20"),
    ("IopDatabaseFails", 'iop_database_failures_total{purpose="write"}', "0+0.1x20", "0+2x20"),
    ("IopSpillWaits", "iop_spill_entries", "0x17 3 0 3", "3x20"),
    ("IopSpillLocked", "iop_spill_locked_entries", "0x20", "1x20"),
    (
        "IopDeliveriesStuck",
        'iop_deliveries_waiting_oldest_seconds{channel="sms"}',
        "9x20",
        "0+60x20",
    ),
    ("IopArrivalsStuck", "iop_arrivals_waiting_oldest_seconds", "9x20", "0+60x20"),
    ("IopDiskFull", "iop_disk_free_bytes", "5e9x20", "5e8x20"),
    ("IopCertificate", 'iop_server_trouble{trouble="certificate"}', "0x20", "1x20"),
    ("IopAuditChanged", 'iop_server_trouble{trouble="audit"}', "0x20", "1x20"),
    ("IopFiguresUnread", "iop_figures_read", "1x20", "0x20"),
    ("IopUpkeepFails", "iop_upkeep_failures_total", "0+0.2x20", "0+2x20"),
]
# Those of several figures: rule, figures that are harmless, figures that are told.
TURNS, ANSWERS = "iop_turns_total", "iop_http_answers_total"
SLOW = "iop_turn_seconds_bucket"
SEVERAL = [
    (
        "IopSafeReplies",
        {f'{TURNS}{{outcome="brain"}}': "0+9x20", f'{TURNS}{{outcome="safe"}}': "0x20"},
        {f'{TURNS}{{outcome="brain"}}': "0+9x20", f'{TURNS}{{outcome="safe"}}': "0+1x20"},
    ),
    (
        "IopErrors",
        {f'{ANSWERS}{{status="200"}}': "0+9x20", f'{ANSWERS}{{status="401"}}': "0+9x20"},
        {f'{ANSWERS}{{status="200"}}': "0+9x20", f'{ANSWERS}{{status="503"}}': "0+1x20"},
    ),
    (
        "IopSlow",
        {
            f'{SLOW}{{le="0.1"}}': "0+5x20",
            f'{SLOW}{{le="+Inf"}}': "0+5x20",
            "iop_turn_seconds_count": "0+5x20",
        },
        {
            f'{SLOW}{{le="2"}}': "0+1x20",
            f'{SLOW}{{le="8"}}': "0+5x20",
            f'{SLOW}{{le="+Inf"}}': "0+5x20",
            "iop_turn_seconds_count": "0+5x20",
        },
    ),
    (
        "IopRestarts",
        {
            f"process_start_time_seconds{{{JOB}}}": "5x20",
            f"iop_brain_process_start_time_seconds{{{JOB}}}": "5x20",
        },
        {
            f"process_start_time_seconds{{{JOB}}}": "0+1x20",
            f"iop_brain_process_start_time_seconds{{{JOB}}}": "5x20",
        },
    ),
    (
        "IopFilesOpen",
        {f"process_open_fds{{{JOB}}}": "50x20", f"process_max_fds{{{JOB}}}": "100x20"},
        {f"process_open_fds{{{JOB}}}": "90x20", f"process_max_fds{{{JOB}}}": "100x20"},
    ),
]
ALL = [
    *SEVERAL,
    *((rule, {figure: calm}, {figure: told}) for rule, figure, calm, told in CASES),
]


def test_prometheus_takes_the_rules() -> None:
    done = promtool("check", "rules", str(RULES))
    assert done.returncode == 0, done.stdout + done.stderr


def test_prometheus_takes_the_example_of_a_configuration() -> None:
    done = promtool("check", "config", "--syntax-only", str(FOLDER / "scrape.yml"))
    assert done.returncode == 0, done.stdout + done.stderr


@pytest.mark.parametrize("name", sorted(RULE))
def test_each_rule_says_what_to_do(name: str) -> None:
    assert set(RULE[name]["annotations"]) == {"summary", "runbook"}
    assert RULE[name]["labels"]["severity"] in ("critical", "warning")
    assert len(RULE[name]["annotations"]["runbook"]) > 10


def test_each_rule_is_tried() -> None:
    assert {name for name, _, _ in ALL} | {"IopBackupOld"} == set(RULE)


def tried(
    tmp_path: Path, name: str, figures: dict[str, str], *, told: bool, at: str = "20m"
) -> str:
    """Have Prometheus say whether a rule is told; return what it says when that is wrong."""
    series = [{"series": figure, "values": values} for figure, values in figures.items()]
    asked: dict[str, Any] = {
        "expr": f'count(ALERTS{{alertname="{name}", alertstate="firing"}})',
        "eval_time": at,
        "exp_samples": [{"labels": "{}", "value": 1}] if told else [],
    }
    case = {
        "rule_files": [str(RULES)],
        "evaluation_interval": "1m",
        "tests": [{"interval": "1m", "input_series": series, "promql_expr_test": [asked]}],
    }
    file = tmp_path / "case.yml"
    file.write_text(yaml.safe_dump(case), "utf-8")
    done = promtool("test", "rules", str(file))
    return "" if done.returncode == 0 else done.stdout + done.stderr


@pytest.mark.parametrize(("name", "calm", "told"), ALL, ids=[case[0] for case in ALL])
def test_a_rule_is_told_when_it_must_be_and_not_before(
    tmp_path: Path, name: str, calm: dict[str, str], told: dict[str, str]
) -> None:
    assert tried(tmp_path, name, calm, told=False) == ""
    assert tried(tmp_path, name, told, told=True) == ""


@pytest.mark.parametrize(
    ("figures", "told"),
    [
        ({'iop_server_trouble{trouble="backup"}': "1x3000"}, True),
        ({'iop_server_trouble{trouble="backup"}': "0x3000"}, False),
    ],
)
def test_an_old_backup_is_told(tmp_path: Path, figures: dict[str, str], told: bool) -> None:
    assert tried(tmp_path, "IopBackupOld", figures, told=told, at="49h10m") == ""
