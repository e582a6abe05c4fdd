"""Wide copies give what the JSON of the history gives, and a plan does not depend on whether there are any."""

from __future__ import annotations

import contextlib
import json
from collections.abc import Iterator, Mapping, Sequence
from datetime import date
from pathlib import Path
from typing import Any

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from benchmarks.world import build, keep_copies
from mappings.load import Mappings
from mappings.rules import Identities, IdentitySource
from reconcile.snapshot.wide import keep_wide_copies
from reconcile.store.connection import Store
from reconcile.store.holding import store_holding
from reconcile.store.relations import ExpandedRows
from reconcile.store.values import json_path
from reconcile.store.wide_tables import Role, WideColumns
from reconcile.usecases.session import Session
from tests.support.words import words

Night = Mapping[str, Mapping[str, Any]]

NAMES = ("Title", "title", "mail.work", "urn:x:y", 'quo"te', "back\\slash", "état", "with space", "id", "state", "c1", "attributes", "copy")
SOURCE_NAMES = tuple(name for name in NAMES if name != "title")
VALUES = st.one_of(
    st.none(),
    st.booleans(),
    st.integers(-3, 10**20),
    st.sampled_from([0.1, 1.0, -0.0, 1e30]),
    st.sampled_from(["", " ", "x", "X", "null", "[]", '["x"]', "1", "true", "0.1", "ß", "🙂", 'a"b', "c:\\d"]),
    st.lists(st.sampled_from(["x", None, 1]), max_size=2),
    st.dictionaries(st.sampled_from(["x", "y"]), st.sampled_from(["x", None, 2]), max_size=2),
)
NIGHTS = st.lists(
    st.tuples(st.dictionaries(st.sampled_from("abcd"), st.dictionaries(st.sampled_from(NAMES), VALUES, max_size=4)), st.booleans()),
    min_size=1,
    max_size=4,
)
"""What a system held each night, and whether the copies were kept after it."""


@contextlib.contextmanager
def empty_store() -> Iterator[Store]:
    store = store_holding({})
    try:
        yield store
    finally:
        store.close()


def seal(store: Store, system: str, night: Night) -> None:
    """Takes over one complete read of a system."""
    number = store.value("latest_number", system=system) + 1
    store.do("stage_records", "stage_quarantined")
    if night:
        columns = ("id", "state", "status", "attributes", "updated")
        rows = [(key, "active", "OK", json.dumps(values), "") for key, values in night.items()]
        store.append("staged_record", dict(zip(columns, zip(*rows, strict=True), strict=True)))
    store.do("close_records", "open_records", system=system, number=number)
    store.do("keep_snapshot", system=system, number=number, digest="", columns=list(NAMES), open_ended=False, taken_at="", entry=None)


def quoted(name: str) -> str:
    return '"' + name.replace('"', '""') + '"'


def source_rows(store: Store, names: Sequence[str]) -> list[str | None]:
    columns = {f"v{place}": quoted(name) for place, name in enumerate(names)}
    rows = ExpandedRows("source_rows", names, {"system": "hr", "rank": 3, "run_date": "2026-03-04"})
    kept = ["_rank", "_record_id", "run_date", "record_id", "record_state", "record_status"]
    row = f"to_json([{', '.join([*columns, *(each + '::VARCHAR' for each in kept)])}])"
    with store.schemas.step():
        store.relations.derive_expanded("mapped", rows, columns, where="true", kept=kept)
        return store.expressions.results("mapped", "_record_id", row, where="true", most=99)


def accounts(store: Store, mapped: Sequence[str], keys: Sequence[str], *, copied: bool) -> list[str | None]:
    row = "to_json([to_json(values), to_json(keys), to_json(value_hash), to_json([account_id, state, status, login, email])])"
    with store.schemas.step():
        store.do("make_own_suspensions", "make_unshown_suspensions", target="hr")
        if copied:
            assert store.wide.show_accounts("hr", mapped, keys)
            store.do("make_accounts_of_copy")
        else:
            store.do("make_accounts", target="hr", paths=[*map(json_path, mapped)], key_paths=[*map(json_path, keys)])
        return store.expressions.results("account", "account_id", row, where="true", most=99)


def forget(store: Store) -> None:
    store.do("drop_wide_copies", "forget_wide_copies")


@given(NIGHTS)
@example([({"a": {"Title": None}, "b": {}}, True), ({"a": {"title": "x"}, "b": {"Title": ""}}, True), ({"b": {"Title": ""}}, True)])
def test_wide_copy_of_a_source_gives_what_its_json_gives(nights):
    with empty_store() as store:
        for night, kept in nights:
            seal(store, "hr", night)
            if kept:
                store.wide.keep([WideColumns("hr", Role.SOURCE, SOURCE_NAMES)])
                assert store.wide.source_rows(SOURCE_NAMES, {"system": "hr", "rank": 3, "run_date": "2026-03-04"}) is not None
            found = source_rows(store, SOURCE_NAMES)
            known = store.rows("wide_copies")
            store.do("forget_wide_copies")
            assert found == source_rows(store, SOURCE_NAMES)
            assert len(found) == len(night)
            for system, role, copy, names, hashed, engine, base, latest in known:
                row = {"names": names, "hashed": hashed, "engine": engine, "base": base, "number": latest}
                store.do("keep_wide_copy", system=system, role=role, copy=copy, **row)


@given(NIGHTS, st.permutations(NAMES), st.integers(0, len(NAMES)))
def test_wide_copy_of_a_target_gives_what_its_json_gives(nights, names, mapped):
    with empty_store() as store:
        for night, kept in nights:
            seal(store, "hr", night)
            if kept:
                store.wide.keep([WideColumns("hr", Role.TARGET, tuple(names), hashed=mapped)])
                keys = [*names[:1], *names[-2:]]
                for asked in (names[:mapped], names[1:], names[::-1]):
                    assert accounts(store, asked, keys, copied=True) == accounts(store, asked, keys, copied=False)


def test_accounts_that_differ_in_form_alone_have_different_hashes():
    forms: list[object] = [None, "", "null", "x", ["x"], '["x"', "1", "01", {"a": 1}, "{}"]
    with empty_store() as store:
        seal(store, "hr", {str(place): {"Title": form, "state": "same"} for place, form in enumerate(forms)})
        store.wide.keep([WideColumns("hr", Role.TARGET, ("Title", "state"), hashed=2)])
        assert store.wide.show_accounts("hr", ["Title", "state"], ["state", "state"])
        store.do("make_own_suspensions", "make_unshown_suspensions", "make_accounts_of_copy", target="hr")
        assert len(set(store.expressions.results("account", "account_id", "value_hash", where="true", most=99))) == len(forms)


def test_changed_rows_alone_are_added_to_a_copy():
    wanted = [WideColumns("hr", Role.SOURCE, ("Title",))]
    crew = {f"p{number}": {"Title": "Cook"} for number in range(9)}
    with empty_store() as store:
        seal(store, "hr", crew)
        store.wide.keep(wanted)
        seal(store, "hr", {**crew, "p1": {"Title": "Chef"}})
        store.wide.keep(wanted)
        assert [row[6:] for row in store.rows("wide_copies")] == [(1, 2)]
        assert sorted(store.expressions.columns("store.wide.copy_1")) == ["c1", "id", "mark", "state", "status", "valid_from"]
        assert len(store.expressions.keys("store.wide.copy_1", "id")) == len(crew) + 1


def test_copy_that_holds_many_ended_versions_is_made_again():
    wanted = [WideColumns("hr", Role.SOURCE, ("Title",))]
    with empty_store() as store:
        for night in range(1, 5):
            seal(store, "hr", {key: {"Title": f"{night}"} for key in "abc"})
            store.wide.keep(wanted)
            assert store.expressions.keys("store.wide.copy_1", "id") == ["a", "b", "c"]


@pytest.mark.parametrize(
    "names",
    [("state",), ("Title", "absent")],
    ids=["other columns", "one column more"],
)
def test_copy_of_other_columns_is_not_read(names):
    with empty_store() as store:
        seal(store, "hr", {"a": {"Title": "Cook"}})
        store.wide.keep([WideColumns("hr", Role.SOURCE, ("Title",))])
        assert store.wide.source_rows(names, {"system": "hr", "rank": 0, "run_date": "2026-03-04"}) is None


def test_unknown_column_that_two_sources_of_a_system_spell_differently_does_not_stop_the_copy():
    sources = [IdentitySource(connector="hr", anchor="no", attributes={"name": each}) for each in ("nick", "NICK")]
    mappings = Mappings(Identities(name="name", source=tuple(sources)), ())
    with empty_store() as store:
        seal(store, "hr", {"a": {"no": "1"}})
        keep_wide_copies(store, mappings, {}, words())
        assert [(row[1], sorted(row[3])) for row in store.rows("wide_copies")] == [("source", ["NICK", "no"])]


def test_copy_that_cannot_be_made_ends_nothing_and_leaves_none():
    """Two names that differ in case alone are no structure of DuckDB."""
    with empty_store() as store:
        seal(store, "hr", {"a": {"no": "1"}})
        store.wide.keep([WideColumns("hr", Role.SOURCE, ("no",))])
        store.wide.keep([WideColumns("hr", Role.SOURCE, ("no", "NO"))])
        assert store.rows("wide_copies") == []
        assert store.wide.source_rows(("no",), {"system": "hr", "rank": 0, "run_date": "2026-03-04"}) is None


RUN_DATE = date(2026, 11, 22)


@pytest.fixture(scope="module")
def company(tmp_path_factory) -> Path:
    folder = tmp_path_factory.mktemp("company")
    build(folder, 1_000)
    return folder


@pytest.fixture(scope="module")
def digest_with_copies(company) -> str:
    return Session.open(company).plan(RUN_DATE).digest


def _outdate(store: Store, **changes: object) -> None:
    """Changes what the markers of the copies state."""
    for system, role, copy, names, hashed, engine, base, number in store.rows("wide_copies"):
        row = {"copy": copy, "names": names, "hashed": hashed, "engine": engine, "base": base, "number": number, **changes}
        store.do("keep_wide_copy", system=system, role=role, **row)


DAMAGE = {
    "marker of an earlier snapshot": lambda store: _outdate(store, number=1),
    "marker of another engine": lambda store: _outdate(store, engine="v0"),
    "marker of a table that is not there": lambda store: _outdate(store, copy=77),
    "marker of another table": lambda store: _outdate(store, copy=1),
    "tables dropped": lambda store: store.do("drop_wide_copies"),
    "all dropped": forget,
}


@pytest.mark.parametrize("damage", DAMAGE.values(), ids=DAMAGE)
def test_plan_is_the_same_without_usable_copies_and_the_next_seal_makes_them_again(company, digest_with_copies, damage):
    with Store.open(company / "state", write=True) as store:
        before = store.rows("wide_copies")
        assert len(before) == 3
        damage(store)
    assert Session.open(company).plan(RUN_DATE).digest == digest_with_copies
    keep_copies(company)
    with Store.open(company / "state", write=True) as store:
        assert store.rows("wide_copies") == before
        assert store.wide.show_accounts("okta", ["login"], ["login", "email"])
    assert Session.open(company).plan(RUN_DATE).digest == digest_with_copies
