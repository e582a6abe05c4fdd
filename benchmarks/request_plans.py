"""Companies of which every account and group is known, and the operations of one night on them, for Okta and for SCIM."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from itertools import count
from typing import Any

from connectors.contract import AccountState
from reconcile.plan.model import Because, Operation, Situation, Verb

_ON, _OFF, _PAUSED = ({"state": each.value} for each in (AccountState.ACTIVE, AccountState.DEACTIVATED, AccountState.SUSPENDED))
_USER, _GROUP = (f"urn:ietf:params:scim:schemas:core:2.0:{each}" for each in ("User", "Group"))
_REASON = Because(situation=Situation.CONFIRMED, rule="", detail="")
GROUPS = 18
"""Groups of a company."""
HELD = 10
"""Groups that a new person gets."""


@dataclass(frozen=True, slots=True)
class System:
    """One kind of target: what it calls a login and a title, and how its accounts and groups are written down."""

    name: str
    login: str

    def account_id(self, number: int) -> str:
        return f"00u{number:017d}"

    def group_id(self, number: int) -> str:
        return f"00g{number:017d}"

    def mail(self, number: int) -> str:
        return f"person{number}@example.com"

    def profile(self, number: int) -> dict[str, Any]:
        mail = self.mail(number)
        named = {"firstName": "A", "lastName": "B"} if self.name == "okta" else {"displayName": "A B"}
        return {self.login: mail, "email" if self.name == "okta" else "emails.work": mail, **named}

    def seed(self, people: int, *, off: Iterable[int] = ()) -> dict[str, Any]:
        """Everybody is in group 0, and nobody in another."""
        ended, everybody = set(off), [self.account_id(each) for each in range(people)]
        if self.name == "okta":
            users = [{"id": self.account_id(n), "status": "DEPROVISIONED" if n in ended else "ACTIVE", "profile": self.profile(n)} for n in range(people)]  # fmt: skip
            groups = [{"id": self.group_id(n), "profile": {"name": f"group {n}"}} for n in range(GROUPS)]
            return {"users": users, "groups": groups, "members": {self.group_id(0): everybody}}
        users = [{"schemas": [_USER], "id": self.account_id(n), "userName": self.mail(n), "active": n not in ended, "emails": [{"value": self.mail(n), "type": "work"}]} for n in range(people)]  # fmt: skip
        groups = [{"schemas": [_GROUP], "id": self.group_id(n), "displayName": f"group {n}", "members": []} for n in range(GROUPS)]
        groups[0]["members"] = [{"value": each} for each in everybody]
        return {"users": users, "groups": groups}


OKTA, SCIM = System("okta", "login"), System("scim", "userName")


@dataclass(frozen=True, slots=True)
class Night:
    """The operations of one night, and the company before it."""

    seed: Mapping[str, Any]
    operations: tuple[Operation, ...]


def one_kind(system: System, kind: str, size: int) -> Night:
    """So many operations of one kind, each on an account of its own; memberships are all of one group."""
    made = _Operations(system)
    changes = {
        "update": (Verb.UPDATE, {"title": None}, {"title": "Pilot"}),
        "deactivate": (Verb.DEACTIVATE, _ON, _OFF),
        "suspend": (Verb.SUSPEND, _ON, _PAUSED),
        "reactivate": (Verb.REACTIVATE, _OFF, _ON),
    }
    match kind:
        case "create":
            return Night(system.seed(0), tuple(made.creation(n) for n in range(size)))
        case "add member" | "remove member":
            adds = kind == "add member"
            return Night(system.seed(size), tuple(made.membership(n, int(adds), member=adds) for n in range(size)))
        case _:
            off = range(size) if kind == "reactivate" else ()
            return Night(system.seed(size, off=off), tuple(made.change(changes[kind][0], n, *changes[kind][1:]) for n in range(size)))


def usual(system: System, people: int) -> Night:
    """A night after which one in twenty has a new title, a new membership, or none any more, and one in fifty has left or come."""
    made, some = _Operations(system), range(0, people, 20)
    found = [made.change(Verb.UPDATE, n, {"title": None}, {"title": "Pilot"}) for n in some]
    found += [made.membership(n + 1, 1 + n % 3, member=True) for n in some]
    found += [made.membership(n + 2, 0, member=False) for n in some]
    found += [made.change(Verb.DEACTIVATE, n + 3, _ON, _OFF) for n in range(0, people - 3, 50)]
    found += [made.creation(people + n) for n in range(people // 50)]
    return Night(system.seed(people), tuple(found))


def first(system: System, people: int) -> Night:
    """A night on which nobody has an account, and everybody gets one and ten memberships."""
    made = _Operations(system)
    creations = [made.creation(n) for n in range(people)]
    members = (made.membership(n, (n + k) % GROUPS, member=True, made=creations[n].id) for n in range(people) for k in range(HELD))
    return Night(system.seed(0), (*creations, *members))


class _Operations:
    """Makes operations with an id each."""

    def __init__(self, system: System) -> None:
        self._system = system
        self._ids: Iterator[int] = count(1)

    def creation(self, number: int) -> Operation:
        profile = self._system.profile(number)
        return self._made(Verb.CREATE, number, after=profile, account={self._system.login: self._system.mail(number)}, account_id="")

    def change(self, verb: Verb, number: int, before: Mapping[str, Any], after: Mapping[str, Any]) -> Operation:
        return self._made(verb, number, before=before, after=after, account={self._system.login: self._system.mail(number)})

    def membership(self, number: int, group: int, *, member: bool, made: str = "") -> Operation:
        """A membership of an account that is there, or that the creation `made` makes."""
        fields: dict[str, Any] = {"before": {"member": not member}, "after": {"member": member}, "entitlement": f"group {group}"}
        of_new = {"account_id": "", "depends_on": (made,)} if made else {}
        verb = Verb.ADD_MEMBER if member else Verb.REMOVE_MEMBER
        kind = {"entitlement_id": self._system.group_id(group), "entitlement_kind": "group"}
        return self._made(verb, number, **fields, **of_new, **kind, account={self._system.login: self._system.mail(number)})

    def _made(self, verb: Verb, number: int, **fields: Any) -> Operation:
        usual = {"account_id": self._system.account_id(number), "who": self._system.mail(number), "name": "", "because": _REASON}
        return Operation(id=f"{next(self._ids):012x}", target=self._system.name, verb=verb, anchor=str(number), **{**usual, **fields})
