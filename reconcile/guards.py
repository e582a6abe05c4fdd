"""Whether a finished plan stays inside its limits. One that does not is refused whole, before the first write."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from reconcile.amounts import Extent, extent, number_of, of_all
from reconcile.config import Guards, Limit
from reconcile.model import Census, Operation, Verb, Verdict

SAMPLE = 5
"""How many people a refusal names."""

_WORDS = {
    Verb.DEACTIVATE: "deactivated",
    Verb.SUSPEND: "suspended",
    Verb.CREATE: "created",
    Verb.REACTIVATE: "reactivated",
    Verb.UPDATE: "changed",
    Verb.ADD_MEMBER: "added",
    Verb.REMOVE_MEMBER: "removed",
    Verb.DELETE: "deleted",
}
_MEMBERSHIPS = (Verb.ADD_MEMBER, Verb.REMOVE_MEMBER)


def judge(guards: Guards, census: Iterable[Census], operations: Sequence[Operation]) -> tuple[Verdict, ...]:
    """A verdict for every target and verb that has operations.

    The percentage is the share of accounts concerned, of `Census.population`. For memberships it is of the accounts that gain or
    lose at least one; the number that `count` and `floor` speak of is the number of memberships. Suspensions count as deactivations
    too: they are no way around that limit.
    """
    verdicts = []
    for each in sorted(census, key=lambda one: one.target):
        for verb in Verb:
            counted = (Verb.DEACTIVATE, Verb.SUSPEND) if verb is Verb.DEACTIVATE else (verb,)
            concerned = [one for one in operations if one.target == each.target and one.verb in counted]
            if concerned:
                size = extent(concerned, each.population)
                verdicts.append(_verdict(guards.limit(each.target, verb), each.target, verb, concerned, size))
    return tuple(verdicts)


def _verdict(limit: Limit, target: str, verb: Verb, concerned: Sequence[Operation], size: Extent) -> Verdict:
    numbers, over = _numbers(target, verb, concerned, size), _exceeded(limit, size)
    message = f"Refused: {numbers}; {over}. {_sample(concerned)} {_way_out(target, verb)}" if over else f"{numbers}."
    return Verdict(
        guard=f"{target}.{verb.value}",
        passed=not over,
        count=size.operations,
        accounts=size.accounts,
        population=size.population,
        message=message,
    )


def _numbers(target: str, verb: Verb, concerned: Sequence[Operation], size: Extent) -> str:
    words = dict.fromkeys(_WORDS[one.verb] for one in sorted(concerned, key=lambda one: one.verb is not verb))
    word = " or ".join(words)
    share = f"{size.percent} of {of_all(size.population)}"
    if verb in _MEMBERSHIPS:
        memberships = f"{number_of(size.operations, 'membership')} of {number_of(size.accounts, 'account')}"
        return f"{memberships} would be {_WORDS[verb]} in {target} ({share})"
    return f"{number_of(size.accounts, 'account')} would be {word} in {target} ({share})"


def _exceeded(limit: Limit, size: Extent) -> str:
    if limit.count is not None and size.operations > limit.count:
        return f"the limit is {limit.count:,}"
    if limit.percent is not None and size.operations > limit.floor and size.share > limit.percent:
        return f"the limit is {limit.percent:g}% above a floor of {limit.floor:,}"
    return ""


def _sample(concerned: Sequence[Operation]) -> str:
    names = list(dict.fromkeys(one.who or one.anchor or one.account_id for one in concerned))
    more = f" and {len(names) - SAMPLE:,} more" if len(names) > SAMPLE else ""
    return f"Among them {', '.join(names[:SAMPLE])}{more}."


def _way_out(target: str, verb: Verb) -> str:
    return f"Read the plan; if it is right, raise guards.targets.{target}.{verb.value} in reconcile.toml for this night and plan again."
