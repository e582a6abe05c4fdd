"""A token whose admin has lost the role: the list of users is answered with 200 and an empty list, as if all users were deleted."""

from connectors.sandbox.host import running
from connectors.sandbox.okta import OktaSandbox, OktaSandboxSettings

from .story_worlds import nobody_lost_anything, okta_holds


def test_a_token_without_a_role_freezes_the_org_and_is_told_what_it_lacks(at_office):
    with running(OktaSandbox(okta_holds(), settings=OktaSandboxSettings(role_missing=True))) as org:
        at_office.edit("reconcile.toml", at_office.systems["okta"].url, org.url)
        night, check = at_office.night(), at_office.run("check")
        assert org.writes() == []
    nobody_lost_anything(at_office, night, "okta: accounts: ", "the list of users is empty", "token", "role")
    assert check.code == 16
    assert "role" in next(line for line in check.out.splitlines() if line.startswith("PROBLEM"))


def test_an_application_that_shows_no_users_is_not_filled_again_from_nothing(at_federation):
    wiki = at_federation.systems["wiki"].app
    wiki.seed({"users": [], "groups": wiki.state()["groups"][:0]})
    night = at_federation.night()
    assert night.code == 12
    assert "wiki: accounts: the application says that it has no users" in night.err
    assert "empty_ok" in night.err
    assert at_federation.writes() == []
    assert at_federation.plan()["operations"] == []
