"""Ways in which a list of an Okta org comes back wrong, as the stories tell them."""

from connectors.sandbox.host import Fault, FaultKind

K = FaultKind
AT_ONCE = {"Retry-After": "0"}
"""Headers of a refusal that lets the client come back without a wait."""
NO_LINK = {"Link": ""}
"""Headers of a page that names no page after it."""

EMPTY_LIST = Fault(K.BODY, path=r"/api/v1/users\?", body="[]", headers=NO_LINK)
ELSEWHERE = Fault(K.REDIRECT, path="", headers={"Location": "https://login.example.com/sign-in"})
LOGIN_PAGE = Fault(K.BODY, path="users.*after=", body="<html>Sign in</html>", headers={"Content-Type": "text/html"})
LOST_IN_THE_MIDDLE = Fault(K.STATUS, path="users.*after=", status=503, headers=AT_ONCE, after=1)
TOKEN_ENDED = Fault(K.STATUS, path=r"users\?", status=401, body='{"errorCode": "E0000011", "errorSummary": "Invalid token provided"}')
