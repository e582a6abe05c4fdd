"""Outcomes of the operations of a run, asked for as far as a report shows or counts it: a run may have millions of outcomes."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from itertools import islice

from reconcile.plan.model import Operation, Outcome, OutcomeKind, Plan, Run, Verb
from reconcile.plan.operation_rows import queryable
from reconcile.plan.outcome_rows import outcome_rows
from reconcile.report.labels import is_trouble, outcome_word

BATCH = 500
"""Operations whose outcomes are asked for together."""
FEW = 1_000
"""Number of operations that are looked up by their ids; of more the plan is read in its order."""
HELD_BACK = (OutcomeKind.NOT_APPROVED, OutcomeKind.HELD)
"""Outcomes of operations that were not to be sent, whatever the target holds."""
_TROUBLE = tuple(kind for kind in OutcomeKind if is_trouble(kind))


def outcomes_of(run: Run | None, operations: Iterable[Operation]) -> dict[str, Outcome]:
    """Returns the outcomes of some operations, by id."""
    return outcome_rows(run).with_ids([each.id for each in operations])


def with_outcomes(operations: Iterable[Operation], run: Run | None) -> Iterator[tuple[Operation, Outcome | None]]:
    """Yields operations in their order, each with its outcome where there is one."""
    rows, ended = iter(operations), outcome_rows(run)
    while batch := list(islice(rows, BATCH)):
        found = ended.with_ids([each.id for each in batch])
        yield from ((each, found.get(each.id)) for each in batch)


def ended_counts(plan: Plan, run: Run | None) -> Mapping[tuple[str, Verb], Counter[OutcomeKind | None]]:
    """Counts how the operations of a live run ended, by target and verb; None for those that were not reached. Empty for a plan."""
    if run is None or not run.live:
        return {}
    ended, asked = outcome_rows(run), queryable(plan.operations)
    counts = ended.counts()
    others = [kind for kind in counts if kind is not OutcomeKind.DONE]
    tally: dict[tuple[str, Verb], Counter[OutcomeKind | None]] = defaultdict(Counter)
    if sum(counts.values()) < len(plan.operations) or sum(counts[kind] for kind in others) > FEW:
        for each, outcome in with_outcomes(plan.operations, run):
            tally[each.target, each.verb][outcome.kind if outcome else None] += 1
        return tally
    # Of a run that reached all of a million operations only those are looked up that it did not do.
    for place, count in asked.sizes().items():
        tally[place][OutcomeKind.DONE] = count
    kinds = {each.operation_id: each.kind for each in ended.of_kinds(others)} if others else {}
    for id_, each in asked.with_ids(kinds).items():
        tally[each.target, each.verb].update({kinds[id_]: 1, OutcomeKind.DONE: -1})
    return tally


def not_done(outcome: Outcome | None) -> str:
    """Returns how an operation of a run ended that is not as it was planned, in brackets; empty for others."""
    return f" [{outcome_word(outcome.kind)}]" if outcome and outcome.kind not in (OutcomeKind.DONE, OutcomeKind.ALREADY) else ""


def trouble_count(run: Run | None) -> int:
    """Counts the operations of a run that need attention."""
    return sum(count for kind, count in outcome_rows(run).counts().items() if kind in _TROUBLE)


def troubles(plan: Plan, run: Run | None, most: int) -> Sequence[tuple[Operation, Outcome]]:
    """The first operations of the run that need attention, in the plan's order."""
    count = trouble_count(run)
    if not count:
        return []
    if count > FEW:
        every = with_outcomes(plan.operations, run)
        return list(islice(((each, outcome) for each, outcome in every if outcome and outcome.kind in _TROUBLE), most))
    ended = {each.operation_id: each for each in outcome_rows(run).of_kinds(_TROUBLE)}
    found = queryable(plan.operations).with_ids(ended)
    return [(operation, ended[id_]) for id_, operation in islice(found.items(), most)]


def held_back(run: Run | None) -> Counter[tuple[OutcomeKind, str]]:
    """Counts the operations of a run that were held back, by outcome and reason."""
    return Counter((each.kind, each.detail) for each in outcome_rows(run).of_kinds(HELD_BACK))
