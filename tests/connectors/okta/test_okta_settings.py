"""Which ways to sign in a configuration may state, and what they ask for."""

import pytest
from pydantic import ValidationError

from connectors.okta.settings import OktaSettings

SCOPES = frozenset(
    {"okta.users.read", "okta.users.manage", "okta.groups.read", "okta.groups.manage", "okta.schemas.read", "okta.userTypes.read"}
)
OAUTH = {"client_id": "app1", "private_key": "file:key.pem"}


@pytest.mark.parametrize(
    ("changed", "said"),
    [
        ({"token": "env:TOKEN"}, "exactly one of"),
        ({"oauth": None}, "exactly one of"),
        ({"oauth": {**OAUTH, "dpop": "maybe"}}, "dpop"),
        ({"oauth": {**OAUTH, "private_key": "-----BEGIN"}}, "env:NAME or file:PATH"),
        ({"oauth": {**OAUTH, "scopes": ["openid"]}}, "okta"),
        ({"oauth": {**OAUTH, "client_id": ""}}, "client_id"),
        ({"oauth": {**OAUTH, "secret": "x"}}, "Extra inputs"),
    ],
)
def test_settings_that_sign_in_in_no_way_or_in_two_are_refused(changed, said):
    with pytest.raises(ValidationError, match=said):
        OktaSettings.model_validate({"url": "https://acme.okta.com", "oauth": OAUTH, **changed})


def test_only_the_scopes_for_what_is_used_are_asked_for():
    given = {"url": "https://ACME.okta.com", "oauth": OAUTH}
    assert set(OktaSettings.model_validate(given).scopes()) == SCOPES
    assert set(OktaSettings.model_validate({**given, "apps": True}).scopes()) == {*SCOPES, "okta.apps.read", "okta.apps.manage"}
    stated = OktaSettings.model_validate({**given, "oauth": {**OAUTH, "scopes": ["okta.users.read"]}})
    assert (stated.scopes(), stated.url) == (("okta.users.read",), "https://acme.okta.com")
