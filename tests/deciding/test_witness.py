"""Who made a change that no run made, by the log of its system."""

import asyncio
from datetime import datetime

import pytest

from connectors.errors import Forbidden
from connectors.event_log import LogEvent
from reconcile.plan.change import Change, ChangeKind
from reconcile.usecases import witness
from reconcile.usecases.witness import witnessed

SINCE, UNTIL = "2026-03-02T12:00:00+00:00", "2026-03-02T17:00:00+00:00"


class Log:
    """A log with some events, or one that cannot be read."""

    def __init__(self, *events: LogEvent, fails: Exception | None = None) -> None:
        self._events, self._fails = events, fails

    async def events(self, since, until):
        if self._fails:
            raise self._fails
        for each in self._events:
            if since <= datetime.fromisoformat(each.published) < until:
                yield each


def event(type_: str, *targets: str, at: str = "2026-03-02T13:00:00.000Z", by: str = "eve@x", result: str = "SUCCESS") -> LogEvent:
    return LogEvent("e", at, type_, result, "00u1", targets, "r", by)


def change(kind: ChangeKind, **more: str) -> Change:
    return Change(**{"system": "okta", "record_id": "u1", "who": "ana", "kind": kind, "since": SINCE, "until": UNTIL, **more})


def actors(one: Change, *events: LogEvent) -> tuple[str, ...]:
    (found,) = asyncio.run(witnessed([one], {"okta": Log(*events)})).changes
    return found.actors


@pytest.mark.parametrize(
    ("one", "type_", "targets", "named"),
    [
        (change(ChangeKind.STATE), "user.lifecycle.suspend", ("u1",), True),
        (change(ChangeKind.STATE), "user.lifecycle.suspend", ("u2",), False),
        (change(ChangeKind.STATE), "user.account.update_profile", ("u1",), False),
        (change(ChangeKind.ATTRIBUTE, name="title"), "user.account.update_profile", ("u1",), True),
        (change(ChangeKind.LOST, entitlement_id="g1"), "group.user_membership.remove", ("u1", "g1"), True),
        (change(ChangeKind.LOST, entitlement_id="g1"), "group.user_membership.remove", ("u1", "g2"), False),
        (change(ChangeKind.LOST, entitlement_id="app:a1"), "application.user_membership.remove", ("u1", "a1"), True),
        (change(ChangeKind.GONE), "user.lifecycle.delete.initiated", ("u1",), True),
    ],
)
def test_an_event_names_its_actor_only_for_the_same_kind_of_change_of_the_same_account(one, type_, targets, named):
    assert actors(one, event(type_, *targets)) == (("eve@x",) if named else ())


def test_an_event_outside_the_two_reads_or_that_failed_names_nobody():
    one, type_ = change(ChangeKind.STATE), "user.lifecycle.suspend"
    assert actors(one, event(type_, "u1", at="2026-03-02T11:59:59.000Z")) == ()
    assert actors(one, event(type_, "u1", at="2026-03-02T17:00:01.000Z")) == ()
    assert actors(one, event(type_, "u1", result="FAILURE")) == ()
    assert actors(one, event(type_, "u1", at="2026-03-02T17:00:00.900Z")) == ("eve@x",)


def test_what_a_run_did_and_what_a_first_read_shows_is_not_asked_about():
    assert actors(change(ChangeKind.STATE, run="R1"), event("user.lifecycle.suspend", "u1")) == ()
    assert actors(change(ChangeKind.APPEARED, since=""), event("user.lifecycle.create", "u1")) == ()


def test_several_actors_are_named_once_each_and_what_they_are_called_is_bounded():
    events = [event("user.lifecycle.suspend", "u1", by=by) for by in ("eve@x", "bob@x", "eve@x", "x" * 5000)]
    assert actors(change(ChangeKind.STATE), *events) == ("eve@x", "bob@x", "x" * witness.LONGEST_NAME)


def test_a_log_that_cannot_be_read_is_said_so_and_leaves_the_changes():
    one = change(ChangeKind.STATE)
    told = asyncio.run(witnessed([one], {"okta": Log(fails=Forbidden("no"))}))
    assert told.changes == [one]
    assert "could not be read" in told.problems[0]
    told = asyncio.run(witnessed([one], {"okta": object()}))
    assert (told.changes, len(told.problems)) == ([one], 1)


def test_a_log_with_too_many_events_is_read_in_part_and_that_is_said(monkeypatch):
    monkeypatch.setattr(witness, "MOST_EVENTS", 3)
    told = asyncio.run(witnessed([change(ChangeKind.STATE)], {"okta": Log(*[event("user.lifecycle.suspend", "u1")] * 9)}))
    assert "more than 3 events" in told.problems[0]
