"""What an extract makes of a file, given what was read before: an older one, a smaller one, the same one, one from the future."""

import asyncio
import os
from datetime import UTC, datetime, timedelta

import pytest

from connectors.contract import Scope, ScopeEnd, ScopeKind, SystemIdentity
from connectors.hr.csv.connector import HrCsv
from connectors.hr.csv.settings import HrCsvSettings
from reconcile.project.config import Reading
from reconcile.snapshot.extract import Extract
from reconcile.store.connection import Store

NOW = datetime.now(UTC)


class Feed:
    """A folder of exports, read into a store of its own."""

    def __init__(self, folder):
        self.folder = folder
        self.reading = Reading()

    def put(self, *rows, name="people.csv", days_ago=0.0):
        file = self.folder / name
        file.write_text("\n".join(["No,Name", *rows]) + "\n", encoding="utf-8")
        moment = (NOW - timedelta(days=days_ago)).timestamp()
        os.utime(file, (moment, moment))
        return file

    def read(self, **contract):
        settings = {"path": "people.csv", "columns": ["No", "Name"], "key": ["No"], **contract}
        source = HrCsv("hr", HrCsvSettings.model_validate(settings), self.folder)
        with Store.open(self.folder / "state", write=True) as store:
            extract = Extract(store, self.folder / "state", lambda _: self.reading, lambda *_: None)
            (ended,) = asyncio.run(extract.read({"hr": source}))
        return ended

    def kept(self, statement, **parameters):
        with Store.open(self.folder / "state", write=False) as store:
            return store.rows(statement, **parameters)

    def remembers(self, watermark):
        """The store is of a version that kept this as what the latest read was current to."""
        with Store.open(self.folder / "state", write=True) as store:
            store._connection.execute(
                "UPDATE store.scope_read SET watermark = $it WHERE number = (SELECT max(number) FROM store.scope_read)", {"it": watermark}
            ).fetchall()


@pytest.fixture
def feed(tmp_path):
    return Feed(tmp_path)


def rows(count, times=1):
    return [f"{number:04d},Name {number}" for number in range(count)] * times


def test_an_older_file_that_is_sent_again_proves_nothing(feed):
    feed.put(*rows(3), days_ago=1)
    assert feed.read().incomplete == ()
    feed.put(*rows(2), days_ago=2)
    assert "an older file was sent again" in feed.read().incomplete[0]
    feed.put(*rows(2), days_ago=0.5)
    assert feed.read().incomplete == ()


@pytest.mark.parametrize("future", ["2062-03-02", "2062-03-02T01:00:00Z"])
def test_a_future_date_that_was_remembered_makes_no_later_file_old(feed, future):
    feed.put(*rows(3), days_ago=3)
    feed.read()
    feed.put(*rows(3), days_ago=2)
    feed.read()
    feed.remembers(future)
    feed.put(*rows(2), days_ago=1)
    assert feed.read().incomplete == ()


def test_behind_a_future_date_the_read_before_it_still_counts(feed):
    feed.put(*rows(3), days_ago=2)
    feed.read()
    feed.put(*rows(3), days_ago=1)
    feed.read()
    feed.remembers("2062-03-02")
    feed.put(*rows(2), days_ago=3)
    assert "an older file was sent again" in feed.read().incomplete[0]


def test_a_file_of_the_future_is_not_remembered_as_read_before(feed):
    contract = {"path": "people_*.csv", "name_date": "%Y%m%d"}
    today, future = f"people_{NOW - timedelta(days=1):%Y%m%d}.csv", "people_20620302.csv"
    feed.put(*rows(3), name=future)
    assert f"{future}: its name states 2062-03-02, which is in the future" in feed.read(**contract).incomplete[0]
    (feed.folder / future).unlink()
    feed.put(*rows(3), name=today)
    assert feed.read(**contract).incomplete == ()


def test_a_date_in_the_name_is_not_older_than_the_moment_of_the_same_day(feed):
    """A contract that begins to go by the name's date reads the file that was read before by its time of last change."""
    feed.put(*rows(3), name="people_20260302.csv")
    feed.read(path="people_*.csv")
    feed.remembers("2026-03-02T03:00:00Z")
    assert feed.read(path="people_*.csv", name_date="%Y%m%d").incomplete == ()


def test_each_of_several_files_is_compared_with_itself(feed):
    contract = {"path": "p_*.csv", "pick": "all"}
    for _ in range(2):
        feed.put(*rows(40), name="p_a.csv", days_ago=2)
        feed.put(*[f"x{row}" for row in rows(3)], name="p_b.csv", days_ago=1)
        assert feed.read(**contract).incomplete == ()
    feed.put(*rows(20), name="p_a.csv", days_ago=1)
    (sentence,) = feed.read(**contract).incomplete
    assert "it has 20 rows where the last complete read had 40" in sentence


def test_identical_rows_are_one_row_with_a_note_and_no_finding(feed):
    feed.put(*rows(3), *rows(2))
    ended = feed.read()
    assert (ended.records, ended.incomplete) == (3, ())
    assert ended.notes == ("hr: file people.csv: 2 of its 5 rows repeat another row exactly and do not count",)
    assert feed.kept("latest_quarantined") == []


def test_repeated_rows_do_not_hide_that_others_are_missing(feed):
    feed.put(*rows(40), days_ago=2)
    feed.read()
    feed.put(*rows(20, times=2), days_ago=1)
    assert "it has 20 rows where the last complete read had 40" in feed.read().incomplete[0]


def test_rows_that_are_no_longer_repeated_are_no_loss(feed):
    feed.put(*rows(40, times=2), days_ago=2)
    assert feed.read().incomplete == ()
    feed.put(*rows(40), days_ago=1)
    assert feed.read().incomplete == ()


class Told:
    """A system that can tell what changed since, and says up to when it knows."""

    name = "okta"

    def __init__(self, watermark):
        self.watermark, self.since = watermark, None

    async def identity(self):
        return SystemIdentity("00o1", "https://acme.example.com")

    async def pages(self, request):
        self.since = request.since
        yield ScopeEnd(Scope(ScopeKind.ACCOUNTS), watermark=self.watermark, delta=bool(request.since))

    async def attribute_names(self):
        return None


def _asked(feed, watermark):
    """The watermark that the next read begins from, after one that was current to `watermark`."""
    feed.reading = Reading(incremental=True)
    source = Told(watermark)
    with Store.open(feed.folder / "state", write=True) as store:
        asyncio.run(Extract(store, feed.folder / "state", lambda _: feed.reading, lambda *_: None).read({"okta": source}))
    return source.since


def test_a_delta_begins_at_the_last_watermark(feed):
    moment = NOW.isoformat(timespec="seconds")
    assert _asked(feed, moment) == ""
    assert _asked(feed, moment) == moment


def test_a_watermark_of_the_future_is_followed_by_a_whole_read_and_then_forgotten(feed):
    """The server's clock was wrong once: a delta from then on would see no change until that day."""
    moment = NOW.isoformat(timespec="seconds")
    _asked(feed, "2062-03-02T01:00:00+00:00")
    assert _asked(feed, moment) == ""
    assert _asked(feed, moment) == moment


def test_a_whole_read_at_a_time_in_the_future_is_not_young_for_ever(feed):
    """This machine's clock was wrong once."""
    moment = NOW.isoformat(timespec="seconds")
    _asked(feed, moment)
    with Store.open(feed.folder / "state", write=True) as store:
        store._connection.execute("UPDATE store.snapshot SET taken_at = '2062-03-02T01:00:00+00:00'").fetchall()
    assert _asked(feed, moment) == ""
    assert _asked(feed, moment) == moment


def test_a_file_of_the_same_content_is_the_same_file_whatever_its_name_and_dates(feed):
    contract = {"path": "p_*.csv", "name_date": "%Y%m%d"}
    for day, exported in ((1, rows(3)), (2, rows(3)), (3, rows(4))):
        feed.put(*exported, name=f"p_2026030{day}.csv", days_ago=9 - day)
        assert feed.read(**contract).incomplete == ()
    first, second, third = [content for *_, content in feed.kept("whole_reads", systems=["hr"])]
    assert first == second != third


def test_a_list_of_accounts_is_never_the_same_file(feed):
    for _ in range(2):
        _asked(feed, "")
    first, second = [content for *_, content in feed.kept("whole_reads", systems=["okta"])]
    assert first != second
