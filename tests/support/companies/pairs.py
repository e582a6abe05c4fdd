"""Builds worlds of people and accounts that keys may join. Start here for a rule about correlation."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from datetime import date
from pathlib import Path
from typing import Any

from reconcile.plan.model import FindingKind, Plan
from tests.support.companies.engine import Lab, lab
from tests.support.companies.world import Account, HrRow, HrSource, World

DAY = date(2026, 3, 2)
SOURCE = {
    "connector": "hr",
    "anchor": "no",
    "attributes": {"name": "name", "mail": "mail"},
    "lifecycle": {"status": "status", "active": ["active"], "terminated": ["left"]},
}
NUMBER = {"account": "number", "identity": "anchor", "adopt": True}
MAIL = {"account": "email", "identity": "mail"}
ATTRIBUTES = {"login": {"expression": "name", "create_only": True}, "email": "mail", "number": "anchor", "name": "name"}


def person(number: str, name: str, mail: str = "", *, status: str = "active") -> HrRow:
    return HrRow(f"row {number}", {"no": number, "name": name, "mail": mail or f"{name.lower()}@x", "status": status})


def account(id_: str, login: str, *, state: str = "active", **values: str) -> Account:
    return Account(id_, state, {"login": login, "email": login, **values})


@contextmanager
def company(
    folder: Path,
    people: Sequence[HrRow],
    accounts: Sequence[Account],
    keys: Sequence[Mapping[str, Any]] = (NUMBER, MAIL),
    attributes: Mapping[str, Any] = ATTRIBUTES,
    **fields: Any,
) -> Iterator[Lab]:
    """The world, read and not yet planned."""
    mapping = {"target": "app", "correlate": list(keys), "attributes": attributes, "leave": "keep", "fully_managed": []}
    usual: dict[str, Any] = {"groups": (), "members": frozenset(), "granted": frozenset(), "links": {}}
    with lab(
        World(DAY, (HrSource("hr", tuple(people), SOURCE),), tuple(accounts), mapping=mapping, **{**usual, **fields}), folder
    ) as bench:
        bench.extract()
        yield bench


def written(plan: Plan) -> list[tuple[str, str, str]]:
    """What would be written: verb, anchor, account."""
    return [(each.verb.value, each.anchor, each.account_id) for each in plan.operations]


def remembered(plan: Plan) -> list[tuple[str, str, str, str]]:
    """What becomes of links: the word, anchor, account, and why."""
    return [("forget" if each.forget else "remember", each.anchor, each.account_id, each.because) for each in plan.links]


def said(plan: Plan, kind: FindingKind) -> list[str]:
    return [each.message for each in plan.findings if each.kind is kind]
