"""Settings of a workbook beside those of every HR export: its sheet, and the numbers that are names."""

from __future__ import annotations

from pydantic import Field, NonNegativeInt, PositiveInt, model_validator

from connectors.hr.settings import HrFileSettings, refuse_undeclared


class HrXlsxSettings(HrFileSettings):
    """The contract of one kind of workbook. The header is the first row with content after `skip_lines` rows.

    Hidden rows and rows behind a filter are read like any other: the people in them are not gone.
    """

    sheet: str | None = None
    """The sheet's name; needed where more than one is visible."""
    number_columns: dict[str, NonNegativeInt] = Field(default_factory=dict)
    """Columns whose number cells are names (employee ids), with the width that leading zeros fill (0: none). A key that is a number
    cell of any other column is refused: a number cell has lost its leading zeros, and their number is unknown."""
    max_unpacked_mb: PositiveInt = 256
    """A workbook is a zip archive; one that unpacks to more is refused before it is unpacked."""

    @model_validator(mode="after")
    def _numbers_are_declared(self) -> HrXlsxSettings:
        refuse_undeclared("number_columns", self.number_columns, self.columns)
        return self
