"""Keeps the sizes of large groups beside a saved plan, for its forecast: `show` does not open the store, which a run may be writing."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import TypeAlias

import msgspec

from reconcile.disk import write_private
from reconcile.store.connection import Store
from reconcile.store.plans.files import FOLDER

FILE = "group_sizes.json"
"""Name of the file. It is no part of the plan: without it a forecast takes every group for a small one."""
SMALL = 100
"""Members of a group up to which its size is not kept: every system lists so many in one request."""

GroupSizes: TypeAlias = Mapping[tuple[str, str], int]
"""Members by target and id of the group."""


def keep_group_sizes(store: Store, state: Path, digest: str) -> GroupSizes:
    """The sizes of the newest snapshots, kept beside the plan of a digest."""
    rows = store.rows("large_groups", more=SMALL)
    write_private(state / FOLDER / digest / FILE, msgspec.json.encode(rows).decode())
    return {(target, group): members for target, group, members in rows}


def kept_group_sizes(state: Path, digest: str) -> GroupSizes:
    """The sizes that were kept; none where there is no such file, or it cannot be read."""
    try:
        rows = msgspec.json.decode((state / FOLDER / digest / FILE).read_bytes(), type=list[tuple[str, str, int]])
    except (OSError, msgspec.MsgspecError):
        return {}
    return {(target, group): members for target, group, members in rows}
