"""Judges whether a plan may be applied without the approval of people, and what is missing where it may not."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import assert_never

from reconcile.plan.actions import ACTION_VERBS
from reconcile.plan.approval import Approval, person
from reconcile.plan.impact import number_of
from reconcile.plan.model import Operation, Plan, Verb
from reconcile.plan.operation_rows import OperationRows, queryable
from reconcile.plan.usual import usual_nights
from reconcile.project.approval_policy import ApprovalNeed, ApprovalPolicy

IRREVERSIBLE = frozenset({Verb.DELETE, Verb.DELETE_GROUP}) | frozenset(ACTION_VERBS)
"""Verbs whose effect no undo plan puts back."""


@dataclass(frozen=True, slots=True)
class Usual:
    """Sizes of earlier days."""

    most: Mapping[tuple[str, str], int] = field(default_factory=dict)
    """By target and verb: the largest number of operations on one day."""
    known: bool = False
    """Whether there are enough days with a run to tell."""
    floor: int = 0
    """Number of operations that is never more than usual."""


@dataclass(frozen=True, slots=True)
class ApprovalFacts:
    """Facts that an approval is judged by, beside the plan and the policy."""

    now: str
    """RFC 3339, UTC."""
    usual: Usual = Usual()
    author: str | None = None
    """The person who planned first with this configuration; empty where unknown, None where a plan of it was applied already."""


def usual_of(sizes: Iterable[tuple[str, str, str, str, int]], run_date: str, nights: int, floor: int) -> Usual:
    """Returns the sizes of earlier days. `sizes`: run, its date, target, verb, number of operations; a row without a target says that there was a run."""
    found = usual_nights(sizes, run_date, nights, floor)
    return Usual({place: max(counts) for place, counts in found.sizes.items()}, found.known, floor)


def missing_approval(plan: Plan, policy: ApprovalPolicy, facts: ApprovalFacts) -> str:
    """Returns what is missing for a plan to be applied, as half a sentence; empty where nothing is."""
    reason = next(_reasons(plan, policy, facts), "")
    if not reason or not (plan.operations or plan.links):
        return ""
    return next(_missing(plan.approvals, policy, facts, reason), "")


def _missing(approvals: Iterable[Approval], policy: ApprovalPolicy, facts: ApprovalFacts, reason: str) -> Iterator[str]:
    each = list(approvals)
    people = {person(approval.by): approval.by for approval in each if approval.until > facts.now}
    if len(people) < policy.people:
        expired = [f"the approval of {approval.by} expired at {approval.until}" for approval in each if approval.until <= facts.now]
        given = f"{len(people)} of {policy.people} approved ({', '.join(people.values())})" if people else ""
        yield "; ".join(
            filter(None, [f"it needs the approval of {number_of(policy.people, 'person', 'people')} ({reason})", given, *expired])
        )
    if policy.four_eyes and facts.author is not None and not _second_pair_of_eyes(people.keys(), facts.author):
        known = f"no other person than {facts.author}, who planned with it first, has approved the plan"
        yield f"the configuration has changed, and {known if facts.author else 'it is not known by whom: two people have to approve the plan'}"


def approved_by_another(approvals: Iterable[Approval], author: str, now: str) -> bool:
    """Whether approvals that count are of another person than the author; where the author is not known, of two people."""
    return _second_pair_of_eyes({person(approval.by) for approval in approvals if approval.until > now}, author)


def _second_pair_of_eyes(people: Iterable[str], author: str) -> bool:
    """Whether another person than the author is among some; where the author is not known, two are needed."""
    return bool(set(people) - {person(author)}) if author else len(set(people)) > 1


def _reasons(plan: Plan, policy: ApprovalPolicy, facts: ApprovalFacts) -> Iterator[str]:
    """Yields why a plan needs approval."""
    match policy.needed:
        case ApprovalNeed.ALWAYS:
            yield "every plan needs one"
        case ApprovalNeed.RISK:
            yield from _risks(plan, facts.usual)
        case ApprovalNeed.NEVER:
            pass
        case _:
            assert_never(policy.needed)
    if policy.four_eyes and facts.author is not None:
        yield "its configuration was never applied before"


def _risks(plan: Plan, usual: Usual) -> Iterator[str]:
    yield from (f"the guard {verdict.guard} refuses it" for verdict in plan.verdicts if not verdict.passed)
    operations = queryable(plan.operations)
    sizes = operations.sizes()
    for (target, verb), count in sorted(sizes.items()):
        if verb in IRREVERSIBLE:
            yield f"{number_of(count, 'operation')} of it cannot be undone ({_words(verb)} in {target})"
    if privileged := _privileged(operations):
        yield f"it changes privileged access ({_words(privileged.verb)} of {privileged.who or privileged.anchor} in {privileged.target})"
    if usual.known:
        for (target, verb), count in sorted(sizes.items()):
            if count > max(usual.most.get((target, verb.value), 0), usual.floor):
                most = usual.most.get((target, verb.value), 0)
                yield f"{count:,} times {_words(verb)} in {target} is more than on any earlier day ({most:,})"


def _privileged(operations: OperationRows) -> Operation | None:
    return next(iter(operations.overview().privileged()), None)


def _words(verb: Verb) -> str:
    return verb.value.replace("_", " ")
