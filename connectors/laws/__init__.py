"""Laws of the contract that every target keeps, as tests to inherit: `class TestMine(TargetLaws)`. Needs pytest and hypothesis.

Nothing of the product imports this package.
"""

from __future__ import annotations

import pytest

# Before they are imported: a law that is broken then shows the values that it compared.
pytest.register_assert_rewrite(
    *(
        f"{__name__}.{module}"
        for module in (
            "accounts",
            "actions",
            "base",
            "creations",
            "group_changes",
            "groups",
            "limits",
            "lookups",
            "memberships",
            "new_members",
            "reads",
            "states",
            "together",
            "updates",
        )
    )
)

from connectors.laws.accounts import AccountLaws  # noqa: E402
from connectors.laws.actions import ActionLaws  # noqa: E402
from connectors.laws.creations import CreationLaws  # noqa: E402
from connectors.laws.group_changes import GroupEditLaws  # noqa: E402
from connectors.laws.groups import GroupLaws  # noqa: E402
from connectors.laws.limits import LimitLaws  # noqa: E402
from connectors.laws.lookups import LookupLaws  # noqa: E402
from connectors.laws.member_batches import MemberBatchLaws  # noqa: E402
from connectors.laws.memberships import MembershipLaws  # noqa: E402
from connectors.laws.new_members import NewMemberLaws  # noqa: E402
from connectors.laws.reads import PageLaws, SystemLaws  # noqa: E402
from connectors.laws.states import DeactivationLaws, DeletionLaws, StagingLaws, SuspensionLaws  # noqa: E402
from connectors.laws.together import TogetherLaws  # noqa: E402
from connectors.laws.updates import UpdateLaws  # noqa: E402

__all__ = ["TargetLaws"]


class TargetLaws(
    AccountLaws,
    CreationLaws,
    UpdateLaws,
    StagingLaws,
    DeactivationLaws,
    SuspensionLaws,
    DeletionLaws,
    LookupLaws,
    MembershipLaws,
    MemberBatchLaws,
    NewMemberLaws,
    GroupLaws,
    GroupEditLaws,
    PageLaws,
    SystemLaws,
    ActionLaws,
    LimitLaws,
    TogetherLaws,
):
    """Every law. A law of something that the target cannot do is skipped, with the reason; `connectors.laws.base` has what to override."""
