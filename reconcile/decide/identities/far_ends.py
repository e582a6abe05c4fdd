"""Finds people whom a source says to have left, with an end date so far ahead that it is no notice period: the date counts, so they keep everything."""

from __future__ import annotations

from datetime import date

from reconcile.plan.model import Finding, FindingKind, Severity
from reconcile.store.connection import Store


def far_ends(store: Store, run_date: date) -> tuple[Finding, ...]:
    """Returns a finding for each row whose status word and end date contradict each other, once rows were judged."""
    return tuple(_finding(*row) for row in store.rows("far_ends", run_date=run_date.isoformat()))


def _finding(source: str, anchor: str, status: str, ended: str) -> Finding:
    return Finding(
        kind=FindingKind.POLICY,
        severity=Severity.ATTENTION,
        target=source,
        anchor=anchor,
        message=(
            f"A row of {source} ({anchor}) has the status '{status}', which means gone, and the end date {ended}, more than a year ahead. "
            "The date counts, so the person works until then. Correct one of the two in the source."
        ),
    )
