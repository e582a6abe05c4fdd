"""Changes of the company on the next day."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import date, timedelta
from random import Random

from connectors.sandbox.company.build import Register, any_department, new_employee
from connectors.sandbox.company.drift import OTHER, settled_staff
from connectors.sandbox.company.people import Company, Drift, Kind, Person, WorkerStatus, works

_LASTING = (Drift.OTHER_LOGIN, Drift.SHARED_EMAIL, Drift.PROTECTED_LEAVER, Drift.FOREIGN)
"""Drift that no run repairs by itself."""


def next_day(company: Company) -> Company:
    """The company tomorrow, with accounts that are in step with today: its drift is what tomorrow's night has to do."""
    return _Morning(company).company()


class _Morning:
    """Everything HR learns from one day to the next."""

    def __init__(self, company: Company) -> None:
        self._before = company
        self._day = company.today + timedelta(days=1)
        self._random = Random(f"{company.seed} {self._day}")  # noqa: S311  a sample company, nothing secret
        self._people = {person.number: person for person in company.people}
        self._drift: dict[Drift, tuple[str, ...]] = {kind: company.drift[kind] for kind in _LASTING}
        self._known: dict[str, Person] = {}
        free = settled_staff(company)
        self._random.shuffle(free)
        self._free = iter(free)

    def company(self) -> Company:
        self._drift[Drift.STILL_ACTIVE] = tuple(self._leavers())
        self._drift[Drift.BACK] = tuple(self._returning())
        leaders = [person.number for person in self._before.people if person.leads][:200]
        for kind, other in OTHER.items():
            persons = list(self._some(200))
            self._known.update((person.number, person) for person in persons)
            self._people.update((person.number, other(person, leaders, self._random)) for person in persons)
            self._drift[kind] = tuple(person.number for person in persons)
        self._leaves()
        self._drift[Drift.MISSING] = tuple(self._starters())
        return replace(self._before, today=self._day, people=tuple(self._people.values()), drift=self._drift, known=self._known)

    def _some(self, one_of: int) -> Iterator[Person]:
        for _ in range(max(1, len(self._before.people) // one_of)):
            yield next(self._free)

    def _leavers(self) -> Iterator[str]:
        """Yields the leavers: people with a date set, contractors whose last day was today, and some unannounced."""
        known = [person for person in self._before.people if person.kind is Kind.EMPLOYEE and person.ends == self._day]
        for person in (*known, *self._some(250)):
            self._people[person.number] = replace(person, status=WorkerStatus.TERMINATED, ends=self._day)
            yield person.number
        for person in self._before.people:
            if person.kind is Kind.CONTRACTOR and works(person, self._before.today) and not works(person, self._day):
                yield person.number

    def _returning(self) -> Iterator[str]:
        person = next(
            person
            for person in self._before.people
            if person.status is WorkerStatus.TERMINATED
            and person.number not in self._before.drift_of()
            and person.hired == person.first_hired
        )
        self._people[person.number] = replace(person, status=WorkerStatus.ACTIVE, hired=self._day, ends=None)
        yield person.number

    def _leaves(self) -> None:
        """One person's leave ends and another's begins; accounts stay as they are."""
        back = next(person for person in self._before.people if person.status is WorkerStatus.ON_LEAVE)
        self._people[back.number] = replace(back, status=WorkerStatus.ACTIVE, leave_since=None)
        for person in self._some(len(self._before.people)):
            self._people[person.number] = replace(person, status=WorkerStatus.ON_LEAVE, leave_since=self._day)

    def _starters(self) -> Iterator[str]:
        """Yields new people: known before without an e-mail, starting tomorrow unannounced, or announced for later."""
        register = Register(person.email for person in self._before.people)
        position = sum(person.kind is Kind.EMPLOYEE for person in self._before.people)
        starting = [person for person in self._before.people if person.hired == self._day]
        starting.append(self._newcomer(position, self._day))
        for person in starting:
            self._people[person.number] = replace(person, email=register.email(person.first, person.last))
            yield person.number
        later = self._newcomer(position + 1, self._day + timedelta(days=14))
        self._people[later.number] = later

    def _newcomer(self, position: int, day: date) -> Person:
        department = any_department(self._random)
        person = new_employee(position, department, self._random, self._day)
        manager = next(other.number for other in self._before.people if other.leads and other.department is department)
        return replace(person, manager=manager, hired=day, first_hired=day)
