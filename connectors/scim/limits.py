"""The abilities that SCIM, or the dialect of an application, does not have."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from connectors.abilities import Ability
from connectors.actions import Action
from connectors.scim.client import Session
from connectors.scim.dialect import Afterwards, Deprovision, Dialect

NOT_IN_SCIM = "the SCIM standard does not have it"


class ScimLimits:
    """An application as `abilities.Limited`."""

    _session: Session

    async def limits(self) -> Mapping[str, str]:
        """Returns by ability why it is not possible."""
        dialect = self._session.dialect
        unknown = (Ability.SUSPEND, Ability.ACTIVATION_MAIL, Ability.DESCRIBE_GROUPS, Ability.APPS, *Action)
        forbidden = (*_of_accounts(dialect), *_of_groups(dialect))
        return {**dict.fromkeys(unknown, NOT_IN_SCIM), **{ability: f"the dialect says {setting}" for ability, setting in forbidden}}


def _of_accounts(dialect: Dialect) -> Iterator[tuple[Ability, str]]:
    if "userName" in dialect.immutable:
        yield Ability.RENAME_LOGINS, "that userName is immutable"
    if dialect.deprovision is Deprovision.NEVER:
        yield Ability.DEACTIVATE, 'deprovision = "never"'
    deprovision, afterwards = (f'{name} = "{getattr(dialect, name).value}"' for name in ("deprovision", "afterwards"))
    if dialect.deprovision is not Deprovision.ACTIVE_FALSE:
        yield Ability.DELETE, deprovision
    elif dialect.afterwards is not Afterwards.STAYS:
        yield Ability.DELETE, afterwards
    elif not dialect.deletes:
        yield Ability.DELETE, "deletes = false"
    if dialect.deprovision is Deprovision.DELETE:
        yield from ((each, deprovision) for each in (Ability.REACTIVATE, Ability.CREATE_STAGED))
    elif dialect.afterwards is Afterwards.GONE:
        yield from ((each, afterwards) for each in (Ability.REACTIVATE, Ability.CREATE_STAGED))
    elif dialect.afterwards is Afterwards.HIDDEN:
        yield Ability.CREATE_STAGED, afterwards


def _of_groups(dialect: Dialect) -> Iterator[tuple[Ability, str]]:
    settings = {
        "groups": (Ability.MEMBERSHIPS, Ability.CREATE_GROUPS, Ability.RENAME_GROUPS, Ability.DELETE_GROUPS),
        "group_rename": (Ability.RENAME_GROUPS,),
        "group_delete": (Ability.DELETE_GROUPS,),
    }
    # Later ones win: without groups nothing else matters.
    for setting in ("group_rename", "group_delete", "groups"):
        if not getattr(dialect, setting):
            yield from ((each, f"{setting} = false") for each in settings[setting])
