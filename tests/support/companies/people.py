"""Builds worlds from rows of one or several HR sources, and plans one night. Start here for a rule about people."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from datetime import date
from pathlib import Path
from typing import Any

from reconcile.plan.model import Plan
from tests.support.companies.engine import Lab, lab
from tests.support.companies.world import TARGET, Account, Group, HrRow, HrSource, World

DAY = date(2026, 3, 2)
ATTRIBUTES = {"mail": "mail", "name": "name", "dept": "dept", "boss": "boss"}
LIFECYCLE = {"status": "status", "active": ["active"], "leave": ["leave"], "terminated": ["left"], "start": "start", "end": '"end"'}
KEYS = ({"account": "no", "identity": "anchor", "adopt": True}, {"account": "email", "identity": "mail", "adopt": True})
WANTED = {"login": {"expression": "mail", "create_only": True}, "email": "mail", "name": "name", "no": "anchor", "dept": "dept"}


def row(no: str, mail: str | None = None, **cells: str | None) -> HrRow:
    """A line about somebody who works there, but for what is given."""
    id_ = cells.pop("id", None) or no
    return HrRow(id_, {"no": no, "mail": mail or f"{no.lower()}@x", "name": f"Name {no}", "status": "active", **cells})


def source(name: str, *rows: HrRow, **rules: Any) -> HrSource:
    return HrSource(name, rows, {"connector": name, "anchor": "no", "attributes": ATTRIBUTES, "lifecycle": LIFECYCLE, **rules})


def account(id_: str, mail: str, no: str | None = None, state: str = "active", **values: Any) -> Account:
    held = {"login": mail, "email": mail, "name": f"Name {no}", "no": no, **values}
    return Account(id_, state, {key: value for key, value in held.items() if value is not None})


def world(*sources: HrSource, mapping: Mapping[str, Any] | None = None, **rest: Any) -> World:
    """A world where the accounts have a login, an address, a name and a number."""
    given = {"target": TARGET, "correlate": KEYS, "attributes": WANTED, **(mapping or {})}
    usual: dict[str, Any] = {"accounts": (), "groups": (Group("g1", "all"),), "members": frozenset(), "granted": frozenset(), "links": {}}
    return World(day=rest.pop("day", DAY), sources=sources, mapping=given, **{**usual, **rest})


@contextmanager
def company(held: World, folder: Path) -> Iterator[Lab]:
    """The world, read."""
    with lab(held, folder) as bench:
        bench.extract()
        yield bench


def plan_of(held: World, folder: Path) -> Plan:
    with company(held, folder) as bench:
        return bench.plan()


def told(plan: Plan, *anchors: str) -> dict[str, str]:
    """What is said about whom, but for accounts of nobody."""
    return {each.anchor: each.message for each in plan.findings if each.kind != "unmanaged" and (not anchors or each.anchor in anchors)}


def planned(plan: Plan) -> list[tuple[str, str]]:
    return [(each.verb.value, each.anchor) for each in plan.operations]
