"""Each relation of a decision has the columns, types and key that the header of its statement declares, and reads what was made before."""

from collections import Counter
from contextlib import closing
from pathlib import Path

import duckdb
import pytest

from reconcile.decide.planner import Planner
from reconcile.store.connection import Store
from reconcile.store.file import FILE
from tests.laws.recorded import dealt
from tests.structure.pipeline import reads
from tests.support.companies.engine import _connection, _working, lab, project_of
from tests.support.companies.world import TARGET
from tests.support.relation_headers import Header, headers
from tests.support.words import words

WORLDS = (3, 11, 27)


def _tables(schema: str) -> dict[str, list[tuple[str, str]]]:
    found: dict[str, list[tuple[str, str]]] = {}
    rows = _connection().execute(
        "SELECT table_name, column_name, data_type FROM duckdb_columns() WHERE database_name = 'work' AND schema_name = $schema ORDER BY column_index",
        {"schema": schema},
    )
    for table, column, kind in rows.fetchall():
        found.setdefault(table, []).append((column, kind))
    return found


def _repeated(schema: str, header: Header) -> int:
    names = ", ".join(f'"{name}"' for name in header.key)
    rows = _connection().execute(f'SELECT count(*) - count(DISTINCT ({names})) FROM work."{schema}"."{header.relation}"')
    return int(rows.fetchall()[0][0])


@pytest.mark.parametrize("number", WORLDS)
def test_relation_is_what_its_header_declares(number: int, tmp_path: Path):
    with lab(dealt(number), tmp_path) as bench:
        bench.extract_before()
        bench.extract()
        with _working() as store:
            planner = Planner(project_of(bench.world, bench.folder, bench.in_doubt), words(), {TARGET: bench.target.traits})
            planner.planned(store, bench.world.day)
            seen = sum(_agrees(schema) for schema in ("main", f"target {TARGET}"))
    assert seen > 40


def _agrees(schema: str) -> int:
    declared = {header.relation: header for header in headers()}
    made = _tables(schema)
    for name in made.keys() & declared.keys():
        header, columns = declared[name], made[name]
        wanted = {(column.name, column.type) for column in header.columns}
        assert wanted <= set(columns) if header.open else wanted == set(columns), name
        assert not header.key or _repeated(schema, header) == 0, name
    return len(made.keys() & declared.keys())


def test_every_relation_declares_its_columns():
    assert [header.statement for header in headers() if not header.columns] == []


def test_relation_of_two_statements_is_declared_alike_by_both():
    """A relation that has more columns where a rule asks for them is open in the other header."""
    several = [name for name, count in Counter(header.relation for header in headers()).items() if count > 1]
    for name in several:
        first, *others = [header for header in headers() if header.relation == name]
        for other in others:
            assert first.columns == other.columns or first.open or other.open or name in {"identity", "managed_value", "grant_results"}, (
                name
            )


def test_statement_reads_relations_that_are_declared_or_made_of_expressions(tmp_path: Path):
    expressions = {
        "mapped", "merged", "excluded", "who", "qualification", "desired", "identity_keys", "other_anchor_keys", "shown_person", "manager_names", "own_manager_keys",
        "other_manager_keys", "managed_result", "otherwise_value", "without_value", "lookup_table", "lookup_key", "unmanaged_identity", "stated_grant",
        "name_list", "candidate_list", "numbered_value", "ended_mapped", "past_anchors", "wide_account", "frozen_name",
        "account_maker", "account_text", "bulk_addition", "bulk_item", "bulk_reason", "bulk_subject", "cause_subject", "group_maker", "late_maker",
        "reason_text", "separate_place",
    }  # fmt: skip
    declared = {header.relation for header in headers()} | expressions
    unknown = {header.statement: found for header in headers() if (found := {name for name in reads(header) - declared if "." not in name})}
    assert unknown == {}
    Store.open(tmp_path, write=True).close()
    with closing(duckdb.connect(tmp_path / FILE, read_only=True)) as store:
        stored = {name for (name,) in store.execute("SELECT table_name FROM duckdb_tables()").fetchall()}
    assert {name.removeprefix("store.") for header in headers() for name in reads(header) if name.startswith("store.")} <= stored
