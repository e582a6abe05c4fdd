"""Okta keeps the laws, over a real socket."""

from collections.abc import Iterator, Mapping
from pathlib import Path

import pytest

from connectors.contract import Value
from connectors.http.retry import RetryPolicy
from connectors.laws import TargetLaws
from connectors.laws.hostile import KEPT
from connectors.okta.connector import Okta
from connectors.okta.settings import OktaSettings
from connectors.sandbox.host import Sandbox, running
from connectors.sandbox.okta import OktaSandbox, OktaSandboxSettings

TOKEN = "00-token-of-the-laws"
SEED = {"custom_attributes": {"badgeColour": {"title": "Badge", "type": "string"}}}


@pytest.fixture(scope="module")
def sandbox() -> Iterator[Sandbox]:
    with running(OktaSandbox(SEED, settings=OktaSandboxSettings(tokens=(TOKEN,)))) as sandbox:
        yield sandbox


class TestOktaLaws(TargetLaws):
    text = "title"
    # Okta refuses what UTF-16 writes as two units.
    texts = tuple(text for text in KEPT if max(text) <= "\uffff")
    unknown_account = "00u0000000000000none"
    unknown_group = "00g0000000000000none"

    @pytest.fixture
    def target(self, sandbox: Sandbox, tmp_path: Path) -> Okta:
        self.app = sandbox.app
        self.app.seed(SEED)
        (tmp_path / "token").write_text(TOKEN)
        settings = OktaSettings.model_validate({"url": sandbox.url, "token": "file:token", "page_size": 5})
        return Okta("acme", settings, tmp_path, patience=RetryPolicy(attempts=2, longest_wait=1, first_wait=0.01))

    def values(self, number: int) -> Mapping[str, Value]:
        login = f"user{number}@example.com"
        return {"login": login, "email": login, "firstName": "Ann", "lastName": f"Number {number}", "title": f"Title {number}"}

    def plant(self, account_id: str) -> None:
        state = self.app.state()
        self._user(state, account_id)["profile"]["badgeColour"] = "red"
        self.app.seed(state)

    def is_planted(self, account_id: str) -> bool:
        return self._user(self.app.state(), account_id)["profile"].get("badgeColour") == "red"

    def make_suspendable(self, account_id: str) -> None:
        state = self.app.state()
        self._user(state, account_id)["status"] = "ACTIVE"
        self.app.seed(state)

    @staticmethod
    def _user(state, account_id: str):
        return next(each for each in state["users"] if each["id"] == account_id)
