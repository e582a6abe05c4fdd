"""SCIM keeps the laws, over a real socket, against the independent `scim2-server` in several set-ups and against a server with versions."""

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any, ClassVar

import pytest

from connectors.contract import Value
from connectors.http.retry import RetryPolicy
from connectors.laws import TargetLaws
from connectors.laws.base import Laws
from connectors.laws.limits import LimitLaws
from connectors.laws.reads import PageLaws
from connectors.laws.states import DeactivationLaws, DeletionLaws, StagingLaws
from connectors.sandbox.host import Sandbox, WireApp, running
from connectors.sandbox.scim import BASE_PATH, SandboxPaging, ScimSandbox, ScimSandboxSettings
from connectors.sandbox.scim_limits import Deactivated, ScimLimits
from connectors.scim.connector import Scim
from connectors.scim.settings import ScimSettings
from tests.support.scim_habits import Habit, HabitServer
from tests.support.scim_payloads import checked

NO_PATCH = {"user_update": "put", "active_update": "put", "group_update": "put"}
PLANTED = [{"value": "ann-of-the-law", "type": "skype"}]


class ScimLaws(Laws):
    text = "title"
    # RFC 7644 does not ask a server to look; before each addition the account is read.
    checks_members = False
    settings: ClassVar[Mapping[str, Any]] = {}
    """Settings of the connector."""

    @pytest.fixture
    def server(self) -> WireApp:
        return ScimSandbox()

    @pytest.fixture
    def target(self, server: WireApp, tmp_path: Path) -> Iterator[Scim]:
        self.app: Any = server
        (tmp_path / "token").write_text("sandbox")
        judge = checked(server)
        with running(judge) as sandbox:
            scim = self._connector(sandbox, tmp_path)
            judge.dialect = scim._session.dialect
            yield scim
        assert judge.invalid == []

    def _connector(self, sandbox: Sandbox, folder: Path) -> Scim:
        scim = Scim("app", ScimSettings.model_validate({"url": sandbox.url + BASE_PATH, "token": "file:token", **self.settings}), folder)
        scim._session.http._retries.patience = RetryPolicy(attempts=2, first_wait=0.01)
        return scim

    def values(self, number: int) -> Mapping[str, Value]:
        login = f"user{number}@example.com"
        return {"userName": login, "emails.work": login, "name.familyName": f"Number {number}", "title": f"Title {number}"}

    def plant(self, account_id: str) -> None:
        state = self.app.state()
        self._user(state, account_id)["ims"] = PLANTED
        self.app.seed(state)

    def is_planted(self, account_id: str) -> bool:
        return [{**each} for each in self._user(self.app.state(), account_id).get("ims", [])] == PLANTED

    @staticmethod
    def _user(state: Any, account_id: str) -> Any:
        return next(each for each in state["users"] if each["id"] == account_id)


class TestScimLaws(ScimLaws, TargetLaws):
    """Everything that the standard has."""


class TestScimRestrictedLaws(ScimLaws, TargetLaws):
    """No PATCH, no filter, no ETag, five a page."""

    settings: ClassVar = {"dialect_overrides": NO_PATCH, "page_size": 5}

    @pytest.fixture
    def server(self) -> WireApp:
        return ScimSandbox(settings=ScimSandboxSettings(bare=True, max_page=5))


class TestScimCursorLaws(ScimLaws, TargetLaws):
    """Cursors only."""

    settings: ClassVar = {"dialect_overrides": {"paging": "cursor"}}

    @pytest.fixture
    def server(self) -> WireApp:
        return ScimSandbox(settings=ScimSandboxSettings(paging=SandboxPaging.CURSOR, max_page=2))


class TestScimBulkLaws(ScimLaws, TargetLaws):
    """Every change of a user in a bulk request, also one that is alone, and users read by their ids."""

    settings: ClassVar = {"bulk": True, "dialect_overrides": {"max_ids": 50}}

    def _connector(self, sandbox: Sandbox, folder: Path) -> Scim:
        scim = super()._connector(sandbox, folder)
        scim._session.bulk.requests.fewest = 1
        return scim


class TestScimHiddenLaws(ScimLaws, StagingLaws, DeactivationLaws, DeletionLaws, PageLaws):
    """A deactivated user answers that it does not exist."""

    settings: ClassVar = {"dialect_overrides": {"afterwards": "hidden"}}

    @pytest.fixture
    def server(self) -> WireApp:
        return ScimSandbox(settings=ScimSandboxSettings(limits=ScimLimits(deactivated=Deactivated.HIDDEN)))


class TestScimLimitedLaws(ScimLaws, LimitLaws):
    """A dialect that rules out what most applications have."""

    settings: ClassVar = {"dialect_overrides": {"deprovision": "never", "deletes": False, "group_rename": False, "group_delete": False}}

    def test_dialect_is_among_the_reasons(self, limits: Mapping[str, str]) -> None:
        assert {each for each, why in limits.items() if "dialect" in why} >= {"deactivate", "delete", "rename_groups", "delete_groups"}


class TestScimDeletingLaws(ScimLaws, StagingLaws, DeactivationLaws, DeletionLaws, PageLaws):
    """Deactivation deletes."""

    settings: ClassVar = {"dialect_overrides": {"deprovision": "delete"}}


class TestScimVersionsLaws(ScimLaws, TargetLaws):
    """Another server, with versions that a stale write is refused for, and members that have to be active users."""

    checks_members = True

    @pytest.fixture
    def server(self) -> WireApp:
        return HabitServer(habits=frozenset({Habit.VERSIONS, Habit.STRICT_MEMBERS}))
