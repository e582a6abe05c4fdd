"""Settings of an HR export of any form, required before a single row of it is used."""

from __future__ import annotations

import re
import time
from collections.abc import Iterable, Sequence
from datetime import date
from difflib import get_close_matches
from enum import StrEnum
from pathlib import PurePath
from typing import Annotated
from unicodedata import normalize

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, NonNegativeInt, PositiveFloat, model_validator

from connectors.bounds import LONGEST_NAME
from connectors.hr.patterns import refuse_costly
from connectors.quoting import quoted


class Pick(StrEnum):
    """The choice among the files that match the pattern."""

    NEWEST = "newest"
    ALL = "all"


class ExtraColumns(StrEnum):
    """Treatment of a column that the contract does not name."""

    ALLOW = "allow"
    REFUSE = "refuse"


class CompanionKind(StrEnum):
    """The file beside the export that says it is finished; its name is the export's with this ending."""

    NONE = "none"
    OK = ".ok"
    """A JSON object with `rows`, `bytes` or `sha256`, and any of `file`, `as_of`, `mode`."""
    DONE = ".done"
    """Only its presence counts, and that it is not older than the export."""
    SHA256 = ".sha256"
    """Output of `sha256sum`."""


class Mode(StrEnum):
    """Meaning of a person's absence from the file."""

    FULL = "full"
    """They are gone."""
    DELTA = "delta"
    """Nothing: they are unchanged. Who left says so in a column (OneRoster's `status` with `tobedeleted`, the deactivation field of
    Okta's incremental mode), which the mapping's lifecycle rules read like any other; one more word for "terminated"."""


def _regular_expression(text: str) -> str:
    try:
        re.compile(text)
    except re.error as error:
        raise ValueError(f"not a regular expression: {error}") from None
    refuse_costly(text)
    return text


def _date_format(text: str) -> str:
    day = date(2021, 12, 31)
    try:
        again = date(*time.strptime(day.strftime(text), text)[:3])
    except (ValueError, re.error):  # a directive that stands there twice breaks the pattern that strptime makes of it
        again = None
    if again != day:
        raise ValueError(f'{quoted(text)} does not describe a whole date; for example "%Y-%m-%d", "%d.%m.%Y", "%m/%d/%Y"')
    return text


Pattern = Annotated[str, AfterValidator(_regular_expression)]
DateFormat = Annotated[str, AfterValidator(_date_format)]

_UNSEEN = r"[\s\u00ad\u180e\u200b-\u200f\u202a-\u202e\u2060-\u2069\ufeff]+"
_AT_AN_END = re.compile(rf"\A{_UNSEEN}|{_UNSEEN}\Z")
"""White space (no-break space too) and marks without width: zero-width space, joiners, byte order mark, direction marks."""


def visible(text: str) -> str:
    """Returns the text without invisible characters at its ends, and with composed letters (Unicode NFC)."""
    # Composing the letters of a text takes the square of its length at worst, and nothing long is compared by this.
    return text.strip() if text.isascii() or len(text) > LONGEST_NAME else _AT_AN_END.sub("", normalize("NFC", text))


class HrFileSettings(BaseModel):
    """The contract of one kind of export. Nothing is guessed from a file: a reader that guesses loses rows without an error."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    path: str = Field(min_length=1)
    """A file or a glob pattern, from the project folder; outside of it only as an absolute path."""
    pick: Pick = Pick.NEWEST
    name_date: DateFormat | None = None
    """Format of the date in the file's name (`%Y%m%d`); `newest` goes by it, and by the sorted names where it is not given."""
    columns: tuple[str, ...] = Field(min_length=1)
    """Columns that the header must hold, in any order. Case, surrounding spaces, `_` and `-` are ignored; rules see this spelling."""
    aliases: dict[str, tuple[str, ...]] = Field(default_factory=dict)
    """Other names that the header may give a column: exporters allow reports to be relabelled. One of them, never two, stands there."""
    extra_columns: ExtraColumns = ExtraColumns.ALLOW
    key: tuple[str, ...] = Field(min_length=1)
    """The columns that say who a row is about. Surrounding white space and marks without width are no part of a key, and letters
    are composed (Unicode NFC); two rows whose keys differ in nothing else are both held back."""
    key_separator: str = Field(default="/", min_length=1)
    """Stands between the cells of a key of several columns."""
    key_pattern: Pattern = r"\S+"
    """Pattern of each whole key cell; it keeps footers and what a spreadsheet did to a number from becoming people."""
    skip_lines: NonNegativeInt = 0
    """Lines before the header: titles, a `sep=` hint."""
    label_lines: NonNegativeInt = 0
    """Lines behind the header that hold no people: labels of the columns, units. A file is refused where the key of one fits `key_pattern`."""
    footer_pattern: Pattern | None = None
    """The last lines that are no people. A group named `rows` is compared with the number of rows."""
    companion: CompanionKind = CompanionKind.NONE
    mode: Mode = Mode.FULL
    null_spellings: tuple[str, ...] = ()
    """Cells that state "no value" (`NULL`, `NO_MANAGER`), compared exactly. An empty cell stays empty text unless "" is named."""
    date_columns: dict[str, DateFormat] = Field(default_factory=dict)
    """Columns that hold dates, one format each: `03/04/2021` is never guessed."""
    open_dates: dict[str, tuple[date, ...]] = Field(default_factory=dict)
    """Dates of a date column that mean "no date" (9999-12-31)."""
    min_age_seconds: NonNegativeInt = 0
    """A file younger than this may still be being written."""
    max_age_hours: PositiveFloat | None = None
    """Older is stale. By the companion's `as_of`, else the date in the name, else the time of last change."""
    max_quarantine: NonNegativeInt = 10
    """With more unusable rows than this the whole file is refused."""

    @model_validator(mode="after")
    def _path_stays_inside(self) -> HrFileSettings:
        where = PurePath(self.path)
        if not where.is_absolute() and ".." in where.parts:
            raise ValueError(f"path {quoted(self.path)} leaves the project folder; give an absolute path if that is meant")
        return self

    @model_validator(mode="after")
    def _columns_are_declared(self) -> HrFileSettings:
        refuse_undeclared("key", self.key, self.columns)
        refuse_undeclared("aliases", self.aliases, self.columns)
        refuse_undeclared("date_columns", self.date_columns, self.columns)
        refuse_undeclared("open_dates", self.open_dates, tuple(self.date_columns), "date_columns")
        return self

    @model_validator(mode="after")
    def _labels_are_told_from_people(self) -> HrFileSettings:
        if self.label_lines and "key_pattern" not in self.model_fields_set:
            raise ValueError("label_lines needs a key_pattern that the keys of people fit and labels do not, such as [0-9]+")
        return self

    @model_validator(mode="after")
    def _names_differ(self) -> HrFileSettings:
        seen: dict[str, str] = {}
        for name in (*self.columns, *(alias for names in self.aliases.values() for alias in names)):
            if column_key(name) in seen:
                raise ValueError(
                    f"columns and aliases name {quoted(seen[column_key(name)])} and {quoted(name)}, which a header cannot tell apart"
                )
            seen[column_key(name)] = name
        return self


def column_key(name: str) -> str:
    """Returns a text that is equal for all spellings of one column."""
    return re.sub(r"[\s_-]+", "_", visible(name)).casefold()


def with_century(form: str) -> str:
    """A form of dates with all four digits of the year."""
    return form.replace("%y", "%Y")


def refuse_undeclared(setting: str, names: Iterable[str], declared: Sequence[str], where: str = "columns") -> None:
    """Raises ValueError where a setting names a column that another one does not declare."""
    for name in names:
        if name not in declared:
            near = ", ".join(get_close_matches(name, declared, n=3)) or "none is similar"
            raise ValueError(f"{setting} names {quoted(name)}, which is not in {where} ({near})")
