"""What `check` says where the secret is not there."""

from collections.abc import Callable, Sequence

import pytest

from connectors.contract import Check
from connectors.sandbox.host import WireApp
from connectors.sandbox.scim import ScimSandbox
from connectors.scim.connector import Scim


def test_a_missing_secret_is_a_problem_among_others_and_not_the_end_of_the_check(
    serve: Callable[[WireApp], object], monkeypatch: pytest.MonkeyPatch
) -> None:
    application = serve(ScimSandbox())
    monkeypatch.delenv("SCIM_TEST_TOKEN")

    async def check(scim: Scim) -> Sequence[Check]:
        return await scim.check()

    assert "SCIM_TEST_TOKEN is not set" in application.run(check)[0].problem
