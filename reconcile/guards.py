"""Whether a finished plan stays inside its limits. One that does not is refused whole, before the first write."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from reconcile.config import Guards, Limit
from reconcile.model import Census, Operation, Situation, Verb, Verdict

SAMPLE = 5
"""How many people a refusal names."""

_WORDS = {
    Verb.DEACTIVATE: "accounts would be deactivated",
    Verb.CREATE: "accounts would be created",
    Verb.REACTIVATE: "accounts would be reactivated",
    Verb.UPDATE: "accounts would be changed",
    Verb.ADD_MEMBER: "memberships would be added",
    Verb.REMOVE_MEMBER: "memberships would be removed",
}


def judge(guards: Guards, census: Iterable[Census], operations: Sequence[Operation]) -> tuple[Verdict, ...]:
    """A verdict for every target and verb that has operations.

    The percentage is of the accounts that are not deactivated, or of the people who should have one where those are more
    (a first night creates all). For memberships it is of the accounts too: one lost membership each is a full house.
    """
    verdicts = []
    for each in sorted(census, key=lambda one: one.target):
        population = max(each.accounts, _people(each))
        for verb in Verb:
            concerned = [one for one in operations if one.target == each.target and one.verb is verb]
            if concerned:
                verdicts.append(_verdict(guards.limit(each.target, verb), each.target, verb, concerned, population))
    return tuple(verdicts)


def _people(census: Census) -> int:
    return sum(
        census.situations.get(situation, 0) for situation in (Situation.CONFIRMED, Situation.FOUND, Situation.ABSENT, Situation.MISSING)
    )


def _verdict(limit: Limit, target: str, verb: Verb, concerned: Sequence[Operation], population: int) -> Verdict:
    count = len(concerned)
    share = 100 * count / population if population else 100.0
    numbers = f"{count} of {population} {_WORDS[verb]} in {target} ({share:.1f} %)"
    over = _exceeded(limit, count, share)
    guard = f"{target}.{verb.value}"
    if not over:
        return Verdict(guard=guard, passed=True, count=count, population=population, message=f"{numbers}.")
    sample = ", ".join(one.who or one.anchor or one.account_id for one in concerned[:SAMPLE])
    more = f" and {count - SAMPLE} more" if count > SAMPLE else ""
    message = (
        f"Refused: {numbers}; {over}. Among them {sample}{more}. "
        f"Read the plan; if it is right, raise guards.targets.{target}.{verb.value} in reconcile.toml for this night and plan again."
    )
    return Verdict(guard=guard, passed=False, count=count, population=population, message=message)


def _exceeded(limit: Limit, count: int, share: float) -> str:
    if limit.count is not None and count > limit.count:
        return f"the limit is {limit.count}"
    if limit.percent is not None and count > limit.floor and share > limit.percent:
        return f"the limit is {limit.percent:g} % above a floor of {limit.floor}"
    return ""
