"""The connector of type `hr_csv`: people from HR exports as CSV files."""

from __future__ import annotations

from pathlib import Path

from connectors.hr.csv.records import CsvForm
from connectors.hr.csv.settings import HrCsvSettings
from connectors.hr.source import HrFiles


class HrCsv(HrFiles):
    """A Source over the CSV files of one kind of HR export."""

    def __init__(self, name: str, settings: HrCsvSettings, base: Path) -> None:
        super().__init__(name, settings, base, CsvForm(settings))
