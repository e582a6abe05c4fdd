"""A limit refuses the same changes in several plans of one day that it refuses in one plan, and no others."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

from hypothesis import given
from hypothesis import strategies as st

from reconcile.decide.guards.evaluate import judge
from reconcile.decide.guards.facts import Dimension, GuardFacts
from reconcile.plan.earlier import Applied, standing
from reconcile.plan.model import Because, Census, Operation, Situation, Verb
from reconcile.project.limits import DimensionLimits, GroupLimits, Guards, Limit
from tests.support.companies.world import TARGET

PEOPLE = 16
TEAMS = ("red", "blue")
CREW = 9
"""The first so many people are the members of the one group."""
KINDS = (Verb.DEACTIVATE, Verb.SUSPEND, Verb.UPDATE, Verb.REMOVE_MEMBER)
LIMITS = st.builds(
    Limit,
    percent=st.none() | st.integers(0, 200).map(lambda halves: halves / 2),
    count=st.none() | st.integers(0, 10),
    floor=st.integers(0, 6),
)
NONE = Limit()


@dataclass(frozen=True)
class Change:
    """What happens to one person on one day."""

    person: int
    verb: Verb


def team(person: int) -> str:
    return TEAMS[person % len(TEAMS)]


def operation(change: Change) -> Operation:
    group = "crew" if change.verb is Verb.REMOVE_MEMBER else ""
    return Operation(
        id=f"{change.verb}{change.person}",
        target=TARGET,
        verb=change.verb,
        anchor=f"E{change.person}",
        account_id=f"u{change.person}",
        who=f"u{change.person}@x",
        name="",
        entitlement_id=group,
        entitlement=group,
        privileged=bool(group),
        after={"title": "x"} if change.verb is Verb.UPDATE else {},
        because=Because(situation=Situation.CONFIRMED, rule="app: who", detail=""),
    )


def newcomer(number: int) -> Operation:
    return replace(operation(Change(PEOPLE + number, Verb.CREATE)), id=f"create{number}")


def over(limit: Limit, count: int, of: int) -> bool:
    """Whether so many different people are more than a limit allows."""
    share = 100 * count / of if of else 100
    return count > 0 and (
        (limit.count is not None and count > limit.count) or (limit.percent is not None and count > limit.floor and share > limit.percent)
    )


def refusals_expected(limits: Mapping[str, Limit], changes: Sequence[Change]) -> set[str]:
    """The guards that the changes of a whole day are too many for, counted by hand: nothing here knows of plans."""
    of_verb = {verb: [each.person for each in changes if each.verb is verb] for verb in KINDS}
    ended = of_verb[Verb.DEACTIVATE] + of_verb[Verb.SUSPEND]
    removed = of_verb[Verb.REMOVE_MEMBER]
    counts = {
        "deactivate": [(len(ended), PEOPLE)],
        "suspend": [(len(of_verb[Verb.SUSPEND]), PEOPLE)],
        "update": [(len(of_verb[Verb.UPDATE]), PEOPLE)],
        "attributes": [(len(of_verb[Verb.UPDATE]), PEOPLE)],
        "remove_member": [(len(removed), PEOPLE)],
        "privileged": [(len(removed), PEOPLE)],
        "groups.remove_member": [(len(removed), CREW)],
        "dimensions.team": [
            (sum(team(person) == name for person in ended), sum(team(person) == name for person in range(PEOPLE))) for name in TEAMS
        ],
    }
    return {f"{TARGET}.{guard}" for guard, numbers in counts.items() if any(over(limits[guard], *each) for each in numbers)}


def guards_of(limits: Mapping[str, Limit]) -> Guards:
    return Guards(
        create=NONE,
        deactivate=limits["deactivate"],
        suspend=limits["suspend"],
        update=limits["update"],
        remove_member=limits["remove_member"],
        targets={},
        attributes={"title": limits["attributes"]},
        groups=GroupLimits(remove_member=limits["groups.remove_member"]),
        dimensions={"team": DimensionLimits(deactivate=limits["dimensions.team"])},
        privileged=limits["privileged"],
    )


def stated(limit: Limit, floor: int) -> Limit:
    """The limit with everything stated, so that nothing of a usual one is taken over."""
    return Limit(percent=100 if limit.percent is None else limit.percent, count=limit.count, floor=max(limit.floor, floor))


def refusals_of_the_day(guards: Guards, plans: Sequence[Sequence[Operation]]) -> set[str]:
    """The guards that refuse a plan of several that are made and applied one after another. Accounts and members are read in between."""
    refused: set[str] = set()
    done: list[Applied] = []
    for operations in plans:
        ended = sum(each.operation.verb in (Verb.DEACTIVATE, Verb.SUSPEND) for each in done)
        made = sum(each.operation.verb is Verb.CREATE for each in done)
        census = Census(
            target=TARGET,
            situations={Situation.ABSENT: sum(each.verb is Verb.CREATE for each in operations)},
            accounts=PEOPLE - ended + made,
            before=PEOPLE if done else None,
        )
        known = GuardFacts(
            target=TARGET,
            members={"crew": CREW},
            dimensions={
                "team": Dimension(
                    {f"E{person}": team(person) for person in range(PEOPLE)},
                    {name: sum(team(person) == name for person in range(PEOPLE)) for name in TEAMS},
                )
            },
            earlier=standing(done),
        )
        refused |= {verdict.guard for verdict in judge(guards, [census], operations, [known]) if not verdict.passed}
        done += [Applied(operation=each, run=f"run{len(done)}", at="2026-03-02T02:00:00.000+00:00") for each in operations]
    return refused


GUARDED = ("deactivate", "suspend", "update", "attributes", "remove_member", "privileged", "groups.remove_member", "dimensions.team")
CHANGES = st.lists(
    st.builds(Change, st.integers(0, PEOPLE - 1), st.sampled_from(KINDS)), unique_by=lambda each: each.person, max_size=PEOPLE
).map(lambda changes: [each for each in changes if each.verb is not Verb.REMOVE_MEMBER or each.person < CREW])


@given(st.fixed_dictionaries({guard: LIMITS.map(lambda limit: stated(limit, 0)) for guard in GUARDED}), CHANGES, st.data())
def test_a_day_of_several_plans_is_refused_exactly_where_one_plan_of_all_is(
    limits: dict[str, Limit], changes: list[Change], data: st.DataObject
) -> None:
    parts: list[list[Operation]] = [[] for _ in range(data.draw(st.integers(1, 5), label="plans"))]
    for change in changes:
        parts[data.draw(st.integers(0, len(parts) - 1))].append(operation(change))
    for number in range(data.draw(st.integers(0, 40), label="new accounts")):
        parts[data.draw(st.integers(0, len(parts) - 1))].append(newcomer(number))
    expected = refusals_expected(limits, changes)
    guards = guards_of(limits)
    assert refusals_of_the_day(guards, parts) == expected
    assert refusals_of_the_day(guards, [[each for part in parts for each in part]]) == expected


@given(LIMITS.map(lambda limit: stated(limit, 0)), st.lists(st.integers(0, PEOPLE - 1), unique=True), st.data())
def test_what_is_given_back_between_two_plans_is_not_lost(limit: Limit, leavers: list[int], data: st.DataObject) -> None:
    guards = guards_of(dict.fromkeys(GUARDED, Limit(percent=100)) | {"deactivate": limit})
    back = [person for person in leavers if data.draw(st.booleans())]
    rest = [person for person in range(PEOPLE) if person not in leavers and data.draw(st.booleans())]
    ended = [operation(Change(person, Verb.DEACTIVATE)) for person in leavers]
    woken = [replace(each, id=f"back {each.id}", verb=Verb.REACTIVATE) for each in ended if int(each.anchor[1:]) in back]
    done = [Applied(operation=each, run="run", at="2026-03-02T02:00:00.000+00:00") for each in (*ended, *woken)]
    planned = [operation(Change(person, Verb.DEACTIVATE)) for person in rest]
    census = Census(target=TARGET, situations={}, accounts=PEOPLE - len(leavers) + len(back), before=PEOPLE)
    found = judge(guards, [census], planned, [GuardFacts(target=TARGET, earlier=standing(done))])
    refused = any(not verdict.passed for verdict in found if verdict.guard == f"{TARGET}.deactivate")
    assert refused == (bool(rest) and over(limit, len(leavers) - len(back) + len(rest), PEOPLE))
