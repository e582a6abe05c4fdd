"""The settings of licence seats: `[seats.TARGET]`."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated

from pydantic import Field

from connectors.contract import EntitlementKind
from mappings.model import Model
from reconcile.plan.seats import SeatPlace

Number = Annotated[int, Field(ge=0, strict=True)]


class Seats(Model):
    """`[seats.TARGET]`: how many licence seats a target has. Nothing is counted where nothing is declared."""

    accounts: Number | None = None
    """Seats of the target itself: each account that is not deactivated takes one."""
    groups: Mapping[str, Number] = Field(default_factory=dict)
    """Seats by group whose members take one each."""
    apps: Mapping[str, Number] = Field(default_factory=dict)
    """Seats by app whose users take one each, also those who have it through a group."""

    def declared(self) -> dict[SeatPlace, int]:
        """The number of seats of each place where seats are counted."""
        of_accounts = {} if self.accounts is None else {SeatPlace(): self.accounts}
        of_groups = {SeatPlace(EntitlementKind.GROUP.value, name): number for name, number in self.groups.items()}
        of_apps = {SeatPlace(EntitlementKind.APP.value, name): number for name, number in self.apps.items()}
        return {**of_accounts, **of_groups, **of_apps}
