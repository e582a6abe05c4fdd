"""Keeps the departments of a plan's people beside it, for its report: `report` does not open the store, which a run may be writing."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

import msgspec

from reconcile.disk import write_private
from reconcile.plan.model import Plan, Verb
from reconcile.store.connection import Store
from reconcile.store.plans.files import FOLDER

FILE = "departments.json"
"""Name of the file. It is no part of the plan: without it a report shows no departments."""
ATTRIBUTES = ("department", "enterprise.department")
"""Names of the attribute in the targets: that of Okta's profile, and that of SCIM's enterprise extension."""
MOST_OPERATIONS = 50_000
"""Operations of a plan up to which its departments are kept: a report embeds no more."""


def keep_departments(store: Store, state: Path, plan: Plan) -> None:
    """Keeps the department of each person whom the plan concerns, as an account has it now, or will have it."""
    if not 0 < len(plan.operations) <= MOST_OPERATIONS:
        return
    operations = [each for each in plan.operations if each.anchor]
    ids = sorted({each.account_id for each in operations if each.account_id})
    known = {(system, id_): department for system, id_, department in store.rows("departments_of_accounts", ids=ids)}
    found = {
        each.anchor: str(value) for each in operations if each.verb is Verb.CREATE for value in map(each.after.get, ATTRIBUTES) if value
    }
    found |= {each.anchor: known[place] for each in operations if (place := (each.target, each.account_id)) in known}
    write_private(state / FOLDER / plan.digest / FILE, msgspec.json.encode(found).decode())


def kept_departments(state: Path, digest: str) -> Mapping[str, str]:
    """The departments that were kept, by anchor; none where there is no such file, or it cannot be read."""
    try:
        return msgspec.json.decode((state / FOLDER / digest / FILE).read_bytes(), type=dict[str, str])
    except (OSError, msgspec.MsgspecError):
        return {}
