"""Operations on groups themselves: they are about no account and no person."""

from __future__ import annotations

from collections.abc import Mapping

from connectors.contract import EntitlementKind, Value
from reconcile.plan.model import Because, Operation, Verb


def group_operation(  # noqa: PLR0913 - one keyword for each thing that differs
    target: str,
    verb: Verb,
    *,
    id_: str,
    name: str,
    because: Because,
    group_id: str = "",
    before: Mapping[str, Value] | None = None,
    after: Mapping[str, Value] | None = None,
    depends_on: tuple[str, ...] = (),
) -> Operation:
    """Returns an operation on one group. `name`: the one that it has, or will have where it is created."""
    return Operation(
        id=id_,
        target=target,
        verb=verb,
        anchor="",
        account_id="",
        who="",
        name="",
        entitlement_id=group_id,
        entitlement=name,
        entitlement_kind=EntitlementKind.GROUP.value,
        before=before or {},
        after=after or {},
        because=because,
        depends_on=depends_on,
    )
