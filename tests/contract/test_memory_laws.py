"""The target in dictionaries keeps the laws, also where it is told that it can do little."""

from collections.abc import Mapping
from dataclasses import replace

import pytest

from connectors.actions import Action, ActionRule
from connectors.contract import Capability, Traits, Value
from connectors.laws import TargetLaws
from connectors.memory.connector import MemoryTarget
from tests.support.batching_memory import BatchingMemory
from tests.support.creating_memory import CreatingMemory

TRAITS = Traits(
    login="login",
    email="email",
    unique=frozenset({"login", "email"}),
    not_case_exact=frozenset({"login", "email"}),
    can=Capability(
        suspend=True,
        delete=True,
        stage=True,
        activation_mail=True,
        group_attributes=frozenset({"name", "description"}),
        delete_groups=True,
        actions={
            Action.REVOKE_SESSIONS: ActionRule(repeatable=True),
            Action.UNLOCK: ActionRule(possible=frozenset({"LOCKED"}), already=frozenset({"ACTIVE"}), leads_to="ACTIVE"),
            Action.TEMPORARY_PASSWORD: ActionRule(possible=frozenset({"ACTIVE"}), leads_to="EXPIRED"),
            Action.EXPIRE_PASSWORD: ActionRule(possible=frozenset({"LOCKED"}), leads_to="EXPIRED"),
        },
    ),
)


class TestMemoryLaws(TargetLaws):
    text = "title"

    @pytest.fixture
    def target(self) -> MemoryTarget:
        return MemoryTarget("app", TRAITS)

    def values(self, number: int) -> Mapping[str, Value]:
        return {"login": f"user{number}@example.com", "email": f"user{number}@example.com", "title": f"Title {number}"}


class _Together(BatchingMemory, CreatingMemory):
    """Memberships in batches, and with creations."""


class TestMemoryInBatchesLaws(TestMemoryLaws):
    @pytest.fixture
    def target(self) -> MemoryTarget:
        return _Together("app", TRAITS)


class TestMemoryWithoutMuchLaws(TestMemoryLaws):
    @pytest.fixture
    def target(self) -> MemoryTarget:
        return MemoryTarget("app", replace(TRAITS, can=Capability(create_groups=False, delete=False, suspend_from=frozenset())))
