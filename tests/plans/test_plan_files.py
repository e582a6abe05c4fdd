"""A saved plan is what was saved, whole and unchanged, or it is refused."""

import os
import shutil
import stat
from collections.abc import Callable, Iterator
from dataclasses import replace
from hashlib import sha256
from pathlib import Path

import duckdb
import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from reconcile.errors import DiskFull, NoSuchPlan, OutOfMemory, PlanDamaged, PlanOfEarlierVersion, SpillLimit
from reconcile.plan.digest import FORMAT, canonical, digested
from reconcile.plan.model import Finding, FindingKind, LinkChange, Operation, Plan, Severity, Verb
from reconcile.plan.operation_rows import OperationsInMemory, concerned, queryable
from reconcile.plan.tables import OPERATIONS
from reconcile.store.plans import tables
from reconcile.store.plans.files import load, save, save_streamed
from reconcile.store.plans.writing import ROW_GROUP, FramedRows, frame_of, write_tables
from reconcile.store.statements import statements
from tests.support.examples import examples
from tests.support.plan_files import edit

from .small_plans import SMALL, finding, link, operation, plan_of

TEXTS = st.text(st.characters(exclude_categories=["Cs"]), max_size=12)
VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | TEXTS,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(TEXTS, inner, max_size=3),
    max_leaves=5,
)


def saved(plan: Plan, state: Path) -> Path:
    save(plan, state)
    return state / "plans" / plan.digest


def test_plan_is_read_as_it_was_saved(tmp_path):
    save(SMALL, tmp_path)
    loaded = load(tmp_path, SMALL.digest[:12])
    assert loaded == SMALL
    assert [list(loaded.operations), list(loaded.findings), list(loaded.links)] == [
        list(each) for each in (SMALL.operations, SMALL.findings, SMALL.links)
    ]
    assert digested(loaded).digest == loaded.digest == SMALL.digest
    assert (len(loaded.operations), bool(loaded.links)) == (5, True)


def test_digest_of_a_format_never_changes():
    """Whoever changes what a digest covers, or how, makes a new format of it."""
    assert SMALL.digest == "19c67784391b75837fe18dc1ae4b71ba41a84759c82670964f9419fa85adcca1"


def test_digest_is_computed_as_the_page_says(tmp_path):
    """An independent reader: plain DuckDB, plain Python, and `docs/plan-format.md`."""
    folder = saved(plan_of([operation(1), operation(2)]), tmp_path)
    rows = duckdb.read_parquet(str(folder / "operation.parquet")).order("position").fetchall()
    text = {True: "true", False: "false"}
    cells = [[text[each] if isinstance(each, bool) else "[]" if each == [] else str(each) for each in row] for row in rows]
    whole = sha256("".join(f"{len(each)}:{each}" for row in cells for each in row).encode()).hexdigest()
    assert whole in (folder / "plan.json").read_text(encoding="utf-8")
    assert sha256((folder / "plan.json").read_bytes()).hexdigest() == folder.name


@examples(25)
@given(values=st.dictionaries(TEXTS, VALUES, max_size=4), texts=st.tuples(TEXTS, TEXTS, TEXTS))
def test_any_text_and_value_is_kept_to_the_letter(values, texts, tmp_path_factory):
    name, rule, message = texts
    plan = plan_of(
        [operation(1, before=values, after=values, name=name, because=replace(operation(1).because, rule=rule), placeholders={name: rule})],
        [Finding(kind=FindingKind.UNSEEN, severity=Severity.NOTE, target=name, message=message)],
        [LinkChange(target=name, anchor=rule, account_id=message, because="", forget=True)],
    )
    state = tmp_path_factory.mktemp("state")
    save(plan, state)
    (read,) = load(state, plan.digest).operations
    assert (read.after, read.name, read.because.rule) == (values, name, rule)
    assert load(state, plan.digest) == plan


def test_more_rows_than_a_group_of_the_file_have_one_digest_in_both_languages(tmp_path):
    plan = plan_of(links=[link(number) for number in range(ROW_GROUP + tables.BATCH + 1)])
    save(plan, tmp_path)
    assert len(load(tmp_path, plan.digest).links) == ROW_GROUP + tables.BATCH + 1


EDITS: dict[str, tuple[str, tuple[str, ...]]] = {
    "a cell": ("operation", ("UPDATE edited SET after = '{}' WHERE position = 1",)),
    "a truth value": ("operation", ("UPDATE edited SET ours = NOT ours WHERE position = 0",)),
    "a list": ("operation", ("UPDATE edited SET depends_on = [] WHERE position = 2",)),
    "text that moves to the next column": ("link", ("UPDATE edited SET anchor = 'N7acc', account_id = '7' WHERE position = 0",)),
    "a null": ("finding", ("UPDATE edited SET who = NULL WHERE position = 0",)),
    "a row removed at the end": ("link", ("DELETE FROM edited WHERE position = 1",)),
    "a row removed at the start": ("operation", ("DELETE FROM edited WHERE position = 0",)),
    "a row added": ("operation", ("INSERT INTO edited SELECT * REPLACE (5 AS position) FROM edited WHERE position = 3",)),
    "a row doubled": ("operation", ("INSERT INTO edited FROM edited WHERE position = 3",)),
    "rows exchanged": ("operation", ("UPDATE edited SET position = 1 - position WHERE position < 2",)),
    "rows in another order": (
        "operation",
        ("CREATE TABLE other AS FROM edited ORDER BY position DESC", "DROP TABLE edited", "ALTER TABLE other RENAME TO edited"),
    ),
    "columns in another order": (
        "link",
        (
            "CREATE TABLE other AS SELECT position, anchor, target, * EXCLUDE (position, anchor, target) FROM edited",
            "DROP TABLE edited",
            "ALTER TABLE other RENAME TO edited",
        ),
    ),
    "a column more": ("operation", ("ALTER TABLE edited ADD COLUMN note VARCHAR",)),
    "a column less": ("operation", ("ALTER TABLE edited DROP COLUMN ours",)),
    "a column renamed": ("link", ("ALTER TABLE edited RENAME COLUMN who TO whom",)),
    "a column of another type": ("link", ("ALTER TABLE edited ALTER forget TYPE VARCHAR",)),
}


@pytest.mark.parametrize(("table", "statements"), EDITS.values(), ids=EDITS)
def test_edited_table_is_refused(tmp_path, table, statements):
    edit(saved(SMALL, tmp_path), table, *statements)
    with pytest.raises(PlanDamaged):
        load(tmp_path, SMALL.digest)


def test_table_that_was_rewritten_with_the_same_content_is_the_same_plan(tmp_path):
    edit(saved(SMALL, tmp_path), "operation")
    assert load(tmp_path, SMALL.digest) == SMALL


def no_parquet(folder: Path) -> None:
    (folder / "finding.parquet").write_bytes(b"PAR1 and nothing else PAR1")


def cut_off(folder: Path) -> None:
    path = folder / "operation.parquet"
    path.write_bytes(path.read_bytes()[:-100])


def other_head(folder: Path) -> None:
    path = folder / "plan.json"
    path.write_bytes(path.read_bytes().replace(b"2026-05-04", b"2026-05-05"))


DAMAGES: dict[str, Callable[[Path], object]] = {
    "no Parquet": no_parquet,
    "cut off": cut_off,
    "table missing": lambda folder: (folder / "link.parquet").unlink(),
    "table that is a folder": lambda folder: ((folder / "link.parquet").unlink(), (folder / "link.parquet").mkdir()),
    "head missing": lambda folder: (folder / "plan.json").unlink(),
    "head of another day": other_head,
    "tables exchanged": lambda folder: shutil.copy(folder / "link.parquet", folder / "finding.parquet"),
}


@pytest.mark.parametrize("damage", DAMAGES.values(), ids=DAMAGES)
def test_damaged_plan_is_refused_and_saving_it_again_mends_it(tmp_path, damage):
    damage(saved(SMALL, tmp_path))
    with pytest.raises(PlanDamaged):
        load(tmp_path, SMALL.digest)
    save(SMALL, tmp_path)
    assert load(tmp_path, SMALL.digest) == SMALL
    assert [each.name for each in (tmp_path / "plans").iterdir()] == [SMALL.digest]


def test_head_with_a_digest_of_its_own_and_no_sense_is_refused(tmp_path):
    for body in (b"", b"[]", b"{}", b'{"format":4}', canonical(SMALL).replace(b'"format":3', b'"format":"3"'), b"\xff"):
        folder = tmp_path / "plans" / sha256(body).hexdigest()
        shutil.copytree(saved(SMALL, tmp_path), folder)
        (folder / "plan.json").write_bytes(body)
        with pytest.raises(PlanDamaged):
            load(tmp_path, folder.name)


def test_plan_that_changes_while_it_is_read_is_refused(tmp_path):
    folder = saved(SMALL, tmp_path)
    loaded = load(tmp_path, SMALL.digest)
    edit(folder, "operation", "UPDATE edited SET who = 'other'")
    for question in (
        lambda: list(loaded.operations),
        lambda: queryable(loaded.operations).sizes(),
        lambda: loaded.operations.tables.do("make_batched_memberships"),
        lambda: save(loaded, tmp_path),
    ):
        with pytest.raises(PlanDamaged):
            question()


def test_memory_that_runs_out_is_no_damage_of_the_plan(tmp_path, monkeypatch):
    many = plan_of(links=[link(number) for number in range(20_000)])
    save(many, tmp_path)
    monkeypatch.setattr(tables, "MEMORY", "1MB")
    with pytest.raises(OutOfMemory):
        list(load(tmp_path, many.digest).links)


def test_plan_of_an_earlier_version_is_refused_by_name(tmp_path):
    (tmp_path / "plans").mkdir()
    (tmp_path / "plans" / f"{'ab' * 32}.json").write_text("{}")
    with pytest.raises(PlanOfEarlierVersion, match="an earlier version of reconcile saved it"):
        load(tmp_path, "abab")


def test_plan_whose_head_states_an_earlier_format_is_refused_by_name(tmp_path):
    folder = saved(SMALL, tmp_path)
    head = (folder / "plan.json").read_bytes().replace(b'"format":%d' % FORMAT, b'"format":%d' % (FORMAT - 1))
    (folder / "plan.json").write_bytes(head)
    folder.rename(folder.with_name(digest := sha256(head).hexdigest()))
    with pytest.raises(PlanOfEarlierVersion, match="an earlier version of reconcile saved it"):
        load(tmp_path, digest)


def test_prefix_names_one_plan(tmp_path):
    save(SMALL, tmp_path)
    for wanted in ("", "..", "*", "zz", f"../plans/{SMALL.digest}"):
        with pytest.raises(NoSuchPlan):
            load(tmp_path, wanted)
    (tmp_path / "plans" / (SMALL.digest[:-1] + "x")).mkdir()
    with pytest.raises(NoSuchPlan, match=r"More than one.*Give more of the digest"):
        load(tmp_path, SMALL.digest[:12])


def test_saving_that_fails_leaves_nothing(tmp_path, monkeypatch):
    def full(*_words: object) -> None:
        raise OSError(28, "No space left on device", "operation.parquet")

    monkeypatch.setattr("reconcile.store.plans.files.write_tables", full)
    with pytest.raises(OSError, match="No space"):
        save(SMALL, tmp_path)
    assert list((tmp_path / "plans").iterdir()) == []


@pytest.mark.parametrize("suffix", [".partial", ".damaged"])
def test_what_a_killed_save_left_is_no_plan_and_the_next_save_removes_it(tmp_path, suffix):
    folder = saved(SMALL, tmp_path)
    folder.rename(folder.with_suffix(suffix))
    with pytest.raises(NoSuchPlan):
        load(tmp_path, SMALL.digest)
    save(plan_of(), tmp_path)
    assert [each.name for each in folder.parent.iterdir()] == [plan_of().digest]


def test_full_disk_while_a_plan_is_saved_is_reported_as_that(tmp_path):
    (tmp_path / "operation.parquet").symlink_to("/dev/full")
    with pytest.raises(DiskFull):
        write_tables([(OPERATIONS, [operation(number) for number in range(9)])], tmp_path)


def test_rows_that_are_not_read_in_their_order_are_refused(tmp_path, monkeypatch):
    save(SMALL, tmp_path)
    loaded = load(tmp_path, SMALL.digest)
    statement = f"{statements()['all_operations']} ORDER BY position DESC"
    monkeypatch.setitem(statements(), "all_operations", statement)
    with pytest.raises(PlanDamaged, match="row 3 of its operations was read after row 4"):
        list(loaded.operations)


class Broken(FramedRows[Operation]):
    """Rows of which some frames come, and then an error."""

    def __init__(self, rows: int, frames: list[pl.DataFrame], error: Exception | None = None) -> None:
        self._rows, self._frames, self._error = rows, frames, error

    def __len__(self) -> int:
        return self._rows

    def __iter__(self) -> Iterator[Operation]:
        return iter(())

    def frames(self) -> Iterator[pl.DataFrame]:
        yield from self._frames
        if self._error:
            raise self._error


def test_error_while_rows_are_read_is_raised_as_it_is_and_leaves_nothing(tmp_path):
    rows = Broken(2, [frame_of(OPERATIONS, [operation(1)])], SpillLimit(tmp_path, "1 GiB"))
    with pytest.raises(SpillLimit):
        save_streamed(replace(SMALL, operations=rows, digest=""), tmp_path)
    assert list((tmp_path / "plans").iterdir()) == []


@pytest.mark.parametrize("frames", [[[1]], [[1, 2], [3]]])
def test_plan_of_which_other_rows_are_written_than_it_has_is_not_saved(tmp_path, frames):
    rows = Broken(2, [frame_of(OPERATIONS, map(operation, each)) for each in frames])
    with pytest.raises(PlanDamaged, match="of 2 operations were written"):
        save_streamed(replace(SMALL, operations=rows, digest=""), tmp_path)
    assert list((tmp_path / "plans").iterdir()) == []


def test_only_the_owner_reads_a_plan(tmp_path):
    before = os.umask(0)
    try:
        folder = saved(SMALL, tmp_path / "state")
    finally:
        os.umask(before)
    assert [stat.S_IMODE(each.stat().st_mode) for each in (folder.parent, folder, *folder.iterdir())] == [0o700, 0o700, *[0o600] * 4]


def test_questions_have_one_answer_in_memory_and_in_the_file(tmp_path):
    save(SMALL, tmp_path)
    loaded = load(tmp_path, SMALL.digest)
    held, stored = OperationsInMemory(tuple(SMALL.operations)), queryable(loaded.operations)
    ids = [f"{1:012x}", f"{4:012x}", "none"]
    assert (
        dict(stored.sizes())
        == dict(held.sizes())
        == {
            ("desk", Verb.CREATE): 1,
            ("desk", Verb.UPDATE): 1,
            ("desk", Verb.ADD_MEMBER): 1,
            ("shed", Verb.ADD_MEMBER): 1,
            ("shed", Verb.SUSPEND): 1,
        }
    )
    assert stored.prerequisites() == held.prerequisites() == {ids[0]}
    assert list(stored.additions_after(ids)) == list(held.additions_after(ids)) == [each for each in SMALL.operations if each.depends_on]
    assert list(stored.additions_after(["none"])) == list(held.additions_after(["none"])) == list(held.additions_after(())) == []
    assert stored.with_ids(ids) == held.with_ids(ids)
    assert stored.with_ids(ids).keys() == {ids[0], ids[1]}
    assert stored.with_ids(()) == held.with_ids(()) == {}
    assert list(stored.of_target("shed")) == list(held.of_target("shed")) == list(SMALL.operations)[3:]
    assert list(stored.written("desk", "acc2")) == list(held.written("desk", "acc2")) == [{"title": "Master", "level": 3.5, "pager": False}]
    assert list(stored.written("desk", "acc4")) == list(held.written("desk", "acc4")) == []
    assert stored.ended_accounts("shed") == held.ended_accounts("shed") == {"acc5"}
    assert stored.ended_accounts("desk") == held.ended_accounts("desk") == frozenset()
    assert concerned(loaded) == concerned(SMALL) == ["desk", "shed"]


def test_rows_of_a_saved_plan_are_other_rows_where_one_differs(tmp_path):
    save(SMALL, tmp_path)
    loaded = load(tmp_path, SMALL.digest)
    assert loaded.findings != (finding(5), finding(7))
    assert loaded.findings != (finding(5),)
    assert loaded.findings == (finding(5), finding(6))
