"""Parses the `WWW-Authenticate` header of a refusal (RFC 6750, section 3; RFC 9449, section 7.1): Okta leaves the body empty then."""

from __future__ import annotations

import re
from dataclasses import dataclass

from connectors.http.answer import Answer

ADMIN_PLACE = "in the admin console, under Applications, the app"
GRANT = f"grant it {ADMIN_PLACE}, Okta API Scopes"
INSUFFICIENT_SCOPE = "insufficient_scope"


@dataclass(frozen=True, slots=True)
class Challenge:
    """The parts of it that matter; empty where they are missing."""

    error: str = ""
    description: str = ""
    scope: str = ""

    def __str__(self) -> str:
        if self.error == INSUFFICIENT_SCOPE and self.scope:
            return f"the scope {self.scope} is not granted: {GRANT}"
        return " ".join(part for part in (self.error, self.description) if part)


def challenge_of(answer: Answer) -> Challenge:
    """Parses the first header of an answer that names an error."""
    for line in answer.headers.all("www-authenticate"):
        found = dict(re.findall(r'\b(\w{1,40})="([^"]{1,300})"', line))
        if "error" in found:
            return Challenge(found["error"], found.get("error_description", ""), found.get("scope", ""))
    return Challenge()
