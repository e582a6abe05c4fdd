"""A run that ends in the middle, in a process of its own, as a machine that loses its power ends it: nothing is closed, nothing is written."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from pathlib import Path

from connectors.registry import connector_types, settings_model
from reconcile.clock import Clock
from reconcile.disk import write_private
from reconcile.plan.model import Outcome, Plan
from reconcile.project.config import ConfiguredConnector, Project
from reconcile.store.plans.files import load
from reconcile.usecases.rehearsal.errors import ChildFailed
from reconcile.usecases.rehearsal.session import RehearsedSession
from reconcile.usecases.session import Session

CRASHED = 86
"""Exit code of a process that ended as it was asked to."""
FILE = "crash.json"


def crash_after(project: Project, state: Path, plan: Plan, connectors: Mapping[str, ConfiguredConnector]) -> bool:
    """Applies a plan in a process that ends after half of its outcomes. Whether it ended so, and not with the run. Raises ChildFailed."""
    asked = {
        "folder": str(project.folder.absolute()),
        "state": str(state.absolute()),
        "plan": plan.digest,
        "outcomes": max(1, len(plan.operations) // 2),
        "ahead": (project.clock.now() - datetime.now(UTC)).total_seconds(),
        "connectors": {name: _written(each) for name, each in connectors.items()},
    }
    write_private(state / FILE, json.dumps(asked))
    # -P: no module of the folder that the command was typed in is imported in place of one of ours.
    command = [sys.executable, "-P", "-m", "reconcile.usecases.rehearsal.crash", str(state / FILE)]
    done = subprocess.run(command, capture_output=True, text=True, check=False)  # noqa: S603 - this program itself
    if done.returncode not in (CRASHED, 0):
        raise ChildFailed((done.stderr.strip().splitlines() or [f"exit code {done.returncode}"])[-1][:300])
    return done.returncode == CRASHED


def _written(connector: ConfiguredConnector) -> dict[str, object]:
    """A connector of a twin as text: its one secret is a place."""
    settings = connector.settings.model_dump(mode="json", exclude_unset=True, fallback=lambda secret: secret.place)
    return {"type": connector.type, "settings": {name: _plain(value) for name, value in settings.items()}}


def _plain(value: object) -> object:
    return value["place"] if isinstance(value, dict) and set(value) == {"place"} else value


def _carry_out(asked: Path) -> None:
    """Applies the plan that a file names, up to the outcome after which the process ends."""
    said = json.loads(asked.read_text(encoding="utf-8"))
    ahead, types, left = timedelta(seconds=said["ahead"]), connector_types(), said["outcomes"]
    connectors = {
        name: ConfiguredConnector(each["type"], settings_model(types[each["type"]]).model_validate(each["settings"]))
        for name, each in said["connectors"].items()
    }

    def told(_outcome: Outcome) -> None:
        nonlocal left
        left -= 1
        if left <= 0:
            os._exit(CRASHED)

    real = Session.open(Path(said["folder"]), Clock(lambda: datetime.now(UTC) + ahead))
    session = RehearsedSession.of(real, Path(said["state"]), connectors)
    session.rehearse(load(session.project.state, said["plan"]), told)


if __name__ == "__main__":
    _carry_out(Path(sys.argv[1]))
