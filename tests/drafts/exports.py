"""Five shapes of HR export, as five products write them, of one small company; and what is true of each."""

import csv
import io
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta
from pathlib import Path

from tests.support.workbooks import DATE, number, parts, row, sheet, write_workbook

FIRST = ("Zoë", "Jörg", "Märta", "Ines", "Paul", "Aoife", "Tomé", "Edda", "Nils", "Carla")
LAST = ("Quill", "Groß", "Åberg", "Núñez", "Vane", "Ó Dálaigh", "Sá", "Thyme", "Dahl", "Marsh")
DEPARTMENTS = ("Harbour", "Glass works", "Orchard")
PEOPLE = 40


@dataclass(frozen=True)
class Person:
    number: int
    first: str
    last: str
    hired: date
    left: date | None
    away: bool
    boss: int | None

    @property
    def mail(self) -> str:
        plain = f"{self.first}.{self.last}.{self.number}".encode("ascii", "ignore").decode().replace(" ", "").lower()
        return f"{plain}@example.com"

    @property
    def department(self) -> str:
        return DEPARTMENTS[self.number % 3]


def people(latest_day: int = 28) -> list[Person]:
    """The company; no date is after this day of its month."""
    return [
        Person(
            number=101 + 7 * n,
            first=FIRST[n % 10],
            last=LAST[(n * 3 + n // 10) % 10],
            hired=date(2015 + n % 9, 1 + n % 12, 1 + (n * 5) % latest_day),
            left=date(2025, 1 + n % 12, 1 + (n * 7) % latest_day) if n % 8 == 5 else None,
            away=n % 11 == 3,
            boss=101 if n else None,
        )
        for n in range(PEOPLE)
    ]


@dataclass(frozen=True)
class Shape:
    """An export, what is true of it, and how somebody who knows the company answers."""

    product: str
    write: Callable[[Path], Path]
    contract: Mapping[str, object]
    """Settings of the connector. A draft states each as it is here, or asks."""
    source: Mapping[str, object]
    """The same for keys of the source in identities.toml."""
    answers: Sequence[tuple[str, str, str]] = field(default_factory=tuple)
    """The file, the beginning of the line with the question, and the line that takes its place; an empty one removes it."""


ZONE = ("reconcile.toml", "time_zone", 'time_zone = "Europe/Lisbon"')
LAST_DAY = ("mappings/identities.toml", "end_is", 'end_is = "last_day"')


def _csv(columns: Sequence[str], rows: Sequence[Sequence[str]], delimiter: str = ",", end: str = "\r\n") -> str:
    out = io.StringIO(newline="")
    csv.writer(out, delimiter=delimiter, lineterminator=end).writerows([columns, *rows])
    return out.getvalue()


def _workday(folder: Path) -> Path:
    columns = ("Employee_ID", "Worker_Type", "Legal_First_Name", "Legal_Last_Name", "Preferred_First_Name", "Work_Email", "Business_Title", "Department", "Manager_ID", "Worker_Status", "Hire_Date", "Original_Hire_Date", "Termination_Date")  # fmt: skip
    rows = [
        (f"{p.number:07}", "Employee", p.first, p.last, "", p.mail, "Glazier, senior", p.department, f"{p.boss:07}" if p.boss else "",
         "Terminated" if p.left else "On Leave" if p.away else "Active", f"{p.hired:%m/%d/%Y}", f"{p.hired:%m/%d/%Y}", f"{p.left:%m/%d/%Y}" if p.left else "")
        for p in people()
    ]  # fmt: skip
    file = folder / "Worker_Report_20260302.csv"
    file.write_text(f"Worker Report - as of 03/02/2026\n{_csv(columns, rows, end=chr(10))}Total rows: {len(rows)}\n", encoding="utf-8-sig")
    return file


def _bamboo(folder: Path) -> Path:
    columns = (
        "Employee #",
        "First Name",
        "Last Name",
        "Preferred Name",
        "Job Title",
        "Department",
        "Work Email",
        "Hire Date",
        "Employment Status",
        "Status",
    )
    rows = [
        (str(p.number), p.first, p.last, "", 'Potter "wheel"', p.department, p.mail, f"{p.hired}", "Terminated" if p.left else "Full-Time", "Inactive" if p.left else "Active")
        for p in people()
    ]  # fmt: skip
    file = folder / "report.csv"
    file.write_text(_csv(columns, rows, end="\n").removesuffix("\n"), encoding="utf-8")
    return file


def _personio(folder: Path) -> Path:
    columns = ("Personalnummer", "Vorname", "Nachname", "E-Mail", "Position", "Abteilung", "Status", "Eintrittsdatum", "Austrittsdatum")
    rows = [
        (f"P{p.number}", p.first, p.last, p.mail, "Gärtnerin", p.department, "Inaktiv" if p.left else "Elternzeit" if p.away else "Aktiv", f"{p.hired:%d.%m.%Y}", f"{p.left:%d.%m.%Y}" if p.left else "")
        for p in people()
    ]  # fmt: skip
    file = folder / "Mitarbeiter 2026-03-02.csv"
    file.write_bytes(_csv(columns, rows, ";").encode("cp1252"))
    return file


def _rippling(folder: Path) -> Path:
    columns = (
        "Work email",
        "First name",
        "Last name",
        "Title",
        "Department",
        "Manager - Work email",
        "Employment status",
        "Start date",
        "Termination date",
    )
    crew = people(latest_day=12)
    rows = [
        (p.mail, p.first, p.last, "Keeper", p.department, crew[0].mail if p.boss else "", "Terminated" if p.left else "Hired" if p.away else "Active", f"{p.hired:%m/%d/%Y}", f"{p.left:%m/%d/%Y}" if p.left else "")
        for p in crew
    ]  # fmt: skip
    file = folder / "people.csv"
    file.write_text(_csv(columns, rows), encoding="utf-8")
    return file


def _excel(folder: Path) -> Path:
    columns = ("Staff No", "Given Name", "Surname", "Work E-mail", "Role", "Team", "Start", "End")
    rows = [
        row(number(p.number), p.first, p.last, p.mail, "Rigger", p.department, number((p.hired - date(1899, 12, 30)) // timedelta(days=1), DATE),
            *([number((p.left - date(1899, 12, 30)) // timedelta(days=1), DATE)] if p.left else []))
        for p in people()
    ]  # fmt: skip
    file = folder / "staff.xlsx"
    names = [("Notes", "visible"), ("Staff", "visible")]
    write_workbook(
        file,
        parts(
            sheet(row("Ask Ines before you edit")),
            sheet(row("Staff list"), row(*columns), *rows, row("Total", number(len(rows)))),
            names=names,
        ),
    )
    return file


SHAPES = (
    Shape(
        "workday",
        _workday,
        {
            "type": "hr_csv", "encoding": "utf-8", "skip_lines": 1, "name_date": "%Y%m%d", "key": ["Employee_ID"], "key_pattern": "[0-9]{7}",
            "date_columns": {"Hire_Date": "%m/%d/%Y", "Termination_Date": "%m/%d/%Y"},
        },
        {"anchor": '"Employee_ID"', "status": '"Worker_Status"', "active": ["Active"], "leave": ["On Leave"], "terminated": ["Terminated"], "start": '"Hire_Date"', "end": '"Termination_Date"', "end_is": "last_day"},
        (ZONE, LAST_DAY),
    ),
    Shape(
        "bamboohr",
        _bamboo,
        {"type": "hr_csv", "encoding": "utf-8", "final_newline": "optional", "key": ["Employee #"], "key_pattern": "[0-9]+", "date_columns": {"Hire Date": "%Y-%m-%d"}},
        {"anchor": '"Employee #"', "status": '"Status"', "active": ["Active"], "terminated": ["Inactive"], "start": '"Hire Date"'},
        (ZONE, ("mappings/identities.toml", "unclear", 'terminated = ["Inactive"]'), ("mappings/identities.toml", '  "ASK', ""), ("mappings/identities.toml", "]", "")),
    ),
    Shape(
        "personio",
        _personio,
        {
            "type": "hr_csv", "encoding": "cp1252", "delimiter": ";", "name_date": "%Y-%m-%d", "key": ["Personalnummer"], "key_pattern": "P[0-9]+",
            "date_columns": {"Eintrittsdatum": "%d.%m.%Y", "Austrittsdatum": "%d.%m.%Y"},
        },
        {"anchor": '"Personalnummer"', "status": '"Status"', "active": ["Aktiv"], "leave": ["Elternzeit"], "terminated": ["Inaktiv"], "start": '"Eintrittsdatum"', "end": '"Austrittsdatum"', "end_is": "last_day"},
        (ZONE, LAST_DAY, ("mappings/identities.toml", "unclear", 'terminated = ["Inaktiv"]'), ("mappings/identities.toml", '  "ASK', ""), ("mappings/identities.toml", "]", "")),
    ),
    Shape(
        "rippling",
        _rippling,
        {"type": "hr_csv", "encoding": "utf-8", "key": ["Work email"], "date_columns": {"Start date": "%m/%d/%Y", "Termination date": "%m/%d/%Y"}},
        {"anchor": '"Work email"', "status": '"Employment status"', "active": ["Active", "Hired"], "terminated": ["Terminated"], "start": '"Start date"', "end": '"Termination date"', "end_is": "last_day"},
        (
            ZONE, LAST_DAY,
            ("reconcile.toml", 'date_columns."Start date"', 'date_columns."Start date" = "%m/%d/%Y"'),
            ("reconcile.toml", 'date_columns."Termination date"', 'date_columns."Termination date" = "%m/%d/%Y"'),
            ("mappings/identities.toml", "active", 'active = ["Active", "Hired"]'),
            ("mappings/identities.toml", "unclear", ""), ("mappings/identities.toml", '  "ASK', ""), ("mappings/identities.toml", "]", ""),
        ),
    ),
    Shape(
        "excel",
        _excel,
        {"type": "hr_xlsx", "sheet": "Staff", "skip_lines": 1, "key": ["Staff No"], "number_columns": {"Staff No": 0}},
        {"anchor": '"Staff No"', "start": '"Start"', "end": '"End"', "end_is": "last_day"},
        (ZONE, LAST_DAY, ("reconcile.toml", "sheet", 'sheet = "Staff"')),
    ),
)  # fmt: skip
