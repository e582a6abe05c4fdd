"""Okta's own Python client works against the sandboxed org: an independent reader of the same protocol."""

import asyncio
from urllib.parse import parse_qs, urlsplit

import pytest

from connectors.sandbox.okta import Bucket
from tests.support.waiting import come


@pytest.fixture
def client(monkeypatch):
    """Makes a client for an org; plain http is allowed by an environment variable only."""
    monkeypatch.setenv("OKTA_TESTING_TESTINGDISABLEHTTPSCHECK", "true")
    okta = pytest.importorskip("okta.client")
    return lambda org: okta.Client({"orgUrl": org.sandbox.url, "token": "sandbox-token", "rateLimit": {"maxRetries": 2}})


@pytest.mark.filterwarnings("ignore::DeprecationWarning")
def test_the_official_client_lists_reads_creates_and_deactivates(okta_org, client):
    org = okta_org(*map(okta_org.person, ["ada", "bob", "cyd"]), seed={"groups": [{"profile": {"name": "Staff"}}]})

    async def story():
        models = pytest.importorskip("okta.models")
        okta = client(org)
        names, after = [], None
        for _ in range(2):
            users, answer, error = await okta.list_users(limit=2, after=after)
            assert error is None
            names += [user.profile.first_name for user in users]
            link = answer.headers.get("Link", "")
            after = parse_qs(urlsplit(link.partition(">")[0].strip("<")).query)["after"][0] if 'rel="next"' in link else None
        assert (names, after) == (["Ada", "Bob", "Cyd"], None)
        groups, _, _ = await okta.list_groups()
        assert [group.profile.actual_instance.name for group in groups] == ["Staff", "Everyone"]
        profile = models.UserProfile(firstName="Dee", lastName="Roe", login="dee@example.com", email="dee@example.com")
        created, _, _ = await okta.create_user(models.CreateUserRequest(profile=profile), activate=False)
        assert created.status.value == "STAGED"
        _, _, error = await okta.deactivate_user(created.id)
        assert error is None
        read, _, _ = await okta.get_user(created.id)
        assert (read.status.value, read.profile.login) == ("DEPROVISIONED", "dee@example.com")
        _, _, error = await okta.get_user("nobody@example.com")
        assert "404 E0000007" in str(error)

    asyncio.run(story())


@pytest.mark.filterwarnings("ignore::DeprecationWarning")
def test_the_official_client_waits_for_the_reset_it_is_told(okta_org, client):
    org = okta_org(okta_org.person("ada"), limits={Bucket.USERS: 2})

    async def open_next_window():
        await come(lambda: any(request.status == 429 for request in org.sandbox.requests()))
        org.clock.forward(1)

    async def story():
        okta = client(org)
        await okta.list_users()
        org.clock.forward(59)
        (users, _, error), _ = await asyncio.gather(okta.list_users(), open_next_window())
        assert (len(users), error) == (1, None)

    asyncio.run(story())
    first, refused, again = org.sandbox.requests()
    assert [request.status for request in (first, refused, again)] == [200, 429, 200]
    assert again.at - refused.at >= 1
