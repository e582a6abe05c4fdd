"""The System Log that extracts keep names who did what no run did, without asking the org again."""

import asyncio
import contextlib
import json
from collections.abc import AsyncGenerator, Iterable, Iterator
from dataclasses import dataclass, field
from datetime import UTC, date, datetime
from pathlib import Path
from urllib.parse import parse_qs

import duckdb
import httpx
import pytest

from connectors.errors import BadResponse, Rejected
from connectors.event_log import LogEvent, LogPage
from connectors.sandbox.host import Fault, FaultKind
from connectors.sandbox.okta.events import ADMIN
from connectors.secrets import SecretMissing
from reconcile.errors import ExitCode
from reconcile.snapshot import kept_log
from reconcile.store.connection import Store

from .conftest import Calm
from .night_worlds import World

TOKEN = {"Authorization": "SSWS sandbox-token"}
AFTER = "2026-03-02T10:30"
ME = "boss@corp.example"


@pytest.fixture
def followed(calm: Calm) -> World:
    """A project that keeps the log of its org, read once before anything happens."""
    held = calm()
    held.okta.app.seed({**held.state["okta"], "log": []})
    held.edit("reconcile.toml", 'type = "okta"', 'type = "okta"\nlog = true')
    assert held.run("extract", hour=10).code == ExitCode.DONE
    return held


def _others(held: World, method: str, path: str, body: object = None, *, at: str) -> None:
    """Another client of the org, at a time of the day of these tests: the clock of the sandbox is that of this machine."""
    before = len(held.state["okta"]["log"])
    assert httpx.request(method, f"{held.okta.url}/api/v1/{path}", headers=TOKEN, json=body).is_success
    state = held.state["okta"]
    assert len(state["log"]) > before
    for event in state["log"][before:]:
        # The sandbox's own admin has the token of the other sandbox in its name, which no text may show.
        event["published"], event["actor"] = f"2026-03-02T{at}:00.000Z", {**ADMIN, "alternateId": ME}
    held.okta.app.seed(state)


def _asked(held: World) -> list[dict[str, list[str]]]:
    return [parse_qs(each.query) for each in held.okta.requests() if each.path == "/api/v1/logs"]


def _kept(held: World) -> Iterator[tuple[str, ...]]:
    with contextlib.closing(duckdb.connect(held.folder / "state" / "store.duckdb", read_only=True)) as store:
        yield from store.execute("SELECT type, published, actor_name FROM log_event ORDER BY published").fetchall()


def _changes(held: World, *words: str) -> dict[str, list[str]]:
    found = held.run(*words, "--json").json["changes"]
    return {each["name"]: each["actors"] for each in found if each["system"] == "okta"}


def test_kept_events_name_who_did_it_and_of_a_profile_only_what_the_event_names(followed: World) -> None:
    member = followed.morning.promoted.email
    group = next(each for each in followed.state["okta"]["groups"] if each["profile"]["name"] == "managers")
    lost = followed.state["okta"]["members"][group["id"]][0]
    _others(followed, "POST", f"users/{member}", {"profile": {"title": "Her own words"}}, at="10:40")
    _others(followed, "DELETE", f"groups/{group['id']}/users/{lost}", at="10:50")
    state = followed.state["okta"]
    # Somebody else changed the city: this event does not say what it changed, so it tells nothing of the title, which another one names.
    of_city = {**state["log"][0], "actor": {**ADMIN, "alternateId": "eve@example.com"}, "debugContext": {"debugData": {}}}
    state["log"] += [{**of_city, "uuid": "city", "eventType": "user.account.update_profile"}]
    person = next(each for each in state["users"] if each["profile"]["login"] == member)
    person["profile"]["city"] = "Elsewhere"
    followed.okta.app.seed(state)
    assert followed.run("extract", hour=11).code == ExitCode.DONE
    began = followed.requests["okta"]
    named = _changes(followed, "history", person["id"], "--since", AFTER)
    assert named == {"title": [ME], "city": ["eve@example.com"]}
    assert _changes(followed, "who-lost", "managers", "--since", AFTER) == {"managers": [ME]}
    assert _changes(followed, "between", AFTER, "2026-03-03") == {**named, "managers": [ME]}
    assert f"by others: {ME}" in followed.run("history", person["id"], "--since", AFTER).out
    assert followed.requests["okta"] == began


def test_next_extract_goes_on_where_the_last_one_ended_and_reads_nothing_twice(followed: World) -> None:
    member = followed.morning.promoted.email
    _others(followed, "POST", f"users/{member}", {"profile": {"title": "One"}}, at="10:40")
    followed.run("extract", hour=11)
    _others(followed, "POST", f"users/{member}", {"profile": {"title": "Two"}}, at="11:40")
    began = len(_asked(followed))
    followed.run("extract", hour=12)
    first, *rest = _asked(followed)[began:]
    assert "after" in first
    assert len(rest) == 1
    assert [published[11:16] for _, published, _ in _kept(followed)] == ["10:40", "11:40"]
    assert not any("until" in query for query in _asked(followed))
    assert all('sw "user.lifecycle."' in query["filter"][0] for query in _asked(followed))


def test_log_that_cannot_be_read_is_a_note_and_the_next_extract_makes_up_for_it(followed: World) -> None:
    member = followed.morning.promoted.email
    _others(followed, "POST", f"users/{member}", {"profile": {"title": "One"}}, at="10:40")
    followed.okta.add_fault(Fault(FaultKind.STATUS, path="/api/v1/logs", method="GET", status=403, times=1))
    ended = followed.run("extract", hour=11)
    assert ended.code == ExitCode.DONE
    assert "note  okta: log: could not be read" in ended.out
    assert followed.run("extract", hour=12).code == ExitCode.DONE
    assert [type_ for type_, _, _ in _kept(followed)] == ["user.account.update_profile"]


def test_place_that_the_org_does_not_take_any_more_is_left_for_the_time_of_the_last_event(followed: World) -> None:
    member = followed.morning.promoted.email
    _others(followed, "POST", f"users/{member}", {"profile": {"title": "One"}}, at="10:40")
    followed.run("extract", hour=11)
    with contextlib.closing(duckdb.connect(followed.folder / "state" / "store.duckdb")) as store:
        store.execute("UPDATE log_place SET cursor = 'after=gone'")
    _others(followed, "POST", f"users/{member}", {"profile": {"title": "Two"}}, at="11:40")
    ended = followed.run("extract", hour=12)
    assert "log" not in ended.out
    assert [published[11:16] for _, published, _ in _kept(followed)] == ["10:40", "11:40"]


def test_place_that_names_another_server_is_asked_of_this_one(followed: World) -> None:
    with contextlib.closing(duckdb.connect(followed.folder / "state" / "store.duckdb")) as store:
        (cursor,) = store.execute("SELECT cursor FROM log_place").fetchone()
        assert "://" not in cursor
        store.execute("UPDATE log_place SET cursor = 'https://127.0.0.1:1/steal'")
    began = len(_asked(followed))
    assert followed.run("extract", hour=12).code == ExitCode.DONE
    assert len(_asked(followed)) > began


def test_log_of_too_many_pages_goes_on_with_the_next_extract(followed: World, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(kept_log, "MOST_PAGES", 1)
    state = followed.state["okta"]
    event = {"published": "2026-03-02T10:40:00.000Z", "eventType": "user.lifecycle.suspend", "target": [{"id": "x", "type": "User"}]}
    state["log"] += [{**event, "uuid": f"e{number}"} for number in range(1001)]
    followed.okta.app.seed(state)
    assert "has more than 1 new pages" in followed.run("extract", hour=11).out
    assert len(list(_kept(followed))) == 1000
    followed.run("extract", hour=12)
    assert len(list(_kept(followed))) == 1001


def test_odd_events_are_counted_and_hide_no_other(followed: World) -> None:
    good = {"uuid": "good", "published": "2026-03-02T10:40:00.000Z", "eventType": "user.lifecycle.suspend", "target": [{"id": "x"}]}
    hostile = {**good, "uuid": "u" * 9999, "actor": {"id": "i", "alternateId": "\x1b[31m\u202e" + "x" * 5000}}
    odd = [{"uuid": "1"}, {**good, "published": "yesterday"}, {**good, "target": 7}, good, hostile, {**good, "uuid": "\ud800"}]
    followed.okta.add_fault(Fault(FaultKind.BODY, path="/api/v1/logs", method="GET", body=json.dumps(odd), times=1))
    ended = followed.run("extract", hour=11)
    assert ended.code == ExitCode.DONE
    assert "4 events could not be read" in ended.out
    assert {len(name) <= kept_log.LONGEST for _, _, name in _kept(followed)} == {True}
    assert len(list(_kept(followed))) == 2


def test_log_that_was_not_read_for_longer_than_the_org_keeps_it_is_told_as_a_gap(followed: World) -> None:
    with contextlib.closing(duckdb.connect(followed.folder / "state" / "store.duckdb")) as store:
        store.execute("UPDATE log_place SET read_to = '2025-11-01T00:00:00.000Z'")
    ended = followed.run("extract", hour=11)
    assert "Who changed something before 2025-12-02" in ended.out
    assert "Who changed something" not in followed.run("extract", hour=12).out


def test_log_is_not_read_where_nothing_asks_for_it(calm: Calm) -> None:
    held = calm()
    held.run("extract", hour=10)
    assert not _asked(held)


def test_events_are_removed_by_retention_and_read_no_second_time(followed: World) -> None:
    member = followed.morning.promoted.email
    _others(followed, "POST", f"users/{member}", {"profile": {"title": "One"}}, at="10:40")
    followed.run("extract", hour=11)
    with (followed.folder / "reconcile.toml").open("a", encoding="utf-8") as file:
        file.write("\n[retention]\nlog_days = 1\n")
    assert followed.run("prune", "--live", "--json").json["log_events"] == 0
    later = date(2026, 3, 9)
    assert followed.run("prune", "--json", today=later).json["log_events"] == 1
    assert "log events  1" in followed.run("prune", "--live", today=later).out
    followed.run("extract", hour=12)
    assert not list(_kept(followed))


@dataclass
class Told:
    """A log that answers with some pages, and fails where an error stands among them."""

    pages: Iterable[LogPage | Exception]
    log_days: int = 90
    follows_log: bool = True
    asked: list[tuple[datetime, str]] = field(default_factory=list)

    def events(self, since: datetime, until: datetime) -> AsyncGenerator[LogEvent, None]:
        raise NotImplementedError

    async def log_pages(self, since: datetime, cursor: str) -> AsyncGenerator[LogPage, None]:
        self.asked.append((since, cursor))
        for each in self.pages:
            if isinstance(each, Exception):
                raise each
            yield each


NOW = datetime(2026, 3, 2, 11, tzinfo=UTC)
LATER = LogEvent("later", "9999-12-31T23:59:59.000Z", "user.lifecycle.suspend", "SUCCESS", "actor", ("x",), "request")


def _read(store: Store, *pages: LogPage | Exception) -> tuple[Told, tuple[str, ...]]:
    told = Told(pages)
    return told, asyncio.run(kept_log.keep_log(store, "okta", told, NOW))


@pytest.mark.parametrize(
    "error", [ConnectionResetError("reset"), RuntimeError("odd"), BadResponse("odd"), SecretMissing("env:X is not set")]
)
def test_whatever_a_log_fails_with_is_a_note_and_its_odd_events_are_told_all_the_same(tmp_path: Path, error: Exception) -> None:
    with Store.open(tmp_path, write=True) as store:
        _, notes = _read(store, LogPage([LATER], "one", unreadable=3), error)
        assert [note.partition(" (")[0] for note in notes] == [
            "okta: log: 3 events could not be read. Who did what they tell of is not known.",
            "okta: log: could not be read",
        ]
        assert "reset" not in "".join(notes)


def test_event_whose_time_is_none_is_a_note(tmp_path: Path) -> None:
    with Store.open(tmp_path, write=True) as store:
        _, (note,) = _read(store, LogPage([LATER._replace(published="yesterday")], "one"))
        assert "Nothing of it is kept." in note


def test_store_that_fails_while_events_are_kept_is_no_fault_of_the_log(tmp_path: Path) -> None:
    def closing() -> Iterator[LogPage]:
        store.close()
        yield LogPage([LATER], "one")

    with Store.open(tmp_path, write=True) as store, pytest.raises(duckdb.Error):
        asyncio.run(kept_log.keep_log(store, "okta", Told(closing()), NOW))


@pytest.mark.parametrize("published", ["9999-12-31T23:59:59.000Z", "0001-01-01T00:00:00.000Z"])
def test_clock_of_a_system_moves_the_place_to_read_from_neither_ahead_nor_out_of_its_time(tmp_path: Path, published: str) -> None:
    with Store.open(tmp_path, write=True) as store:
        _, (note,) = _read(store, LogPage([LATER._replace(published=published)], "one"), BadResponse("odd"))
        assert "It is kept up to 2026-03-02T11:00:00.000Z." in note
        again, _ = _read(store, Rejected("that place is gone"))
        assert again.asked == [(NOW - kept_log.LATE, "one"), (NOW - kept_log.LATE, "")]
