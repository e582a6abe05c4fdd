"""Source rows that cannot be used: which, and why, in a sentence."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import assert_never

from reconcile.decide.fragment import listed
from reconcile.store.connection import Store


class Unusable(StrEnum):
    """The reason why a row cannot be used (the column `problem` of `judged` and `row_problem`)."""

    UNREAD = "unread"
    """The latest read of its source could not decode it."""
    NO_ANCHOR = "no_anchor"
    STATUS = "status"
    """The mapping does not list its status word."""
    START_DATE = "start_date"
    """Its start is no date."""
    END_DATE = "end_date"
    SAME_START = "same_start"
    """Another row has its anchor and its start."""
    SAME_ANCHOR = "same_anchor"
    """Another row has its anchor."""
    SEVERAL_KEYS = "several_keys"
    """Its anchor states several person keys."""
    CONTRADICTED_KEY = "contradicted_key"
    """Another anchor with its person key states several."""
    SHARED_KEY = "shared_key"
    """Two anchors with its person key have not left one source."""


@dataclass(frozen=True, slots=True)
class RowProblem:
    """A source row that cannot be used (the columns of `row_problems`)."""

    source: str
    anchor: str
    record: str
    kind: Unusable
    stated: str
    """Value of the row that is the reason: its status, its date or its person key."""
    others: Sequence[str]
    """The first of the other anchors that state its person key."""
    total: int
    """Number of all of them."""

    @property
    def problem(self) -> str:
        """Returns the problem of the row, in a sentence about it."""
        return row_sentence(self.kind, self.stated, self.others, self.total)


def row_problems(store: Store) -> tuple[RowProblem, ...]:
    """Every row that cannot be used, once the identities were gathered."""
    return tuple(
        RowProblem(source, anchor, record, Unusable(problem), stated, others, total)
        for source, anchor, record, problem, stated, others, total in store.rows("row_problems")
    )


def row_sentence(kind: Unusable, stated: str, others: Sequence[str], total: int) -> str:  # noqa: C901, PLR0911 - one case for each kind
    """The problem of a row, as a sentence."""
    key = f"states the person key '{stated}'"
    as_others = f"as {'does' if total == 1 else 'do'} {listed(others, total)}"
    match kind:
        case Unusable.UNREAD:
            return "could not be read tonight; what is known of it is from an earlier read"
        case Unusable.NO_ANCHOR:
            return "has no anchor, so it identifies no person"
        case Unusable.STATUS:
            return f"has the status '{stated}', which the mapping does not list"
        case Unusable.START_DATE:
            return f"has the start date '{stated}', which is no date of the form YYYY-MM-DD after 1900"
        case Unusable.END_DATE:
            return f"has the end date '{stated}', which is no date of the form YYYY-MM-DD after 1900"
        case Unusable.SAME_START:
            return "has the same anchor and the same start as another row: correct one of them in the source"
        case Unusable.SAME_ANCHOR:
            return 'has the same anchor as another row: exclude one with where, or set several = "latest"'
        case Unusable.SEVERAL_KEYS:
            return f"{key} and another one: correct one of them"
        case Unusable.CONTRADICTED_KEY:
            return f"{key}, {as_others}, and one of these states another key as well: correct it"
        case Unusable.SHARED_KEY:
            return f"{key}, {as_others}, and two of these have not left one source: end one of the two there, or correct the key"
        case _:
            assert_never(kind)
