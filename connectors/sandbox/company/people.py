"""People of the sample company: the words of its HR department as values."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from enum import StrEnum

from connectors.sandbox.company.names import Name, Office


class Kind(StrEnum):
    """Kind of a person: the HR file that they are in."""

    EMPLOYEE = "Employee"
    CONTRACTOR = "Contractor"


class WorkerStatus(StrEnum):
    """Status of an employee in the HR system today."""

    ACTIVE = "Active"
    ON_LEAVE = "On Leave"
    TERMINATED = "Terminated"


class Drift(StrEnum):
    """Kind of difference between an account and HR; each person is in one kind at most."""

    MISSING = "missing"
    """A new hire without an account."""
    OLD_TITLE = "old_title"
    OLD_DEPARTMENT = "old_department"
    """With its cost centre and its groups."""
    OLD_MANAGER = "old_manager"
    OLD_SURNAME = "old_surname"
    """The e-mail address stayed the same."""
    STILL_ACTIVE = "still_active"
    """A leaver with an active account; each person who leaves today is one."""
    BACK = "back"
    """A rehired person whose old account is deactivated."""
    WRONG_GROUP = "wrong_group"
    """In the group of a department they are not in."""
    OTHER_LOGIN = "other_login"
    SHARED_EMAIL = "shared_email"
    """Has the e-mail address of another person in HR, and no account."""
    PROTECTED_LEAVER = "protected_leaver"
    """A leaver whose active account is on the protected list."""
    CONVERTED = "converted"
    """An employee since today whose only account is the one they had as a contractor."""
    FOREIGN = "foreign"
    """A login that belongs to no person."""


class Department(StrEnum):
    """Each has a cost centre and a group."""

    EXECUTIVE = "Executive"
    ENGINEERING = "Engineering"
    PRODUCT = "Product & Design"
    SALES = "Sales"
    MARKETING = "Marketing"
    SUPPORT = "Customer Support"
    FINANCE = "Finance"
    PEOPLE = "People"
    LEGAL = "Legal, Risk & Compliance"
    IT = "IT & Security"
    FACILITIES = "Facilities"


COST_CENTRES: Mapping[Department, str] = {department: f"{100 * number:05d}" for number, department in enumerate(Department, start=1)}
TITLES: Mapping[Department, tuple[str, ...]] = {
    Department.EXECUTIVE: ("Chief Executive Officer",),
    Department.ENGINEERING: ("Software Engineer", "Senior Software Engineer", "Site Reliability Engineer", "Test Engineer"),
    Department.PRODUCT: ("Product Manager", "Interaction Designer", "User Researcher"),
    Department.SALES: ("Account Executive", "Sales Engineer", "Sales Development Representative"),
    Department.MARKETING: ("Content Editor", "Campaign Specialist", "Brand Designer"),
    Department.SUPPORT: ("Support Specialist", "Support Engineer", "Onboarding Specialist"),
    Department.FINANCE: ("Accountant", "Payroll Specialist", "Financial Analyst"),
    Department.PEOPLE: ("Recruiter", "People Partner", "Learning Specialist"),
    Department.LEGAL: ("Counsel, Contracts", "Privacy Officer", "Compliance Analyst"),
    Department.IT: ("Systems Administrator", "Security Analyst", "Help Desk Technician"),
    Department.FACILITIES: ("Office Coordinator", "Receptionist", "Workplace Technician"),
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Person:
    """One row of HR, two where there is a second job."""

    number: str
    """Employee id with its leading zeros, or the contractor's number."""
    universal_id: str
    """The same for a contractor and the employee they become."""
    kind: Kind
    first: Name
    """Empty for a person with one name."""
    last: Name
    email: str
    """Work e-mail; empty before the first day."""
    title: str
    department: Department
    office: Office
    manager: str
    """The manager's number; for a contractor the sponsor's e-mail. Empty for the head of the company."""
    status: WorkerStatus
    hired: date
    first_hired: date
    ends: date | None = None
    """Past or to come: for an employee the first day away, for a contractor the last day at work. HR files differ in just this."""
    leave_since: date | None = None
    full_time: bool = True
    agency: str = ""
    second_job: str = ""
    """The title of a second position."""
    leads: bool = False

    @property
    def display_name(self) -> str:
        return f"{self.first.used} {self.last.used}".strip()


def works(person: Person, today: date) -> bool:
    """Whether the person should be able to sign in; people on leave should."""
    match person.kind:
        case Kind.EMPLOYEE:
            return person.status is not WorkerStatus.TERMINATED and person.hired <= today
        case Kind.CONTRACTOR:
            return person.hired <= today and (person.ends is None or today <= person.ends)


@dataclass(frozen=True, slots=True, kw_only=True)
class Company:
    """People that HR knows today, and how the accounts lag behind."""

    seed: int
    today: date
    people: tuple[Person, ...]
    drift: Mapping[Drift, tuple[str, ...]]
    """Employee or contractor numbers; logins for FOREIGN."""
    known: Mapping[str, Person]
    """By number: people as their accounts know them, where that is not as HR does."""
    protected: tuple[str, ...]
    """Logins that nothing may touch."""

    def drift_of(self) -> dict[str, Drift]:
        """The kind of drift by number."""
        return {number: kind for kind, numbers in self.drift.items() for number in numbers}
