"""A backup is of one moment, also while the state is written, and what is restored is exactly what was backed up."""

import json
import os
import shutil
import stat
import subprocess
import sys
import zipfile
from contextlib import closing
from pathlib import Path

import duckdb
import pytest

from reconcile.apply.journal import Journal
from reconcile.clock import SYSTEM
from reconcile.errors import ExitCode, StoreDamaged
from reconcile.store.connection import Store
from reconcile.store.file import copy_store
from reconcile.usecases.backup import store_copy
from reconcile.usecases.backup.contents import MANIFEST
from reconcile.usecases.backup.store_copy import copy_of_store
from reconcile.usecases.run_lock import run_lock

from .night_worlds import CLOCK, reconcile

WRITER = """
import sys, duckdb
c = duckdb.connect()
c.execute(f"ATTACH '{sys.argv[1]}' AS store (STORAGE_VERSION 'v1.5.0')")
c.execute("CREATE TABLE store.one (a BIGINT, text VARCHAR); CREATE TABLE store.other (a BIGINT, text VARCHAR)")
number = 0
while True:
    number += 1
    c.begin()
    for table in ("one", "other"):
        c.execute(f"DELETE FROM store.{table} WHERE a % 7 = {number % 7}")
        c.execute(f"INSERT INTO store.{table} SELECT range, repeat('x', 30) || range FROM range({number * 1000}, {number * 1000 + 3000})")
    c.commit()
    if number % 5 == 0:
        c.execute("CHECKPOINT store")
    print(number, flush=True)
"""


@pytest.fixture
def backed_up(after_a_night, tmp_path):
    """A world, and a backup of it."""
    path = tmp_path / "backup.zip"
    ended = after_a_night.run("backup", str(path))
    assert ended.code == ExitCode.DONE, ended.err
    assert ended.out.endswith(f" restore-backup {path}\n")
    return after_a_night, path


def _held(state):
    """What the store and the journal of a state folder hold."""
    with closing(duckdb.connect(state / "store.duckdb", read_only=True)) as store:
        tables = [
            name for (name,) in store.execute("SELECT table_name FROM duckdb_tables() WHERE schema_name = 'main' ORDER BY 1").fetchall()
        ]
        held = {name: sorted(map(repr, store.execute(f'FROM "{name}"').fetchall())) for name in tables}
    with closing(Journal(state)) as journal:
        return held, journal.audit.entries(), [journal.runs.recorded(each) for each in journal.runs.ids()]


def _rewritten(path, change):
    """Writes a backup anew; `change` gets its parts by name, and may change them."""
    with zipfile.ZipFile(path) as parts:
        held = {name: parts.read(name) for name in parts.namelist()}
    change(held)
    with zipfile.ZipFile(path, "w") as parts:
        for name, body in held.items():
            parts.writestr(name, body)


def test_what_is_restored_is_what_was_backed_up(backed_up):
    world, path = backed_up
    state = world.folder / "state"
    before, plans = _held(state), sorted(each.name for each in (state / "plans").iterdir())
    shown = world.run("show", "--json").json
    shutil.rmtree(state)
    ended = world.run("restore-backup", str(path))
    assert ended.code == ExitCode.DONE, ended.err
    assert _held(state) == before
    assert sorted(each.name for each in (state / "plans").iterdir()) == plans
    assert world.run("show", "--json").json == shown
    assert world.run("audit", "verify").code == ExitCode.DONE
    assert world.night("--json").json["operations"] == []


def test_a_backup_is_its_owners_alone_and_so_is_what_it_restores(backed_up):
    world, path = backed_up
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert world.run("restore-backup", str(path), "--replace").code == ExitCode.DONE
    found = {
        stat.S_IMODE(each.stat().st_mode) for each in (world.folder / "state").rglob("*") if each.is_file() and "replaced-" not in str(each)
    }
    assert found == {0o600}
    with zipfile.ZipFile(path) as parts:
        assert not [name for name in parts.namelist() if "token" in name or "toml" in name]


def test_a_folder_gets_a_file_with_a_name_of_its_own_and_no_file_is_replaced(backed_up, tmp_path):
    world, path = backed_up
    before = path.read_bytes()
    ended = world.run("backup", str(path))
    assert ended.code == ExitCode.USAGE
    assert path.read_bytes() == before
    (tmp_path / "kept").mkdir()
    assert world.run("backup", str(tmp_path / "kept")).code == ExitCode.DONE
    assert [each.suffix for each in (tmp_path / "kept").iterdir()] == [".zip"]


def test_a_backup_is_made_while_a_run_holds_the_lock_and_the_store(after_a_night, tmp_path):
    state = after_a_night.folder / "state"
    path = tmp_path / "backup.zip"
    with run_lock(state, SYSTEM), Store.open(state, write=True):
        ended = after_a_night.run("backup", str(path))
    assert ended.code == ExitCode.DONE, ended.err
    assert path.exists()


def test_copies_of_a_store_that_is_written_are_each_of_one_moment(tmp_path):
    state = tmp_path / "state"
    state.mkdir()
    writer = subprocess.Popen([sys.executable, "-c", WRITER, str(state / "store.duckdb")], stdout=subprocess.PIPE, text=True)
    seen = []
    try:
        for _ in range(5):
            writer.stdout.readline()
        for number in range(12):
            folder = tmp_path / str(number)
            folder.mkdir()
            with closing(duckdb.connect(copy_of_store(state, folder), read_only=True)) as copy:
                one, other = (copy.execute(f"SELECT count(*), sum(a), max(a) FROM {table}").fetchone() for table in ("one", "other"))
            assert one == other
            seen.append(one[2])
            shutil.rmtree(folder)
    finally:
        writer.kill()
        writer.wait()
        writer.stdout.close()
    assert seen == sorted(seen)
    assert len(set(seen)) > 3


def test_nothing_is_replaced_unasked_and_what_was_there_is_kept(backed_up):
    world, path = backed_up
    state = world.folder / "state"
    with closing(Journal(state)) as journal:
        journal.begin("a run since", "0" * 64)
    before = _held(state)
    refused = world.run("restore-backup", str(path))
    assert refused.code == ExitCode.USAGE
    assert "not empty (" in refused.err
    assert _held(state) == before
    ended = world.run("restore-backup", str(path), "--replace", "--json")
    assert ended.code == ExitCode.DONE, ended.err
    assert _held(state / ended.json["aside"]) == before


def _without_name(held):
    del held["store.duckdb"]


def _another_byte(held):
    held["store.duckdb"] = held["store.duckdb"][:-1] + bytes([held["store.duckdb"][-1] ^ 1])


def _with_name(name, *, named):
    def change(held):
        held[name] = b"evil"
        if named:
            manifest = json.loads(held[MANIFEST])
            manifest["files"][name] = {"size": 4, "sha256": "2" * 64}
            held[MANIFEST] = json.dumps(manifest).encode()

    return change


def _manifest_with(**values):
    def change(held):
        held[MANIFEST] = json.dumps({**json.loads(held[MANIFEST]), **values}).encode()

    return change


@pytest.mark.parametrize(
    ("change", "said"),
    [
        (_with_name("../evil", named=True), "'../evil', which no backup does"),
        (_with_name("/tmp/evil", named=True), "'/tmp/evil', which no backup does"),
        (_with_name("plans/../../evil", named=True), "which no backup does"),
        (_with_name("plans/" + "a" * 64 + "/../evil", named=True), "which no backup does"),
        (_with_name("lock", named=False), "'lock', which no backup does"),
        (_with_name("plans/" + "a" * 64 + "/plan.json", named=False), "does not name the files that are there"),
        (_with_name("plans/" + "a" * 64 + "/plan.json", named=True), "is not as it was backed up"),
        (_without_name, "does not name the files that are there"),
        (_another_byte, "store.duckdb is not as it was backed up"),
        (_manifest_with(format=2), "it has the format 2"),
        (_manifest_with(files=7), "manifest.json: files"),
        (_manifest_with(audit_head="0" * 64), "its audit is not as recorded"),
        (lambda held: held.pop(MANIFEST), "it holds no manifest.json"),
    ],
)
def test_a_backup_that_is_not_as_it_was_written_changes_nothing(backed_up, tmp_path, change, said):
    world, path = backed_up
    before = {
        each: each.read_bytes() for each in (world.folder / "state").rglob("*") if each.is_file() and each.suffix in (".duckdb", ".parquet")
    }
    _rewritten(path, change)
    ended = world.run("restore-backup", str(path), "--replace")
    assert ended.code == ExitCode.UNTRUSTED, ended.err
    assert said in ended.err
    assert {each: each.read_bytes() for each in before} == before
    assert {*tmp_path.rglob("evil"), *Path("/tmp").glob("evil"), *world.folder.rglob("evil")} == set()
    assert not list((world.folder / "state").glob("replaced-*"))


@pytest.mark.parametrize("body", [b"", b"not a zip", os.urandom(2000)])
def test_what_is_no_zip_file_is_named(after_a_night, tmp_path, body):
    path = tmp_path / "odd.zip"
    path.write_bytes(body)
    ended = after_a_night.run("restore-backup", str(path), "--replace")
    assert ended.code == ExitCode.UNTRUSTED
    assert ended.err.startswith(f"{path}: not restored (it is no ZIP file that can be read")


def _cut_short(body):
    return body[: len(body) // 2] + body[body.index(b"PK\x01\x02") :]


def _bad_stream(body):
    place = body.index(b"journal.sqlite") + len("journal.sqlite")
    return body[:place] + b"\xff" * 64 + body[place + 64 :]


def test_a_damaged_store_is_named_and_not_the_copy_that_told_it(tmp_path, monkeypatch):
    monkeypatch.setattr(store_copy, "TRIES", 1)
    monkeypatch.setattr(store_copy, "PAUSE", 0)
    state, folder = tmp_path / "state", tmp_path / "backup"
    state.mkdir()
    folder.mkdir()
    (state / "store.duckdb").write_bytes(b"no database" * 9_000)
    with pytest.raises(StoreDamaged) as told:
        copy_of_store(state, folder)
    assert str(told.value).startswith(f"{state / 'store.duckdb'}: damaged (")
    assert str(folder) not in str(told.value)


@pytest.mark.parametrize("damage", [_cut_short, _bad_stream])
def test_a_zip_file_whose_bytes_are_damaged_is_named(backed_up, damage):
    world, path = backed_up
    path.write_bytes(damage(path.read_bytes()))
    ended = world.run("restore-backup", str(path), "--replace")
    assert ended.code == ExitCode.UNTRUSTED, ended.err
    assert ended.err.startswith(f"{path}: not restored (it is no ZIP file that can be read")
    assert not list((world.folder / "state").glob("replaced-*"))


@pytest.mark.parametrize("method", [zipfile.ZIP_BZIP2, zipfile.ZIP_LZMA])
def test_a_zip_file_that_is_compressed_in_another_way_is_refused(backed_up, method):
    world, path = backed_up
    with zipfile.ZipFile(path) as parts:
        held = {name: parts.read(name) for name in parts.namelist()}
    with zipfile.ZipFile(path, "w", method) as parts:
        for name, body in held.items():
            parts.writestr(name, body)
    ended = world.run("restore-backup", str(path), "--replace")
    assert ended.code == ExitCode.UNTRUSTED, ended.err
    assert "compressed in a way that no backup is" in ended.err


def test_a_backup_of_another_project_is_refused(backed_up):
    world, path = backed_up
    world.edit("reconcile.toml", 'name = "', 'name = "another ')
    ended = world.run("restore-backup", str(path), "--replace")
    assert ended.code == ExitCode.BAD_CONFIGURATION
    assert "it is of the project" in ended.err


def test_an_unfinished_run_is_in_the_backup_and_told(before_a_night, tmp_path):
    world, path = before_a_night.world, tmp_path / "backup.zip"
    with closing(Journal(world.folder / "state")) as journal:
        journal.begin("20260302T000000Z-abc", before_a_night.plan["plan"]["digest"])
    made = world.run("backup", str(path))
    assert "The run 20260302T000000Z-abc had not ended" in made.out
    shutil.rmtree(world.folder / "state")
    restored = world.run("restore-backup", str(path))
    assert restored.out.endswith(" resume\n")
    assert world.run("resume").code == ExitCode.CHANGES_WAIT
    assert world.run("plan", *CLOCK, "--json").code == ExitCode.CHANGES_WAIT


def test_there_is_nothing_to_back_up_before_the_first_command(drifted, tmp_path):
    (tmp_path / "project").mkdir()
    (tmp_path / "project" / "reconcile.toml").write_text((drifted.folder / "reconcile.toml").read_text(encoding="utf-8"), encoding="utf-8")
    ended = reconcile("--project", str(tmp_path / "project"), "backup", str(tmp_path / "b.zip"))
    assert ended.code == ExitCode.USAGE
    assert "nothing to back up" in ended.err


def test_a_copy_during_which_a_checkpoint_came_is_taken_again(tmp_path, monkeypatch):
    state, folder, copied, real, read = tmp_path / "state", tmp_path / "copy", [], shutil.copyfile, []
    state.mkdir()
    folder.mkdir()
    with closing(duckdb.connect()) as writer:
        writer.execute(f"ATTACH '{state / 'store.duckdb'}' AS store (STORAGE_VERSION 'v1.5.0')")
        writer.execute("CREATE TABLE store.rows AS SELECT range AS a FROM range(1000)")
        assert (state / "store.duckdb.wal").exists()

        def copyfile(source, target):
            copied.append(source.name)
            real(source, target)
            if len(copied) == 1:
                writer.execute("DELETE FROM store.rows WHERE a < 500")
                writer.execute("CHECKPOINT store")

        def opened(raw, copy):
            read.append(raw)
            copy_store(raw, copy)

        monkeypatch.setattr(shutil, "copyfile", copyfile)
        monkeypatch.setattr(store_copy, "copy_store", opened)
        copy = copy_of_store(state, folder)
    assert copied.count("store.duckdb") == 2
    # The header told, before the copy of two moments was opened.
    assert len(read) == 1
    with closing(duckdb.connect(copy, read_only=True)) as opened:
        assert opened.execute("SELECT count(*), min(a) FROM rows").fetchone() == (500, 500)
    assert [each.name for each in folder.iterdir()] == ["store.duckdb"]
