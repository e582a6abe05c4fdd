"""Rules that push whole groups of one system into a target: their names, their members, and what becomes of a group that is gone."""

from __future__ import annotations

from collections.abc import Mapping
from fnmatch import fnmatchcase
from typing import Annotated

from pydantic import Field, model_validator

from mappings.model import Model

BY_ID = "id:"
"""Prefix of a name that is an id: `id:00g1`."""
PUSHED = "push:"
"""Prefix of the name under which a target's group is remembered as that of a source group: the system and the id follow."""


class PushRule(Model):
    """`[push.NAME]`: groups of another system that the target has, too."""

    source: Annotated[str, Field(alias="from", min_length=1)]
    """System that the groups are read from."""
    groups: Annotated[tuple[Annotated[str, Field(min_length=1)], ...], Field(min_length=1)]
    """Groups there by name, by `id:` and their id, or by pattern: `*` stands for any characters, `?` for one."""
    strip_prefix: str = ""
    """Text that the names begin with there, and not in the target."""
    names: Mapping[str, Annotated[str, Field(min_length=1)]] = Field(default_factory=dict)
    """Names in the target of single groups, by their names in the source."""
    exact: bool = False
    """Whether a member who is not in the source group loses the target's, also where this job did not give it."""
    delete: bool = False
    """Whether a group is deleted once its source group is gone and it has no members left."""

    @model_validator(mode="after")
    def _names_are_of_groups(self) -> PushRule:
        if any(entry.startswith(BY_ID) and len(entry) == len(BY_ID) for entry in self.groups):
            raise ValueError("groups: id: needs an id after it")
        return self

    def includes(self, group_id: str, name: str) -> bool:
        """Whether a group of the source is pushed."""
        return any(is_meant(entry, group_id, name) for entry in self.groups)

    def name_of(self, source_name: str) -> str:
        """Returns the name in the target of a source group."""
        stripped = source_name.removeprefix(self.strip_prefix)
        return self.names.get(source_name, stripped if stripped.strip() else source_name)


def is_meant(entry: str, group_id: str, name: str) -> bool:
    """Whether an entry means a group: by `id:` and its id, by its name, or by a pattern. A bracket is a character like others."""
    return entry in (f"{BY_ID}{group_id}", name) or fnmatchcase(name, entry.replace("[", "[[]"))
