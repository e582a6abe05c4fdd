"""Tells others of a run that ended: notices and metrics. What cannot be told is a line on the standard error, and changes no exit code."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

from reconcile.cli.output import say
from reconcile.run_outcome import RunOutcome
from reconcile.visible import visible

if TYPE_CHECKING:
    from reconcile.apply.audit import AuditEntry
    from reconcile.project.reporting import Metrics
    from reconcile.report.night_facts import NightFacts

PING = "ping "


def tell_others(folder: Path, facts: NightFacts, head: AuditEntry | None, state: Path | None) -> NightFacts:
    """Sends the notices and writes the metrics of a run, as the project file asks. Returns the facts with what came of it."""
    from reconcile.project.config import FILE  # noqa: PLC0415 - deferred: heavy
    from reconcile.project.reporting import load_reporting  # noqa: PLC0415 - deferred: heavy
    from reconcile.usecases.notify import notify  # noqa: PLC0415 - deferred: heavy

    asked = load_reporting(folder, FILE)
    facts = replace(facts, project=facts.project or asked.project)
    told = notify(asked.notices, facts, folder)
    for each in told:
        if each.problem:
            say(f"Notice by {each.name}: not sent ({visible(each.problem)}). The run is not affected.", err=True)
    if head and state and any(not each.problem and not each.name.startswith(PING) for each in told):
        _keep_head(state, head)
    if asked.metrics.textfile and facts.outcome is not RunOutcome.LOCKED:
        # The run that holds the lock writes its own.
        _write_metrics(folder, asked.metrics, facts)
    return replace(facts, notices=told)


def _keep_head(state: Path, head: AuditEntry) -> None:
    from reconcile.apply.audit_head import keep_head  # noqa: PLC0415 - deferred: heavy

    try:
        keep_head(state, head)
    except OSError as error:
        say(f"The head of the audit: not kept ({error.strerror}). Compare with the notice by `reconcile audit verify --head`.", err=True)


def _write_metrics(folder: Path, settings: Metrics, facts: NightFacts) -> None:
    from reconcile.disk import write_private  # noqa: PLC0415 - beside the others
    from reconcile.report.metrics import metrics  # noqa: PLC0415 - deferred: heavy

    path = folder / settings.textfile
    try:
        earlier = path.read_text(encoding="utf-8", errors="replace") if path.exists() else ""
        # The node exporter runs as another user, and the file holds numbers and names of systems alone.
        write_private(path, metrics(facts, earlier), 0o644)
    except OSError as error:
        say(f"Metrics: not written to {path} ({error.strerror}). The run is not affected.", err=True)
