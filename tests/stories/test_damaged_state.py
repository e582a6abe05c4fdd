"""A store or a journal that cannot be used is called what it is, with what can be saved; nothing is sent meanwhile."""

import contextlib
import errno
import os
import shutil
import sqlite3
from collections.abc import Callable
from pathlib import Path

import duckdb
import pytest

from connectors.cleaning import remember
from connectors.contract import Record
from reconcile.apply.journal import FILE as JOURNAL
from reconcile.apply.journal import EntryKind, Journal, entry
from reconcile.clock import SYSTEM
from reconcile.disk import ROOM, file_fault, replaced, write_private
from reconcile.errors import DiskFull, FileUnusable, StoreBusy
from reconcile.store.connection import Store
from reconcile.store.faults import store_fault
from reconcile.store.file import FILE as STORE
from reconcile.store.holding import store_holding
from reconcile.usecases.run_lock import run_lock
from tests.night.night_worlds import CLOCK

from .story_worlds import Person, Story

LEAVER = Person(1)


def overwrite(path: Path) -> None:
    path.write_bytes(b"\x8f not a database \x00" * 4_000)


def cut(path: Path) -> None:
    """Leaves the first 5,000 bytes, with the header."""
    path.write_bytes(path.read_bytes()[:5_000])


def blank(path: Path) -> None:
    path.write_bytes(b"")


def flip(path: Path) -> None:
    """Leaves the header and damages the pages behind it."""
    held = bytearray(path.read_bytes())
    for place in range(4096 * 3 + 17, len(held), 5):
        held[place] ^= 0x55
    path.write_bytes(held)


DAMAGES: dict[str, Callable[[Path], None]] = {"overwritten": overwrite, "cut": cut, "flipped": flip}
COMMANDS = (("plan", *CLOCK), ("extract",), ("run", *CLOCK, "--live"), ("why", LEAVER.anchor))


def damage(story: Story, file: str, how: Callable[[Path], None]) -> Path:
    path = story.folder / "state" / file
    for beside in path.parent.glob(f"{file}?*"):
        beside.unlink()
    how(path)
    for system in story.systems.values():
        system.forget_requests()
    return path


@pytest.mark.parametrize("words", COMMANDS, ids=[words[0] for words in COMMANDS])
@pytest.mark.parametrize("how", [*DAMAGES.values(), blank], ids=[*DAMAGES, "emptied"])
def test_a_damaged_store_is_called_damaged(at_office, how, words):
    path = damage(at_office, STORE, how)
    ended = at_office.run(*words)
    assert (ended.code, "Traceback" in ended.err) == (1, False), ended.err
    assert any(line.startswith(f"{path}: damaged (") for line in ended.err.splitlines())
    assert "the journal beside it gives back links" in ended.err
    assert at_office.writes() == []


def test_a_store_that_was_moved_away_comes_back_from_the_journal_and_the_next_extract(at_office):
    """What the message promises: nobody is created a second time, nobody loses anything."""
    path = damage(at_office, STORE, overwrite)
    path.unlink()
    assert at_office.run("extract").code == 0
    ended = at_office.run("plan", *CLOCK, "--json")
    assert (ended.code, ended.json["operations"], ended.json["links"]) == (0, [], [])


@pytest.mark.parametrize("words", COMMANDS[:3], ids=[words[0] for words in COMMANDS[:3]])
@pytest.mark.parametrize("how", DAMAGES.values(), ids=DAMAGES)
def test_a_damaged_journal_is_called_damaged(at_office, how, words):
    path = damage(at_office, JOURNAL, how)
    ended = at_office.run(*words)
    assert (ended.code, "Traceback" in ended.err) == (1, False), ended.err
    assert any(line.startswith(f"{path}: damaged (") for line in ended.err.splitlines())
    assert "reconcile rebind --journal" in ended.err
    assert at_office.writes() == []


def test_a_journal_that_was_moved_away_is_replaced_by_a_new_one_and_links_stay(at_office):
    damage(at_office, JOURNAL, overwrite).unlink()
    assert at_office.run("plan", *CLOCK).code == 16
    assert at_office.run("rebind", "--journal").code == 0
    ended = at_office.run("plan", *CLOCK, "--json")
    assert (ended.code, ended.json["operations"], ended.json["links"]) == (0, [], [])


@pytest.mark.parametrize("file", [STORE, JOURNAL])
def test_a_folder_in_the_place_of_a_file_is_said(at_office, file):
    path = damage(at_office, file, lambda path: (path.unlink(), path.mkdir()))
    ended = at_office.run("plan", *CLOCK)
    assert ended.code == 1
    assert ended.err.startswith(f"{path}: cannot be used (")


def test_a_store_in_use_is_not_called_damaged(at_office):
    path = at_office.folder / "state" / STORE
    with contextlib.closing(duckdb.connect(str(path))) as held:
        held.execute("SELECT 1").fetchall()
        assert at_office.launch("plan", *CLOCK).wait() == 15


FULL = {
    "duckdb cannot write": duckdb.IOException('IO Error: Could not write file "x": No space left on device'),
    "duckdb cannot spill": duckdb.OutOfMemoryException("Out of Memory Error: failed to offload data block of size 256.0 KiB"),
}


@pytest.mark.parametrize("error", FULL.values(), ids=FULL)
def test_a_full_disk_is_said_of_the_store(error, tmp_path):
    assert isinstance(store_fault(error, tmp_path / STORE), DiskFull)


def test_a_mistake_in_a_statement_is_no_fault_of_the_file(tmp_path):
    assert store_fault(duckdb.BinderException("Binder Error: no such column"), tmp_path / STORE) is None


def test_a_fault_of_the_store_in_the_middle_of_a_command_is_said(tmp_path):
    path = tmp_path / STORE
    Store.open(tmp_path, write=True).close()

    def reading() -> None:
        with Store.open(tmp_path, write=False) as store:
            store.rows("latest_snapshots")
            raise FULL["duckdb cannot write"]

    with pytest.raises(DiskFull, match=str(path)):
        reading()
    with store_holding({"hr": [Record("1", "active", "", "{}")]}) as store:  # type: ignore[arg-type]
        assert store.rows("latest_snapshots")


def test_a_full_disk_is_said_of_the_journal(tmp_path, monkeypatch):
    """SQLite has two ways to say so: its own code, and an I/O error on a disk without room."""
    with contextlib.closing(Journal(tmp_path)) as journal:
        journal._connection.execute("PRAGMA max_page_count = 1")
        with pytest.raises(DiskFull, match="the disk is full"):
            journal.do_many("add_entry", [entry("r", EntryKind.INTENT, "t", at="", detail="x" * 4_000)] * 400)
    monkeypatch.setattr(shutil, "disk_usage", lambda _path: shutil._ntuple_diskusage(2 * ROOM, 2 * ROOM, ROOM - 1))
    monkeypatch.setattr(sqlite3, "connect", lambda *_, **__: _refuse(sqlite3.OperationalError("disk I/O error")))
    with pytest.raises(DiskFull):
        Journal(tmp_path)
    monkeypatch.setattr(shutil, "disk_usage", lambda _path: shutil._ntuple_diskusage(9 * ROOM, 0, 9 * ROOM))
    with pytest.raises(FileUnusable, match="disk I/O error"):
        Journal(tmp_path)


def _refuse(error: Exception) -> None:
    raise error


def test_what_was_written_together_is_whole_or_absent_on_a_full_disk(tmp_path):
    with contextlib.closing(Journal(tmp_path)) as journal:
        journal._connection.execute("PRAGMA max_page_count = 1")

        def write() -> None:
            with journal.transaction():
                for number in range(400):
                    journal.do("add_run", run=f"r{number}", plan="p" * 4_000, at="")

        with pytest.raises(DiskFull):
            write()
        assert journal.runs.ids() == []
        journal._connection.execute("PRAGMA max_page_count = 100000")
        write()
        assert len(journal.runs.ids()) == 400


def test_a_commit_that_cannot_write_the_log_of_the_store_is_said_of_the_store(tmp_path):
    Store.open(tmp_path, write=True).close()

    def commit() -> None:
        with Store.open(tmp_path, write=True) as store, store.transaction():
            (tmp_path / f"{STORE}.wal").mkdir()
            store.do("set_journal_position", sequence=1, journal="a", mark="")

    with pytest.raises(FileUnusable, match="Cannot open file"):
        commit()


def test_faults_of_other_files_are_named_with_the_file():
    for full in (errno.ENOSPC, errno.EDQUOT, errno.EFBIG):
        assert isinstance(file_fault(OSError(full, os.strerror(full))), DiskFull)
    denied = file_fault(PermissionError(errno.EACCES, "Permission denied", "/srv/report.html"))
    assert (
        str(denied)
        == "/srv/report.html: cannot be used (Permission denied). Correct the path or its permissions, then run the command again."
    )
    assert file_fault(ConnectionResetError(errno.ECONNRESET, "reset")) is None


def _lock(path: Path) -> None:
    with run_lock(path.parent, SYSTEM):
        pass


def _replace(path: Path) -> None:
    with replaced(path) as written:
        written.touch()
        os.write(1, b"")


@pytest.mark.parametrize(
    ("name", "write"),
    [("lock", _lock), ("report.html", _replace), ("secret", lambda path: write_private(path, "key"))],
    ids=["lock", "report", "secret"],
)
def test_a_full_disk_is_said_of_the_file_that_it_does_not_take(tmp_path, monkeypatch, name, write):
    for call in ("write", "fsync"):
        monkeypatch.setattr(os, call, lambda *_: _refuse(OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))))
    with pytest.raises(OSError, match="No space left") as ended:
        write(tmp_path / name)
    assert str(file_fault(ended.value)).startswith(f"{tmp_path / name}: the disk is full.")


@pytest.mark.parametrize("words", [("check",), ("why", LEAVER.anchor), ("plan", *CLOCK), ("show",)], ids=lambda words: words[0])
def test_a_store_of_an_earlier_version_is_brought_up_to_date_by_any_command(at_office, words):
    path = at_office.folder / "state" / STORE
    with contextlib.closing(duckdb.connect(str(path))) as older:
        tables = {name for (name,) in older.execute("SELECT table_name FROM duckdb_tables()").fetchall()}
        for table in ("unlisted", "unsupported", "entitlement_name", "schema_version"):
            assert table in tables
            older.execute(f"DROP TABLE {table}").fetchall()
    assert at_office.run("plan", *CLOCK).code == 0
    with contextlib.closing(duckdb.connect(str(path))) as older:
        older.execute("DROP TABLE unlisted").fetchall()
        older.execute("DROP TABLE unsupported").fetchall()
        older.execute("DELETE FROM schema_version").fetchall()
    ended = at_office.run(*words)
    assert (ended.code, "Traceback" in ended.err) == (0, False), ended.err


def test_a_journal_that_another_process_holds_is_in_use(tmp_path):
    with contextlib.closing(Journal(tmp_path)) as journal, contextlib.closing(sqlite3.connect(tmp_path / JOURNAL)) as other:
        journal._connection.execute("PRAGMA busy_timeout = 0")
        other.execute("BEGIN IMMEDIATE")
        with pytest.raises(StoreBusy, match="is in use by another process"):
            journal.begin("run", "digest")


def test_a_live_run_stops_where_an_intent_cannot_be_written_down_and_is_resumed(at_office, monkeypatch):
    """Nothing is sent that no journal knows of, and no row counts as failed because of a disk."""
    at_office.lines(lambda rows: [row.replace("Active", "Left") if row.startswith(LEAVER.anchor) else row for row in rows])
    at_office.run("extract")
    assert at_office.run("plan").code == 10
    at_office.systems["okta"].forget_requests()
    with monkeypatch.context() as full:
        full.setattr(Journal, "intend", lambda journal, *_: _refuse(DiskFull(journal.path)))
        ended = at_office.run("apply", "--live")
    assert (ended.code, "the disk is full. Make room" in ended.err) == (1, True), ended.err
    assert at_office.writes() == []
    with contextlib.closing(Journal(at_office.folder / "state")) as journal:
        assert journal.runs.recorded(journal.runs.ids()[0]).outcomes == ()
    assert at_office.run("resume").code == 0
    assert {held for held in at_office.lost() if len(held) == 2} == {("okta", LEAVER.login)}


def test_what_an_unexpected_error_says_is_printed_without_secrets_and_escapes(at_office, monkeypatch):
    secret = remember("a-token-nobody-may-see")
    monkeypatch.setattr(Store, "open", lambda *_, **__: _refuse(RuntimeError(f"\x1b[2J {secret} \u202e")))
    ended = at_office.run("plan", *CLOCK)
    assert ended.code == 1
    assert "RuntimeError" in ended.err
    assert secret not in ended.err
    assert not set(ended.err) & set("\x1b\u202e")
