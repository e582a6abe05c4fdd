"""Which candidate each person gets, computed again in plain Python over small companies with many equal names."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from reconcile.plan.model import FindingKind, Verb
from tests.support.companies.columns import world
from tests.support.companies.engine import Lab, lab

from .effort import READS

MOST = 99
RULE = {"expression": "first || last", "otherwise": ["nick", "first || number"], "unique": True}
WORDS = ("a", "b", "A", "")
VALUES = ("a", "b", "aa", "ab", "ba", "a2", "b2", "b3", "a17", "stray", "")


def candidates(person: Mapping[str, str | None]) -> list[str]:
    first, last, nick = person["first"], person["last"], person["nick"]
    plain = [first + last if first is not None and last is not None else None, nick]
    numbered = [f"{first}{number}" for number in range(2, MOST + 1)] if first is not None else []
    return [(each or "").strip().lower() for each in (*plain, *numbered)]


def expected(people: Mapping[str, Mapping[str, str | None]], held: Mapping[str, str]) -> dict[str, str | None]:
    """The value of each person: what they hold, what they get, or None where nothing is free. By key, that is in lower case."""
    keys = {account: value.strip().lower() for account, value in held.items()}
    options = {anchor: candidates(person) for anchor, person in people.items()}
    result: dict[str, str | None] = {a: keys[a] for a in people if keys.get(a) and keys[a] in options[a]}
    choosing = sorted(set(people) - set(result))
    gone = {key for key in keys.values() if key}
    firsts = Counter(options[anchor][0] for anchor in choosing)
    for anchor in choosing:
        if options[anchor][0] and options[anchor][0] not in gone and firsts[options[anchor][0]] == 1:
            result[anchor] = options[anchor][0]
    gone |= {value for value in result.values() if value}
    for anchor in choosing:
        if anchor not in result:
            found = [each for each in options[anchor] if each and each not in gone]
            result[anchor] = found[0] if found else None
            gone |= set(found[:1])
    return result


@st.composite
def offices(draw) -> tuple[dict[str, dict[str, str | None]], dict[str, str]]:
    size = draw(st.integers(2, 14))
    word = st.sampled_from([*WORDS, None])
    people = {f"E{number:02}": {"first": draw(word), "last": draw(word), "nick": draw(word)} for number in range(size)}
    values = draw(st.lists(st.sampled_from(VALUES), unique=True, max_size=8))
    owners = draw(st.permutations([*people, "s1", "s2", "s3"]))
    return people, dict(zip(owners, values, strict=False))


def nicks(bench: Lab) -> dict[str, str | None]:
    """By person, also of those whose account is new."""
    owner = {account: anchor for anchor, account in bench.links().items()}
    return {owner[id_]: account.attributes.get("nick") for id_, account in bench.target.accounts.items() if id_ in owner}


def test_each_person_gets_the_value_due_and_keeps_it(tmp_path: Path) -> None:
    @READS
    @given(offices(), st.sampled_from([{}, {"create_only": True}]))
    def law(dealt: tuple[dict[str, dict[str, str | None]], dict[str, str]], more: dict[str, Any]) -> None:
        people, held = dealt
        accounts = {id_: {"login": f"{id_}@x", "nick": value} for id_, value in held.items()}
        attributes = {"login": "anchor || '@x'", "nick": {**RULE, **more}}
        # What is written once stays as it is, whatever it is.
        fixed = {anchor: held[anchor] for anchor in people if held.get(anchor) and more}
        want = {**expected({anchor: each for anchor, each in people.items() if anchor not in fixed}, held), **fixed}
        with lab(world(people, accounts, attributes), tmp_path) as bench:
            bench.extract()
            plan = bench.plan()
            waiting = {each.anchor for each in plan.findings if each.kind is FindingKind.NOT_UNIQUE}
            assert waiting == {anchor for anchor, value in want.items() if value is None and any(candidates(people[anchor]))}
            bench.apply(plan)
            for anchor, value in want.items():
                if anchor in waiting or (more and anchor in held):
                    continue
                assert (nicks(bench)[anchor] or "").strip().lower() == (value or held.get(anchor, "").strip().lower())
            bench.extract()
            again = bench.plan()
            assert [each for each in again.operations if each.verb in (Verb.CREATE, Verb.UPDATE)] == []

    law()
