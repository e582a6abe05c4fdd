"""Who is let in, and with which answer anybody else is sent away."""

from __future__ import annotations

from connectors.sandbox.okta.errors import OktaError
from connectors.sandbox.okta.routes import Route
from connectors.sandbox.okta.settings import OktaSandboxSettings
from connectors.sandbox.wire import WireAnswer, WireRequest

USER_LIST = ("GET", ("users",))


def token_of(request: WireRequest) -> str:
    """The SSWS token that was sent; empty for none.

    The space may be missing: Okta's own Python client (3.4.6) sends `SSWStoken`, and Okta lets it in.
    """
    sent = request.headers.get("authorization", "")
    return sent[4:].strip() if sent[:4].upper() == "SSWS" else ""


def refusal(settings: OktaSandboxSettings, request: WireRequest, route: Route) -> WireAnswer | None:
    """403 with an empty body for a missing scope; None where the request may pass.

    Raises E0000005 without an Authorization header, E0000011 for a token that is not known, E0000006 without an admin role -
    except for the list of users, which such a client sees as empty.
    """
    if "authorization" not in request.headers:
        raise OktaError("E0000005")
    if token_of(request) not in settings.tokens:
        raise OktaError("E0000011")
    if not _granted(settings, route.scope):
        return _insufficient_scope(request, route.scope)
    if settings.role_missing and (route.method, route.path) != USER_LIST:
        raise OktaError("E0000006")
    return None


def _granted(settings: OktaSandboxSettings, scope: str) -> bool:
    """Managing includes reading: without the read scope there is no manage scope either."""
    return not {scope, scope.replace(".manage", ".read")} & settings.missing_scopes


def _insufficient_scope(request: WireRequest, scope: str) -> WireAnswer:
    """What an OAuth client without the scope gets (RFC 6750, section 3), with Okta's own parameters and no body."""
    authority = f"{request.base_url}/oauth2/v1/authorize"
    challenge = (
        f'Bearer authorization_uri="{authority}", realm="{request.base_url}", scope="{scope}", error="insufficient_scope", '
        f'error_description="The access token provided does not contain the required scopes.", resource="{request.path}"'
    )
    return WireAnswer(status=403, headers=[("WWW-Authenticate", challenge)])
