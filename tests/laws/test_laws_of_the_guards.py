"""A limit that refuses a change refuses every larger one."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from reconcile.config import Guards, Limit
from reconcile.guards import judge
from reconcile.model import Because, Census, Operation, Situation, Verb

from .worlds import TARGET

LIMITS = st.builds(
    Limit,
    percent=st.none()
    | st.integers(0, 200).map(lambda halves: halves / 2),  # what a float holds exactly, so that a share on the limit is on it
    count=st.none() | st.integers(0, 12),
    floor=st.integers(0, 8),
)


def operation(verb: Verb, number: int) -> Operation:
    return Operation(
        id=f"{verb}{number}",
        target=TARGET,
        verb=verb,
        anchor=str(number),
        account_id=f"u{number}",
        who=f"u{number}@x",
        name="",
        because=Because(situation=Situation.CONFIRMED, rule="app: who", detail=""),
    )


def refused(limit: Limit, accounts: int, verb: Verb, count: int) -> bool:
    guards = Guards(**{"deactivate": Limit(), verb.value: limit})  # what is suspended counts as deactivated too
    census = Census(target=TARGET, situations={}, accounts=accounts)
    verdicts = judge(guards, [census], [operation(verb, number) for number in range(count)])
    return not all(verdict.passed for verdict in verdicts)


@given(LIMITS, st.integers(0, 30), st.sampled_from(Verb), st.integers(0, 20), st.integers(0, 20))
def test_a_larger_change_never_passes_where_a_smaller_one_is_refused(limit: Limit, accounts: int, verb: Verb, one: int, other: int) -> None:
    smaller, larger = sorted([one, other])
    assert refused(limit, accounts, verb, larger) or not refused(limit, accounts, verb, smaller)


@given(LIMITS, st.integers(0, 30), st.integers(0, 30), st.sampled_from(Verb), st.integers(0, 20))
def test_what_a_larger_company_is_refused_a_smaller_one_is_refused_too(limit: Limit, one: int, other: int, verb: Verb, count: int) -> None:
    fewer, more = sorted([one, other])
    assert refused(limit, fewer, verb, count) or not refused(limit, more, verb, count)


@given(LIMITS, st.integers(0, 30), st.sampled_from(Verb), st.integers(0, 20))
def test_a_plan_is_refused_exactly_above_its_count_or_above_floor_and_share(limit: Limit, accounts: int, verb: Verb, count: int) -> None:
    above_count = limit.count is not None and count > limit.count
    above_share = limit.percent is not None and count > limit.floor and 100 * count > limit.percent * accounts
    assert refused(limit, accounts, verb, count) == (count > 0 and (above_count or above_share))
