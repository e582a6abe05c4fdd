"""Finds what an undo would give back to people who left since the run."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from reconcile.decide.matching.eligibility import Eligibility
from reconcile.decide.undo.not_undone import not_undone
from reconcile.plan.model import Finding, FindingKind, LifecycleState, Operation, Plan, Severity, Situation, Verb

_GIVING = frozenset({Verb.REACTIVATE, Verb.ADD_MEMBER})
"""Verbs that give something back to a person."""
_ENDED = frozenset({Situation.UNQUALIFIED, Situation.SOURCE_MISSING})


def read_anew(run_plan: Plan, now: Plan, sources: Iterable[str]) -> bool:
    """Whether a source has changed since the run. Only a changed source says anything that the run did not know."""
    return any(run_plan.snapshots.get(each) != now.snapshots.get(each) for each in sources)


def left_since(operations: Iterable[Operation], ended: Mapping[tuple[str, str], str]) -> tuple[frozenset[str], tuple[Finding, ...]]:
    """Returns the ids of the operations that would give something back to people who should have no account now, and a finding for each account.

    `ended`: by target and account id, why the person should have none.
    """
    given = [each for each in operations if each.verb in _GIVING and (each.target, each.account_id) in ended]
    first = {(each.target, each.account_id): each for each in reversed(given)}
    findings = tuple(_finding(each, ended[place]) for place, each in sorted(first.items()))
    return frozenset(each.id for each in given), findings


def why_ended(situation: Situation, expected: Eligibility | None) -> str:
    """The reason why a person should have no account that works now, as half a sentence; empty where they should, or it is not known."""
    if situation is Situation.SOURCE_MISSING:
        return "no source has the person any more"
    if situation in _ENDED:
        return "the sources, read anew since the run, give this person no account"
    return "the person is on leave by now" if expected is Eligibility.SUSPENDED else ""


def why_left(state: str | None, *, absence_proven: bool) -> str:
    """The same where no account was decided about, by the lifecycle state of the person alone; None for one whom no source has."""
    if state is None:
        return "no source has the person any more" if absence_proven else ""
    return "the sources, read anew since the run, say that this person left" if state == LifecycleState.TERMINATED else ""


def undecided_finding(target: str, *, people: bool) -> Finding:
    """The finding on a target in which nothing could be decided, so that not all who left are known."""
    why = (
        f"{target}: not read completely, so that nothing was decided there"
        if people
        else f"{target}: everybody is frozen, because a source is in doubt"
    )
    known = (
        "People who left since the run, by what the sources say, get nothing back. The rules of the mapping could not be followed there: "
        "people to whom only a rule denies an account now get back what the run took."
        if people
        else "Who left since the run is not known, so leavers get back what the run took."
    )
    return Finding(
        kind=FindingKind.NOT_UNDONE,
        severity=Severity.ATTENTION,
        target=target,
        message=f"{why}. {known} Run `reconcile extract`, then ask again.",
    )


def _finding(operation: Operation, why: str) -> Finding:
    return not_undone(
        operation,
        f"{why}. What the run took stays taken. Where that is wrong, correct the source, run `reconcile extract`, then ask again; to give it back before that: `reconcile act activate WHO`, `reconcile act add-to-group WHO --group NAME`.",
    )
