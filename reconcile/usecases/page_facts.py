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
from reconcile.project.limits import Guards
from reconcile.project.reporting import load_reporting
from reconcile.report.page_facts import PageFacts
from reconcile.usecases.departments import kept_departments


def page_facts(folder: Path, state: Path, plan: Plan, clock: Clock = SYSTEM) -> PageFacts:
    """The facts of the project of a plan, whatever else is wrong with its file."""
    guards = _guards(folder)
    usual = (guards or Guards()).usual
    with contextlib.closing(Journal(state, clock)) as journal:
        nights = usual_nights(journal.runs.sizes(), plan.run_date, usual.nights, usual.floor)
    project, departments = load_reporting(folder, FILE).project, kept_departments(state, plan.digest)
    return PageFacts(project=project, usual=nights, guards=guards, departments=departments)


def _guards(folder: Path) -> Guards | None:
    """`[guards]`; None where it cannot be read."""
    try:
        table, _ = read_toml(folder / FILE, FILE)
        return Guards.model_validate(table.get("guards", {}))
    except (BadConfiguration, ValidationError):
        return None
