"""The operations of a plan in their order: those of every kind as values, and between them the bulk additions, which stay in their relations.

Many values are written and sealed as columns, too: DuckDB hashes a row in a tenth of the time that Python takes.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import groupby

import polars as pl

from reconcile.decide.changes.bulk_additions import BulkAdditions
from reconcile.decide.fragment import TargetContext
from reconcile.plan.model import Because, Operation, Situation, Verb
from reconcile.plan.ordering import ADDITIONS, Place, ordered, places
from reconcile.plan.tables import OPERATIONS
from reconcile.store.connection import Store
from reconcile.store.plans.writing import BATCH, FramedRows, frame_of, schema_of

PAGE = 50_000
"""Bulk additions that are read at once."""
FRAMED_FROM = 20_000
"""Number of operations from which a plan is written as columns; below it, hashing in Python is faster than reading the files back."""


@dataclass(frozen=True, slots=True)
class _Segment:
    """Operations of one place and target, which follow one another."""

    place: Place
    target: str
    first: int
    last: int
    """From `first` to before `last`: of the values, or of the order of the target's bulk additions."""
    in_bulk: bool


class PlannedRows(FramedRows[Operation]):
    """The operations of a plan as columns. Bulk additions are read from the store, as long as that is open."""

    def __init__(self, store: Store, values: Sequence[Operation], segments: Sequence[_Segment]) -> None:
        self._store, self.values = store, values
        self._segments = sorted(segments, key=lambda each: (each.place, each.target))
        self._items_and_reasons: dict[str, tuple[pl.DataFrame, pl.DataFrame]] = {}
        """By target, the entitlements and the reasons of its bulk additions."""

    def __len__(self) -> int:
        return sum(each.last - each.first for each in self._segments)

    def __iter__(self) -> Iterator[Operation]:
        for frame in self.frames():
            yield from map(OPERATIONS.value, frame.iter_rows())

    def frames(self) -> Iterator[pl.DataFrame]:
        if not self._segments:
            yield frame_of(OPERATIONS, ())
        for each in self._segments:
            size = PAGE if each.in_bulk else BATCH
            for start in range(each.first, each.last, size):
                end = min(start + size, each.last)
                yield self._bulk(each.target, start, end) if each.in_bulk else frame_of(OPERATIONS, self.values[start:end])

    def _bulk(self, target: str, start: int, end: int) -> pl.DataFrame:
        with self._store.schemas.of_target(target):
            bulk = _with_constants(target, self._page(target, start, end))
            alone = self._store.frame("separate_rows", **{"from": start, "to": end})
        if alone.is_empty():
            return bulk.sort("position").drop("position")
        values = frame_of(OPERATIONS, (self.values[number] for number in alone["separate"]))
        return pl.concat([bulk, values.with_columns(alone["position"]).select(bulk.columns)]).sort("position").drop("position")

    def _page(self, target: str, start: int, end: int) -> pl.DataFrame:
        """The bulk additions of some positions. What is said of a person is read once and not for each of its memberships."""
        page = self._store.frame("bulk_page", target=target, **{"from": start, "to": end})
        people = self._store.frame("people_of_page", first=page["person"].min(), last=page["person"].max())
        if target not in self._items_and_reasons:
            self._items_and_reasons[target] = self._store.frame("items_of_pages"), self._store.frame("reasons_of_pages")
        items, reasons = self._items_and_reasons[target]
        rows = page.join(people, on="person").join(items, on="item").join(reasons, on="reason")
        return rows.with_columns(depends_on=pl.concat_list("makers", "group_makers"))


def arranged(
    store: Store, operations: Sequence[Operation], bulk: Sequence[tuple[TargetContext, BulkAdditions | None]], *, framed: bool = True
) -> tuple[Operation, ...] | PlannedRows:
    """The operations in their order. `bulk`: the targets as they were decided, with their bulk additions; without any, few operations, and those
    that may not be `framed`, are values.
    """
    if not any(additions for _, additions in bulk):
        values = ordered(operations)
        many = framed and len(values) >= FRAMED_FROM
        return PlannedRows(store, values, [_Segment(ADDITIONS, "", 0, len(values), in_bulk=False)]) if many else values
    of_target: dict[str, list[Operation]] = defaultdict(list)
    for operation in operations:
        of_target[operation.target].append(operation)
    place: dict[str, Place] = {}
    for view, _ in bulk:
        waited = {needed for each in of_target[view.name] for needed in each.depends_on}
        place |= places(
            of_target[view.name], {id_: place[id_] for id_ in waited if id_ in place} | _bulk_places(store, bulk, waited, place)
        )
    in_order = ordered(operations, place)
    segments = _segments(in_order, place, {view.name for view, additions in bulk if additions})
    for view, additions in bulk:
        if additions:
            segments += _bulk_segments(store, view.name, in_order, place)
    return PlannedRows(store, in_order, segments)


def _bulk_places(
    store: Store, bulk: Sequence[tuple[TargetContext, BulkAdditions | None]], waited: set[str], place: Mapping[str, Place]
) -> dict[str, Place]:
    """The places of bulk additions that operations of later targets wait for."""
    unknown = sorted(waited - place.keys())
    found: dict[str, Place] = {}
    for view, additions in bulk:
        if additions and unknown:
            with store.schemas.of_target(view.name):
                rows = store.rows("bulk_places", target=view.name, ids=unknown)
            found |= {id_: _after(place.get(maker)) for id_, maker in rows}
    return found


def _after(maker: Place | None) -> Place:
    """The place of a bulk addition: an operation that waits goes after what it waits for."""
    return (maker[0], maker[1] + 1) if maker is not None and maker >= ADDITIONS else ADDITIONS


def _segments(in_order: Sequence[Operation], place: Mapping[str, Place], in_bulk: set[str]) -> list[_Segment]:
    """The runs of operations of one place and target; those that stand among bulk additions are no part of any."""
    found: list[_Segment] = []
    start = 0
    for (at, target), run in groupby((place[each.id], each.target) for each in in_order):
        end = start + sum(1 for _ in run)
        if target not in in_bulk or at < ADDITIONS:
            found.append(_Segment(at, target, start, end, in_bulk=False))
        start = end
    return found


def _bulk_segments(store: Store, target: str, in_order: Sequence[Operation], place: Mapping[str, Place]) -> list[_Segment]:
    among = [(number, each) for number, each in enumerate(in_order) if each.target == target and place[each.id] >= ADDITIONS]
    makers = (each for each in in_order if each.target == target and each.verb in (Verb.CREATE, Verb.REACTIVATE))
    late = [(each.id, *map(str, _after(place[each.id]))) for each in makers if place[each.id] >= ADDITIONS]
    rows = [(str(number), *map(str, place[each.id]), each.anchor, each.account_id, each.entitlement, each.id) for number, each in among]
    with store.schemas.of_target(target):
        store.relations.put("separate_place", ("number", "phase", "depth", "anchor", "account_id", "entitlement", "id"), rows)
        store.relations.put("late_maker", ("operation", "phase", "depth"), late)
        store.do("make_mixed_order" if among else "make_bulk_order", target=target, phase=ADDITIONS[0])
        return [_Segment((phase, depth), target, first, last, in_bulk=True) for phase, depth, first, last in store.rows("bulk_segments")]


def _with_constants(target: str, rows: pl.DataFrame) -> pl.DataFrame:
    """Bulk additions with the columns that are the same in all of them."""
    like = Operation(
        id="",
        target=target,
        verb=Verb.ADD_MEMBER,
        anchor="",
        account_id="",
        who="",
        name="",
        before={"member": False},
        after={"member": True},
        because=Because(situation=Situation.CONFIRMED, rule="", detail=""),
    )
    constant = dict(zip(OPERATIONS.columns, OPERATIONS.cells(like), strict=True))
    schema = schema_of(OPERATIONS)
    columns = [(pl.col(name) if name in rows.columns else pl.lit(constant[name])).cast(kind).alias(name) for name, kind in schema.items()]
    return rows.select("position", *columns)
