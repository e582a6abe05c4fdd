"""Keeps the events of a system's own log beside its snapshots, a few pages a night, from the place where the last night ended."""

from __future__ import annotations

from contextlib import aclosing
from datetime import UTC, datetime, timedelta

from connectors.cleaning import cleaned
from connectors.errors import ConnectorError, Rejected
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
_COLUMNS = ("uuid", "published", "type", "actor", "actor_name", "targets", "changed", "request_id")


async def keep_log(store: Store, system: str, source: object, now: datetime) -> tuple[str, ...]:
    """Reads what is new in the log of a system, where its settings ask for that. Returns what went wrong: a snapshot does not depend on a log."""
    if not (isinstance(source, FollowedLog) and source.follows_log):
        return ()
    kept = _Keeping(store, system, now)
    try:
        return await kept.follow(source)
    except (ConnectorError, SecretMissing) as error:
        trouble = str(error)
    except OSError:
        # This machine's disk, not the system.
        raise
    except Exception as error:  # noqa: BLE001 - whatever a log makes its connector raise leaves the snapshot as it is
        trouble = failure(system, error)
    return (f"{system}: log: could not be read ({cleaned(trouble)}). {kept.so_far()} The next extract goes on from there.",)


class _Keeping:
    """The log of one system while it is read."""

    def __init__(self, store: Store, system: str, now: datetime) -> None:
        self._store, self._system, self._now = store, system, now
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
        pages = unreadable = 0
        async with aclosing(source.log_pages(since, "" if gap else cursor)) as log:
            async for page in log:
                self._keep(page)
                pages, unreadable = pages + 1, unreadable + page.unreadable
                if pages >= MOST_PAGES:
                    more = f"{self._system}: log: has more than {pages} new pages. {self.so_far()} The next extract goes on from there."
                    return (*gap, *self._odd(unreadable), more)
        return (*gap, *self._odd(unreadable))

    def _odd(self, unreadable: int) -> tuple[str, ...]:
        if not unreadable:
            return ()
        return (f"{self._system}: log: {number_of(unreadable, 'event')} could not be read. Who did what they tell of is not known.",)

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

    def _keep(self, page: LogPage) -> None:
        rows = [_row(each) for each in page.events if each.result in ("", "SUCCESS")]
        present = (
            [] if page.events or page.unreadable else [self._now.astimezone(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")]
        )
        self._read_to = max((self._read_to, *present, *(each.published for each in page.events)))
        self._store.do("stage_log_events")
        if rows:
            self._store.append("staged_log_event", dict(zip(_COLUMNS, zip(*rows, strict=True), strict=True)))
        with self._store.transaction():
            self._store.do("keep_log_events", "keep_log_place", system=self._system, cursor=page.cursor, read_to=self._read_to)


def _row(event: LogEvent) -> tuple[object, ...]:
    texts = (event.uuid, event.published, event.type, event.actor, event.actor_name)
    names = ([each[:LONGEST] for each in some[:MOST_NAMES]] for some in (event.targets, event.attributes))
    return (*(cleaned(each)[:LONGEST] for each in texts), *names, event.request_id[:LONGEST])


def _moment(text: str) -> datetime:
    return datetime.fromisoformat(text)
