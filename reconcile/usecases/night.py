"""One run of the command `run`: what it has come to, also where it ends early, and the facts that are told of it."""

from __future__ import annotations

import contextlib
import platform
import time
from collections.abc import Iterator
from contextlib import closing
from dataclasses import dataclass, field
from importlib.metadata import version
from pathlib import Path

from connectors.http.traffic import Traffic
from reconcile import __version__
from reconcile.apply.audit import AuditEntry
from reconcile.apply.journal import FILE, Journal
from reconcile.clock import Clock
from reconcile.errors import ExitCode, StorageFault
from reconcile.plan.model import Plan, Run
from reconcile.report.night_facts import NightFacts, Requests, of_plan
from reconcile.run_outcome import run_outcome
from reconcile.snapshot.extract import Extracted

PACKAGES = ("duckdb", "httpx", "polars", "pydantic")
"""Distributions whose versions decide how this program behaves."""


@dataclass(slots=True)
class Night:
    """A run under way, filled in as it goes."""

    live: bool
    clock: Clock
    started: str = field(init=False)
    project: str = ""
    read: list[Extracted] = field(default_factory=list)
    plan: Plan | None = None
    run: Run | None = None
    missing_approval: str = ""
    """Half a sentence about the approval without which the plan is not applied; empty where none is missing."""
    seconds: dict[str, float] = field(default_factory=dict)
    traffic: Traffic = field(default_factory=Traffic)

    def __post_init__(self) -> None:
        self.started = self.clock.stamp()

    @contextlib.contextmanager
    def stage(self, name: str) -> Iterator[None]:
        """Measures a stage, also one that fails."""
        began = time.perf_counter()
        try:
            yield
        finally:
            self.seconds[name] = round(time.perf_counter() - began, 3)

    def facts(self, code: ExitCode, error: str = "", head: AuditEntry | None = None) -> NightFacts:
        """The facts of the run as it ended."""
        return NightFacts(
            project=self.project,
            live=self.live,
            started=self.started,
            ended=self.clock.stamp(),
            outcome=run_outcome(code),
            exit_code=int(code),
            error=error,
            versions=versions(),
            seconds=dict(self.seconds),
            requests={
                system: Requests(requests=sent.requests, waits=sent.waits, waited_seconds=round(sent.waited_seconds, 3))
                for system, sent in sorted(self.traffic.by_system.items())
            },
            incomplete_reads={each.system: each.incomplete for each in self.read if each.incomplete},
            read_warnings={each.system: each.warnings for each in self.read if each.warnings},
            missing_approval=self.missing_approval,
            audit_head=head.hash if head else "",
            **(of_plan(self.plan, self.run) if self.plan else {}),  # type: ignore[arg-type]
        )


def versions() -> dict[str, str]:
    """The versions of this program, of Python, and of the packages that decide how it behaves."""
    return {"reconcile": __version__, "python": platform.python_version(), **{name: version(name) for name in PACKAGES}}


def audit_head(state: Path, clock: Clock) -> AuditEntry | None:
    """The newest audit entry; None where there is none, or where the journal cannot be read: what is told of a run must not end it."""
    if not (state / FILE).exists():
        return None
    try:
        with closing(Journal(state, clock)) as journal:
            return journal.audit.head()
    except StorageFault:
        return None
