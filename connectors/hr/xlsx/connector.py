"""The connector of type `hr_xlsx`: people from HR exports as Excel workbooks."""

from __future__ import annotations

from pathlib import Path

from connectors.hr.source import HrFiles
from connectors.hr.xlsx.settings import HrXlsxSettings
from connectors.hr.xlsx.workbook import WorkbookForm


class HrXlsx(HrFiles):
    """A Source over the workbooks of one kind of HR export."""

    def __init__(self, name: str, settings: HrXlsxSettings, base: Path) -> None:
        super().__init__(name, settings, base, WorkbookForm(settings))
