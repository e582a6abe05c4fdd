"""Operations, counts and limits for guards, without planning."""

from dataclasses import replace

from reconcile.decide.guards.evaluate import judge
from reconcile.decide.guards.facts import GuardFacts
from reconcile.plan.model import Because, Census, Operation, Situation, Verb, Verdict
from reconcile.project.limits import GroupLimits, Guards, Limit

NO_LIMIT = Limit()
OPEN = Guards(
    **{verb.value: NO_LIMIT for verb in Verb},
    attribute=NO_LIMIT,
    groups=GroupLimits(add_member=NO_LIMIT, remove_member=NO_LIMIT),
    privileged=NO_LIMIT,
    lose_app=NO_LIMIT,
)
"""No limit anywhere; each test states the one it is about."""


def change(verb: Verb, number: int, entitlement: str = "", **rest: object) -> Operation:
    """One operation about the person and the account of a number."""
    made = Operation(
        id=f"{verb} {number} {entitlement}",
        target="app",
        verb=verb,
        anchor=f"E{number}",
        account_id=f"a{number}",
        who=f"p{number}@x",
        name="",
        entitlement_id=entitlement,
        entitlement=entitlement.title(),
        because=Because(situation=Situation.CONFIRMED, rule="app: who", detail="So it is."),
    )
    return replace(made, **rest)


def deactivations(count: int) -> list[Operation]:
    return [change(Verb.DEACTIVATE, number) for number in range(count)]


def removals(count: int, group: str, first: int = 0) -> list[Operation]:
    return [change(Verb.REMOVE_MEMBER, number, group) for number in range(first, first + count)]


def verdicts(operations: list[Operation], guards: Guards, *, accounts: int = 1000, **facts: object) -> dict[str, Verdict]:
    """What the guards say, by the guard's name."""
    census = Census(target="app", situations={}, accounts=accounts)
    found = judge(guards, [census], operations, [GuardFacts(target="app", **facts)])
    assert len({verdict.guard for verdict in found}) == len(found)
    return {verdict.guard: verdict for verdict in found}
