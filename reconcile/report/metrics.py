"""The last run as metrics for Prometheus, in its text format. No label holds a person, an account or a group."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import TypeAlias

from reconcile.report.night_facts import NightFacts
from reconcile.run_outcome import RAN

SUCCESS = "reconcile_last_success_timestamp_seconds"
_SUCCESS_LINE = re.compile(rf"^{SUCCESS}(?:\{{[^\n]*\}})? ([0-9]{{1,12}}(?:\.[0-9]{{1,9}})?)$", re.MULTILINE)

_Labels: TypeAlias = tuple[tuple[str, str], ...]


@dataclass(frozen=True, slots=True)
class _Metric:
    """One gauge, with a value for each set of labels."""

    name: str
    meaning: str
    values: Mapping[_Labels, float]


def metrics(facts: NightFacts, earlier: str = "") -> str:
    """The text of the file. `earlier` is the text that it had: a run that failed keeps the moment of the last success."""
    return "".join(_text(each, facts.project) for each in _metrics(facts, earlier))


def _metrics(facts: NightFacts, earlier: str) -> Iterator[_Metric]:
    ended = datetime.fromisoformat(facts.ended).timestamp()
    yield _one("reconcile_last_run_timestamp_seconds", "When the last run ended.", ended)
    success = ended if facts.outcome in RAN else _earlier_success(earlier)
    if success is not None:
        yield _one(SUCCESS, "When the last run ended in which nothing failed and nothing stood in the way.", success)
    yield _one("reconcile_last_run_exit_code", "Exit code of the last run.", facts.exit_code)
    yield _one("reconcile_last_run_live", "Whether the last run could write.", float(facts.live))
    yield _one("reconcile_last_run_duration_seconds", "Seconds that the stages of the last run took.", sum(facts.seconds.values()))
    yield _Metric("reconcile_last_run_stage_seconds", "The same by stage.", _by("stage", facts.seconds))
    yield _Metric(
        "reconcile_last_run_operations",
        "Operations of the last run by outcome.",
        {(("target", each.target), ("verb", each.verb), ("outcome", each.outcome)): each.operations for each in facts.operations},
    )
    kinds = {each.kind: each.findings for each in facts.findings}
    yield _Metric("reconcile_last_run_findings", "Findings of the last run by kind.", _by("kind", kinds))
    yield _one("reconcile_last_run_findings_waiting", "Findings that wait for a decision.", facts.waiting_findings)
    yield _one("reconcile_last_run_frozen_scopes", "Scopes that were not read completely.", len(facts.frozen_scopes))
    yield _one("reconcile_last_run_frozen_people", "People who are left as they are because of that.", facts.frozen_people)
    yield from _of_requests(facts)


def _of_requests(facts: NightFacts) -> Iterator[_Metric]:
    for name, meaning in (
        ("requests", "Requests of the last run."),
        ("waits", "Requests of the last run that waited for a rate limit or before they were repeated."),
        ("waited_seconds", "Seconds that they waited, added up."),
    ):
        values = {system: float(getattr(each, name)) for system, each in facts.requests.items()}
        yield _Metric(f"reconcile_last_run_{name}", meaning, _by("system", values))


def _by(label: str, values: Mapping[str, float]) -> Mapping[_Labels, float]:
    return {((label, name),): value for name, value in values.items()}


def _one(name: str, meaning: str, value: float) -> _Metric:
    return _Metric(name, meaning, {(): float(value)})


def _text(metric: _Metric, project: str) -> str:
    lines = [f"# HELP {metric.name} {metric.meaning}", f"# TYPE {metric.name} gauge"]
    for labels, value in metric.values.items():
        shown = ",".join(f'{name}="{_escaped(text)}"' for name, text in (("project", project), *labels))
        lines.append(f"{metric.name}{{{shown}}} {value:.15g}")
    return "\n".join(lines) + "\n"


def _escaped(text: str) -> str:
    """A label value as the text format has it; what is not UTF-8 is replaced."""
    plain = text.encode("utf-8", "replace").decode("utf-8")
    return plain.replace("\\", "\\\\").replace("\n", "\\n").replace('"', '\\"')


def _earlier_success(earlier: str) -> float | None:
    found = _SUCCESS_LINE.search(earlier)
    return float(found[1]) if found else None
