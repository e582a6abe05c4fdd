"""The bare comparison, hand-written: no merging, no mapping, no findings, no plan. Each way runs in a process of its own.

Their input is prepared before the clock starts: wide rows with their hashes, and memberships as pairs of integers. A plan has no such input: what
that preparation takes is said beside it.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Mapping
from pathlib import Path

import duckdb

from benchmarks.world import run_statements, statements_of

COLUMNS = (
    *("login", "email", "first", "last", "display", "user_type", "department", "title", "manager", "manager_id", "id", "division"),
    *("company", "cost_center", "country", "second_email", "nick"),
)
_WAYS = statements_of("ways.sql")
DATACOMPY_PYTHON = "DATACOMPY_PYTHON"
"""The variable that names a Python with datacompy (`benchmarks/with_datacompy.py`)."""


def _pipeline(connection: duckdb.DuckDBPyConnection) -> Mapping[str, int]:
    """Matching by three keys, comparing, and the difference of memberships."""
    connection.execute(_WAYS["match"])
    updated = connection.execute(_WAYS["pairs_that_differ"]).fetchall()[0][0]
    added, removed = connection.execute(_WAYS["members"]).fetchall()[0]
    return {"updated": updated, "added": added, "removed": removed}


def _statement(text: str) -> Callable[[duckdb.DuckDBPyConnection], Mapping[str, int]]:
    return lambda connection: {"updated": connection.execute(text).fetchall()[0][0]}


def _dictionaries(connection: duckdb.DuckDBPyConnection) -> Callable[[duckdb.DuckDBPyConnection], Mapping[str, int]]:
    """Rows as tuples by number, groups as sets by number: then the same in plain Python."""
    wanted, held = ({row[0]: row[1:] for row in connection.table(table).select("n", *COLUMNS).fetchall()} for table in ("wanted", "held"))
    groups = [dict(connection.table(table).aggregate("n, list(number)", "n").fetchall()) for table in ("wanted_member", "held_member")]
    wanted_groups, held_groups = ({n: frozenset(numbers) for n, numbers in each.items()} for each in groups)
    keys = [COLUMNS.index(name) for name in ("id", "login", "email")]

    def compare(_: duckdb.DuckDBPyConnection) -> Mapping[str, int]:
        indexes = [{row[key]: n for n, row in held.items()} for key in keys]
        updated = added = removed = 0
        taken = set()
        for n, row in wanted.items():
            match = next((found for key, index in zip(keys, indexes, strict=True) if (found := index.get(row[key])) is not None), None)
            if match is not None:
                taken.add(match)
                updated += held[match] != row
            has, should = held_groups.get(match, frozenset()), wanted_groups[n]
            if has != should:
                added += len(should - has)
                removed += len(has - should)
        removed += sum(len(has) for n, has in held_groups.items() if n not in taken)
        return {"updated": updated, "added": added, "removed": removed}

    return compare


WAYS: Mapping[str, Callable[[duckdb.DuckDBPyConnection], Callable[[duckdb.DuckDBPyConnection], Mapping[str, int]]]] = {
    "pipeline": lambda _: _pipeline,
    "by_hash": lambda _: _statement(_WAYS["by_hash"]),
    "by_column": lambda _: _statement(_WAYS["by_column"]),
    "dictionaries": _dictionaries,
}
TIMES = 3
"""Each way is timed so often, and the fastest counts: whoever else uses the machine only makes it slower."""


def _by_datacompy(connection: duckdb.DuckDBPyConnection) -> str:
    """What it says of the two tables, in the Python that has it."""
    with tempfile.TemporaryDirectory() as folder:
        files = [f"{folder}/{table}.parquet" for table in ("wanted", "held")]
        for file, table in zip(files, ("wanted", "held"), strict=True):
            connection.table(table).filter("id IS NOT NULL").select(*COLUMNS).write_parquet(file)
        script = Path(__file__).with_name("with_datacompy.py")
        done = subprocess.run([os.environ[DATACOMPY_PYTHON], script, *files], stdout=subprocess.PIPE, text=True, check=True)
    return done.stdout


def _measure(way: str, people: int) -> None:
    connection = duckdb.connect()
    run_statements(connection, "world.sql", people)
    cpu = time.process_time()
    run_statements(connection, "bare.sql", people)
    prepared = time.process_time() - cpu
    if way == "datacompy":
        print(_by_datacompy(connection))
        return
    compare = WAYS[way](connection)
    spent = []
    for _ in range(TIMES):
        began, cpu = time.perf_counter(), time.process_time()
        found = compare(connection)
        spent.append((time.perf_counter() - began, time.process_time() - cpu))
    seconds, cpu = min(spent)
    print(json.dumps({"seconds": seconds, "cpu": cpu, "prepared": prepared, "found": found}))


if __name__ == "__main__":
    _measure(sys.argv[1], int(sys.argv[2]))
