"""Number formats of a workbook: dates, leading zeros, or plain numbers."""

from __future__ import annotations

import re
from datetime import datetime, timedelta

_BUILT_IN_DATES = frozenset({*range(14, 18), 22, *range(27, 37), *range(50, 59)})
"""Number formats without a code in the file that show a date (ECMA-376 part 1, 18.8.30)."""
_NO_LETTERS = re.compile(r'"[^"]*"|\\.|_.|\*.|\[[^\]]*\]')
"""Literal text, padding, colours and conditions inside a format code."""
_NO_TEXT = re.compile(r"_.|\*.|\[[^\]]*\]")
"""Padding, colours and conditions: what shows no character of its own."""
_MOST_EXACT = 10**15
_DIGITS = 15
"""A spreadsheet keeps 15 digits of a number, and shows no more."""


_LISTS = ("numFmts", "cellXfs")
"""Elements that list the formats, and the styles, of cells."""
_LONGEST_CODE = 255
"""Characters of a format code; Excel writes no longer one."""


class Styles:
    """The styles part: by a cell's style number, whether it shows a date, and how many digits it shows at least."""

    def __init__(self) -> None:
        self._codes: dict[str, str] = {}
        self._formats: list[str] = []
        self._list = ""
        self._dates: dict[int, bool] = {}

    def start(self, tag: str, attributes: dict[str, str]) -> None:
        if tag in _LISTS:
            self._list = tag
        elif tag == "numFmt" and self._list == "numFmts":
            # Formats of conditions (`dxfs`) have numbers of their own, which may be those of cells.
            self._codes[attributes.get("numFmtId", "")] = attributes.get("formatCode", "")[:_LONGEST_CODE]
        elif tag == "xf" and self._list == "cellXfs":
            self._formats.append(attributes.get("numFmtId", "0"))

    def end(self, tag: str) -> None:
        if tag in _LISTS:
            self._list = ""

    def text(self, text: str) -> None:
        """Ignores text."""

    def is_date(self, style: int) -> bool:
        if style not in self._dates:
            self._dates[style] = self._is_date(style)
        return self._dates[style]

    def _is_date(self, style: int) -> bool:
        number = self._format(style)
        if number in self._codes:
            shown = _NO_LETTERS.sub("", self._codes[number]).partition(";")[0].lower()
            return "y" in shown or "d" in shown
        return number.isdecimal() and len(number) < 4 and int(number) in _BUILT_IN_DATES

    def digits(self, style: int) -> int:
        """The least number of digits of a format that shows nothing but zeros (`00000`, `00000_);[Red]-00000`), else 0."""
        code = _NO_TEXT.sub("", self._codes.get(self._format(style), "")).partition(";")[0]
        return len(code) if code and not code.strip("0") else 0

    def _format(self, style: int) -> str:
        return self._formats[style] if 0 <= style < len(self._formats) else "0"


def number_text(value: float, digits: int) -> str:
    """A number as a person sees it; one with more digits than a spreadsheet keeps is shown as shortened."""
    if abs(value) >= _MOST_EXACT:
        return f"{value:.5E}"
    shown = float(f"{value:.{_DIGITS}g}")
    return f"{int(shown):0{digits + (shown < 0)}}" if shown.is_integer() else repr(shown)


def date_text(serial: float, *, since_1904: bool) -> str:
    """A serial date as YYYY-MM-DD, with the time where there is one. Raises OverflowError.

    Serial 60 is 29 February 1900, which never was (kept from Lotus 1-2-3): only later days are right as they are.
    """
    first = datetime(1904, 1, 1) if since_1904 else datetime(1899, 12, 30 if serial >= 60 else 31)  # noqa: DTZ001 - a date on paper has no zone
    moment = first + timedelta(seconds=round(serial * 86400))
    return moment.date().isoformat() if moment.time() == datetime.min.time() else moment.isoformat()
