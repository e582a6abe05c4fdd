"""The law of targets with habits: whatever a target refuses, normalises, drops or ignores, the nights come to rest and what can be set is set."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from enum import StrEnum
from pathlib import Path
from unittest.mock import patch

import pytest
from hypothesis import given
from hypothesis import strategies as st

from connectors.contract import Record, Value
from connectors.errors import Rejected
from reconcile.plan.model import FindingKind, Plan
from tests.support.companies.office import Office, days, office, person

from .effort import SEQUENCES

NAMES = ("street", "floor", "desk", "phone")
PEOPLE = ("ann", "bob", "cem")


class Habit(StrEnum):
    """What the target does with one attribute."""

    KEEPS = "keeps"
    UPPER = "upper"
    DIGITS = "digits"
    DROPS = "drops"
    IGNORES_CHANGES = "ignores changes"
    REFUSES_SHORT = "refuses short"
    REFUSES_ALL = "refuses all"


def refuses(habit: Habit, value: Value) -> bool:
    return habit is Habit.REFUSES_ALL or (habit is Habit.REFUSES_SHORT and len(str(value)) < 4)


def kept(habit: Habit, value: Value, before: Value) -> Value:
    """What the target shows of a value that it was sent."""
    match habit:
        case Habit.UPPER:
            return str(value).upper()
        case Habit.DIGITS:
            return f"+49 {value}"
        case Habit.DROPS:
            return None
        case Habit.IGNORES_CHANGES:
            return value if before is None else before
        case _:
            return value


@dataclass
class Target:
    """The target of an office, with a habit for each attribute."""

    here: Office
    habits: Mapping[str, Habit]
    writes: int = field(default=0)

    def __post_init__(self) -> None:
        self._update, self._create = self.here.bench.target.update_account, self.here.bench.target.create_account

    async def update(self, account_id: str, changes: Mapping[str, Value], seen: Record) -> Record:
        return await self._update(account_id, self._taken(changes, self.here.bench.target.accounts[account_id].attributes), seen)

    async def create(self, attributes: Mapping[str, Value]) -> Record:
        return await self._create(self._taken(attributes, {}))

    def _taken(self, sent: Mapping[str, Value], held: Mapping[str, Value]) -> Mapping[str, Value]:
        self.writes += 1
        if bad := [name for name, value in sent.items() if name in self.habits and refuses(self.habits[name], value)]:
            raise Rejected("the request is refused", detail=f"one of {len(sent)} values is wrong, and {len(bad)} are")
        taken = {name: kept(self.habits[name], value, held.get(name)) if name in self.habits else value for name, value in sent.items()}
        return {name: value for name, value in taken.items() if value is not None or name in held}


@contextmanager
def at_office(folder: Path, habits: Mapping[str, Habit]) -> Iterator[tuple[Office, Target]]:
    attributes = {"login": "mail", "no": "anchor", **{name: name for name in NAMES}}
    # The accounts are there before the job comes: a creation is refused as a whole.
    with office(folder, accounts=dict.fromkeys(PEOPLE, "active"), attributes=attributes, groups={}) as here:
        target = Target(here, habits)
        with patch.multiple(here.bench.target, update_account=target.update, create_account=target.create):
            yield here, target


def desire(here: Office, values: Mapping[str, Mapping[str, str]]) -> None:
    rules = here.bench.world.sources[0].rules
    names = {name: name for name in ("name", "mail", "dept", *NAMES)}
    here.hr(*(person(who, **values[who]) for who in PEOPLE), rules={**rules, "attributes": names})


Shown = dict[tuple[str, str], Value]
"""What accounts show, by person and attribute."""

VALUES = st.sampled_from(["1234567", "7654321", "12", "high street", "low street"])
DESIRES = st.fixed_dictionaries({who: st.fixed_dictionaries(dict.fromkeys(NAMES, VALUES)) for who in PEOPLE})


def expected(habits: Mapping[str, Habit], wanted: Mapping[str, Mapping[str, str]], before: Shown) -> Shown:
    """What every account shows in the end, attribute by attribute, as if each were sent by itself."""
    return {
        (who, name): before.get((who, name)) if refuses(habits[name], value) else kept(habits[name], value, before.get((who, name)))
        for who in PEOPLE
        for name, value in wanted[who].items()
    }


def is_done(habit: Habit, value: str, shown: Value) -> bool:
    """Whether nobody has to look at what is shown of a value: it is the value, or the habit's harmless form of it."""
    number = value.isdigit() and len(value) > 5
    return shown == value or habit is Habit.UPPER or (habit is Habit.DIGITS and number) or habit is Habit.DROPS


def shown_by(here: Office) -> Shown:
    return {(who, name): here.account(who).attributes.get(name) for who in PEOPLE for name in NAMES}


def refused_in(plan: Plan) -> set[tuple[str, str]]:
    """The person and the attribute of each finding about a refusal."""
    found = [each for each in plan.findings if each.kind is FindingKind.REFUSED]
    return {(each.anchor, each.message.partition(" refused ")[2].partition(" on ")[0]) for each in found}


@SEQUENCES
@given(habits=st.fixed_dictionaries({name: st.sampled_from(Habit) for name in NAMES}), wanted=st.tuples(DESIRES, DESIRES))
def test_nights_come_to_rest_and_what_can_be_set_is_set(
    tmp_path_factory: pytest.TempPathFactory, habits: Mapping[str, Habit], wanted: Sequence[Mapping[str, Mapping[str, str]]]
) -> None:
    with at_office(tmp_path_factory.mktemp("habits"), habits) as (here, target):
        before: Shown = {}
        for number, values in enumerate(wanted):
            desire(here, values)
            for night in range(2):
                here.bench.apply(here.plan(days(4 * number + night)))
            target.writes = 0
            plan = here.plan(days(4 * number + 2))
            here.bench.apply(plan)
            assert (plan.operations, here.plan(days(4 * number + 3)).operations, target.writes) == ((), (), 0)
            before = expected(habits, values, before)
            assert shown_by(here) == before
            open_ones = {place for place, shown in before.items() if not is_done(habits[place[1]], values[place[0]][place[1]], shown)}
            assert refused_in(plan) == open_ones
            lost = {each.message.split()[4] for each in plan.findings if each.kind is FindingKind.NOT_KEPT}
            assert lost == {name for name in NAMES if habits[name] is Habit.DROPS}
