"""Words a notice about a run: numbers, digests and names of systems, and no person."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from string import Template

from reconcile.plan.impact import number_of
from reconcile.plan.model import OutcomeKind
from reconcile.report.night_facts import NightFacts, document
from reconcile.report.summary import short
from reconcile.visible import visible

FORMAT = 1
LONGEST_ERROR = 500
"""Characters of the sentence about what ended a run early."""
_DONE = (OutcomeKind.DONE, OutcomeKind.ALREADY)
_LEFT_OUT = ("incomplete_reads", "read_warnings", "frozen_scopes", "guards", "error", "missing_approval")
"""Members whose sentences may hold an id or a name, given in a shorter form."""


def body(facts: NightFacts) -> Mapping[str, object]:
    """The JSON object of a webhook. `text` is what chat services show."""
    told = {name: value for name, value in document(facts).items() if name not in _LEFT_OUT}
    return {
        **told,
        "format": FORMAT,
        "text": sentence(facts),
        "error": _error(facts),
        "guards": [{"guard": each.guard, "refuses": each.refuses} for each in facts.guards],
        "frozen": _frozen(facts),
        "approval_missing": bool(facts.missing_approval),
    }


def filled(template: str, facts: NightFacts) -> str:
    """A template with the fields of a run."""
    return Template(template).substitute(fields(facts))


def fields(facts: NightFacts) -> Mapping[str, str]:
    """The fields that templates may use (`project.reporting.FIELDS`)."""
    counts = _counts(facts)
    return {
        "project": facts.project,
        "outcome": facts.outcome.value,
        "exit_code": str(facts.exit_code),
        "live": "live" if facts.live else "not live",
        "started": facts.started,
        "ended": facts.ended,
        "error": _error(facts),
        "plan": short(facts.plan) if facts.plan else "",
        "run": facts.run,
        "summary": sentence(facts),
        "done": str(sum(counts[kind.value] for kind in _DONE)),
        "failed": str(counts[OutcomeKind.FAILED.value]),
        "not_done": str(counts.total() - sum(counts[kind.value] for kind in _DONE)),
        "frozen": ", ".join(_frozen(facts)),
        "guards": ", ".join(each.guard for each in facts.guards if each.refuses),
        "findings": str(facts.waiting_findings),
        "seconds": f"{sum(facts.seconds.values()):.0f}",
        "requests": str(sum(each.requests for each in facts.requests.values())),
        "audit_head": facts.audit_head,
    }


def sentence(facts: NightFacts) -> str:
    """One line about the run."""
    counts = _counts(facts)
    parts = [f"{facts.project or 'reconcile'}: {facts.outcome.value} (exit code {facts.exit_code})"]
    if counts:
        said = ", ".join(f"{count:,} {outcome}" for outcome, count in sorted(counts.items()))
        parts.append(f"{number_of(counts.total(), 'operation', 'operations')}: {said}")
    if refusing := [each.guard for each in facts.guards if each.refuses]:
        parts.append(f"refused by {', '.join(refusing)}")
    if facts.missing_approval:
        parts.append("waits for approval")
    if frozen := _frozen(facts):
        parts.append(f"not read completely: {', '.join(frozen)}")
    if facts.waiting_findings:
        parts.append(f"{number_of(facts.waiting_findings, 'finding waits', 'findings wait')} for a decision")
    if facts.error:
        parts.append(_error(facts).rstrip("."))
    return ". ".join(parts) + "."


def _counts(facts: NightFacts) -> Counter[str]:
    found: Counter[str] = Counter()
    for each in facts.operations:
        found[each.outcome] += each.operations
    return found


def _frozen(facts: NightFacts) -> Sequence[str]:
    """The systems that were not read completely."""
    return sorted({each.system for each in facts.frozen_scopes} | set(facts.incomplete_reads))


def _error(facts: NightFacts) -> str:
    return visible(facts.error[:LONGEST_ERROR])
