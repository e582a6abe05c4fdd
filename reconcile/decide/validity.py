"""Checks that a plan is current: made today, from the latest snapshots, by today's configuration, and not applied yet."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from reconcile import __version__
from reconcile.plan.model import Plan

NAMED = 3
"""Parts of the configuration that one sentence names."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Present:
    """Inputs of a plan made now, and the operations applied since the plan was made."""

    today: str
    snapshots: Mapping[str, str]
    """By system, the digest of its latest snapshot."""
    configuration: Mapping[str, str]
    """The digest of each part (`config.Project.parts`)."""
    registered: bool = True
    """Whether this project made the plan."""
    runs_since: Sequence[tuple[str, str]] = ()
    """The live runs that began after the plan was made, each with its plan's digest."""


def outdated(plan: Plan, present: Present) -> list[str]:
    """Returns why a plan is not what would be planned now, a half-sentence a reason; none where it is."""
    return [*_other_inputs(plan, present), *_other_history(plan, present)]


def _other_inputs(plan: Plan, present: Present) -> Iterator[str]:
    if plan.run_date != present.today:
        yield f"it decides for {plan.run_date}, and today is {present.today}"
    if plan.planner != __version__:
        yield f"it was made by version {plan.planner}, and this is {__version__}"
    if changed := _changed(plan.configuration, present.configuration):
        more = f" and {len(changed) - NAMED} more parts of the configuration" if len(changed) > NAMED else ""
        yield f"{', '.join(changed[:NAMED])}{more} changed since"
    if read := [system for system in sorted(plan.snapshots) if plan.snapshots[system] != present.snapshots.get(system)]:
        yield f"{', '.join(read)} {'was' if len(read) == 1 else 'were'} read again since, and {'is' if len(read) == 1 else 'are'} not as the plan saw"


def _other_history(plan: Plan, present: Present) -> Iterator[str]:
    if not present.registered:
        yield "it was not made by this project, or the journal that knew it is lost"
    if own := [run for run, digest in present.runs_since if digest == plan.digest]:
        yield f"it was applied already, by the run {own[-1]}"
    elif present.runs_since:
        yield f"the run {present.runs_since[-1][0]} was applied since it was made"


def _changed(planned: Mapping[str, str], now: Mapping[str, str]) -> list[str]:
    return [name for name in sorted(planned.keys() | now.keys()) if planned.get(name) != now.get(name)]
