"""An export in a folder, read as `reconcile` reads it."""

import asyncio
from dataclasses import dataclass
from pathlib import Path

import pytest

from connectors.contract import Quarantined, RawPage, Record, ScopeEnd
from connectors.hr.csv.connector import HrCsv
from connectors.hr.csv.settings import HrCsvSettings

COLUMNS = ["Employee_ID", "First_Name", "Last_Name", "Email", "Manager_ID", "Hire_Date"]
HEADER = ",".join(COLUMNS)
ADA = "1001,Ada,Lovelace,ada@example.com,,2019-03-01"
BOB = "1002,Bob,Smith,bob@example.com,1001,2020-06-15"
EVE = "1003,Eve,Martin,eve@example.com,1001,2022-09-12"


@dataclass
class Reading:
    """What came of one read."""

    records: list[Record]
    quarantined: list[Quarantined]
    ends: list[ScopeEnd]
    pages: list[RawPage]
    repeated: int = 0

    @property
    def problem(self):
        assert len(self.ends) == 1
        return self.ends[0].problem


class Export:
    """A folder with HR files and their contract."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    def put(self, body, name="workers.csv"):
        file = self.folder / name
        file.write_bytes(body if isinstance(body, bytes) else body.encode())
        return file

    def connector(self, **contract):
        settings = {"path": "workers.csv", "columns": COLUMNS, "key": ["Employee_ID"], **contract}
        return HrCsv("hr", HrCsvSettings.model_validate(settings), self.folder)

    def read(self, body=None, **contract):
        if body is not None:
            self.put(body)
        return asyncio.run(_read(self.connector(**contract)))


async def _read(source):
    reading = Reading([], [], [], [])
    async for answer in source.pages():
        if isinstance(answer, ScopeEnd):
            reading.ends.append(answer)
            continue
        rows = source.decode(answer)
        reading.pages.append(answer)
        reading.records.extend(rows.records)
        reading.quarantined.extend(rows.quarantined)
        reading.repeated += rows.repeated
    await source.close()
    return reading


@pytest.fixture
def export(tmp_path):
    return Export(tmp_path)


@pytest.fixture
def lines():
    def joined(*rows, end="\n"):
        return end.join((HEADER, *rows)) + end

    return joined


@pytest.fixture
def three(lines):
    return lines(ADA, BOB, EVE)
