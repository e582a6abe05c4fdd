"""Keeps the events of a system's own log beside its snapshots, a few pages a night, from the place where the last night ended."""

from __future__ import annotations

from collections.abc import AsyncGenerator, Sequence
from contextlib import aclosing
from datetime import UTC, datetime, timedelta
from typing import NamedTuple

from connectors.cleaning import cleaned
from connectors.errors import BadResponse, ConnectorError, Rejected
from connectors.event_log import FollowedLog, LogEvent, LogPage
from connectors.secrets import SecretMissing
from reconcile.plan.impact import number_of
from reconcile.snapshot.decoding import failure
from reconcile.store.connection import Store

MOST_PAGES = 100
"""Pages of one log that one extract reads; the next one goes on."""
LATE = timedelta(hours=1)
"""Time before the last event that is read again where the place of the last night is refused: events of it may have been stored later."""
LONGEST = 200
"""Characters that are kept of each text of an event."""
MOST_NAMES = 100
"""Ids and attributes that are kept of one event."""


class _Row(NamedTuple):
    """A kept event."""

    uuid: str
    published: str
    type: str
    actor: str
    actor_name: str
    targets: Sequence[str]
    changed: Sequence[str]
    request_id: str


async def keep_log(store: Store, system: str, source: object, now: datetime) -> tuple[str, ...]:
    """Reads what is new in the log of a system, where its settings ask for that. Returns what went wrong: a snapshot does not depend on a log."""
    if not (isinstance(source, FollowedLog) and source.follows_log):
        return ()
    kept = _Keeping(store, system, now)
    try:
        notes = await kept.follow(source)
    except (ConnectorError, SecretMissing) as error:
        notes = (f"{system}: log: could not be read ({cleaned(str(error))}). {kept.so_far()} The next extract goes on from there.",)
    return (*kept.odd(), *notes)


class _Keeping:
    """The log of one system while it is read."""

    def __init__(self, store: Store, system: str, now: datetime) -> None:
        self._store, self._system, self._now = store, system, now
        self._unreadable = 0
        # Up to when it is read: the time of the last event, or, where an empty page showed that there is no other, of that read.
        self._cursor, self._read_to = next(iter(store.rows("log_place", system=system)), ("", ""))

    def so_far(self) -> str:
        """Up to when it is kept, as a sentence."""
        return f"It is kept up to {self._read_to}." if self._read_to else "Nothing of it is kept."

    async def follow(self, source: FollowedLog) -> tuple[str, ...]:
        """Reads from the kept place on; where the system does not take that any more, from the time of the last event. Raises ConnectorError."""
        try:
            return await self._read(source, self._cursor)
        except Rejected:
            if not self._cursor:
                raise
            self._cursor = ""
            return await self._read(source, "")

    async def _read(self, source: FollowedLog, cursor: str) -> tuple[str, ...]:
        oldest = self._now - timedelta(days=source.log_days)
        last = self._last()
        since = max(oldest, last)
        gap = () if not self._read_to or last >= oldest else (self._gap(oldest),)
        pages = 0
        async with aclosing(self._pages(source, since, "" if gap else cursor)) as log:
            async for page, rows in log:
                self._keep(page, rows, since)
                pages, self._unreadable = pages + 1, self._unreadable + page.unreadable
                if pages >= MOST_PAGES:
                    more = f"{self._system}: log: has more than {pages} new pages. {self.so_far()} The next extract goes on from there."
                    return (*gap, more)
        return gap

    async def _pages(self, source: FollowedLog, since: datetime, cursor: str) -> AsyncGenerator[tuple[LogPage, list[_Row]], None]:
        """The pages, with the rows to keep. Whatever fails here is the log's; an error while rows are kept is this machine's. Raises ConnectorError."""
        try:
            async with aclosing(source.log_pages(since, cursor)) as log:
                async for page in log:
                    yield page, [_row(each) for each in page.events if each.result in ("", "SUCCESS")]
        except (ConnectorError, SecretMissing):
            raise
        except OSError as error:
            raise BadResponse("the connection failed", detail=error.strerror or type(error).__name__) from None
        except Exception as error:  # noqa: BLE001 - whatever a log makes its connector raise leaves the snapshot as it is
            raise BadResponse(failure(self._system, error)) from None

    def odd(self) -> tuple[str, ...]:
        """A note on the events that could not be read; no later extract sees them again."""
        if not self._unreadable:
            return ()
        return (f"{self._system}: log: {number_of(self._unreadable, 'event')} could not be read. Who did what they tell of is not known.",)

    def _last(self) -> datetime:
        """The moment to read from where there is no cursor."""
        if self._read_to:
            return _moment(self._read_to) - LATE
        first = self._store.value("first_read_at", system=self._system)
        return _moment(first) if first else self._now

    def _gap(self, oldest: datetime) -> str:
        return (
            f"{self._system}: log: was read last for {self._read_to}, and the system does not keep it so long. "
            f"Who changed something before {oldest.isoformat(timespec='seconds')} is not known."
        )

    def _keep(self, page: LogPage, rows: Sequence[_Row], since: datetime) -> None:
        at_end = not page.events and not page.unreadable
        # Another clock states the times of events: what is kept up to lies between what was asked for and the present.
        earliest, present = _text(since), _text(self._now)
        stated = [present] if at_end else [min(max(each.published, earliest), present) for each in rows]
        self._read_to = max((self._read_to, *stated))
        self._store.do("stage_log_events")
        if rows:
            self._store.append("staged_log_event", dict(zip(_Row._fields, zip(*rows, strict=True), strict=True)))
        with self._store.transaction():
            self._store.do("keep_log_events", "keep_log_place", system=self._system, cursor=page.cursor, read_to=self._read_to)


def _row(event: LogEvent) -> _Row:
    uuid, type_, actor, name, request = (
        cleaned(each)[:LONGEST] for each in (event.uuid, event.type, event.actor, event.actor_name, event.request_id)
    )
    targets, changed = ([each[:LONGEST] for each in some[:MOST_NAMES]] for some in (event.targets, event.attributes))
    return _Row(uuid, _text(_moment(event.published)), type_, actor, name, targets, changed, request)


def _text(moment: datetime) -> str:
    """The form in which the times of events are kept and compared."""
    return moment.astimezone(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")


def _moment(text: str) -> datetime:
    return datetime.fromisoformat(text)
