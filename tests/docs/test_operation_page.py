"""Whether the examples of docs/operation.md hold: units that systemd takes, settings that load, metrics that exist."""

import re
import shutil
import subprocess
import sys
import tomllib
from pathlib import Path

import pytest

from reconcile.errors import ExitCode
from reconcile.project.reporting import Reporting
from reconcile.project.retention import Retention
from reconcile.report.metrics import metrics
from reconcile.report.night_facts import NightFacts
from reconcile.run_outcome import RunOutcome

PAGE = (Path(__file__).parents[2] / "docs/operation.md").read_text(encoding="utf-8")
UNITS = dict(re.findall(r"```ini\n# /etc/systemd/system/(\S+)\n(.*?)```", PAGE, re.DOTALL))


def blocks(language: str) -> list[str]:
    return re.findall(rf"```{language}\n(.*?)```", PAGE, re.DOTALL)


@pytest.mark.skipif(shutil.which("systemd-analyze") is None, reason="there is no systemd here")
def test_systemd_takes_the_units(tmp_path):
    assert set(UNITS) == {"reconcile.service", "reconcile.timer"}
    for name, text in UNITS.items():
        # The program is at another place here; no program is run.
        (tmp_path / name).write_text(text.replace("/opt/reconcile/bin/reconcile", sys.executable), encoding="utf-8")
    checked = subprocess.run(
        ["systemd-analyze", "verify", "--man=no", "--recursive-errors=no", *map(str, sorted(tmp_path.iterdir()))],
        capture_output=True,
        text=True,
        check=False,
    )
    assert (checked.returncode, checked.stderr) == (0, "")


def test_settings_are_settings():
    (text,) = blocks("toml")
    table = tomllib.loads(text)
    assert Retention.model_validate(table.pop("retention")).declared
    table.pop("log")
    assert Reporting.model_validate(table).notices.ping


def test_metrics_of_the_rules_exist():
    facts = NightFacts(
        project="x", live=True, started="2026-03-02T01:00:00+00:00", ended="2026-03-02T01:00:00+00:00", outcome=RunOutcome.DONE, exit_code=0
    )
    named = {name for text in blocks("yaml") for name in re.findall(r"reconcile_\w+", text)}
    assert len(named) == 3
    assert named <= set(re.findall(r"^# TYPE (\w+)", metrics(facts), re.MULTILINE))


def test_every_exit_code_of_a_run_has_a_row():
    codes = [int(code) for code in re.findall(r"^\| (\d+) \|", PAGE, re.MULTILINE)]
    others = {ExitCode.UNEXPECTED, ExitCode.USAGE, ExitCode.INTERRUPTED}
    assert codes == [code.value for code in ExitCode if code not in others]
