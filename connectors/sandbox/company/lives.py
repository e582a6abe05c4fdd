"""Events in people's lives: some leave, return, fall ill, have two jobs, or share a name."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import date, timedelta
from random import Random

from connectors.sandbox.company.names import UNUSUAL, Name
from connectors.sandbox.company.people import Person, WorkerStatus

_SMALL = 54
"""Employees below which fewer things happen, so that some people are left with a plain life."""
_PLAIN = 10
"""People with a plain life whom the drift of accounts needs."""
_Email = Callable[[Name, Name], str]


def with_lives(people: list[Person], random: Random, email: _Email, today: date) -> list[Person]:
    """The same people, each of the staff with one thing happened to them at most."""
    count = len(people)
    staff = [position for position, person in enumerate(people) if not person.leads]
    random.shuffle(staff)
    free = iter(staff)
    changed = dict(enumerate(people))

    def some(least: int, one_of: int) -> Iterator[tuple[int, Person]]:
        for _ in range(max(least if count >= _SMALL else (least + 1) // 2, count // one_of)):
            position = next(free)
            yield position, people[position]

    changed.update((at, _to_come(person, random, today)) for at, person in some(2, 60))
    changed.update((at, _gone(person, today - timedelta(days=random.randint(1, 400)))) for at, person in some(4, 15))
    changed.update((at, _gone(person, today)) for at, person in some(1, 200))
    changed.update((at, replace(person, ends=today + timedelta(days=random.randint(1, 40)))) for at, person in some(2, 150))
    changed.update((at, _away(person, random, today)) for at, person in some(2, 40))
    changed.update((at, _returned(person, random, today)) for at, person in some(2, 60))
    changed.update((at, replace(person, second_job="Member of the Works Council")) for at, person in some(1, 50))
    changed.update((at, _named_like(person, people[0], email)) for at, person in some(1, 1_000_000))
    changed.update((at, _named_like(person, people[random.randint(1, 10)], email)) for at, person in some(1, 150))
    left = sum(1 for position in staff if position not in changed or changed[position] is people[position])
    unusual = UNUSUAL if count >= _SMALL else UNUSUAL[: left - _PLAIN]
    for (first, last), position in zip(unusual, free, strict=False):
        at, person = position, people[position]
        changed[at] = replace(person, first=first, last=last, email=email(first, last))
    return [changed[position] for position in range(count)]


def _to_come(person: Person, random: Random, today: date) -> Person:
    """HR knows them as active before their first day, and they have no work e-mail yet."""
    day = today + timedelta(days=random.randint(1, 60))
    return replace(person, hired=day, first_hired=day, email="")


def _gone(person: Person, day: date) -> Person:
    hired = min(person.hired, day - timedelta(days=90))
    return replace(person, status=WorkerStatus.TERMINATED, ends=day, hired=hired, first_hired=hired)


def _away(person: Person, random: Random, today: date) -> Person:
    return replace(person, status=WorkerStatus.ON_LEAVE, leave_since=today - timedelta(days=random.randint(1, 200)))


def _returned(person: Person, random: Random, today: date) -> Person:
    """Returns the person under the same number, with a new hire date."""
    hired = today - timedelta(days=random.randint(0, 20))
    return replace(person, hired=hired, first_hired=hired - timedelta(days=random.randint(400, 2500)))


def _named_like(person: Person, other: Person, email: _Email) -> Person:
    return replace(person, first=other.first, last=other.last, email=email(other.first, other.last))
