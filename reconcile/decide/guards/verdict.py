"""Builds the verdict of a guard: the numbers, what is over its limit, a sample, and the way out."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from reconcile.decide.guards.facts import SAMPLE
from reconcile.plan.earlier import Applied
from reconcile.plan.impact import NO_BULK, BulkCount, Impact
from reconcile.plan.model import Operation, Verdict
from reconcile.project.limits import Limit


@dataclass(frozen=True, slots=True, kw_only=True)
class GuardPart:
    """One thing that a guard looks at: one verb, one group, one attribute, one department."""

    name: str = ""
    """Name among the parts of the guard."""
    size: Impact
    over: str
    """Limit that it is over, in words; empty where it is inside its limit."""
    numbers: str
    """`44 accounts would be deactivated in okta (33.1% of 133 accounts or people)`."""
    concerned: Sequence[Operation]
    """Operations of the plan itself."""
    earlier: Sequence[Applied] = ()
    """Operations that other runs of the day applied; the size and the numbers are of both together."""
    bulk: BulkCount = NO_BULK
    """Bulk additions of the plan beside `concerned`."""


def verdict(guard: str, parts: Iterable[GuardPart]) -> Verdict:
    """The verdict on the parts of one guard: refused where any of them is over its limit. The numbers are those of the worst."""
    worst, *others = sorted(parts, key=lambda part: (not part.over, -part.size.share, -part.size.operations, part.name))
    message = (
        f"Refused: {worst.numbers}{_before(worst)}; {worst.over}. {_others(others)}{_sample(worst)} {_way_out(guard)}"
        if worst.over
        else f"{worst.numbers}{_before(worst)}."
    )
    return Verdict(
        guard=guard,
        passed=not worst.over,
        count=worst.size.operations,
        accounts=worst.size.accounts,
        population=worst.size.population,
        message=message,
        earlier=len(worst.earlier),
    )


def _before(part: GuardPart) -> str:
    """Returns how much of the numbers was done before this plan, and by which runs."""
    if not part.earlier:
        return ""
    runs = list(dict.fromkeys(each.run for each in part.earlier))
    since = min(each.at for each in part.earlier)
    by = f"the run {runs[0]}" if len(runs) == 1 else f"{len(runs):,} runs, the latest {runs[-1]}"
    return f", {len(part.earlier):,} of them by {by}, since {since[:10]} {since[11:16]} UTC, and {len(part.concerned) + part.bulk.operations:,} by this plan"


def _others(parts: Iterable[GuardPart]) -> str:
    over = [f"{part.name} ({part.size.operations:,} of {part.size.population:,})" for part in parts if part.over]
    more = f" and {len(over) - SAMPLE:,} more" if len(over) > SAMPLE else ""
    return f"So are {', '.join(over[:SAMPLE])}{more}. " if over else ""


def _sample(part: GuardPart) -> str:
    known_as: dict[str, str] = {}
    for one in part.concerned:
        known_as.setdefault(one.who or one.anchor or one.account_id or one.entitlement, one.anchor)
    total, first = len(known_as) + part.bulk.names, list(known_as)[:SAMPLE]
    if part.bulk.first:
        first = [name for _, name in sorted([*((known_as[name], name) for name in first), *part.bulk.first])[:SAMPLE]]
    more = f" and {total - SAMPLE:,} more" if total > SAMPLE else ""
    return f"Among them {', '.join(first)}{more}." if first else ""


def without_way_out(guard: str, message: str) -> str:
    """The message of a refusal that was overridden: nothing is to be done about it any more."""
    return message.removesuffix(_way_out(guard)).rstrip()


def _way_out(guard: str) -> str:
    return (
        f"Read the plan. If it is right, let this one plan pass with `reconcile override {guard} --plan DIGEST --by NAME --why REASON`; "
        "if not, mend the cause and plan again."
    )


def over_limit(size: Impact, limit: Limit) -> str:
    """Returns the limit that an impact is over, in words; empty where it is inside."""
    if limit.count is not None and size.operations > limit.count:
        return f"the limit is {limit.count:,}"
    if limit.percent is not None and size.operations > limit.floor and size.share > limit.percent:
        return f"the limit is {limit.percent:g}% above a floor of {limit.floor:,}"
    return ""
