"""Counts the distinct dates on which complete reads prove that a person is in no source.

A date counts where every source of people was read whole and completely on it, and none of them held the person. The reads that count
are on different local dates and at least `APART` from each other. A file that was read again is the same absence, whatever its name and
dates are by then: of a source that held the person, only files of different content count. Whether a row is
missing by mistake cannot be known from files; this is the proof that they allow.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

from mappings.expressions import Language
from mappings.rules import Identities, IdentitySource
from reconcile.decide.identities.source_columns import needed_columns
from reconcile.store.connection import Store

APART = timedelta(hours=20)
"""Least time between two reads that count. A job that starts at the same local time every night stays above it
where daylight saving time begins (23 hours) and a start is three hours late; the read before and after one midnight stays below."""


@dataclass(frozen=True, slots=True)
class Absence:
    """The proven absence of a person from all sources."""

    dates: int
    """The distinct local dates of complete reads that prove it."""
    why_not: str = ""
    """The reason why the absence cannot be counted at all; empty where it can."""
    left_out_by: str = ""
    """Source that still holds a row of theirs, which the mapping leaves out; empty where none does."""


@dataclass(frozen=True, slots=True)
class _Read:
    """One whole and complete read of a source."""

    number: int
    at: datetime
    day: date
    """The local date of `at`."""
    content: str
    """Digest of what it held: a file that is read again has the same. Every read of a list of accounts is one of its own."""


NEVER_SEEN = "no read that is kept shows them: was the expression of the anchor changed?"
UNTRUSTED = "a source of people could not be trusted, and they may be in it"
UNCLEAR = "some rows of the sources do not say who they are about, and one of them may be theirs"


def absences(store: Store, identities: Identities, language: Language, zone: ZoneInfo, anchors: Sequence[str]) -> Mapping[str, Absence]:
    """The absence of each of the anchors, none of which any source states now."""
    if not anchors:
        return {}
    if store.value("untrusted_sources"):
        return dict.fromkeys(anchors, Absence(0, UNTRUSTED))
    if store.value("unclear_rows"):
        return dict.fromkeys(anchors, Absence(0, UNCLEAR))
    _find_past_rows(store, identities.source, language)
    reads = _whole_reads(store, identities, zone)
    days = {(system, number): _day(taken_at, zone) for system, number, taken_at in store.rows("snapshot_times")}
    seen: dict[str, dict[str, int | None]] = defaultdict(dict)
    for anchor, system, gone in store.rows("last_shown", anchors=list(anchors)):
        seen[anchor][system] = gone
    counted: dict[tuple[tuple[str, int | None], ...], Absence] = {}
    result = {}
    for anchor in anchors:
        history = tuple(sorted(seen[anchor].items()))
        if history not in counted:
            counted[history] = _absence(dict(history), reads, days)
        result[anchor] = counted[history]
    return result


def left_out(store: Store, identities: Identities, language: Language, anchors: Collection[str]) -> Mapping[str, str]:
    """The source whose `where` leaves out a row of each of some anchors that no source states now, where there is one."""
    sources = [source for source in identities.source if source.where.strip().lower() != "true"]
    if not (anchors and sources):
        return {}
    _find_past_rows(store, sources, language, held=True)
    return {anchor: system for anchor, system, _ in store.rows("last_shown", anchors=sorted(anchors))}


def _find_past_rows(store: Store, sources: Iterable[IdentitySource], language: Language, *, held: bool = False) -> None:
    """Finds the anchor of each version of the sources' rows, whether or not it would count today; with `held` of those alone that are there now."""
    store.do("make_past")
    for source in sources:
        system = source.connector
        columns = needed_columns(store.value("ever_known_columns", system=system) or [], [source.anchor], language)
        with store.schemas.step():
            store.relations.expand_json("past_rows", "past_rows", columns, system=system, held=held)
            store.relations.derive("past_anchors", "past_rows", {"anchor": source.anchor}, kept=["_valid_to"])
            store.do("add_past", system=system)


def _whole_reads(store: Store, identities: Identities, zone: ZoneInfo) -> Mapping[str, Sequence[_Read]]:
    reads: dict[str, list[_Read]] = {source.connector: [] for source in identities.source}
    for system, number, taken_at, content in store.rows("whole_reads", systems=sorted(reads)):
        reads[system].append(_Read(number, datetime.fromisoformat(taken_at), _day(taken_at, zone), content))
    return {system: _in_order(found) for system, found in reads.items()}


def _in_order(reads: Sequence[_Read]) -> Sequence[_Read]:
    """Returns the reads without those that are later than a read after them: the clock was wrong, and set back since."""
    kept: list[_Read] = []
    for read in reversed(reads):
        if not kept or read.at <= kept[-1].at:
            kept.append(read)
    return kept[::-1]


def _day(moment: str, zone: ZoneInfo) -> date:
    return datetime.fromisoformat(moment).astimezone(zone).date()


def _absence(gone: Mapping[str, int | None], reads: Mapping[str, Sequence[_Read]], days: Mapping[tuple[str, int], date]) -> Absence:
    """`gone`: for each source that ever held the person, the number of the first read without them; None where it still holds a row."""
    if standing := [system for system, number in gone.items() if number is None]:
        return Absence(0, f"{standing[0]} still holds a row of theirs, which the mapping leaves out", standing[0])
    first = {system: number for system, number in gone.items() if number is not None}
    if not first:
        return Absence(0, NEVER_SEEN)
    since = max(days[system, number] for system, number in first.items())
    proving = {
        system: [read for read in found if read.day >= since and read.number >= first.get(system, 0)] for system, found in reads.items()
    }
    return Absence(_dates(proving, held_by=frozenset(first)))


def _dates(reads: Mapping[str, Sequence[_Read]], *, held_by: Collection[str]) -> int:
    """The number of dates that count. Each takes the earliest read of every source that can count then, so no other choice gives more dates."""
    counted: list[Mapping[str, _Read]] = []
    for day in sorted({read.day for found in reads.values() for read in found}):
        reads_of_day = {system: _counting(system, found, day, counted, held_by) for system, found in reads.items()}
        whole = {system: read for system, read in reads_of_day.items() if read is not None}
        if len(whole) == len(reads):
            counted.append(whole)
    return len(counted)


def _counting(
    system: str, reads: Iterable[_Read], day: date, counted: Sequence[Mapping[str, _Read]], held_by: Collection[str]
) -> _Read | None:
    """The first read of a source on a date that can count after the dates that count already."""
    earliest = counted[-1][system].at + APART if counted else datetime.min.replace(tzinfo=UTC)
    known = {reads_of_day[system].content for reads_of_day in counted} if system in held_by else set()
    return next((read for read in reads if read.day == day and read.at >= earliest and read.content not in known), None)
