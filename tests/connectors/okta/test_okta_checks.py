"""What `check` says of an org: each thing that can be wrong has a sentence of its own, with the way out."""

import asyncio
import datetime as dt
import ipaddress
import socket
import ssl
import threading
from contextlib import closing, contextmanager

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID
from joserfc.jwk import ECKey

from connectors.http.retry import RetryPolicy
from connectors.okta.auth.scopes import REQUIRED_SCOPES, Feature
from connectors.okta.checks import PROBES
from connectors.okta.connector import Okta
from connectors.okta.settings import OktaSettings
from connectors.sandbox.host import Fault, FaultKind
from connectors.sandbox.okta import Bucket, OAuthClient
from tests.support.waiting import LIMIT

from .okta_worlds import org, user

KEY = ECKey.generate_key("P-256")
OAUTH = {"client_id": "app1", "private_key": "file:key.pem"}
USERS = {"users": [user(1)]}
ROLE_MISSING = '{"errorCode":"E0000006","errorSummary":"You do not have permission to perform the requested action"}'


async def look(okta):
    return await okta.check()


def problems(checks):
    """What is wrong, by what it is about."""
    return {"reach" if check.what.startswith("http") else check.what: check.problem for check in checks if check.problem}


@pytest.fixture
def app(tmp_path):
    """A function that starts an org with an app, and gives what `check` says of it: `app(scopes=..., setting=...)`."""
    (tmp_path / "key.pem").write_bytes(KEY.as_pem(private=True))

    def checked(scopes, *, oauth=None, apps=False, fault=None, **switches):
        client = OAuthClient(client_id="app1", keys=(KEY.as_dict(private=False),), scopes=frozenset(scopes))
        with org(USERS, tmp_path, clients=(client,), **switches) as (sandbox, tell):
            if fault:
                sandbox.add_fault(fault)
            return tell(look, token=None, oauth={**OAUTH, **(oauth or {})}, apps=apps)

    return checked


def checked_alone(url, tmp_path, **settings):
    """What `check` says of an address where no sandbox is."""
    (tmp_path / "token").write_text("00secret")

    async def story():
        given = OktaSettings.model_validate({"url": url, "token": "file:token", **settings})
        okta = Okta("acme", given, tmp_path, patience=RetryPolicy(attempts=1, first_wait=0.01))
        try:
            return await okta.check()
        finally:
            await okta.close()

    return asyncio.run(story())


def test_an_app_with_everything_passes_every_check(app):
    scopes = {scope for feature, scope in REQUIRED_SCOPES.items() if feature is not Feature.READ_LOG}
    checks = app(scopes, apps=True)
    assert not problems(checks)
    assert [check.what for check in checks[2:]] == [feature.value for feature in Feature if feature is not Feature.READ_LOG]


def test_every_missing_scope_has_its_own_sentence(app):
    found = problems(app({"okta.groups.manage"}, apps=True))
    assert set(found) == {feature.value for feature in Feature if "groups" not in REQUIRED_SCOPES[feature]} - {Feature.READ_LOG.value}
    for feature, scope in REQUIRED_SCOPES.items():
        if feature.value in found:
            assert f"the scope {scope} is not granted: grant it in the admin console" in found[feature.value]


def test_only_what_an_app_asks_for_is_looked_at(app):
    source = ["okta.users.read", "okta.groups.read", "okta.schemas.read"]
    checks = app(source, oauth={"scopes": source})
    assert not problems(checks)
    assert "changed" not in " ".join(check.what for check in checks)
    assert checks[-1].what == "oauth.scopes lists no okta.users.manage and no okta.groups.manage: enough to read, and to apply not"


def test_scopes_without_an_admin_role_are_told_apart_from_an_empty_org(app):
    found = problems(app(set(REQUIRED_SCOPES.values()), role_missing=True))
    assert "the list of users is empty" in found["users can be read"]
    assert all("Admin roles: scopes alone show nothing" in problem for problem in found.values())
    assert {"users can be read", "groups can be read", "group rules can be read"} <= set(found)


def test_an_app_that_is_not_let_in_hides_what_is_behind(app):
    checks = app({"okta.users.read"}, oauth={"client_id": "another"})
    assert [check.problem == "" for check in checks] == [True, False]
    assert "oauth.client_id" in checks[1].problem


def test_a_role_that_lacks_a_part_is_told_for_that_part(tmp_path):
    for path, what in [
        ("groups\\?", "groups can be read"),
        ("rules", "group rules can be read"),
        ("schemas", "the user schema can be read"),
    ]:
        with org(USERS, tmp_path) as (sandbox, tell):
            sandbox.add_fault(Fault(FaultKind.STATUS, path=path, status=403, body=ROLE_MISSING))
            found = problems(tell(look))
            assert list(found) == [what]
            assert "E0000006" in found[what]
            assert "give the admin who made the token a role" in found[what]


@pytest.mark.parametrize(
    ("fault", "what", "said"),
    [
        (Fault(FaultKind.STATUS, status=401, body='{"errorCode":"E0000011"}'), "the token is accepted", "Make a new API token"),
        (
            Fault(FaultKind.STATUS, status=403, body='{"errorCode":"E0000005"}'),
            "the token is accepted",
            "take the header Authorization away",
        ),
        (Fault(FaultKind.STATUS, status=403, body=ROLE_MISSING), "users can be read", "a role that may view all users"),
        (Fault(FaultKind.STATUS, status=403, body="<html>blocked</html>"), "reach", "is not Okta"),
        (Fault(FaultKind.STATUS, status=401), "reach", "is not Okta"),
        (Fault(FaultKind.STATUS, status=200, body="<html>sign in</html>"), "reach", "is not Okta"),
        (Fault(FaultKind.STATUS, status=404, body="<html>nothing</html>"), "reach", "is not Okta"),
        (Fault(FaultKind.REDIRECT, headers={"Location": "https://sso.example.com/"}), "reach", "redirect to https://sso.example.com"),
        (Fault(FaultKind.STATUS, status=503), "reach", "firewall"),
        (Fault(FaultKind.DROP_BEFORE), "reach", "firewall"),
    ],
)
def test_each_way_of_not_getting_in_has_its_own_sentence(tmp_path, fault, what, said):
    with org(USERS, tmp_path) as (sandbox, tell):
        sandbox.add_fault(fault)
        found = problems(tell(look))
    assert said in found[what]


def test_a_rate_limit_that_others_use_up_is_told(tmp_path):
    with org(USERS, tmp_path, limits={Bucket.USERS: 2}) as (sandbox, tell):
        sandbox.add_fault(Fault(FaultKind.STATUS, status=429, headers={"Retry-After": "900"}))
        assert any("try again later" in problem for problem in problems(tell(look)).values())


def test_address_without_a_server_is_reported(tmp_path):
    with closing(socket.create_server(("127.0.0.1", 0))) as taken:
        port = taken.getsockname()[1]
    (check,) = checked_alone(f"http://127.0.0.1:{port}", tmp_path)
    assert "cannot be reached" in check.problem
    assert "firewall" in check.problem


def test_a_certificate_that_is_not_believed_is_told(tmp_path):
    with self_signed(tmp_path) as url:
        (check,) = checked_alone(url, tmp_path)
    assert "certificate authority in ca_file" in check.problem
    assert "00secret" not in check.problem


@contextmanager
def self_signed(tmp_path):
    """A server on 127.0.0.1 with a certificate of its own making, which shakes hands and says nothing."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "127.0.0.1")])
    now = dt.datetime.now(dt.UTC)
    made = x509.CertificateBuilder(name, name, key.public_key(), 1, now, now + dt.timedelta(days=1))
    made = made.add_extension(x509.SubjectAlternativeName([x509.IPAddress(ipaddress.ip_address("127.0.0.1"))]), critical=False)
    private = key.private_bytes(serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
    (tmp_path / "server.pem").write_bytes(private + made.sign(key, hashes.SHA256()).public_bytes(serialization.Encoding.PEM))
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(tmp_path / "server.pem")

    def shake_hands(server):
        for _ in range(2):
            try:
                connection, _ = server.accept()
                context.wrap_socket(connection, server_side=True).close()
            except OSError:
                connection.close()
                return

    with closing(socket.create_server(("127.0.0.1", 0))) as server:
        server.settimeout(LIMIT)
        thread = threading.Thread(target=shake_hands, args=(server,), daemon=True)
        thread.start()
        yield f"https://127.0.0.1:{server.getsockname()[1]}"
        thread.join()


def test_every_feature_is_judged_by_a_read_or_by_its_scope_alone():
    assert set(REQUIRED_SCOPES) == set(Feature)
    assert set(Feature) - set(PROBES) == {Feature.WRITE_USERS, Feature.WRITE_MEMBERSHIPS, Feature.WRITE_APPS}
