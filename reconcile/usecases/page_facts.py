"""Collects what the page of a plan shows beside it, without opening the store, which a run may be writing."""

from __future__ import annotations

import contextlib
from pathlib import Path

from pydantic import ValidationError

from mappings.problems import BadConfiguration, read_toml
from reconcile.apply.journal import Journal
from reconcile.clock import SYSTEM, Clock
from reconcile.plan.model import Plan
from reconcile.plan.usual import usual_nights
from reconcile.project.config import FILE
from reconcile.project.limits import Usual
from reconcile.project.reporting import load_reporting
from reconcile.report.page_facts import PageFacts


def page_facts(folder: Path, state: Path, plan: Plan, clock: Clock = SYSTEM) -> PageFacts:
    """The facts of the project of a plan, whatever else is wrong with its file."""
    usual = _usual_settings(folder)
    with contextlib.closing(Journal(state, clock)) as journal:
        nights = usual_nights(journal.sizes(), plan.run_date, usual.nights, usual.floor)
    return PageFacts(project=load_reporting(folder, FILE).project, usual=nights)


def _usual_settings(folder: Path) -> Usual:
    """`[guards.usual]`; the defaults where it cannot be read."""
    try:
        table, _ = read_toml(folder / FILE, FILE)
        guards = table.get("guards", {})
        return Usual.model_validate(guards.get("usual", {}) if isinstance(guards, dict) else {})
    except (BadConfiguration, ValidationError):
        return Usual()
