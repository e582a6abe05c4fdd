"""Abilities of a target, as `reconcile check` lists them."""

from __future__ import annotations

from collections.abc import Mapping
from enum import StrEnum
from typing import TYPE_CHECKING, Protocol, runtime_checkable

from connectors.actions import Action
from connectors.group_changes import DESCRIPTION, NAME

if TYPE_CHECKING:
    from connectors.contract import Traits


class Ability(StrEnum):
    """Abilities other than the one-off actions (`Action`), in the order in which they are listed."""

    CREATE = "create"
    CREATE_STAGED = "create_staged"
    ACTIVATION_MAIL = "activation_mail"
    UPDATE = "update"
    RENAME_LOGINS = "rename_logins"
    DEACTIVATE = "deactivate"
    REACTIVATE = "reactivate"
    SUSPEND = "suspend"
    DELETE = "delete"
    MEMBERSHIPS = "memberships"
    CREATE_GROUPS = "create_groups"
    RENAME_GROUPS = "rename_groups"
    DESCRIBE_GROUPS = "describe_groups"
    DELETE_GROUPS = "delete_groups"
    APPS = "apps"
    ROLES = "roles"


CAPABILITY: Mapping[str, str] = {
    Ability.CREATE_STAGED: "stage",
    Ability.RENAME_LOGINS: "update",
    Ability.RENAME_GROUPS: "group_attributes",
    Ability.DESCRIBE_GROUPS: "group_attributes",
    Ability.ROLES: "update",
}
"""Field of `Capability` that an ability needs, where it has another name."""


@runtime_checkable
class Limited(Protocol):
    """A target that can say why it lacks an ability: by its settings, by its kind, or by the rights of its sign-in."""

    async def limits(self) -> Mapping[str, str]:
        """Returns by the name of an `Ability` or `Action` why it is not possible here and now: half a sentence.

        Raises a class of `connectors.errors` where the system refuses every request.
        """


def abilities(traits: Traits) -> dict[str, bool]:
    """Returns every ability, and whether the traits of a target have it."""
    can = traits.can
    login_changes = traits.login not in traits.immutable or traits.login in traits.renamable
    return {
        Ability.CREATE: can.create,
        Ability.CREATE_STAGED: can.create and can.stage,
        Ability.ACTIVATION_MAIL: can.activation_mail,
        Ability.UPDATE: can.update,
        Ability.RENAME_LOGINS: can.update and login_changes,
        Ability.DEACTIVATE: can.deactivate,
        Ability.REACTIVATE: can.reactivate,
        Ability.SUSPEND: can.suspend,
        Ability.DELETE: can.delete,
        Ability.MEMBERSHIPS: can.memberships,
        Ability.CREATE_GROUPS: can.create_groups,
        Ability.RENAME_GROUPS: NAME in can.group_attributes,
        Ability.DESCRIBE_GROUPS: DESCRIPTION in can.group_attributes,
        Ability.DELETE_GROUPS: can.delete_groups,
        Ability.APPS: can.apps,
        Ability.ROLES: bool(traits.roles) and can.update,
        **{action: action in can.actions for action in Action},
    }
