"""Makes accounts differ from what HR states."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from datetime import date, timedelta
from random import Random

from connectors.sandbox.company.people import TITLES, Company, Department, Drift, Kind, Person, WorkerStatus, works

BREAK_GLASS = "break-glass.admin@example.com"
FOREIGN = ("svc-backup@example.com", "svc-scanner@example.com", "svc-hr-sync@example.com", "auditor@partner.example")
_SHARE = {
    Drift.MISSING: 40,
    Drift.OLD_TITLE: 50,
    Drift.OLD_DEPARTMENT: 80,
    Drift.OLD_MANAGER: 50,
    Drift.OLD_SURNAME: 160,
    Drift.WRONG_GROUP: 60,
}
"""One of so many people; every other kind is counted where it is made."""


def with_drift(people: list[Person], seed: int, random: Random, today: date) -> Company:
    """The company with accounts that lag behind. HR itself is wrong in one thing: two people share an e-mail address."""
    free = [person.number for person in people if _settled(person, today)]
    random.shuffle(free)
    by_number = {person.number: person for person in people}
    drift = {kind: _taken(free, max(1, len(people) // one_of)) for kind, one_of in _SHARE.items()}
    drift[Drift.OTHER_LOGIN] = _taken(free, 1)
    drift[Drift.SHARED_EMAIL] = _taken(free, 1)
    drift |= _leavers(people, today)
    drift[Drift.CONVERTED] = tuple(
        person.number for person in people if person.kind is Kind.EMPLOYEE and person.hired == person.first_hired == today
    )
    drift[Drift.FOREIGN] = (BREAK_GLASS, *FOREIGN, *(f"svc-bot-{number}@example.com" for number in range(len(people) // 250)))
    leaders = [person.number for person in people if person.leads][:200]
    known = {number: other(by_number[number], leaders, random) for kind, other in OTHER.items() for number in drift[kind]}
    owner = by_number[free.pop()]
    for number in drift[Drift.SHARED_EMAIL]:
        by_number[number] = replace(by_number[number], email=owner.email)
    for number in drift[Drift.MISSING]:
        day = today - timedelta(days=random.randint(1, 3))
        by_number[number] = replace(by_number[number], hired=day, first_hired=day)
    protected = (BREAK_GLASS, *(by_number[number].email for number in drift[Drift.PROTECTED_LEAVER]))
    return Company(seed=seed, today=today, people=tuple(by_number.values()), drift=drift, known=known, protected=protected)


def settled_staff(company: Company) -> list[Person]:
    """Returns the people in whose life nothing is due and whose accounts are right."""
    drifting = company.drift_of()
    shared = {person.email for person in company.people if drifting.get(person.number) is Drift.SHARED_EMAIL}
    return [
        person
        for person in company.people
        if _settled(person, company.today) and person.number not in drifting and person.email not in shared
    ]


def _settled(person: Person, today: date) -> bool:
    plain = person.status is WorkerStatus.ACTIVE and person.ends is None and person.hired == person.first_hired
    return plain and person.kind is Kind.EMPLOYEE and not person.leads and person.hired < today


def _taken(free: list[str], count: int) -> tuple[str, ...]:
    return tuple(free.pop() for _ in range(count))


def _leavers(people: list[Person], today: date) -> dict[Drift, tuple[str, ...]]:
    """Accounts of people who left or came back: of those who left long ago one of five is still active."""
    gone = [person for person in people if person.kind is Kind.EMPLOYEE and person.status is WorkerStatus.TERMINATED]
    earlier = [person.number for person in gone if person.ends != today]
    leaving = [person.number for person in gone if person.ends == today]
    back = [person.number for person in people if person.hired != person.first_hired]
    universal = {person.universal_id for person in people if person.kind is Kind.EMPLOYEE}
    ended = [
        person for person in people if person.kind is Kind.CONTRACTOR and not works(person, today) and person.universal_id not in universal
    ]
    return {
        Drift.PROTECTED_LEAVER: (earlier[0],),
        Drift.STILL_ACTIVE: (*earlier[1 : 2 + len(earlier) // 5], *leaving, ended[0].number),
        Drift.BACK: tuple(back[: 1 + len(back) // 3]),
    }


def _other_title(person: Person, _leaders: Sequence[str], _random: Random) -> Person:
    return replace(person, title=next(title for title in ("Trainee", *TITLES[person.department]) if title != person.title))


def _other_department(person: Person, _leaders: Sequence[str], random: Random) -> Person:
    return replace(
        person, department=random.choice([other for other in Department if other not in (person.department, Department.EXECUTIVE)])
    )


def _other_manager(person: Person, leaders: Sequence[str], random: Random) -> Person:
    return replace(person, manager=random.choice([number for number in leaders if number != person.manager]))


def _other_surname(person: Person, _leaders: Sequence[str], random: Random) -> Person:
    return replace(person, last=random.choice([name for name in person.office.last if name != person.last]))


_Change = Callable[[Person, Sequence[str], Random], Person]
OTHER: Mapping[Drift, _Change] = {
    Drift.OLD_TITLE: _other_title,
    Drift.OLD_DEPARTMENT: _other_department,
    Drift.OLD_MANAGER: _other_manager,
    Drift.OLD_SURNAME: _other_surname,
}
"""The same person with something else in one place."""
