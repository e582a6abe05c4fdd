"""Which clients a sandboxed Okta org gives access tokens, and what these allow: assertions, proofs, OAuth scopes, expiry."""

import asyncio
import base64
import hashlib
import json
from pathlib import Path
from urllib.parse import urlsplit

import httpx
import pytest
from joserfc import jwt
from joserfc.jwk import ECKey, RSAKey

from connectors.sandbox.host import running
from connectors.sandbox.okta import Bucket, OAuthClient, OktaSandbox, OktaSandboxSettings

RECORDING = Path(__file__).parents[3] / "shared" / "recordings" / "okta" / "60_oauth_token_dpop.json"
JWT_BEARER = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer"
APP_KEY, PROOF_KEY = RSAKey.generate_key(2048), ECKey.generate_key("P-256")
READ = frozenset({"okta.users.read", "okta.groups.read", "okta.apps.read"})
NONCE = "nonce-of-the-token-endpoint"


def client(**changed):
    return OAuthClient(**{"client_id": "app1", "keys": (APP_KEY.as_dict(private=False),), "scopes": READ, **changed})


class App:
    """A service app that makes every part of a request itself."""

    def __init__(self, org):
        self.org = org
        self.url = org.sandbox.url
        self.made = 0

    def assertion(self, key=APP_KEY, header=None, **changed):
        self.made += 1
        now = int(self.org.clock.time)
        claims = {"iss": "app1", "sub": "app1", "aud": f"{self.url}/oauth2/v1/token", "iat": now, "exp": now + 300, "jti": f"a{self.made}"}
        return jwt.encode({"alg": "RS256", **(header or {})}, {**claims, **changed}, key, algorithms=["RS256"])

    def proof(self, path="/oauth2/v1/token", method="POST", *, key=PROOF_KEY, header=None, **changed):
        self.made += 1
        claims = {"htm": method, "htu": f"{self.url}{path}", "iat": int(self.org.clock.time), "jti": f"p{self.made}", **changed}
        head = {"alg": "ES256", "typ": "dpop+jwt", "jwk": key.as_dict(private=False), **(header or {})}
        return jwt.encode(head, claims, key, algorithms=["ES256"])

    def ask(self, *, proof="", **changed):
        form = {"grant_type": "client_credentials", "scope": "okta.users.read", "client_assertion_type": JWT_BEARER, **changed}
        form.setdefault("client_assertion", self.assertion())
        return self.org.client.post(f"{self.url}/oauth2/v1/token", data=form, headers={"DPoP": proof} if proof else {})

    def token(self, scope="okta.users.read"):
        return self.ask(scope=scope, proof=self.proof(nonce=NONCE)).json()["access_token"]

    def get(self, path, token, *, scheme="DPoP", proof=None, **claims):
        """A read with a good proof, unless one is given or claims of it are changed."""
        good = self.proof(f"/api/v1/{path}", "GET", **{"ath": ath(token), **claims})
        headers = {"Authorization": f"{scheme} {token}", "DPoP": good if proof is None else proof}
        return httpx.get(f"{self.url}/api/v1/{path}", headers={name: value for name, value in headers.items() if value})


def ath(token):
    return base64.urlsafe_b64encode(hashlib.sha256(token.encode()).digest()).decode().rstrip("=")


@pytest.fixture
def app(okta_org):
    """A function that starts an org with an app: `app(setting=...)`."""
    return lambda **settings: App(okta_org(okta_org.person("ada"), **{"clients": (client(),), **settings}))


def test_the_nonce_is_asked_for_and_then_a_bound_token_is_given(app):
    it = app()
    first = it.ask(proof=it.proof())
    assert (first.status_code, first.json()["error"], first.headers["dpop-nonce"]) == (400, "use_dpop_nonce", NONCE)
    answer = it.ask(scope="okta.users.read okta.logs.read okta.apps.read", proof=it.proof(nonce=NONCE))
    given = answer.json()
    assert list(given) == ["token_type", "expires_in", "access_token", "scope"]
    assert (given["token_type"], given["expires_in"], given["scope"]) == ("DPoP", 3600, "okta.users.read okta.apps.read")
    assert it.get("users", given["access_token"]).json()[0]["profile"]["firstName"] == "Ada"


def test_an_app_without_dpop_gets_a_bearer_token_unless_it_sends_a_proof(app):
    it = app(clients=(client(dpop=False),))
    plain = it.ask().json()
    assert plain["token_type"] == "Bearer"
    assert it.get("users", plain["access_token"], scheme="Bearer", proof="").status_code == 200
    assert it.ask(proof=it.proof(nonce=NONCE)).json()["token_type"] == "DPoP"


@pytest.mark.parametrize(
    ("claims", "said"),
    [
        ({"aud": "https://acme.okta.com"}, "audience"),
        ({"iss": "another"}, "audience"),
        ({"sub": "another"}, "client_id"),
        ({"exp": 1_800_000_000}, "expired"),
        ({"exp": "soon"}, "expired"),
        ({"exp": 1_800_003_601}, "too far"),
    ],
)
def test_an_assertion_with_a_wrong_claim_is_refused(app, claims, said):
    it = app()
    answer = it.ask(client_assertion=it.assertion(**claims), proof=it.proof(nonce=NONCE))
    assert (answer.status_code, answer.json()["error"]) == (401, "invalid_client")
    assert said in answer.json()["error_description"]


def test_an_assertion_must_be_signed_with_a_registered_key(app):
    other = RSAKey.generate_key(2048)
    it = app()
    for assertion, said in [
        (it.assertion(other), "signature"),
        (it.assertion(header={"kid": "unknown"}), "kid"),
        ("rubbish", "malformed"),
        (it.assertion() + "x", "signature"),
    ]:
        answer = it.ask(client_assertion=assertion, proof=it.proof(nonce=NONCE))
        assert (answer.status_code, answer.json()["error"]) == (401, "invalid_client")
        assert said in answer.json()["error_description"]
    two = app(clients=(client(keys=({**APP_KEY.as_dict(private=False), "kid": "new"}, {**other.as_dict(private=False), "kid": "old"})),))
    assert "kid" in two.ask(proof=two.proof(nonce=NONCE)).json()["error_description"]
    named = two.assertion(header={"kid": "new"})
    assert two.ask(client_assertion=named, proof=two.proof(nonce=NONCE)).status_code == 200


def test_an_assertion_is_used_up_even_where_only_the_nonce_was_missing(app):
    it = app()
    assertion = it.assertion()
    assert it.ask(client_assertion=assertion, proof=it.proof()).json()["error"] == "use_dpop_nonce"
    again = it.ask(client_assertion=assertion, proof=it.proof(nonce=NONCE))
    assert (again.status_code, "already been used" in again.json()["error_description"]) == (401, True)


@pytest.mark.parametrize(
    ("changed", "error"),
    [
        ({"grant_type": "password"}, "unsupported_grant_type"),
        ({"client_assertion_type": "x"}, "invalid_client"),
        ({"scope": ""}, "invalid_scope"),
        ({"scope": "openid"}, "invalid_scope"),
        ({"scope": "okta.logs.read okta.users.manage"}, "consent_required"),
    ],
)
def test_a_token_request_that_cannot_be_granted_is_refused_in_oauths_shape(app, changed, error):
    it = app()
    answer = it.ask(proof=it.proof(nonce=NONCE), **changed)
    assert list(answer.json()) == ["error", "error_description"]
    assert answer.json()["error"] == error


@pytest.mark.parametrize(
    "wrong",
    [
        {"htm": "GET"},
        {"htu": "http://127.0.0.1/oauth2/v1/token"},
        {"iat": 1_799_999_000},
        {"iat": "now"},
        {"jti": ""},
        {"jti": 7},
        {"header": {"typ": "JWT"}},
        {"header": {"jwk": PROOF_KEY.as_dict(private=True)}},
        {"header": {"jwk": {"kty": "oct", "k": "AAAA"}}},
        {"header": {"jwk": {}}},
    ],
)
def test_a_proof_that_does_not_hold_gets_no_token(app, wrong):
    it = app()
    answer = it.ask(proof=it.proof(nonce=NONCE, **wrong))
    assert (answer.status_code, answer.json()["error"]) == (400, "invalid_dpop_proof")


@pytest.mark.parametrize("proof", ["rubbish", "a.b.c", "eyJhbGciOiJub25lIn0.e30."])
def test_what_is_no_proof_gets_no_token(app, proof):
    assert app().ask(proof=proof).json()["error"] == "invalid_dpop_proof"


@pytest.mark.parametrize(
    ("claims", "said"),
    [
        ({"htu": "http://127.0.0.1/api/v1/apps"}, "htu"),
        ({"htm": "POST"}, "htm"),
        ({"ath": "x"}, "ath"),
        ({"iat": 0}, "iat"),
    ],
)
def test_a_proof_is_good_for_one_request_with_one_token(app, claims, said):
    it = app()
    answer = it.get("users", it.token(), **claims)
    assert (answer.status_code, answer.content) == (400, b"")
    challenge = answer.headers["www-authenticate"]
    assert challenge.startswith('DPoP algs="RS256 RS384')
    assert f'error="invalid_dpop_proof", error_description="\'{said}\' claim' in challenge


def test_a_proof_is_taken_once(app):
    it = app()
    token = it.token()
    proof = it.proof("/api/v1/users", "GET", ath=ath(token))
    assert it.get("users", token, proof=proof).status_code == 200
    again = it.get("users", token, proof=proof)
    assert (again.status_code, "already been used" in again.headers["www-authenticate"]) == (400, True)


def test_a_bound_token_opens_nothing_without_its_key(app):
    it = app()
    token = it.token()
    bare = it.get("users", token, scheme="Bearer", proof="")
    assert (bare.status_code, "requires a DPoP proof" in bare.headers["www-authenticate"]) == (400, True)
    assert "invalid_dpop_proof" in it.get("users", token, proof="").headers["www-authenticate"]
    other = it.get("users", token, key=ECKey.generate_key("P-256"))
    assert (other.status_code, 'error="invalid_token"' in other.headers["www-authenticate"]) == (401, True)


def test_an_endpoint_that_wants_a_nonce_gives_it(app):
    it = app(resource_nonce="n2")
    token = it.token()
    asked = it.get("users", token)
    assert (asked.status_code, asked.headers["dpop-nonce"]) == (401, "n2")
    assert 'error="use_dpop_nonce"' in asked.headers["www-authenticate"]
    assert it.get("users", token, nonce="n2").status_code == 200


def test_a_token_opens_what_its_scopes_name(app):
    it = app(clients=(client(scopes=frozenset({"okta.users.manage", "okta.users.read", "okta.logs.read"})),))
    token = it.token("okta.users.manage")
    assert it.get("users", token).status_code == 200
    refused = it.get("groups", token)
    assert (refused.status_code, refused.content) == (403, b"")
    assert 'scope="okta.groups.read", error="insufficient_scope"' in refused.headers["www-authenticate"]
    reader = it.token("okta.users.read")
    headers = {"Authorization": f"DPoP {reader}", "DPoP": it.proof("/api/v1/users", ath=ath(reader))}
    assert httpx.post(f"{it.url}/api/v1/users", json={}, headers=headers).status_code == 403


def test_a_token_ends(app):
    it = app(token_seconds=100)
    token = it.token()
    it.org.clock.forward(99)
    assert it.get("users", token).status_code == 200
    it.org.clock.forward(1)
    ended = it.get("users", token)
    assert (ended.status_code, 'error="invalid_token"' in ended.headers["www-authenticate"]) == (401, True)


def test_an_app_without_a_role_sees_no_users_and_nothing_else(app):
    it = app(role_missing=True)
    token = it.token("okta.users.read okta.groups.read")
    assert it.get("users", token).json() == []
    assert it.get("groups", token).json()["errorCode"] == "E0000006"


def test_all_tokens_of_an_app_share_a_limit_and_the_token_endpoint_has_its_own(app):
    it = app(limits={Bucket.USERS: 4, Bucket.TOKEN: 6})
    for left in (1, 0):
        assert it.get("users", it.token()).headers["x-rate-limit-remaining"] == str(left)
    assert it.token()
    refused = it.ask(proof=it.proof(nonce=NONCE))
    assert (refused.status_code, refused.json()["errorCode"]) == (429, "E0000047")


def recorded():
    return json.loads(RECORDING.read_text(encoding="utf-8"))["interactions"] if RECORDING.exists() else []


@pytest.mark.skipif(not RECORDING.exists(), reason="the recordings are not part of the project")
def test_the_exchange_is_the_recorded_one(app):
    it = app()
    token = ""
    for number, exchange in enumerate(recorded()):
        request, response = exchange["request"], exchange["response"]
        if request["method"] == "GET":
            url = urlsplit(request["path"])
            headers = {"Authorization": f"DPoP {token}", "DPoP": it.proof(url.path, "GET", ath=ath(token))}
            answer = httpx.get(f"{it.url}{request['path']}", headers=headers)
        else:
            proof = ["", it.proof(), it.proof(nonce=NONCE)][{0: 1, 1: 2}.get(number, 0)]
            answer = it.ask(scope=request["body"]["scope"], proof=proof)
            token = answer.json().get("access_token", "")
        assert answer.status_code == response["status"]
        assert set(response["headers"]) - {"date"} <= set(answer.headers)
        assert ("dpop-nonce" in answer.headers) == ("dpop-nonce" in response["headers"])
        if isinstance(response["body"], dict):
            assert {k: v for k, v in answer.json().items() if k != "access_token"} == {
                k: v for k, v in response["body"].items() if k != "access_token"
            }


@pytest.mark.parametrize("dpop", [True, False])
@pytest.mark.filterwarnings("ignore::DeprecationWarning")
def test_the_official_client_signs_in_as_a_service_app(okta_org, monkeypatch, dpop):
    monkeypatch.setenv("OKTA_TESTING_TESTINGDISABLEHTTPSCHECK", "true")
    okta = pytest.importorskip("okta.client")
    settings = OktaSandboxSettings(clients=(client(dpop=dpop),))

    async def story(url):
        given = {"authorizationMode": "PrivateKey", "clientId": "app1", "privateKey": APP_KEY.as_pem(private=True).decode()}
        it = okta.Client({"orgUrl": url, "scopes": ["okta.users.read"], "dpopEnabled": dpop, **given})
        users, _, error = await it.list_users()
        assert error is None
        assert [user.profile.first_name for user in users] == ["Ada"]

    with running(OktaSandbox({"users": [okta_org.person("ada")]}, settings=settings)) as sandbox:
        asyncio.run(story(sandbox.url))
        assert [request.path for request in sandbox.requests()].count("/oauth2/v1/token") == (2 if dpop else 1)
