"""The part of an org that is read; the rest is out of scope."""

from __future__ import annotations

from pydantic import BaseModel, ConfigDict

from connectors.okta.decode import Status


class Only(BaseModel):
    """Part of the org to read: everything, unless a list is given. The rest is never read, changed or removed, and proves no absence.

    A user is read who is inside by each of the lists that are given. An account that leaves the part (by a status that is not listed) is,
    for this job, gone. What the lists name is read whole every time: a list of changes could not show who left it.
    """

    model_config = ConfigDict(extra="forbid", frozen=True)

    statuses: tuple[Status, ...] = ()
    """Okta statuses, such as `["ACTIVE", "SUSPENDED"]`. Okta itself selects: no other user is sent to us."""
    user_types: tuple[str, ...] = ()
    """Names or ids of user types. Okta can select them only through its search index, which lags: so every user is asked for, and
    those of other types are dropped before anything is kept."""
    groups: tuple[str, ...] = ()
    """Names or ids of groups: their members are read, each once, instead of the list of users. Deactivated members are among them."""
    apps: tuple[str, ...] = ()
    """Labels or ids of apps, where `apps = true`."""

    @property
    def some_users(self) -> bool:
        """Whether there are users outside."""
        return bool(self.statuses or self.user_types or self.groups)
