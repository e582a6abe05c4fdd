"""Which groups people hold whose cells list names, over nights in which groups are renamed, deleted and made: worked out again in plain Python."""

from __future__ import annotations

import tempfile
from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from pathlib import Path

import hypothesis.strategies as st
from hypothesis import given

from tests.support.companies.targets import Company, give_account, group, mapping, target

from .effort import READS, SEQUENCES

NAMES = ("red", "green", "blue")
GROUPS = ("g1", "g2", "g3", "g4")
PEOPLE = ("ann", "bob", "cyd")
RULE = {"listed": {"group_expression": "string_split(title, ',')"}}

Night = tuple[Mapping[str, str], Mapping[str, str]]
"""The groups that are there, by id with their names, and each person's cell."""


@dataclass
class Oracle:
    """What the groups should be like, night after night."""

    meant: dict[str, str] = field(default_factory=dict)
    """Name to the id that it meant when it was used last."""
    given: dict[str, set[str]] = field(default_factory=lambda: {person: set() for person in PEOPLE})
    """Person to the ids of the groups that the rule gave."""

    def meaning(self, name: str, groups: Mapping[str, str]) -> str | None:
        before = self.meant.get(name)
        having = [id_ for id_, each in groups.items() if each == name]
        if before in groups and groups[before] != name:
            return None if having else before
        if before in having:
            return before
        return having[0] if len(having) == 1 else None

    def night(self, groups: Mapping[str, str], cells: Mapping[str, str], used: Collection[str] = ()) -> dict[str, set[str]]:
        """Who holds which groups afterwards, of what the rule gave."""
        listed = {person: {item.strip() for item in cell.split(",")} - {""} for person, cell in cells.items()}
        meanings = {name: self.meaning(name, groups) for name in {*used, *(name for names in listed.values() for name in names)}}
        for person, names in listed.items():
            wanted = {meanings[name] for name in names}
            held = self.given[person] & groups.keys()
            # A name that means nothing now freezes what its person was given.
            self.given[person] = (held | wanted if None in wanted else wanted) - {None}
        self.meant |= {name: id_ for name, id_ in meanings.items() if id_ is not None}
        return self.given


cells = st.lists(st.sampled_from([*NAMES, " red ", "", "grey"]), max_size=4).map(",".join)
nights = st.tuples(
    st.dictionaries(st.sampled_from(GROUPS), st.sampled_from([*NAMES, "other", "another"]), min_size=1),
    st.fixed_dictionaries(dict.fromkeys(PEOPLE, cells)),
)


def company(folder: str, rules: Mapping[str, Mapping[str, str]] = RULE) -> Company:
    made = Company(Path(folder), [target("app")], [mapping(groups=rules)])
    for person in PEOPLE:
        made.hire(person)
        give_account(made.targets[0], person)
    return made


def live(made: Company, groups: Mapping[str, str], titles: Mapping[str, str], kinds: Mapping[str, str] = {}) -> dict[str, set[str]]:
    """One night of the real thing: who holds which groups after it."""
    app = made.targets[0]
    app.entitlements = {id_: group(id_, name, kind=kinds.get(id_, "")) for id_, name in groups.items()}
    app.members = {(account, id_) for account, id_ in app.members if id_ in groups}
    for person, cell in titles.items():
        made.people[person]["title"] = cell
    made.night()
    return {person: {id_ for account, id_ in app.members if account == f"app-{person}"} for person in PEOPLE}


@SEQUENCES
@given(st.lists(nights, min_size=2, max_size=4))
def test_each_name_of_a_list_means_the_group_that_it_meant_however_groups_are_named(told: list[Night]):
    oracle = Oracle()
    with tempfile.TemporaryDirectory() as folder:
        made = company(folder)
        for groups, titles in told:
            assert live(made, groups, titles) == oracle.night(groups, titles)


@READS
@given(
    st.permutations([*NAMES, "other"]),
    st.fixed_dictionaries(dict.fromkeys(PEOPLE, st.lists(st.sampled_from(NAMES), max_size=3).map(",".join))),
    st.lists(st.sampled_from([*NAMES, "fresh", "new"]), min_size=4, max_size=4),
)
def test_renamed_groups_change_no_membership(first, titles, later):
    with tempfile.TemporaryDirectory() as folder:
        made = company(folder)
        before = live(made, dict(zip(GROUPS, first, strict=True)), titles)
        assert live(made, dict(zip(GROUPS, later, strict=True)), titles) == before


KINDS = ("own", "imported")
KIND_OF = dict(zip(GROUPS, (*KINDS, *KINDS), strict=True))
"""By group: its kind never changes, its name may."""
RULES_BY_KIND = {
    f"{name}-{kind}": {"group": name, "kind": kind, "when": f"list_contains(string_split(title, ','), '{name}')"}
    for name in NAMES
    for kind in KINDS
}


@SEQUENCES
@given(st.lists(nights, min_size=2, max_size=4))
def test_each_rule_with_a_kind_means_the_group_of_that_kind_however_groups_are_named(told: list[Night]):
    oracles = {kind: Oracle() for kind in KINDS}
    with tempfile.TemporaryDirectory() as folder:
        made = company(folder, RULES_BY_KIND)
        for groups, titles in told:
            # Every rule is used each night, whether or not somebody's cell has its name: what nobody lists is looked up all the same.
            known = {person: ",".join(name for name in NAMES if name in cell.split(",")) for person, cell in titles.items()}
            expected: dict[str, set[str]] = {person: set() for person in PEOPLE}
            for kind, oracle in oracles.items():
                of_kind = {id_: name for id_, name in groups.items() if KIND_OF[id_] == kind}
                for person, held in oracle.night(of_kind, known, used=NAMES).items():
                    expected[person] |= held
            assert live(made, groups, titles, KIND_OF) == expected
