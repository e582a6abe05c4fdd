"""How the connector signs in as a service app: keys, assertions, proofs, nonces, clocks, ends of tokens; and that it shows no secret."""

import asyncio
import json
import re
import time
import traceback
from types import SimpleNamespace

import pytest
from joserfc.jwk import ECKey, OctKey, OKPKey, RSAKey

from connectors.errors import BadResponse, Forbidden, Unauthorised, Unreachable
from connectors.okta.auth.keys import signing_key
from connectors.sandbox.host import Fault, FaultKind
from connectors.sandbox.okta import OAuthClient
from connectors.secrets import SecretMissing

from .okta_worlds import ACCOUNTS, everything, group, group_id, org, user, user_id

KEY, OTHER = ECKey.generate_key("P-256"), RSAKey.generate_key(2048)
SCOPES = frozenset(
    {"okta.users.read", "okta.users.manage", "okta.groups.read", "okta.groups.manage", "okta.schemas.read", "okta.userTypes.read"}
)
OAUTH = {"client_id": "app1", "private_key": "file:key.pem"}
TOKEN = "/oauth2/v1/token"


def seed():
    return {
        "users": [user(number) for number in range(1, 6)],
        "groups": [group(1, "Engineering"), group(2, "Sales")],
        "members": {group_id(1): [user_id(1), user_id(2)], group_id(2): [user_id(3)]},
    }


@pytest.fixture
def world(tmp_path):
    """A function that starts an org with an app, and gives `tell`, which runs a story with the connector signed in as that app."""
    (tmp_path / "key.pem").write_bytes(KEY.as_pem(private=True))

    def start(*, app=None, **switches):
        client = OAuthClient(**{"client_id": "app1", "keys": (KEY.as_dict(private=False),), "scopes": SCOPES, **(app or {})})
        return org(seed(), tmp_path, clients=(client,), **switches)

    return start


def told(tell, story, **oauth):
    return tell(story, token=None, oauth={**OAUTH, **oauth})


async def whole(okta):
    """Everything is read, and nothing failed."""
    pages, ends = await everything(okta)
    assert not any(end.problem for end in ends.values())
    return pages


def tokens_asked(sandbox):
    return [request.status for request in sandbox.requests() if request.path == TOKEN]


@pytest.mark.parametrize("required", [True, False])
@pytest.mark.parametrize("dpop", ["auto", True])
def test_an_app_reads_and_writes_with_one_token_bound_to_a_key(world, required, dpop):
    async def story(okta):
        pages = await whole(okta)
        seen = okta.decode(pages[ACCOUNTS][0]).records[0]
        assert (await okta.update_account(seen.id, {"title": "Ms"}, seen)).values()["title"] == "Ms"
        await okta.add_member(group_id(2), user_id(1))
        assert await okta.has_member(group_id(2), user_id(1))

    with world(app={"dpop": required}) as (sandbox, tell):
        told(tell, story, dpop=dpop)
        assert tokens_asked(sandbox) == [400, 200]


def test_without_dpop_a_bearer_token_is_used(world):
    with world(app={"dpop": False}) as (sandbox, tell):
        told(tell, whole, dpop=False)
        assert tokens_asked(sandbox) == [200]


def test_an_app_that_must_prove_its_key_is_told_to(world):
    async def story(okta):
        with pytest.raises(Unauthorised, match=r'set oauth\.dpop to "auto"'):
            await everything(okta)

    with world() as (_, tell):
        told(tell, story, dpop=False)


def test_a_token_that_is_not_bound_is_not_used_where_one_that_is_was_asked_for(world):
    body = json.dumps({"token_type": "Bearer", "expires_in": 3600, "access_token": "unbound-token", "scope": "okta.users.read"})

    async def story(okta):
        with pytest.raises(Unauthorised, match="not bound") as caught:
            await everything(okta)
        assert "unbound-token" not in shown(caught.value)

    with world() as (sandbox, tell):
        sandbox.add_fault(Fault(FaultKind.BODY, path=TOKEN, status=200, body=body))
        told(tell, story, dpop=True)
        assert {request.path for request in sandbox.requests()} == {TOKEN}


@pytest.mark.parametrize(
    "text",
    [
        OTHER.as_pem(private=True).decode(),
        OTHER.as_pem(private=True).decode().replace("\n", "\\n"),
        json.dumps({**OTHER.as_dict(private=True), "kid": "k1", "use": "sig", "alg": "RS512", "ext": True}),
        json.dumps({**ECKey.generate_key("P-384").as_dict(private=True), "kid": "k1"}),
    ],
)
def test_a_key_is_read_from_pem_and_from_jwk(world, tmp_path, text):
    (tmp_path / "key.pem").write_text(text)
    key = signing_key(text, "file:key.pem").key
    with world(app={"keys": ({**key.as_dict(private=False), "kid": "k1"},)}) as (_, tell):
        told(tell, whole, key_id="k1")


def test_an_app_with_two_keys_is_told_to_name_the_one(world):
    keys = ({**KEY.as_dict(private=False), "kid": "new"}, {**OTHER.as_dict(private=False), "kid": "old"})

    async def refused(okta):
        with pytest.raises(Unauthorised, match=r"oauth\.key_id"):
            await everything(okta)

    with world(app={"keys": keys}) as (_, tell):
        told(tell, refused)
        told(tell, refused, key_id="older")
        told(tell, whole, key_id="new")


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("", "empty"),
        ("rubbish", "no usable key"),
        ("-----BEGIN PRIVATE KEY-----\nc2VjcmV0\n-----END PRIVATE KEY-----", "no usable key"),
        ('{"kty":"RSA","n":"c2VjcmV0","e":"AQAB","d":"c2VjcmV0"', "no usable key"),
        ('{"kty":"RSA","n":"c2VjcmV0"}', "no usable key"),
        ('{"kty":"RSA","n":7,"e":"AQAB","d":"c2VjcmV0"}', "no usable key"),
        ('["c2VjcmV0"]', "no usable key"),
        (json.dumps(OctKey.generate_key(256).as_dict(private=True)), "no usable key"),
        (OKPKey.generate_key("Ed25519").as_pem(private=True).decode(), "no usable key"),
        (KEY.as_pem(private=False).decode(), "public key"),
        (json.dumps(KEY.as_dict(private=False)), "public key"),
        (ECKey.generate_key("secp256k1").as_pem(private=True).decode(), "curve"),
    ],
    # Keys are made anew each time; whoever runs tests side by side needs the same names for them.
    ids=range(12),
)
def test_a_key_that_cannot_be_used_is_told_without_showing_it(world, tmp_path, text, said):
    (tmp_path / "key.pem").write_text(text)

    async def story(okta):
        with pytest.raises(SecretMissing, match=said) as caught:
            await everything(okta)
        assert "c2VjcmV0" not in shown(caught.value)
        assert said in (await okta.check())[0].problem

    with world() as (sandbox, tell):
        told(tell, story)
        assert sandbox.requests() == []


@pytest.mark.parametrize(
    ("app", "oauth", "said"),
    [
        ({"client_id": "another"}, {}, "no app with this oauth.client_id"),
        ({"keys": (OTHER.as_dict(private=False),)}, {}, "not the one that belongs to the app's public key"),
        ({"scopes": frozenset({"okta.logs.read"})}, {}, "None of the scopes asked for is granted"),
        ({}, {"scopes": ["okta.nothing"]}, "None of the scopes asked for is granted"),
    ],
)
def test_why_there_is_no_token_is_told_with_the_way_out(world, app, oauth, said):
    async def story(okta):
        with pytest.raises(Unauthorised) as caught:
            await everything(okta)
        assert said in str(caught.value)

    with world(app=app) as (_, tell):
        told(tell, story, **oauth)


@pytest.mark.parametrize("ahead", [-4000, 4000])
@pytest.mark.parametrize("dpop", [True, False])
def test_a_clock_that_is_wrong_is_corrected_by_the_orgs(world, ahead, dpop):
    with world(clock=lambda: time.time() + ahead, app={"dpop": dpop}) as (sandbox, tell):
        told(tell, whole, dpop=dpop)
        assert tokens_asked(sandbox) == ([401, 400, 200] if dpop else [401, 200])


def test_a_clock_that_goes_wrong_during_a_read_is_corrected(world):
    ahead = [0]

    async def story(okta):
        await okta.read_account(user_id(1))
        ahead[0] = 1000
        await whole(okta)

    with world(clock=lambda: time.time() + ahead[0]) as (sandbox, tell):
        told(tell, story)
        assert len(tokens_asked(sandbox)) == 2
        assert 400 in [request.status for request in sandbox.requests() if request.path != TOKEN]


def test_a_token_that_ends_in_the_middle_of_a_read_is_renewed_once_for_all(world):
    passed = [0.0]

    async def story(okta):
        pages = 0
        async for item in okta.pages():
            assert not getattr(item, "problem", "")
            pages += 1
            if pages in (1, 4):
                passed[0] += 150  # the org's token ends, and the client cannot know

    with world(clock=lambda: time.time() + passed[0], token_seconds=200) as (sandbox, tell):
        told(tell, story)
        assert [status for status in tokens_asked(sandbox) if status == 200] == [200, 200]


def test_requests_that_are_under_way_together_share_one_token(world):
    async def story(okta):
        await asyncio.gather(*[okta.read_account(user_id(number)) for number in (1, 2, 3, 4, 5)])
        sandbox.app._door.tokens._given.clear()
        await asyncio.gather(*[okta.read_account(user_id(number)) for number in (1, 2, 3, 4, 5)])

    with world() as (sandbox, tell):
        told(tell, story)
        assert tokens_asked(sandbox) == [400, 200, 200]


def test_a_write_that_met_an_ended_token_is_carried_out_once(world):
    async def story(okta):
        await okta.read_account(user_id(1))
        sandbox.app._door.tokens._given.clear()
        made = await okta.create_account({"login": "new@example.com", "email": "new@example.com", "firstName": "Noa", "lastName": "New"})
        assert len(await okta.find_accounts("login", "new@example.com")) == 1
        assert made.id

    with world() as (sandbox, tell):
        told(tell, story)
        creates = [request.status for request in sandbox.requests() if (request.method, request.path) == ("POST", "/api/v1/users")]
        assert creates == [401, 200]


def test_a_token_is_renewed_before_it_ends(world, monkeypatch):
    async def story(okta):
        for moment in (0, 950):
            monkeypatch.setattr("connectors.okta.auth.service_app.time", SimpleNamespace(monotonic=lambda moment=moment: moment))
            await okta.read_account(user_id(1))

    with world(token_seconds=1000) as (sandbox, tell):
        told(tell, story)
        assert [request.status for request in sandbox.requests() if request.path != TOKEN] == [200, 200]
        assert tokens_asked(sandbox) == [400, 200, 200]


def test_a_token_that_is_refused_for_good_is_given_up_on(world):
    challenge = {"WWW-Authenticate": 'Bearer error="invalid_token", error_description="The token is revoked."'}

    async def story(okta):
        with pytest.raises(Unauthorised, match="revoked"):
            await okta.read_account(user_id(1))

    with world() as (sandbox, tell):
        sandbox.add_fault(Fault(FaultKind.STATUS, path="/api/v1/users", status=401, headers=challenge))
        told(tell, story)
        assert [request.status for request in sandbox.requests()].count(401) == 3


def test_a_nonce_that_an_endpoint_wants_is_given_also_to_requests_under_way(world):
    async def story(okta):
        await asyncio.gather(*[okta.read_account(user_id(number)) for number in (1, 2, 3, 4, 5)])
        await whole(okta)
        await okta.deactivate_account(user_id(1))

    with world(resource_nonce="n2") as (sandbox, tell):
        told(tell, story)
        statuses = [request.status for request in sandbox.requests() if request.path != TOKEN]
        assert set(statuses) == {200, 204, 401}
        assert statuses.count(401) <= 5


def test_a_server_that_wants_ever_new_nonces_is_given_up_on(world):
    async def story(okta):
        with pytest.raises(Unauthorised, match="use_dpop_nonce"):
            await okta.read_account(user_id(1))

    for path in (TOKEN, "/api/v1/users"):
        challenge = {"WWW-Authenticate": 'DPoP error="use_dpop_nonce"', "DPoP-Nonce": "another"}
        with world() as (sandbox, tell):
            sandbox.add_fault(Fault(FaultKind.STATUS, path=path, status=400, body='{"error":"use_dpop_nonce"}', headers=challenge))
            told(tell, story)
            assert len(sandbox.requests()) == (4 if path == TOKEN else 5)


@pytest.mark.parametrize("kind", [FaultKind.STATUS, FaultKind.STATUS_AFTER, FaultKind.DROP_BEFORE, FaultKind.DROP_AFTER])
def test_the_token_endpoint_is_asked_again_with_a_new_assertion(world, kind):
    with world() as (sandbox, tell):
        sandbox.add_fault(Fault(kind, path=TOKEN, after=1, times=1))
        told(tell, whole)
        assertions = [request.body for request in sandbox.requests() if request.path == TOKEN]
        assert len(assertions) == len(set(assertions)) == 3


def test_a_token_endpoint_that_is_down_makes_the_org_unreachable(world):
    async def story(okta):
        with pytest.raises(Unreachable):
            await everything(okta)

    with world() as (sandbox, tell):
        sandbox.add_fault(Fault(FaultKind.STATUS, path=TOKEN))
        told(tell, story)
        assert tokens_asked(sandbox) == [503, 503, 503]


@pytest.mark.parametrize(
    ("status", "body"),
    [
        (200, "<html>sign in</html>"),
        (200, "[]"),
        (200, '{"token_type":"DPoP","expires_in":3600}'),
        (200, '{"token_type":"DPoP","expires_in":3600,"access_token":""}'),
        (200, '{"token_type":"DPoP","expires_in":0,"access_token":"x"}'),
        (200, '{"token_type":"mac","expires_in":3600,"access_token":"x"}'),
        (404, "<html>nothing here</html>"),
        (401, ""),
        (400, "[[[["),
    ],
)
def test_what_is_no_answer_of_a_token_endpoint_is_not_believed(world, status, body):
    async def story(okta):
        _, ends = await everything(okta)
        assert all(end.problem for end in ends.values())
        with pytest.raises(BadResponse):
            await okta.read_account(user_id(1))

    with world() as (sandbox, tell):
        sandbox.add_fault(Fault(FaultKind.BODY, path=TOKEN, status=status, body=body))
        told(tell, story)
        assert {request.path for request in sandbox.requests()} == {TOKEN}


def test_a_token_that_no_header_can_carry_is_not_sent(world):
    body = json.dumps({"token_type": "Bearer", "expires_in": 3600, "access_token": "x\r\nX-Evil: 1"})

    async def story(okta):
        with pytest.raises(Unauthorised) as caught:
            await okta.read_account(user_id(1))
        assert "Evil" not in shown(caught.value)

    with world() as (sandbox, tell):
        sandbox.add_fault(Fault(FaultKind.BODY, path=TOKEN, status=200, body=body))
        told(tell, story)
        assert {request.path for request in sandbox.requests()} == {TOKEN}


def test_a_missing_scope_is_named_where_it_is_missed(world):
    async def story(okta):
        with pytest.raises(Forbidden, match=r"okta\.groups\.manage is not granted: grant it in the admin console"):
            await okta.add_member(group_id(1), user_id(5))

    with world(app={"scopes": SCOPES - {"okta.groups.manage"}}) as (_, tell):
        told(tell, story)


def shown(error):
    """All that an error, its causes and their representations could print, with the values of every frame's own objects left out."""
    return "".join(traceback.format_exception(error)) + repr(error) + repr(getattr(error, "__dict__", ""))


def test_no_secret_is_in_an_error_a_log_or_a_representation(world, caplog):
    caplog.set_level(0)
    secrets = [*re.findall(r"[A-Za-z0-9+/]{30,}", KEY.as_pem(private=True).decode()), KEY.as_dict(private=True)["d"]]
    echo = json.dumps({"error": "invalid_client", "error_description": "bad: eyJhbGciOiJFUzI1NiJ9.eyJzdWIiOiJhcHAxIn0.c2lnbmF0dXJl"})

    async def story(okta):
        with pytest.raises(Unauthorised) as caught:
            await okta.read_account(user_id(1))
        sandbox.clear_faults()
        await okta.read_account(user_id(1))
        app = okta._org.sign_in
        held = [app._token.text, echo[50:90], *secrets]
        text = (
            shown(caught.value)
            + caplog.text
            + "".join(map(repr, (okta, okta._org, app, app._http, app._token, app._proofs, app._settings)))
        )
        assert "(secret removed)" in str(caught.value)
        assert not [secret for secret in held if secret in text]

    with world() as (sandbox, tell):
        sandbox.add_fault(Fault(FaultKind.BODY, path=TOKEN, status=401, body=echo))
        told(tell, story)
