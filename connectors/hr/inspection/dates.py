"""Finds the formats that all dates of a column fit."""

from __future__ import annotations

import re
import time
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date

from connectors.hr.settings import visible

_ENDINGS = ("", " 0:00", " 00:00", " 00:00:00", " 12:00:00 AM", "T00:00:00", "T00:00:00Z", "T00:00:00.000Z")
"""Times of day that exporters put behind a date."""
_DAYS = (
    "%Y-%m-%d", "%Y/%m/%d", "%Y.%m.%d", "%d.%m.%Y", "%d.%m.%y", "%d/%m/%Y", "%m/%d/%Y", "%d/%m/%y", "%m/%d/%y",
    "%d-%m-%Y", "%m-%d-%Y", "%d-%b-%Y", "%d-%b-%y", "%d %b %Y", "%d %B %Y", "%b %d, %Y", "%B %d, %Y", "%Y%m%d",
)  # fmt: skip
_FORMATS = tuple(day + ending for ending in _ENDINGS for day in _DAYS)
PACKED = "%Y%m%d"
"""Format that an employee number may fit, too."""
_PACKED = re.compile(r"[0-9]{8}")
_ENDS_OF_A_YEAR = ((1, 1), (12, 30), (12, 31))
"""Month and day of the dates that stand for "no date": 0001-01-01, 1899-12-30 (a spreadsheet's day 0), 1900-01-01, 9999-12-31."""


@dataclass(frozen=True, slots=True)
class FoundDates:
    """The formats of a column of dates; several where day and month cannot be told apart, none where it holds something else."""

    formats: tuple[str, ...] = ()
    open_dates: tuple[date, ...] = ()
    """Dates that stand for "no date"."""


NO_DATES = FoundDates()


def find_dates(values: Iterable[str]) -> FoundDates:
    """Returns the formats that every value fits."""
    formats: tuple[str, ...] = _FORMATS
    texts = [text for text in map(visible, values) if text]
    for text in texts:
        formats = tuple(each for each in formats if _day(text, each) is not None)
        if not formats:
            return NO_DATES
    if not texts:
        return NO_DATES
    days = {day for text in texts if (day := _day(text, formats[0])) is not None}
    return FoundDates(formats, tuple(sorted(filter(_means_no_date, days))))


def _means_no_date(day: date) -> bool:
    """Whether a date is one that programs write for "no date"."""
    # Any other date of such a year may be a typing error: undeclared, it has the row refused until it is corrected.
    return not 1900 < day.year < 2101 and (day.month, day.day) in _ENDS_OF_A_YEAR


def _day(text: str, form: str) -> date | None:
    if not text[-1].isalnum() or (form == PACKED and not _PACKED.fullmatch(text)):
        return None
    try:
        return date(*time.strptime(text, form)[:3])
    except ValueError:
        return None
