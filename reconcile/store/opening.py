"""Opens connections with their limits: memory, spill, time zone, and for expressions of mappings neither files nor the network."""

from __future__ import annotations

from pathlib import Path

import duckdb

from reconcile.store.faults import store_fault
from reconcile.store.file import FILE, attach_to_read, attach_to_write, detach, is_older, make_tables
from reconcile.store.memory import READING, planning_bytes
from reconcile.store.parsed import execute
from reconcile.store.spill import spill_limit

_NO_CHECKPOINTS: dict[str, str | bool | int | float | list[str]] = {"checkpoint_threshold": "1TB"}
"""For those who only read the store: they write nothing but working tables in memory. Checkpoints of those took a seventh of a plan's processor time."""


def on_file(folder: Path, *, write: bool, threads: int | None = None) -> duckdb.DuckDBPyConnection:
    """A connection with the store of a state folder. Raises StoreBusy, StoreNewer, StoreDamaged, DiskFull, FileUnusable."""
    folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    path = folder / FILE
    if not write and not path.exists():
        on_file(folder, write=True).close()
    connection = duckdb.connect(config={"memory_limit": f"{READING}B"} if write else _NO_CHECKPOINTS)
    try:
        if write:
            attach_to_write(connection, path)
        else:
            attach_to_read(connection, path)
            if is_older(connection, path):
                detach(connection)
                on_file(folder, write=True).close()
                attach_to_read(connection, path)
            _limit_memory(connection)
    except duckdb.Error as error:
        connection.close()
        raise store_fault(error, path) or error from error
    _limit_spill(connection, folder)
    _pin_session(connection)
    if threads:
        connection.execute("SET threads = $threads", {"threads": threads}).fetchall()
    _shut_in(connection)
    return connection


def in_memory() -> duckdb.DuckDBPyConnection:
    """A connection without a store, kept from files and the network."""
    connection = duckdb.connect()
    _pin_session(connection)
    _shut_in(connection)
    return connection


def store_in_memory() -> duckdb.DuckDBPyConnection:
    """A connection with a store of no file, kept from files and the network."""
    connection = duckdb.connect()
    connection.execute("ATTACH ':memory:' AS store").fetchall()
    _pin_session(connection)
    _shut_in(connection)
    make_tables(connection)
    return connection


def _limit_memory(connection: duckdb.DuckDBPyConnection) -> None:
    """Sets the limit for a plan. What DuckDB would take by itself, which knows the limits of containers, is what is usable."""
    [[rows, usable]] = execute(connection, "rows_and_usable_memory").fetchall()
    connection.execute("SET memory_limit = $limit", {"limit": f"{planning_bytes(rows, usable)}B"}).fetchall()


def _limit_spill(connection: duckdb.DuckDBPyConnection, folder: Path) -> None:
    connection.execute("SET temp_directory = $folder", {"folder": str(folder / "spill")}).fetchall()
    connection.execute("SET max_temp_directory_size = $limit", {"limit": f"{spill_limit(folder)}B"}).fetchall()


def _pin_session(connection: duckdb.DuckDBPyConnection) -> None:
    """Sets the time zone of the session, which decides how a moment is shown as text or date, to UTC instead of this machine's."""
    connection.execute("SET TimeZone = 'UTC'").fetchall()


def _shut_in(connection: duckdb.DuckDBPyConnection) -> None:
    """Keeps expressions of mappings from files and the network, whatever else lets one through."""
    connection.execute("SET enable_external_access = false").fetchall()
    connection.execute("SET lock_configuration = true").fetchall()
