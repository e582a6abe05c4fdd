"""The names that HR systems give their columns, and the words that they give a person's status, where they mean one thing."""

from __future__ import annotations

import re
from enum import StrEnum


class Role(StrEnum):
    """Meaning of a column; the value is the identity attribute that is made of it, where one is."""

    KEY = "anchor"
    PERSON = "person"
    STATUS = "status"
    START = "start"
    END = "end"
    EMAIL = "work_email"
    FIRST = "first_name"
    LAST = "last_name"
    FULL = "full_name"
    PREFERRED_FIRST = "preferred_first_name"
    PREFERRED_LAST = "preferred_last_name"
    TITLE = "title"
    DEPARTMENT = "department"
    COST_CENTER = "cost_center"
    WORKER_TYPE = "worker_type"
    MANAGER_ID = "manager_id"
    MANAGER_EMAIL = "manager_email"
    CITY = "city"
    COUNTRY = "country_code"
    PRIMARY = "primary"


NAMES: dict[Role, tuple[tuple[str, ...], ...]] = {
    Role.KEY: (
        (
            "employee id", "employee number", "employee no", "emp id", "emp no", "personnel number", "personalnummer", "personal nr",
            "worker id", "workerid", "worker number", "person number", "associate id", "staff id", "staff number", "staff no", "file number",
            "mitarbeiternummer", "contractor id", "contractor no", "contractor number", "employeenumber", "employeeid",
        ),
        ("id", "number", "user id", "userid", "person id", "universal id", "external id"),
    ),
    Role.PERSON: (("universal id", "person id", "person id external"),),
    Role.STATUS: (("worker status", "employee status", "status", "employment status", "active status", "position status", "assignment status", "beschäftigungsstatus", "mitarbeiterstatus"),),
    Role.START: (("hire date", "start date", "eintrittsdatum", "eintritt", "date of hire", "hired on", "hired"), ("start", "from", "beginn", "vertragsbeginn")),
    Role.END: (("termination date", "last day of work", "last working day", "austrittsdatum", "austritt", "leaving date", "exit date"), ("end date", "end", "until")),
    Role.EMAIL: (("work email", "primary work email", "business email", "company email", "work contact work email", "geschäftliche email", "dienstliche email"), ("email", "mail", "email address", "email adresse")),
    Role.FIRST: (("legal first name", "first name", "given name", "firstname", "vorname", "forename"),),
    Role.LAST: (("legal last name", "last name", "family name", "surname", "lastname", "nachname", "familienname"),),
    Role.FULL: (("full name", "name", "employee name", "worker", "payroll name", "display name", "employee", "mitarbeiter"),),
    Role.PREFERRED_FIRST: (("preferred first name", "preferred name", "rufname"),),
    Role.PREFERRED_LAST: (("preferred last name",),),
    Role.TITLE: (("business title", "job title", "title", "position", "stellenbezeichnung", "jobtitle"), ("role",)),
    Role.DEPARTMENT: (("department", "department name", "dept", "abteilung", "home department"), ("supervisory organization", "team")),
    Role.COST_CENTER: (("cost center", "cost centre", "cost center id", "cost centre id", "kostenstelle"),),
    Role.WORKER_TYPE: (("worker type", "employee type", "employment type", "beschäftigungsart", "anstellungsart"),),
    Role.MANAGER_ID: (("manager id", "manager employee id", "manager number", "supervisor id", "supervisor eid", "reports to id", "vorgesetzter personalnummer"),),
    Role.MANAGER_EMAIL: (("manager email", "manager work email", "supervisor email"),),
    Role.CITY: (("city", "work city", "ort", "stadt"),),
    Role.COUNTRY: (("country", "country iso", "country code", "land"),),
    Role.PRIMARY: (("primary job", "primary position", "is primary", "primary"),),
}  # fmt: skip
"""By meaning the names, in order: where one name of the first list is there, those of the second are not looked at."""
ATTRIBUTES = (
    Role.TITLE, Role.DEPARTMENT, Role.COST_CENTER, Role.WORKER_TYPE, Role.MANAGER_ID, Role.MANAGER_EMAIL, Role.CITY, Role.COUNTRY,
)  # fmt: skip
"""Attributes of a person that are one column each, and that may be missing: what only a name of the second list says is asked."""

_ACTIVE = {"active", "aktiv", "actif", "activo", "working", "employed", "beschäftigt"}
_LEAVE = {
    "on leave",
    "leave",
    "leave of absence",
    "loa",
    "paid leave",
    "unpaid leave",
    "parental leave",
    "elternzeit",
    "beurlaubt",
    "sabbatical",
}
_GONE = {
    "terminated", "term", "left", "leaver", "resigned", "retired", "deceased", "separated", "former", "former employee",
    "ausgeschieden", "ausgetreten", "laid off", "sorti", "terminated - voluntary", "terminated - involuntary",
}  # fmt: skip
NOT_STARTED = {"hired", "accepted", "onboarding", "pre-hire", "prehire", "future", "pending"}
_YES, _NO = {"yes", "y", "true", "1", "ja"}, {"no", "n", "false", "0", "nein"}


class Meaning(StrEnum):
    """Meaning of a status word."""

    ACTIVE = "active"
    LEAVE = "leave"
    GONE = "terminated"
    UNCLEAR = "unclear"


def normal(name: str) -> str:
    """A column's name without case, marks and brackets: `Employee #` and `EMPLOYEE_NUMBER` are one."""
    words = re.sub(r"([a-z])([A-Z])", r"\1 \2", name).replace("#", " number ").casefold()
    return re.sub(r"\be mail\b", "email", " ".join(re.sub(r"[\W_]+", " ", words).split()))


def is_known(name: str) -> bool:
    """Whether HR systems give a column this name."""
    return any(normal(name) in names for lists in NAMES.values() for names in lists)


def meaning(word: str, column: str) -> Meaning:
    """Returns the meaning of a status word: `Inactive` is gone for some systems and on leave for others, so it is unclear."""
    plain = word.strip().casefold()
    yes_or_no = "active" in normal(column).split() and "inactive" not in normal(column)
    if plain in _ACTIVE or (yes_or_no and plain in _YES):
        return Meaning.ACTIVE
    if plain in _LEAVE:
        return Meaning.LEAVE
    return Meaning.GONE if plain in _GONE else Meaning.UNCLEAR
