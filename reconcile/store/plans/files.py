"""Saves and loads plans: `plans/<digest>/` in the state folder, with `plan.json` (the head), `operation.parquet`, `finding.parquet` and
`link.parquet`. `docs/plan-format.md` says what is in them.
"""

from __future__ import annotations

import os
import shutil
from collections.abc import Mapping
from hashlib import sha256
from pathlib import Path

import msgspec

from reconcile.errors import NoSuchPlan, PlanDamaged, PlanOfEarlierVersion
from reconcile.plan.digest import FORMAT, SHOWN, TABLES, canonical, format_of, head_of, plan_of, seals_of, tables_of
from reconcile.plan.model import Plan
from reconcile.plan.rows import Seal
from reconcile.plan.tables import FINDINGS, LINKS, OPERATIONS
from reconcile.store.plans.tables import PlanTables, StoredOperations, TableRows
from reconcile.store.plans.writing import write_tables

FOLDER = "plans"
HEAD = "plan.json"
_PARTIAL, _DAMAGED = ".partial", ".damaged"
"""Suffixes of folders that are no plans: one that is being written, and one that another takes the place of."""


def save(plan: Plan, state: Path) -> Path:
    """Writes the plan under its digest and returns its folder: all of it is on disk for good, or nothing. Only its owner can read it."""
    plans = state / FOLDER
    plans.mkdir(parents=True, exist_ok=True, mode=0o700)
    folder = plans / plan.digest
    if _is_there(folder, plan):
        return folder
    partial = plans / f"{plan.digest}{_PARTIAL}"
    _remove_leftovers(plans)
    partial.mkdir(mode=0o700)
    try:
        write_tables(tables_of(plan), partial)
        _finish(canonical(plan), partial)
        _replace(folder, partial)
    finally:
        _remove_leftovers(plans)
    _sync(plans)
    return folder


def save_streamed(plan: Plan, state: Path) -> Plan:
    """Writes a plan whose operations come as columns and that has no digest yet. Returns it as it is saved, under its digest."""
    plans = state / FOLDER
    plans.mkdir(parents=True, exist_ok=True, mode=0o700)
    _remove_leftovers(plans)
    partial = plans / f"new{_PARTIAL}"
    partial.mkdir(mode=0o700)
    try:
        write_tables(tables_of(plan), partial)
        seals = PlanTables(partial, None).seals
        _refuse_lost_rows(plan, seals, partial)
        head = head_of(plan, seals)
        folder = plans / sha256(head).hexdigest()
        if not folder.exists() or not _is_whole(folder):
            _finish(head, partial)
            _replace(folder, partial)
    finally:
        _remove_leftovers(plans)
    _sync(plans)
    return _opened(head, PlanTables(folder, seals, checked=True))


def _refuse_lost_rows(plan: Plan, seals: Mapping[str, Seal], folder: Path) -> None:
    """Raises PlanDamaged where a table has more or fewer rows than the plan: its seal is of the file, so nothing else would tell."""
    for table, rows in tables_of(plan):
        if seals[table.name].rows != len(rows):
            raise PlanDamaged(folder, f"{seals[table.name].rows} of {len(rows)} {table.name}s were written")


def load(state: Path, wanted: str) -> Plan:
    """The plan whose digest begins with `wanted`; its rows are read from its files as they are asked for.

    Raises NoSuchPlan, PlanOfEarlierVersion, and PlanDamaged where the content does not have the digest that the name says.
    """
    found = _known(state / FOLDER, wanted)
    if len(found) != 1:
        raise NoSuchPlan(wanted or "yet", [path.stem[:SHOWN] for path in found])
    if found[0].suffix:
        raise PlanOfEarlierVersion(found[0])
    return _read(found[0])


def operations_of(state: Path, digest: str) -> int:
    """The number of operations of a saved plan, as its head says: the tables are not read. 0 where there is no such plan."""
    try:
        return seals_of((state / FOLDER / digest / HEAD).read_bytes())[OPERATIONS.name].rows
    except (OSError, msgspec.MsgspecError, KeyError):
        return 0


def _remove_leftovers(plans: Path) -> None:
    """Removes what a save left that was killed. The lock of a run keeps two of them apart."""
    for path in plans.iterdir():
        if path.suffix in (_PARTIAL, _DAMAGED):
            shutil.rmtree(path, ignore_errors=True)


def _known(plans: Path, wanted: str) -> list[Path]:
    if not wanted.isalnum():
        return []
    return sorted(path for path in plans.glob(f"{wanted}*") if path.suffix in ("", ".json"))


def _is_there(folder: Path, plan: Plan) -> bool:
    """Whether the plan is saved already, and whole."""
    if isinstance(plan.operations, StoredOperations) and plan.operations.are_in(folder):
        return True
    return folder.exists() and _is_whole(folder)


def _is_whole(folder: Path) -> bool:
    try:
        _read(folder)
    except PlanDamaged:
        return False
    return True


def _replace(folder: Path, partial: Path) -> None:
    """Gives a folder its name. One that has the name is damaged: what has the digest takes its place."""
    if folder.exists():
        folder.rename(folder.with_suffix(_DAMAGED))
    partial.rename(folder)


def _read(folder: Path) -> Plan:
    try:
        head = (folder / HEAD).read_bytes()
    except OSError as error:
        raise PlanDamaged(folder, f"{HEAD} cannot be read ({error.strerror})") from error
    if sha256(head).hexdigest() != folder.name:
        raise PlanDamaged(folder, f"{HEAD} does not have the digest that the name of the folder says")
    try:
        if format_of(head) < FORMAT:
            raise PlanOfEarlierVersion(folder)
        return _opened(head, PlanTables(folder, seals_of(head)))
    except (msgspec.MsgspecError, TypeError, KeyError, ValueError) as error:
        raise PlanDamaged(folder, f"it was written by another version ({error})") from error


def _opened(head: bytes, tables: PlanTables) -> Plan:
    return plan_of(head, StoredOperations(tables), TableRows(tables, FINDINGS), TableRows(tables, LINKS))


def _finish(head: bytes, folder: Path) -> None:
    """Adds the head to the tables, for their owner alone, and flushes all of it to disk."""
    (folder / HEAD).write_bytes(head)
    for name in (HEAD, *(f"{table.name}.parquet" for table in TABLES)):
        (folder / name).chmod(0o600)
        _sync(folder / name)
    _sync(folder)


def _sync(path: Path) -> None:
    """Flushes a file to disk; of a folder, the names in it."""
    handle = os.open(path, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
