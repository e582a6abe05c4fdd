"""A store of an earlier version is upgraded when it is opened; one of a later version is refused."""

import re
from contextlib import closing

import duckdb
import pytest

from reconcile.errors import ExitCode
from reconcile.store.file import SCHEMA

from .night_worlds import CLOCK

FIRST = (
    "ALTER TABLE scope_read DROP COLUMN partial",
    "ALTER TABLE snapshot DROP COLUMN entry",
    "ALTER TABLE granted DROP COLUMN rules",
    "ALTER TABLE entitlement_version DROP COLUMN type",
    "DROP TABLE lesson",
    "DROP TABLE forgotten",
    "DROP TABLE schema_version",
)
"""What makes of a store of today one of the first version: without the columns and tables that came later."""


def _change(world, *statements):
    with closing(duckdb.connect(world.folder / "state" / "store.duckdb")) as store:
        for each in statements:
            store.execute(each)


def _schema(world):
    with closing(duckdb.connect(world.folder / "state" / "store.duckdb", read_only=True)) as store:
        columns = store.execute("SELECT table_name, column_name, data_type FROM duckdb_columns() WHERE schema_name = 'main'").fetchall()
        return sorted(columns), store.execute("SELECT max(number) FROM schema_version").fetchone()


@pytest.mark.parametrize("words", [("plan", *CLOCK), ("why", "E0007"), ("extract",)], ids=" ".join)
def test_a_store_of_the_first_version_is_upgraded_by_any_command(before_a_night, words):
    world = before_a_night.world
    today = _schema(world)
    _change(world, *FIRST)
    before = world.run(*words)
    assert before.code != ExitCode.UNEXPECTED, before.err
    assert _schema(world) == today
    assert today[1] == (SCHEMA,)


def test_a_plan_of_an_upgraded_store_is_the_same_plan(before_a_night):
    world = before_a_night.world
    _change(world, *FIRST)
    assert world.run("plan", *CLOCK, "--json").json["operations"] == before_a_night.plan["operations"]


@pytest.mark.parametrize("words", [("plan", *CLOCK), ("why", "E0007"), ("extract",), ("apply", "--live")], ids=" ".join)
def test_a_store_of_a_later_version_is_refused_and_stays_as_it_is(before_a_night, words):
    world = before_a_night.world
    _change(world, f"INSERT INTO schema_version VALUES ({SCHEMA + 1})")
    path, began = world.folder / "state" / "store.duckdb", world.writes
    ended = world.run(*words)
    assert ended.code == ExitCode.BAD_CONFIGURATION
    assert ended.err.startswith(
        f"{path}: written by a later version (its schema has the version {SCHEMA + 1}, and this program knows {SCHEMA})."
    )
    assert world.writes == began


def test_a_store_of_a_later_duckdb_is_refused(before_a_night):
    world = before_a_night.world
    path = world.folder / "state" / "store.duckdb"
    body = bytearray(path.read_bytes())
    # The version of the file's format; DuckDB itself tells which checksum belongs to the block that it stands in.
    body[12:20] = (9_999).to_bytes(8, "little")
    path.write_bytes(body)
    with pytest.raises(duckdb.Error) as refused:
        duckdb.connect(path)
    found = re.search(r"computed checksum (\d+)", str(refused.value))
    assert found, refused.value
    body[:8] = int(found[1]).to_bytes(8, "little")
    path.write_bytes(body)
    for words in (("plan", *CLOCK), ("extract",)):
        ended = world.run(*words)
        assert ended.code == ExitCode.BAD_CONFIGURATION, ended.err
        assert ended.err.startswith(f"{path}: written by a later version (its file is of a later version of DuckDB)")
