"""The JSON report of a plan as one text."""

from __future__ import annotations

from collections.abc import Mapping

from reconcile.plan.model import Plan, Run
from reconcile.report.formats.json import parts


def document(plan: Plan, run: Run | None = None, more: Mapping[str, object] | None = None) -> str:
    return "".join(parts(plan, run, more))
