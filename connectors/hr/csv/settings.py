"""Settings of a CSV file beside those of every HR export: how its bytes become cells."""

from __future__ import annotations

import codecs
from enum import StrEnum
from typing import Annotated

from pydantic import AfterValidator, model_validator

from connectors.hr.settings import HrFileSettings, refuse_undeclared
from connectors.quoting import quoted


class FinalNewline(StrEnum):
    """Whether the last line must end with a line break; without one a cut inside the last value cannot be seen."""

    REQUIRED = "required"
    OPTIONAL = "optional"


def _one_character(text: str) -> str:
    if len(text) != 1 or (not text.isprintable() and text != "\t"):
        raise ValueError('expected one printable character, or a tab ("\\t")')
    return text


def _known_encoding(name: str) -> str:
    try:
        "".encode(name)
    except LookupError:
        raise ValueError(f"{quoted(name)} is not an encoding of text; for example utf-8, utf-16, cp1252, iso-8859-15") from None
    return codecs.lookup(name).name


Character = Annotated[str, AfterValidator(_one_character)]
Encoding = Annotated[str, AfterValidator(_known_encoding)]


class HrCsvSettings(HrFileSettings):
    """The contract of one kind of CSV export."""

    encoding: Encoding = "utf-8"
    """A byte order mark is accepted and is no part of the first column's name."""
    delimiter: Character = ","
    quote: Character = '"'
    """Written twice where a value holds it (RFC 4180, section 2)."""
    multiline_columns: tuple[str, ...] = ()
    """Columns whose values may hold a line break; anywhere else one means that quotes have swallowed rows."""
    final_newline: FinalNewline = FinalNewline.REQUIRED

    @model_validator(mode="after")
    def _dialect_is_possible(self) -> HrCsvSettings:
        refuse_undeclared("multiline_columns", self.multiline_columns, self.columns)
        if self.delimiter == self.quote:
            raise ValueError("delimiter and quote are the same character")
        return self
