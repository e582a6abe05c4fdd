"""What is old is removed where it is declared; what a plan, an undo, an unfinished run or the audit needs is not, and every plan stays the same."""

import contextlib
import json
import os
import shutil
from contextlib import closing
from datetime import UTC, datetime, timedelta

import duckdb
import pytest

from reconcile.apply.journal import Journal
from reconcile.apply.plan_register import PlanPurpose
from reconcile.apply.plan_retention import RUNS, plans_without_use
from reconcile.clock import Clock
from reconcile.plan.override import Override
from reconcile.snapshot.history import as_of
from reconcile.store.connection import Store
from tests.night.night_worlds import DAY

from .story_worlds import Person, Story

SOMEBODY, LEAVER = Person(9), Person(6)
DECLARED = "\n[retention]\nplans_days = 31\nreports_days = 10\nspools_days = 7\nhistory_days = 92\n"
LATER = DAY + timedelta(days=200)


def declare(story: Story, text: str = DECLARED) -> None:
    path = story.folder / "reconcile.toml"
    path.write_text(path.read_text(encoding="utf-8") + text, encoding="utf-8")


def live(story: Story, day: int) -> None:
    today = DAY + timedelta(days=day)
    assert story.run("run", "--live", today=today).code in {0, 10}
    assert story.run("extract", today=today).code == 0


def some_nights(story: Story) -> None:
    """Nights in which a person changes twice, another leaves, and a group loses a member by hand and gets them back."""
    for day, name in enumerate(("Patricia", "Pam"), 1):
        story.lines(lambda lines, name=name: [_renamed(line, name) for line in lines])
        live(story, day)
    story.lines(lambda lines: [line.replace("Active", "Left") if line.startswith(LEAVER.anchor) else line for line in lines])
    live(story, 3)


def _renamed(line: str, name: str) -> str:
    cells = line.split(",")
    return ",".join([cells[0], name, *cells[2:]]) if line.startswith(SOMEBODY.anchor) else line


def versions(story: Story) -> dict[str, set[tuple]]:
    with closing(duckdb.connect(story.folder / "state" / "store.duckdb", read_only=True)) as store:
        return {
            name: set(store.execute(f"SELECT * FROM {name} WHERE system = ?", [system]).fetchall())
            for name, system in (("record_version", "okta"), ("membership_version", "okta"), ("entitlement_version", "okta"))
        } | {"people": set(store.execute("SELECT * FROM record_version WHERE system = 'people'").fetchall())}


def test_history_that_is_old_is_removed_and_the_plan_and_the_rest_of_the_history_stay_the_same(at_office: Story) -> None:
    some_nights(at_office)
    declare(at_office)
    before, planned = versions(at_office), at_office.run("plan", "--json", today=LATER).json
    explained = at_office.run("why", LEAVER.login, today=LATER).out
    with closing(Store.open(at_office.folder / "state", write=False)) as store:
        held = as_of(store, "okta", datetime(LATER.year, LATER.month, LATER.day, tzinfo=UTC))
    told = at_office.run("prune", "--json", today=LATER).json
    assert (told["live"], versions(at_office)) == (False, before)
    assert told["account_versions"] > 0
    assert told["membership_versions"] > 0
    assert at_office.run("prune", "--live", "--json", today=LATER).json == {**told, "live": True}
    after = versions(at_office)
    gone = {name: before[name] - after[name] for name in before}
    assert {name: len(rows) for name, rows in gone.items()} == {
        "record_version": told["account_versions"],
        "membership_version": told["membership_versions"],
        "entitlement_version": 0,
        "people": 0,
    }
    assert all(after[name] <= before[name] for name in before)
    again = at_office.run("plan", "--json", today=LATER).json
    assert (again["plan"]["digest"], again["operations"]) == (planned["plan"]["digest"], planned["operations"])
    assert at_office.run("why", LEAVER.login, today=LATER).out == explained
    with closing(Store.open(at_office.folder / "state", write=False)) as store:
        assert as_of(store, "okta", datetime(LATER.year, LATER.month, LATER.day, tzinfo=UTC)) == held
        assert as_of(store, "okta", datetime(DAY.year, DAY.month, DAY.day, 13, tzinfo=UTC)) is None
        assert as_of(store, "people", datetime(DAY.year, DAY.month, DAY.day, 13, tzinfo=UTC)) is not None
    assert at_office.run("prune", "--live", today=LATER).out == "Nothing is old enough to be removed.\n"
    live(at_office, 201)
    (entry,) = [each for each in at_office.run("audit", "--json").json["entries"] if each["event"] == "pruned"]
    assert entry["facts"]["account_versions"] == told["account_versions"]


def test_history_of_a_time_whose_rows_were_removed_says_that_it_is_told_in_part(at_office: Story) -> None:
    some_nights(at_office)
    declare(at_office)
    asked = [("between", "2020-01-01"), ("who-lost", "sales", "--since", "2020-01-01"), ("history", LEAVER.login)]
    assert not any("told in part" in at_office.run(*words, today=LATER).err for words in asked)
    assert at_office.run("prune", "--live", today=LATER).code == 0
    for words in asked:
        ended = at_office.run(*words, today=LATER)
        assert "note  okta: rows that had ended by " in ended.err, words
        assert "What changed until then is told in part" in ended.err
        assert list(at_office.run(*words, "--json", today=LATER).json["pruned"]) == ["okta"]
    later = at_office.run("between", LATER.isoformat(), "--json", today=LATER)
    assert (later.json["pruned"], later.err) == ({}, "")


def test_run_whose_plan_is_gone_is_named_with_what_goes_back_in_its_place(at_office: Story) -> None:
    some_nights(at_office)
    run, *_ = at_office.run("runs", "--json", today=LATER).json["runs"]
    shutil.rmtree(at_office.folder / "state" / "plans" / run["plan_digest"])
    ended = at_office.run("undo", run["id"], today=LATER)
    assert ended.code == 2
    assert f"The run {run['id']}: it cannot be undone, because its plan {run['plan_digest'][:12]} is gone" in ended.err
    assert "reconcile restore --as-of TIME" in ended.err


def test_account_that_this_job_ended_keeps_every_version(at_office: Story) -> None:
    some_nights(at_office)
    declare(at_office)
    with closing(duckdb.connect(at_office.folder / "state" / "store.duckdb", read_only=True)) as store:
        ((ended,),) = store.execute("SELECT account_id FROM rest WHERE target = 'okta'").fetchall()
    mine = {row for row in versions(at_office)["record_version"] if row[1] == ended}
    assert len(mine) == 2
    assert at_office.run("prune", "--live", today=LATER).code == 0
    assert {row for row in versions(at_office)["record_version"] if row[1] == ended} == mine


def test_files_that_are_old_are_removed_and_nothing_beside_them(at_office: Story) -> None:
    declare(at_office)
    state = at_office.folder / "state"
    (state / "reports").mkdir(exist_ok=True)
    (state / "spool").mkdir(exist_ok=True)
    outside = at_office.folder / "precious.html"
    files = [
        state / "reports" / "old.html",
        state / "spool" / "okta.pages",
        outside,
        state / "spool" / "notes.txt",
        state / "reports" / "new.html",
    ]
    for path in files:
        path.write_text("x", encoding="utf-8")
    (state / "reports" / "link.html").symlink_to(outside)
    (state / "plans" / "notes").mkdir()
    old = datetime(DAY.year, DAY.month, DAY.day, tzinfo=UTC).timestamp()
    for path in files[:-1]:
        os.utime(path, (old, old))
    new = datetime(LATER.year, LATER.month, LATER.day, tzinfo=UTC).timestamp()
    os.utime(files[-1], (new, new))
    told = at_office.run("prune", "--live", "--json", today=LATER).json
    assert (told["reports"], told["spools"]) == (["old.html"], ["okta.pages"])
    assert [path.exists() for path in files] == [False, False, True, True, True]
    assert (state / "reports" / "link.html").is_symlink()
    assert (state / "plans" / "notes").is_dir()


def test_nothing_is_removed_where_nothing_is_declared_and_live_runs_remove_only_where_they_may(at_office: Story) -> None:
    some_nights(at_office)
    before = versions(at_office)
    assert "declares no days" in at_office.run("prune", "--live", today=LATER).out
    live(at_office, 200)
    assert before["record_version"] <= versions(at_office)["record_version"]
    declare(at_office, DECLARED + "after_run = false\n")
    live(at_office, 201)
    assert before["record_version"] <= versions(at_office)["record_version"]
    at_office.edit("reconcile.toml", "after_run = false", "after_run = true")
    ended = at_office.run("run", "--live", "--json", today=LATER + timedelta(days=2))
    assert ended.code == 0
    assert "prune" in ended.json["night"]["seconds"]
    assert not before["record_version"] <= versions(at_office)["record_version"]


def test_retention_that_fails_after_a_run_is_a_line_and_changes_no_exit_code(at_office: Story) -> None:
    some_nights(at_office)
    declare(at_office)
    with closing(duckdb.connect(at_office.folder / "state" / "store.duckdb")) as store:
        store.execute("DROP TABLE forgotten")
        store.execute("CREATE VIEW forgotten AS SELECT 'okta' AS system, 0::BIGINT AS number")
    ended = at_office.run("run", "--live", today=LATER)
    assert ended.code == 0
    assert "Retention: not carried out. " in ended.err


@pytest.fixture
def journal(tmp_path):
    now = [datetime(2026, 3, 2, 1, tzinfo=UTC)]
    with contextlib.closing(Journal(tmp_path, Clock(lambda: now[0]))) as held:
        held.now = now
        yield held


def night(journal: Journal, digest: str, *, days: int = 1, ends: bool = True) -> None:
    journal.now[0] += timedelta(days=days)
    journal.plans.register(digest, PlanPurpose.CURRENT)
    journal.begin(f"run of {digest}", digest)
    if ends:
        journal.end(f"run of {digest}")


def test_plan_stays_while_a_run_an_undo_a_guard_an_override_or_a_reviewer_needs_it(journal: Journal) -> None:
    night(journal, "interrupted", ends=False)
    for number in range(RUNS + 3):
        night(journal, f"{number}")
    journal.plans.register("looked at", PlanPurpose.OTHER_DAY)
    journal.plans.register("overridden", PlanPurpose.OTHER_DAY)
    for name in ("action", "second action"):
        journal.plans.register(name, PlanPurpose.ACTION)
    saved = ["interrupted", *map(str, range(RUNS + 3)), "looked at", "overridden", "action", "second action", "of another journal"]
    assert plans_without_use(journal, saved, 1000) == []
    assert plans_without_use(journal, saved, 31) == ["0"]
    journal.now[0] += timedelta(days=400)
    until = (journal.now[0] + timedelta(hours=1)).isoformat()
    assert plans_without_use(journal, saved, 31) == ["0", "1", "2", "action", "looked at"]
    journal.overrides.add(Override(plan_digest="1", guard="g", by="Ada", why="w", made="", until=until))
    assert plans_without_use(journal, saved, 31) == ["0", "2", "action", "looked at"]
    assert plans_without_use(journal, ["0"], 31) == ["0"]
    assert json.loads(journal.audit.entries()[-1].facts)["guard"] == "g"


def test_plans_that_are_due_are_removed_and_the_newest_can_be_applied(at_office: Story) -> None:
    declare(at_office)
    digests = []
    for day in range(3):
        at_office.lines(lambda lines, day=day: [_renamed(line, f"Pat{day}") for line in lines])
        at_office.run("extract", today=DAY + timedelta(days=day))
        digests.append(at_office.run("plan", "--json", today=DAY + timedelta(days=day)).json["plan"]["digest"])
    told = at_office.run("prune", "--live", "--json", today=LATER).json
    kept = {path.name for path in (at_office.folder / "state" / "plans").iterdir()}
    assert set(told["plans"]) == set(digests[:2])
    assert digests[2] in kept
    assert not set(told["plans"]) & kept
    assert at_office.run("show", today=LATER).code == 0
