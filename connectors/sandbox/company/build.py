"""Builds a company of any size from a seed, the same in every place and at every time."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from dataclasses import replace
from datetime import date, timedelta
from random import Random

from connectors.sandbox.company.drift import with_drift
from connectors.sandbox.company.lives import with_lives
from connectors.sandbox.company.names import OFFICES, Name, address_part
from connectors.sandbox.company.people import TITLES, Company, Department, Kind, Person, WorkerStatus

SMALLEST = 40
"""Number of people of the smallest company: every kind has at least one."""
DOMAIN = "example.com"
_HEADED = tuple(department for department in Department if department is not Department.EXECUTIVE)
_WEIGHTS = (28, 9, 17, 7, 14, 5, 5, 3, 9, 3)
_AGENCIES = ("Northbridge Staffing", "Freelance", "Meridian Consulting GmbH", "Talentia & Partners")


class Register:
    """Gives e-mail addresses: the second person of a name gets a digit behind it."""

    def __init__(self, taken: Iterable[str] = ()) -> None:
        self._taken = set(taken)
        self._last: Counter[str] = Counter()

    def email(self, first: Name, last: Name, ending: str = "") -> str:
        name = ".".join(part for part in (address_part(first.used), address_part(last.used)) if part)[:48] + ending
        while True:
            self._last[name] += 1
            number = self._last[name]
            address = f"{name}{number if number > 1 else ''}@{DOMAIN}"
            if address not in self._taken:
                self._taken.add(address)
                return address


def company(size: int, seed: int, today: date) -> Company:
    """`size` people, one of twelve a contractor. The same arguments give the same company."""
    if size < SMALLEST:
        raise ValueError(f"a company of {size} is too small to hold every kind of person; {SMALLEST} is the least")
    random = Random(seed)  # noqa: S311  a sample company, nothing secret
    register = Register()
    outside = size // 12
    employees = _employees(size - outside - 1, random, register, today)
    employees = with_lives(employees, random, register.email, today)
    sponsors = [person.email for person in employees if person.leads]
    contractors = [_contractor(position, sponsors, random, register, today) for position in range(outside)]
    contractors[0] = replace(contractors[0], ends=today - timedelta(days=1))
    converted = _converted(contractors[0], employees, register, today)
    return with_drift([*employees, converted, *contractors], seed, random, today)


def employee_number(position: int) -> str:
    return f"{20001 + position:07d}"


def new_employee(position: int, department: Department, random: Random, today: date) -> Person:
    """Returns a member of the staff, without a manager and an e-mail address yet."""
    office = random.choice(OFFICES)
    hired = today - timedelta(days=random.randint(60, 4000))
    return Person(
        number=employee_number(position),
        universal_id=f"P{300001 + position}",
        kind=Kind.EMPLOYEE,
        first=random.choice(office.first),
        last=random.choice(office.last),
        email="",
        title=random.choice(TITLES[department]),
        department=department,
        office=office,
        manager="",
        status=WorkerStatus.ACTIVE,
        hired=hired,
        first_hired=hired,
        full_time=random.random() > 0.1,
    )


def any_department(random: Random) -> Department:
    return random.choices(_HEADED, _WEIGHTS)[0]


def _employees(count: int, random: Random, register: Register, today: date) -> list[Person]:
    """Returns the people at work: the head, the heads of departments, managers of eight, and staff."""
    leaders: dict[Department, list[str]] = {department: [] for department in Department}
    people = []
    for position in range(count):
        department = (
            Department.EXECUTIVE if position == 0 else (_HEADED[position - 1] if position <= len(_HEADED) else any_department(random))
        )
        person = new_employee(position, department, random, today)
        person = replace(person, email=register.email(person.first, person.last))
        people.append(_placed(person, position, count // 8, leaders, random))
    return people


def _placed(person: Person, position: int, managers: int, leaders: dict[Department, list[str]], random: Random) -> Person:
    """`leaders` holds the numbers of those who lead each department, its head first."""
    own = leaders[person.department]
    if position > len(_HEADED) + managers:
        return replace(person, manager=random.choice(own))
    own.append(person.number)
    if position == 0:
        return replace(person, leads=True)
    if position <= len(_HEADED):
        return replace(person, manager=leaders[Department.EXECUTIVE][0], title=f"VP, {person.department}", leads=True)
    return replace(person, manager=own[0], title=f"Manager, {person.department}", leads=True)


def _contractor(position: int, sponsors: list[str], random: Random, register: Register, today: date) -> Person:
    """Every seventh has left, the first of them yesterday."""
    person = new_employee(position, any_department(random), random, today)
    left = position % 7 == 1
    ends = today - timedelta(days=1 + 9 * (position // 7)) if left else today + timedelta(days=random.randint(10, 300))
    hired = today - timedelta(days=random.randint(60, 700))
    return replace(
        person,
        number=f"C{70001 + position}",
        universal_id=f"P{900001 + position}",
        kind=Kind.CONTRACTOR,
        email=register.email(person.first, person.last, ".ext"),
        manager=random.choice(sponsors),
        hired=min(hired, ends - timedelta(days=30)),
        first_hired=min(hired, ends - timedelta(days=30)),
        ends=ends,
        agency=random.choice(_AGENCIES),
    )


def _converted(contractor: Person, employees: list[Person], register: Register, today: date) -> Person:
    """The contractor as the employee they are since today: another number and address, the same universal id."""
    manager = next(person.number for person in employees if person.leads and person.department is contractor.department)
    return replace(
        contractor,
        number=employee_number(len(employees)),
        kind=Kind.EMPLOYEE,
        email=register.email(contractor.first, contractor.last),
        manager=manager,
        hired=today,
        first_hired=today,
        ends=None,
        agency="",
    )
