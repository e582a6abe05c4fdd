"""Names who made changes that no run of ours made, by the logs that systems keep of themselves."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from contextlib import aclosing
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any, assert_never

from connectors.cleaning import cleaned
from connectors.errors import ConnectorError
from connectors.event_log import EventLog, LogEvent
from reconcile.plan.change import Change, ChangeKind
from reconcile.store.connection import Store

MOST_EVENTS = 50_000
"""Events of one system that are read for one question."""
LONGEST_NAME = 200
"""Characters of a name that are kept of an event."""
_APP = "app:"


@dataclass(frozen=True, slots=True)
class Witnessed:
    """Changes, those that no run made with who made them, and what could not be read."""

    changes: list[Change]
    problems: list[str]


async def witnessed(changes: Sequence[Change], logs: Mapping[str, object]) -> Witnessed:
    """Returns the changes, with the actors whom the logs name. A log that cannot be read leaves its changes as they are."""
    open_ones = _open_ones(changes)
    found: dict[str, list[LogEvent]] = {}
    problems: list[str] = []
    for system, some in open_ones.items():
        log = logs.get(system)
        if not isinstance(log, EventLog):
            problems.append(f"{system} keeps no log that can be read: who changed something there is not known.")
            continue
        try:
            found[system] = await _first(log, some)
        except ConnectorError as error:
            problems.append(f"The log of {system} could not be read ({cleaned(str(error))}): who changed something there is not known.")
            continue
        if len(found[system]) == MOST_EVENTS:
            problems.append(
                f"The log of {system} has more than {MOST_EVENTS:,} events in that time: later ones were not read. Ask for less time."
            )
    return Witnessed(_named(changes, found), problems)


def with_kept_actors(store: Store, changes: Sequence[Change]) -> list[Change]:
    """The changes, with the actors whom the events name that extracts kept. Asks no system."""
    found = {}
    for system, some in _open_ones(changes).items():
        since, until = min(each.since for each in some), max(each.until for each in some)
        # The time of an event has thousandths, that of a read whole seconds.
        span = {"since": since[:19], "until": _next_second(until)}
        rows = store.rows("kept_log_events", system=system, ids=sorted({each.record_id for each in some}), **span)
        found[system] = [_kept_event(row) for row in rows]
    return _named(changes, found)


def _kept_event(row: Sequence[Any]) -> LogEvent:
    uuid, published, type_, actor, name, targets, changed, request = row
    return LogEvent(uuid, published, type_, "", actor, tuple(targets), request, name, tuple(changed))


def _next_second(moment: str) -> str:
    return (datetime.fromisoformat(moment[:19]) + timedelta(seconds=1)).isoformat()


def _open_ones(changes: Iterable[Change]) -> Mapping[str, Sequence[Change]]:
    """The changes by system that no run made, without those that a first read shows."""
    found: dict[str, list[Change]] = defaultdict(list)
    for each in changes:
        if not each.run and each.since:
            found[each.system].append(each)
    return found


def _named(changes: Iterable[Change], events: Mapping[str, Iterable[LogEvent]]) -> list[Change]:
    by_target = {system: _by_target(some) for system, some in events.items()}
    return [_with_actors(each, by_target.get(each.system, {})) for each in changes]


async def _first(log: EventLog, changes: Sequence[Change]) -> list[LogEvent]:
    """The events of the time in which the changes were made, at most MOST_EVENTS of them."""
    since, until = min(each.since for each in changes), max(each.until for each in changes)
    found: list[LogEvent] = []
    # The time of a read is in whole seconds: what happened in its last one counts.
    async with aclosing(log.events(datetime.fromisoformat(since), datetime.fromisoformat(until) + timedelta(seconds=1))) as events:
        async for event in events:
            found.append(event)
            if len(found) == MOST_EVENTS:
                break
    return found


def _by_target(events: Iterable[LogEvent]) -> Mapping[str, Sequence[LogEvent]]:
    found: dict[str, list[LogEvent]] = defaultdict(list)
    for event in events:
        if event.result in ("", "SUCCESS"):
            for target in event.targets:
                found[target].append(event)
    return found


def _with_actors(change: Change, events: Mapping[str, Sequence[LogEvent]]) -> Change:
    """The change with the actors of such events on its account between the two reads, in their order, after those who are known already."""
    if change.run or not change.since:
        return change
    found = [event for event in events.get(change.record_id, ()) if _is_within(event, change) and _is_of_kind(event, change)]
    if change.kind is ChangeKind.ATTRIBUTE:
        # Events that state what they changed say more than those that state nothing.
        found = [each for each in found if change.name in each.attributes] or [each for each in found if not each.attributes]
    names = (cleaned(event.actor_name or event.actor)[:LONGEST_NAME] for event in found)
    return replace(change, actors=tuple(dict.fromkeys((*change.actors, *filter(None, names)))))


def _is_within(event: LogEvent, change: Change) -> bool:
    at = datetime.fromisoformat(event.published)
    return datetime.fromisoformat(change.since) <= at and event.published[:19] <= change.until[:19]


def _is_of_kind(event: LogEvent, change: Change) -> bool:
    match change.kind:
        case ChangeKind.JOINED | ChangeKind.LOST:
            return "membership" in event.type and change.entitlement_id.removeprefix(_APP) in event.targets
        case ChangeKind.STATE | ChangeKind.APPEARED | ChangeKind.GONE:
            return event.type.startswith("user.lifecycle.")
        case ChangeKind.ATTRIBUTE:
            return event.type.startswith("user.account.update_profile")
        case _:
            assert_never(change.kind)
