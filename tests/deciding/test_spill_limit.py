"""Working tables may occupy a stated part of the disk, and no more."""

from __future__ import annotations

import shutil

import pytest

from reconcile.disk import ROOM
from reconcile.errors import DiskFull, ExitCode, SpillLimit
from reconcile.store import opening, spill
from reconcile.store.connection import Store

MEGABYTES = 1 << 20


def _fill(store: Store) -> None:
    """Makes working tables that exceed the memory limit several times."""
    rows = [f"{number:09d}" * 40 for number in range(100_000)]
    store.append("staged_unlisted", {"id": rows, "answer": rows[::-1]})


def _store_with_tables(folder) -> Store:
    store = Store.open(folder, write=True, threads=1)
    store.do("stage_unlisted")
    return store


@pytest.fixture
def little_memory(monkeypatch):
    monkeypatch.setattr(opening, "READING", 24 * MEGABYTES)


def test_passing_the_spill_limit_is_an_error_that_names_folder_limit_and_way_out(tmp_path, monkeypatch, little_memory):
    monkeypatch.setattr(spill, "MOST", 8 * MEGABYTES)
    with pytest.raises(SpillLimit) as caught, _store_with_tables(tmp_path) as store:
        _fill(store)
    assert caught.value.exit_code is ExitCode.UNEXPECTED
    assert str(caught.value).startswith(f"{tmp_path / 'spill'}: working tables reached their limit of 8.0 MiB")
    assert "--threads 1" in str(caught.value)


def test_the_same_tables_fit_below_a_larger_limit(tmp_path, monkeypatch, little_memory):
    monkeypatch.setattr(spill, "MOST", 512 * MEGABYTES)
    with _store_with_tables(tmp_path) as store:
        _fill(store)


def test_spill_limit_leaves_half_of_the_free_space(tmp_path, monkeypatch):
    free = 6 * MEGABYTES
    monkeypatch.setattr(shutil, "disk_usage", lambda _path: shutil._ntuple_diskusage(free, 0, free))
    assert spill.spill_limit(tmp_path) == free // 2


def test_spill_limit_has_a_ceiling_on_a_large_disk(tmp_path, monkeypatch):
    free = 1 << 50
    monkeypatch.setattr(shutil, "disk_usage", lambda _path: shutil._ntuple_diskusage(free, 0, free))
    assert spill.spill_limit(tmp_path) == spill.MOST


def test_full_disk_is_reported_as_full_disk_even_where_the_limit_is_named(tmp_path, monkeypatch, little_memory):
    monkeypatch.setattr(spill, "MOST", 8 * MEGABYTES)
    store = _store_with_tables(tmp_path)
    monkeypatch.setattr(shutil, "disk_usage", lambda _path: shutil._ntuple_diskusage(ROOM, 1, ROOM - 1))
    with pytest.raises(DiskFull), store:
        _fill(store)
