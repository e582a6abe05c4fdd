"""Projects that are well, for each test to break in one way."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from connectors.http.retry import Retries
from tests.stories.story_worlds import Settled, Story, federation, office


@pytest.fixture(autouse=True)
def _no_waiting(monkeypatch: pytest.MonkeyPatch) -> None:
    """Requests are repeated at once: the time between tries is no part of an answer."""
    monkeypatch.setattr(Retries, "_wait", lambda _self, _state: 0.0)


@pytest.fixture(scope="session")
def _office(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Settled]:
    with office(tmp_path_factory.mktemp("office") / "project") as story:
        yield Settled.untouched(story)


@pytest.fixture(scope="session")
def _federation(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Settled]:
    with federation(tmp_path_factory.mktemp("federation") / "project") as story:
        yield Settled.untouched(story)


@pytest.fixture
def good_office(_office: Settled, tmp_path: Path) -> Story:
    """People from one HR file, accounts in one Okta org: nothing was read yet, and nothing is wrong."""
    return _office.again(tmp_path / "project")


@pytest.fixture
def good_federation(_federation: Settled, tmp_path: Path) -> Story:
    """People from one Okta org, accounts in one SCIM application: the same."""
    return _federation.again(tmp_path / "project")
