"""Rows are kept as intervals: nothing is written where nothing changed, and every past snapshot can be read back."""

from contextlib import closing
from datetime import UTC, datetime, timedelta

import duckdb

from reconcile.snapshot.history import as_of
from reconcile.store.connection import Store
from tests.night.night_worlds import DAY

from .story_worlds import Person, Story

TABLES = ("record_version", "entitlement_version", "membership_version")
SOMEBODY = Person(9)


def _versions(story: Story) -> dict[tuple[str, str], int]:
    with closing(duckdb.connect(story.folder / "state" / "store.duckdb", read_only=True)) as store:
        return {
            (table, system): count
            for table in TABLES
            for system, count in store.execute(f"SELECT system, count(*) FROM {table} GROUP BY system").fetchall()
        }


def _backdate(story: Story, hours: int) -> datetime:
    """Makes the latest snapshots so old; the moment they are then of."""
    moment = datetime(DAY.year, DAY.month, DAY.day, 12, tzinfo=UTC) - timedelta(hours=hours)
    with closing(duckdb.connect(story.folder / "state" / "store.duckdb")) as store:
        store.execute(
            "UPDATE snapshot SET taken_at = ? WHERE (system, number) IN (SELECT (system, max(number)) FROM snapshot GROUP BY system)",
            [moment.isoformat()],
        )
    return moment


def test_a_night_without_changes_adds_no_version(at_office):
    before = _versions(at_office)
    assert at_office.run("extract").code == 0
    assert _versions(at_office) == before


def test_one_change_adds_one_version(at_office):
    before = _versions(at_office)
    at_office.lines(lambda lines: [line.replace(",Pat,", ",Patricia,") if line.startswith(SOMEBODY.anchor) else line for line in lines])
    assert at_office.run("extract").code == 0
    assert _versions(at_office) == {**before, ("record_version", "people"): before["record_version", "people"] + 1}


def test_every_past_snapshot_can_be_read_back_as_it_was(at_office):
    moments = [_backdate(at_office, 72)]
    at_office.lines(lambda lines: [line.replace(",Pat,", ",Patricia,") if line.startswith(SOMEBODY.anchor) else line for line in lines])
    assert at_office.night().code == 0
    moments.append(_backdate(at_office, 48))
    at_office.lines(lambda lines: [line.replace("Active", "Left") if line.startswith(SOMEBODY.anchor) else line for line in lines])
    assert at_office.night().code == 0
    assert at_office.run("extract").code == 0
    moments.append(_backdate(at_office, 24))

    with Store.open(at_office.folder / "state", write=False) as store:
        assert as_of(store, "okta", moments[0] - timedelta(seconds=1)) is None
        people = [as_of(store, "people", moment) for moment in moments]
        okta = [as_of(store, "okta", moment) for moment in moments]
    said = [{record.id: record.values() for record in each.records}[SOMEBODY.anchor] for each in people]
    assert [(each["First"], each["Status"]) for each in said] == [("Pat", "Active"), ("Patricia", "Active"), ("Patricia", "Left")]
    assert [len(each.records) for each in people] == [60, 60, 60]
    (account,) = [record.id for record in okta[0].records if record.values()["login"] == SOMEBODY.login]
    held = [{each.entitlement_id for each in past.memberships if each.account_id == account} for past in okta]
    assert held == [{"00gstaff", "00gsales"}, {"00gstaff", "00gsales"}, set()]
    states = [next(record.state for record in past.records if record.id == account) for past in okta]
    assert states == ["active", "active", "deactivated"]


def test_what_was_not_read_completely_stays_as_it_was_in_history_too(at_office):
    before = _versions(at_office)
    at_office.hr.write_text(at_office.hr.read_text(encoding="utf-8").partition("\n")[0] + "\n", encoding="utf-8")
    assert at_office.run("extract").code == 12
    assert _versions(at_office) == before
    with Store.open(at_office.folder / "state", write=False) as store:
        now = as_of(store, "people", datetime.now(UTC))
    assert now is not None
    assert len(now.records) == 60
