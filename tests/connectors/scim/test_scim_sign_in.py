"""How a SCIM application is signed in to, what is said where it does not let us in, and which certificates are believed."""

import asyncio
import ssl
from contextlib import ExitStack

import pytest
from pydantic import ValidationError

from connectors.errors import BadResponse, Unauthorised, Unreachable
from connectors.http.retry import RetryPolicy
from connectors.sandbox.faults import Fault, FaultKind
from connectors.sandbox.host import running
from connectors.sandbox.scim import BASE_PATH, ScimSandbox, ScimSandboxSettings
from connectors.sandbox.scim_access import TOKEN_PATH, ScimAccess, ScimClient
from connectors.scim.connector import Scim
from connectors.scim.settings import ScimSettings
from connectors.secrets import CaFileUnusable
from tests.check.false_certificate import certificate

SECRET = "s3cret/+&=%: value"
CLIENT = ScimClient("client:1/ä", SECRET, "scim.read scim.write", "https://app.example.com")
USER = {"id": "u1", "userName": "ann@example.com", "active": True}


class Running:
    """A sandboxed application with a sign-in of its own, and a connector that is configured for it."""

    def __init__(self, folder, stack, access, tls=None):
        self.app = ScimSandbox({"users": [USER]}, settings=ScimSandboxSettings(access=access))
        self.sandbox = stack.enter_context(running(self.app, tls=tls))
        self.folder = folder

    def ask(self, work=lambda scim: scim.read_account("u1"), **settings):
        async def whole():
            scim = Scim("app", ScimSettings(**{"url": self.sandbox.url + BASE_PATH, **settings}), self.folder)
            patience = RetryPolicy(attempts=2, first_wait=0.01)
            scim._session.http._retries.patience = patience
            inner = scim._session.sign_in._inner
            if hasattr(inner, "_http"):
                inner._http._retries.patience = patience
            try:
                return await work(scim)
            finally:
                await scim.close()

        return asyncio.run(whole())

    def oauth(self, **changes):
        usual = {
            "token_url": self.sandbox.url + TOKEN_PATH,
            "client_id": CLIENT.client_id,
            "client_secret": "env:W_SECRET",
            "scope": CLIENT.scope,
            "audience": CLIENT.audience,
        }
        return {"oauth": {**usual, **changes}}

    def asked(self, path):
        return [request for request in self.sandbox.requests() if request.path.startswith(path)]


@pytest.fixture
def run(tmp_path, monkeypatch):
    monkeypatch.setenv("W_SECRET", SECRET)
    monkeypatch.setenv("W_KEY", "key-of-the-gateway")
    with ExitStack() as stack:
        yield lambda access, **more: Running(tmp_path, stack, access, **more)


@pytest.mark.parametrize("in_form", [False, True])
def test_an_oauth_client_asks_for_one_token_and_uses_it(run, in_form):
    app = run(ScimAccess(client=ScimClient(CLIENT.client_id, SECRET, CLIENT.scope, CLIENT.audience, in_form=in_form)))

    async def often(scim):
        return await asyncio.gather(*(scim.read_account("u1") for _ in range(5)))

    read = app.ask(often, **app.oauth(client_auth="post" if in_form else "basic"))
    assert [each.id for each in read] == ["u1"] * 5
    assert len(app.asked(TOKEN_PATH)) == 1


def test_a_token_that_has_ended_is_renewed_once(run):
    app = run(ScimAccess(client=CLIENT))

    async def revoked(scim):
        assert (await scim.read_account("u1")).id == "u1"
        app.app.gate.revoke()
        read = await asyncio.gather(*(scim.read_account("u1") for _ in range(3)))
        app.app.gate.revoke()
        changed = await scim.update_account("u1", {"title": "Lead"}, read[0])
        assert changed.values()["title"] == "Lead"

    app.ask(revoked, **app.oauth())
    assert len(app.asked(TOKEN_PATH)) == 3


def test_a_token_that_the_application_never_takes_is_not_asked_for_again_and_again(run):
    app = run(ScimAccess(client=CLIENT))
    app.sandbox.add_fault(Fault(FaultKind.STATUS, path="/Users", status=401))
    with pytest.raises(Unauthorised, match="does not accept the sign-in"):
        app.ask(**app.oauth())
    assert len(app.asked(TOKEN_PATH)) == 2
    (check,) = app.ask(lambda scim: scim.check(), **app.oauth())
    assert "gives a token that the application does not take" in check.problem


def test_a_token_ends_by_the_clock_before_it_is_refused(run, monkeypatch):
    app = run(ScimAccess(client=CLIENT))
    now = [1_000.0]
    monkeypatch.setattr("connectors.scim.sign_in.time.monotonic", lambda: now[0])

    async def later(scim):
        await scim.read_account("u1")
        now[0] += 3_539
        await scim.read_account("u1")
        assert len(app.asked(TOKEN_PATH)) == 1
        now[0] += 2
        await scim.read_account("u1")

    app.ask(later, **app.oauth())
    assert len(app.asked(TOKEN_PATH)) == 2
    assert {request.status for request in app.sandbox.requests()} == {200}


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"client_id": "another"}, "invalid_client: The client or its secret is not known. Compare oauth.client_id and the secret"),
        ({"client_auth": "post"}, "see which client_auth it takes"),
        ({"scope": "other"}, "invalid_scope: The scope or the audience is not allowed. Correct oauth.scope"),
        ({"audience": ""}, "invalid_scope"),
    ],
)
def test_why_an_authorisation_server_gives_no_token_is_told(run, changes, said):
    app = run(ScimAccess(client=CLIENT))
    with pytest.raises(Unauthorised) as caught:
        app.ask(**app.oauth(**changes))
    assert "the authorisation server gives no access token for app" in str(caught.value)
    assert said in str(caught.value)
    (check,) = app.ask(lambda scim: scim.check(), **app.oauth(**changes))
    assert said in check.problem
    assert "gives a token" not in check.problem
    assert app.asked(BASE_PATH) == []


@pytest.mark.parametrize(
    ("fault", "error", "said"),
    [
        (
            Fault(FaultKind.STATUS, status=503),
            Unreachable,
            "POST /oauth2/token of the authorisation server of app failed on the server's side",
        ),
        (Fault(FaultKind.DROP_BEFORE), Unreachable, "the connection was lost"),
        (Fault(FaultKind.STATUS, status=404), BadResponse, "Is oauth.token_url right"),
        (Fault(FaultKind.STATUS, status=403), Unauthorised, "Compare oauth.client_id"),
        (Fault(FaultKind.BODY, body="<html>sign in</html>"), BadResponse, "holds no access token"),
        (Fault(FaultKind.BODY, body='{"access_token":"","token_type":"Bearer"}'), BadResponse, "no usable access token"),
        (Fault(FaultKind.BODY, body='{"access_token":"x","token_type":"Bearer","expires_in":-1}'), BadResponse, "no usable access token"),
        (Fault(FaultKind.BODY, body='{"access_token":"x","token_type":"mac"}'), BadResponse, "only bearer tokens are used"),
        (Fault(FaultKind.BODY, body="[" * 100_000), BadResponse, "holds no access token"),
        (Fault(FaultKind.REDIRECT, headers={"Location": "https://elsewhere.example.com/token"}), BadResponse, "redirects are not followed"),
    ],
)
def test_an_authorisation_server_that_misbehaves_is_told_and_not_believed(run, fault, error, said):
    app = run(ScimAccess(client=CLIENT))
    app.sandbox.add_fault(fault)
    with pytest.raises(error) as caught:
        app.ask(**app.oauth())
    assert said in str(caught.value)


def test_a_token_that_the_server_gives_twice_is_used_twice_and_never_shown(run):
    app = run(ScimAccess(token="token-given-twice"))
    app.sandbox.add_fault(
        Fault(
            FaultKind.STATUS,
            path=TOKEN_PATH,
            status=200,
            body='{"access_token":"token-given-twice","token_type":"bearer","expires_in":"600"}',
        )
    )
    for _ in range(2):
        assert app.ask(**app.oauth()).id == "u1"
    app.sandbox.add_fault(Fault(FaultKind.STATUS, path="/Users", status=403, body="token-given-twice"))
    with pytest.raises(Exception, match="secret removed") as caught:
        app.ask(**app.oauth())
    assert "token-given-twice" not in str(caught.value)


def test_basic_signs_in_with_user_and_password(run, monkeypatch):
    app = run(ScimAccess(basic=f"ann:{SECRET}"))
    login = {"basic": {"user": "ann", "password": "env:W_SECRET"}}
    assert app.ask(**login).id == "u1"
    monkeypatch.setenv("W_SECRET", "another-7f3a-secret")
    (check,) = app.ask(lambda scim: scim.check(), **login)
    assert "does not accept the sign-in" in check.problem
    assert "Compare basic.user and the password" in check.problem


def test_headers_go_with_every_request_beside_the_sign_in(run, monkeypatch):
    app = run(ScimAccess(headers=(("X-Api-Key", "key-of-the-gateway"), ("X-Tenant", "acme"))))
    monkeypatch.setenv("W_TOKEN", "sandbox")
    headers = {"X-Api-Key": "env:W_KEY", "X-Tenant": "acme"}
    assert app.ask(token="env:W_TOKEN", headers=headers).id == "u1"
    with pytest.raises(Unauthorised):
        app.ask(token="env:W_TOKEN", headers={"X-Tenant": "acme"})


def test_headers_alone_sign_in(run):
    app = run(ScimAccess())
    assert app.ask(headers={"Authorization": "Bearer sandbox"}).id == "u1"
    (check,) = app.ask(lambda scim: scim.check(), headers={"Authorization": "Bearer wrong"})
    assert "Compare the values of headers" in check.problem


@pytest.mark.parametrize(
    ("settings", "said"),
    [
        ({}, "must say how to sign in"),
        ({"token": "env:A", "basic": {"user": "a", "password": "env:B"}}, "only one of token, oauth and basic"),
        ({"token": "env:A", "headers": {"authorization": "x"}}, "headers holds Authorization, which token sets"),
        ({"token": "the-token-itself"}, "expected env:NAME or file:PATH"),
        ({"basic": {"user": "a:b", "password": "env:B"}}, "String should match pattern"),
        ({"headers": {"X-Key": "a\nb"}}, "must be printable ASCII"),
        ({"headers": {"X-Key": 5}}, "must be a text"),
        ({"headers": {"X Key": "a"}}, "is no name of a header"),
        ({"headers": {"Content-Length": "5"}}, "is not for the configuration to set"),
        (
            {"oauth": {"token_url": "http://login.example.com/token", "client_id": "a", "client_secret": "env:B"}},
            "must begin with https://",
        ),
        (
            {"oauth": {"token_url": "https://a:b@login.example.com/token", "client_id": "a", "client_secret": "env:B"}},
            "must be the address of",
        ),
        ({"oauth": {"token_url": "https://login.example.com/token", "client_id": "a", "client_secret": "it itself"}}, "expected env:NAME"),
    ],
)
def test_a_sign_in_that_cannot_work_is_refused_with_the_configuration(settings, said):
    with pytest.raises(ValidationError, match=said):
        ScimSettings(url="https://app.example.com/scim/v2", **settings)


def test_a_certificate_is_believed_only_by_the_authority_that_is_named(run, tmp_path, monkeypatch):
    monkeypatch.setenv("W_TOKEN", "sandbox")
    server = certificate(tmp_path)
    tls = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    tls.load_cert_chain(server)
    app = run(ScimAccess(), tls=tls)
    assert app.ask(token="env:W_TOKEN", ca_file="server.pem").id == "u1"
    with pytest.raises(Unreachable, match="cannot be reached"):
        app.ask(token="env:W_TOKEN")
    (tmp_path / "other").mkdir()
    certificate(tmp_path / "other")
    with pytest.raises(Unreachable, match="cannot be reached"):
        app.ask(token="env:W_TOKEN", ca_file="other/server.pem")


def test_the_authorisation_server_has_an_authority_of_its_own(run, tmp_path):
    server = certificate(tmp_path)
    tls = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    tls.load_cert_chain(server)
    app = run(ScimAccess(client=CLIENT), tls=tls)
    assert app.ask(ca_file="server.pem", **app.oauth(ca_file="server.pem")).id == "u1"
    with pytest.raises(Unreachable, match="the authorisation server of app cannot be reached"):
        app.ask(ca_file="server.pem", **app.oauth())


@pytest.mark.parametrize("text", [None, "", "no certificate", "-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n"])
def test_a_file_of_authorities_that_cannot_be_read_is_told_as_bad_configuration(run, tmp_path, monkeypatch, text):
    monkeypatch.setenv("W_TOKEN", "sandbox")
    app = run(ScimAccess())
    if text is not None:
        (tmp_path / "ca.pem").write_text(text)
    with pytest.raises(CaFileUnusable, match=r"ca\.pem holds no certificate authority that can be read"):
        app.ask(token="env:W_TOKEN", ca_file="ca.pem")
    (check,) = app.ask(lambda scim: scim.check(), token="env:W_TOKEN", ca_file="ca.pem")
    assert "ca_file names a file with certificates" in check.problem
    assert app.sandbox.requests() == []
