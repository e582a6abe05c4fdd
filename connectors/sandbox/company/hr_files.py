"""Exports of the company's HR department: a file of employees and one of contractors, as different as real ones."""

from __future__ import annotations

import csv
import hashlib
import io
import json
from collections.abc import Iterator
from dataclasses import replace
from datetime import date
from pathlib import Path

from connectors.sandbox.company.people import COST_CENTRES, Company, Kind, Person

WORKER_COLUMNS = (
    "Employee_ID",
    "Universal_ID",
    "Worker_Type",
    "Legal_First_Name",
    "Legal_Last_Name",
    "Preferred_First_Name",
    "Preferred_Last_Name",
    "Work_Email",
    "Business_Title",
    "Department",
    "Cost_Center",
    "City",
    "Country",
    "Time_Zone",
    "Manager_ID",
    "Is_Manager",
    "Primary_Job",
    "Worker_Status",
    "Hire_Date",
    "Original_Hire_Date",
    "Termination_Date",
    "Leave_Start_Date",
    "Time_Type",
)
CONTRACTOR_COLUMNS = (
    "Contractor No",
    "Person ID",
    "First name",
    "Family name",
    "Mail",
    "Agency",
    "Role",
    "Department",
    "Sponsor mail",
    "From",
    "Until",
    "Country",
)


def write_hr(company: Company, folder: Path) -> tuple[Path, Path]:
    """Writes `workers_YYYYMMDD.csv` and `contractors_YYYYMMDD.csv`, each with its `.ok` beside it. Gives back the two."""
    workers = [row for person in company.people if person.kind is Kind.EMPLOYEE for row in _worker_rows(person)]
    contractors = [_contractor_row(person) for person in company.people if person.kind is Kind.CONTRACTOR]
    day = company.today
    folder.mkdir(parents=True, exist_ok=True)
    return (
        _write(folder / f"workers_{day:%Y%m%d}.csv", _text(WORKER_COLUMNS, workers, ",", "\n"), len(workers), day),
        _write(
            folder / f"contractors_{day:%Y%m%d}.csv", "\ufeff" + _text(CONTRACTOR_COLUMNS, contractors, ";", "\r\n"), len(contractors), day
        ),
    )


def _write(file: Path, text: str, rows: int, day: date) -> Path:
    body = text.encode()
    stated = {
        "file": file.name,
        "mode": "full",
        "as_of": f"{day}",
        "rows": rows,
        "bytes": len(body),
        "sha256": hashlib.sha256(body).hexdigest(),
    }
    file.write_bytes(body)
    file.with_name(f"{file.name}.ok").write_text(json.dumps(stated) + "\n", encoding="utf-8")
    return file


def _text(columns: tuple[str, ...], rows: list[tuple[str, ...]], delimiter: str, end: str) -> str:
    out = io.StringIO(newline="")
    csv.writer(out, delimiter=delimiter, lineterminator=end).writerows([columns, *rows])
    return out.getvalue()


def _worker_rows(person: Person) -> Iterator[tuple[str, ...]]:
    """One row a position: the second job repeats the person."""
    yield _worker_row(person, primary="Y")
    if person.second_job:
        yield _worker_row(replace(person, title=person.second_job), primary="N")


def _worker_row(person: Person, *, primary: str) -> tuple[str, ...]:
    return (
        person.number,
        person.universal_id,
        person.kind.value,
        person.first.legal,
        person.last.legal,
        person.first.latin,
        person.last.latin,
        person.email,
        person.title,
        person.department.value,
        COST_CENTRES[person.department],
        person.office.city,
        person.office.country,
        person.office.time_zone,
        person.manager,
        "Y" if person.leads else "N",
        primary,
        person.status.value,
        f"{person.hired}",
        f"{person.first_hired}",
        f"{person.ends or ''}",
        f"{person.leave_since or ''}",
        "Full time" if person.full_time else "Part time",
    )


def _contractor_row(person: Person) -> tuple[str, ...]:
    """Names as colleagues spell them, dates as a German office writes them."""
    return (
        person.number,
        person.universal_id,
        person.first.used,
        person.last.used,
        person.email,
        person.agency,
        person.title,
        person.department.value,
        person.manager,
        f"{person.hired:%d.%m.%Y}",
        f"{person.ends:%d.%m.%Y}" if person.ends else "",
        person.office.country,
    )
