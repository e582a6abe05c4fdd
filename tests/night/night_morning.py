"""What HR has learnt overnight: a leaver, a new title, a mover and a starter."""

import csv
import io

from connectors.sandbox.company import Company
from connectors.sandbox.company.drift import settled_staff


class Morning:
    """Four people of a company whose accounts are right, and one whose account nothing changes."""

    starter = "starter.new@example.com"

    def __init__(self, staff: Company) -> None:
        self._day = str(staff.today)
        self.leaver, self.promoted, self.mover, self.bystander, *_ = settled_staff(staff)

    def rows(self, lines: list[str]) -> list[str]:
        """The lines of the file of employees, as they are now."""
        return [*map(self._row, lines), _line(self._started(lines))]

    def _row(self, line: str) -> str:
        row = cells(line)
        match row[0]:
            case self.leaver.number:
                row[17], row[20] = "Terminated", self._day
            case self.promoted.number:
                row[8] = "Grand Vizier"
            case self.mover.number:
                row[9], row[10] = ("Finance", "00700") if row[9] != "Finance" else ("Engineering", "00200")
        return _line(row)

    def _started(self, lines: list[str]) -> list[str]:
        row = next(cells(line) for line in lines if cells(line)[0] == self.bystander.number)
        row[:8] = ["0099999", "P999999", "Employee", "Starter", "New", "", "", self.starter]
        row[18] = row[19] = self._day
        return row


def cells(line: str) -> list[str]:
    return next(csv.reader([line]))


def _line(row: list[str]) -> str:
    out = io.StringIO(newline="")
    csv.writer(out, lineterminator="\n").writerow(row)
    return out.getvalue()
