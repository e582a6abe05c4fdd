"""The store follows one journal, and says so where another one, an older one or none lies in its place."""

import shutil
import sqlite3
from contextlib import closing
from pathlib import Path

import duckdb
import pytest

from reconcile.apply.journal import FILE, Journal
from reconcile.plan.model import LinkChange, Plan
from reconcile.usecases.review import load_with_run
from tests.night.night_worlds import CLOCK

from .story_worlds import Person, Story, people

LEAVER, MOVER, NEWCOMER = Person(1), Person(2), Person(60)
COMMANDS = (
    ("extract",),
    ("rebind", "okta"),
    ("backup", "."),
    ("prune",),
    ("status",),
    ("runs",),
    ("plan", *CLOCK),
    ("run", *CLOCK, "--live"),
    ("why", LEAVER.anchor),
    ("history", LEAVER.anchor),
    ("between", "2020-01-01"),
    ("who-lost", "staff", "--since", "2020-01-01"),
    ("undo",),
    ("rejections",),
    ("resume",),
    ("resume", "--abandon"),
    ("approve", "0", "--by", "Ana Lind", "--why", "read it"),
)
SILENT = (("show",), ("report",), ("audit",))
"""Commands that print what a journal knows, without a read of the store where it knows something."""


def journal_of(story: Story) -> Path:
    return story.folder / "state" / FILE


def remove(journal: Path) -> None:
    for left in journal.parent.glob(f"{journal.name}*"):
        left.unlink()


def delete(story: Story, _backup: Path) -> None:
    remove(journal_of(story))


def empty(story: Story, _backup: Path) -> None:
    remove(journal_of(story))
    journal_of(story).touch()


def restore(story: Story, backup: Path) -> None:
    remove(journal_of(story))
    shutil.copyfile(backup, journal_of(story))


def exchange(story: Story, _backup: Path) -> None:
    """The journal of another store of the same project."""
    remove(journal_of(story))
    with closing(Journal(story.folder / "state")) as journal:
        journal.claim("office")
        journal.begin("foreign", "digest")
        journal.link("foreign", [LinkChange(target="okta", anchor="E0", account_id="a0", because="found")])
        journal.end("foreign")


LOSSES = {"deleted": delete, "emptied": empty, "restored from the night before": restore, "exchanged": exchange}


def backup_of(story: Story, folder: Path) -> Path:
    """The journal as it is now, in one file."""
    with closing(sqlite3.connect(journal_of(story))) as open_journal:
        open_journal.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    return Path(shutil.copyfile(journal_of(story), folder / "backup.sqlite"))


def links(story: Story) -> dict[str, str]:
    with closing(duckdb.connect(story.folder / "state" / "store.duckdb", read_only=True)) as store:
        return dict(store.execute("SELECT anchor, account_id FROM link").fetchall())


def hires(story: Story) -> None:
    story.lines(lambda lines: [*lines, NEWCOMER.line])
    assert story.night().code == 0
    assert NEWCOMER.anchor in links(story)


@pytest.mark.parametrize("lose", LOSSES.values(), ids=LOSSES)
def test_a_journal_that_is_not_the_stores_is_refused_by_every_command_that_follows_it(at_office, tmp_path, lose):
    backup = backup_of(at_office, tmp_path)
    hires(at_office)
    at_office.systems["okta"].forget_requests()
    lose(at_office, backup)
    for words in COMMANDS:
        ended = at_office.run(*words)
        assert ended.code == 16, words
        assert "is not the journal that this store was kept with" in ended.err
        assert "reconcile rebind --journal" in ended.err
    assert at_office.writes() == []


@pytest.mark.parametrize("lose", LOSSES.values(), ids=LOSSES)
def test_check_tells_of_a_journal_that_is_not_the_stores(at_office, tmp_path, lose):
    backup = backup_of(at_office, tmp_path)
    hires(at_office)
    assert "journal" not in at_office.run("check", "--json").json["systems"]
    lose(at_office, backup)
    checked = at_office.run("check", "--json")
    assert checked.code == 16
    ((told,),) = [checked.json["systems"]["journal"]]
    assert "is not the journal that this store was kept with" in told["problem"]


@pytest.mark.parametrize("lose", [delete, empty])
def test_the_silence_of_a_lost_journal_is_no_answer(at_office, tmp_path, lose):
    hires(at_office)
    lose(at_office, tmp_path)
    for words in SILENT:
        ended = at_office.run(*words)
        assert ended.code == 16, words
        assert "is not the journal that this store was kept with" in ended.err


@pytest.mark.parametrize("lose", LOSSES.values(), ids=LOSSES)
def test_a_store_that_goes_on_with_another_journal_keeps_its_links_and_takes_what_is_new(at_office, tmp_path, lose):
    backup = backup_of(at_office, tmp_path)
    hires(at_office)
    known = links(at_office)
    lose(at_office, backup)
    followed = at_office.run("rebind", "--journal")
    assert followed.code == 0
    assert "61 links" in followed.out
    assert links(at_office) == known
    another = Person(61)
    at_office.lines(lambda lines: [*lines, another.line])
    assert at_office.night().code == 0
    assert links(at_office).keys() == {*known, another.anchor}


def test_going_on_without_the_lost_journal_names_the_holds_and_what_to_do_before_the_next_run(at_office, tmp_path):
    by = ("--until", "2099-01-01", "--by", "Ana Lind", "--why", "locked down")
    assert at_office.run("hold", people()[3].anchor, *by).code == 0
    backup = backup_of(at_office, tmp_path)
    hires(at_office)
    assert at_office.run("hold", people()[4].anchor, *by).code == 0
    remove(journal_of(at_office))
    assert "Until lost holds, rejections and approvals are given again, disable the schedule" in at_office.run("plan").err
    followed = at_office.run("rebind", "--journal").out
    assert "this journal has 0 holds and 0 rejections in force" in followed
    assert "its holds, rejections, approvals and overrides" in followed
    assert "disable the schedule" in followed
    assert "`reconcile hold WHO" in followed
    shutil.copyfile(backup, journal_of(at_office))
    told = at_office.run("rebind", "--journal", "--json").json
    assert (told["links"], told["holds"], told["rejections"]) == (61, 1, 0)


def test_a_journal_of_another_project_is_refused(at_office):
    remove(journal_of(at_office))
    with closing(Journal(at_office.folder / "state")) as journal:
        journal.claim("elsewhere")
    for words in (*COMMANDS, *SILENT, ("audit", "verify")):
        ended = at_office.run(*words)
        assert ended.code == 16, words
        assert "belongs to the project 'elsewhere'" in ended.err


def test_a_lost_store_learns_its_links_from_the_journal(at_office):
    known = links(at_office)
    assert len(known) == len(people())
    (at_office.folder / "state" / "store.duckdb").unlink()
    assert at_office.night().code == 0
    assert links(at_office) == known
    assert at_office.plan()["links"] == []


def test_a_store_that_is_older_than_the_journal_plans_nothing_before_it_has_read_anew(at_office, tmp_path):
    store = at_office.folder / "state" / "store.duckdb"
    older = Path(shutil.copyfile(store, tmp_path / "older.duckdb"))
    hires(at_office)
    known = links(at_office)
    shutil.copyfile(older, store)
    for words in (
        ("plan", *CLOCK),
        ("why", NEWCOMER.anchor),
        ("undo",),
        ("act", "lockdown", LEAVER.anchor, "--by", "Ana Lind", "--why", "stolen"),
    ):
        ended = at_office.run(*words)
        assert ended.code == 16, words
        assert "older than the journal. Its newest read of " in ended.err
        assert "reconcile extract" in ended.err
    assert at_office.run("extract").code == 0
    assert at_office.run("plan", *CLOCK).code == 0
    assert at_office.plan()["links"] == []
    assert links(at_office) == known


def test_a_run_begins_with_all_of_its_links_or_not_at_all(tmp_path, monkeypatch, at_office):
    plan = _plan(at_office)

    def stop(_journal: Journal, _run: str, _links: object) -> None:
        raise KeyboardInterrupt

    with closing(Journal(tmp_path)) as journal:
        with monkeypatch.context() as broken:
            broken.setattr(Journal, "link", stop)
            with pytest.raises(KeyboardInterrupt):
                journal.start("run", plan)
        assert (journal.runs.ids(), journal.runs.unfinished(), journal.runs.sizes(), journal.systems.bound()) == ([], None, [], {})
        journal.start("run", plan)
        assert journal.runs.unfinished() == ("run", plan.digest)
        assert journal.systems.bound().keys() == {"okta", "people"}


def _plan(story: Story) -> Plan:
    with load_with_run(story.folder / "state", "office") as (plan, _):
        return plan


def test_the_usual_night_is_known_of_after_the_journal_was_replaced(at_office):
    hires(at_office)
    remove(journal_of(at_office))
    assert at_office.run("rebind", "--journal").code == 0
    at_office.lines(lambda lines: [*lines, Person(61).line])
    assert at_office.night().code == 0
    with closing(duckdb.connect(at_office.folder / "state" / "store.duckdb", read_only=True)) as store:
        sizes = store.execute("SELECT run, operations FROM night WHERE verb = 'create'").fetchall()
    assert [count for _, count in sizes] == [1, 1]
    assert len({run for run, _ in sizes}) == 2
