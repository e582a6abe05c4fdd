"""A folder with one workbook and its contract."""

import asyncio
from dataclasses import dataclass, field
from pathlib import Path

import pytest

from connectors.contract import RawPage
from connectors.hr.xlsx.connector import HrXlsx
from connectors.hr.xlsx.settings import HrXlsxSettings
from tests.support.workbooks import parts, row, sheet, write_workbook

COLUMNS = ["Id", "Name", "Start"]


@dataclass
class Reading:
    problem: str = ""
    records: list = field(default_factory=list)
    quarantined: list = field(default_factory=list)


class Export:
    """A folder with one workbook and its contract."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.file = folder / "w.xlsx"

    def connector(self, **contract):
        settings = {"path": "w.xlsx", "columns": COLUMNS, "key": ["Id"], "key_pattern": "[0-9]{7}", **contract}
        return HrXlsx("hr", HrXlsxSettings.model_validate(settings), self.folder)

    def put(self, content):
        if isinstance(content, bytes):
            self.file.write_bytes(content)
            return
        write_workbook(self.file, content)

    def rows(self, *rows, after="", **contract):
        """What comes of a workbook with the header and these rows."""
        self.put(parts(sheet(row(*COLUMNS), *rows, after=after)))
        return self.read(**contract)

    def read(self, content=None, **contract):
        if content is not None:
            self.put(content)
        return asyncio.run(self._read(self.connector(**contract)))

    async def _read(self, source):
        reading = Reading()
        async for answer in source.pages():
            if isinstance(answer, RawPage):
                rows = source.decode(answer)
                reading.records += rows.records
                reading.quarantined += rows.quarantined
            else:
                reading.problem = answer.problem
        return reading


@pytest.fixture
def export(tmp_path):
    return Export(tmp_path)
