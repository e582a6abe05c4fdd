"""Holds the users and groups of one application, judges new ones, and shows them as the product does."""

from __future__ import annotations

import copy
import json
from collections.abc import Mapping

from connectors.sandbox.dialects.habits import Habits, WhenInactive
from connectors.sandbox.dialects.refusals import Refused
from connectors.sandbox.dialects.resources import Resource, matches
from connectors.sandbox.dialects.rules import judge_user

USERS, GROUPS = "Users", "Groups"
_CORE = "urn:ietf:params:scim:schemas:core:2.0:"
_KINDS = {"users": USERS, "groups": GROUPS}


class Directory:
    """Users and groups by id. `refused`: parts of a userName that no user may have, as products have reserved words of their own."""

    def __init__(self, habits: Habits, refused: tuple[str, ...]) -> None:
        self.habits, self.refused = habits, refused
        self.held: dict[str, dict[str, Resource]] = {USERS: {}, GROUPS: {}}
        self._made = 0
        self._seeded: frozenset[str] = frozenset()

    def state(self) -> dict[str, list[Resource]]:
        """Every user and group, whatever is shown of them."""
        return copy.deepcopy({name: list(self.held[kind].values()) for name, kind in _KINDS.items()})

    def seed(self, state: object) -> None:
        """Replaces everything. Raises ValueError for what is no such state."""
        if not isinstance(state, Mapping) or set(state) - set(_KINDS):
            raise ValueError('the state of a SCIM application is {"users": [...], "groups": [...]}')
        held: dict[str, dict[str, Resource]] = {USERS: {}, GROUPS: {}}
        for name, kind in _KINDS.items():
            for resource in copy.deepcopy(list(state.get(name, []))):
                resource.setdefault("id", self.new_id(kind))
                held[kind][resource["id"]] = {"active": True, **resource} if kind == USERS else resource
        self.held = held
        self._seeded = frozenset(held[GROUPS])

    def new_id(self, kind: str) -> str:
        """An id that nothing has."""
        letter = kind[0].lower()
        while True:
            self._made += 1
            made = f"{letter}&K/d+{self._made:03}==" if self.habits.odd_ids else f"{letter}-{self._made:03}"
            if made not in self.held[kind]:
                return made

    def settle(self, kind: str, new: Resource) -> None:
        """Takes a resource over. Raises Refused for one that the product does not take."""
        name = "userName" if kind == USERS else "displayName"
        new.pop("meta", None)
        if kind == USERS:
            new.setdefault("active", True)
            judge_user(self.habits, new)
            if any(part in new["userName"] for part in self.refused):
                raise Refused(400, f"userName {new['userName']} is not allowed here", "invalidValue")
        elif self.habits.drops_new_members and new["id"] not in self._seeded:
            new["members"] = []
        others = [each for each in self.held[kind].values() if each["id"] != new["id"]]
        if any(each[name].casefold() == new[name].casefold() for each in others):
            raise Refused(409, self.habits.duplicate, "uniqueness")
        self.held[kind][new["id"]] = new

    def rows(self, kind: str) -> list[Resource]:
        """The resources of a list, in the order of ids."""
        return [self.held[kind][each] for each in sorted(self.held[kind]) if not self.hides(self.held[kind][each])]

    def hides(self, resource: Resource) -> bool:
        """Whether a resource answers to nothing but its activation."""
        return self.habits.when_inactive is WhenInactive.HIDDEN and resource.get("active") is False

    def matches(self, kind: str, resource: Resource, attribute: str, operator: str, wanted: str) -> bool:
        """Whether a filter finds the resource."""
        if attribute == "groups.value":
            members = self.held[GROUPS].get(wanted, {}).get("members") or ()
            return resource["id"] in {each["value"] for each in members}
        return matches(self.shown(kind, resource), attribute, operator, wanted)

    def shown(self, kind: str, resource: Resource) -> Resource:
        """A resource as the product shows it."""
        schemas: object = resource.get("schemas") or [f"{_CORE}{kind[:-1]}"]
        shown = {**copy.deepcopy(resource), "schemas": json.dumps(schemas) if self.habits.schemas_as_text else schemas}
        shown["meta"] = {"resourceType": kind[:-1]}
        if kind == GROUPS and not self.habits.shows_members:
            shown["members"] = []
        if self.habits.when_inactive is WhenInactive.OBSCURED and resource.get("active") is False:
            hidden = f"{resource['id']}@invalid.example"
            shown |= {"userName": f"{resource['id']}_suspended", "emails": [{"value": hidden, "primary": True}]}
        return shown
