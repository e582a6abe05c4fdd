"""The two worlds, settled once; each test gets one as it was then."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from connectors.http.retry import Retries

from .story_worlds import Settled, Story, federation, office


@pytest.fixture(scope="session")
def settled_office(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Settled]:
    with office(tmp_path_factory.mktemp("office") / "project") as story:
        yield Settled.after_a_calm_night(story)


@pytest.fixture(scope="session")
def settled_federation(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Settled]:
    with federation(tmp_path_factory.mktemp("federation") / "project") as story:
        yield Settled.after_a_calm_night(story)


@pytest.fixture
def at_office(settled_office: Settled, tmp_path: Path) -> Story:
    """An HR file and an Okta org in which everything is right."""
    return settled_office.again(tmp_path / "project")


@pytest.fixture
def at_federation(settled_federation: Settled, tmp_path: Path) -> Story:
    """An Okta org and a SCIM application in which everything is right."""
    return settled_federation.again(tmp_path / "project")


@pytest.fixture(autouse=True)
def _no_waiting(monkeypatch: pytest.MonkeyPatch) -> None:
    """Requests are repeated at once: the time between tries is no part of a story."""
    monkeypatch.setattr(Retries, "_wait", lambda _self, _state: 0.0)
