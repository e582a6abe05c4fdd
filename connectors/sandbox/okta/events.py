"""System Log of an org: an event for each change, in the order in which it happened."""

from __future__ import annotations

import hashlib
import time
from collections.abc import Mapping
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import Any, TypeAlias

from connectors.sandbox.okta.objects import OktaApp, OktaGroup, OktaUser
from connectors.sandbox.okta.settings import OktaSandboxSettings

Target: TypeAlias = "OktaUser | OktaGroup | OktaApp | dict[str, Any]"

ADMIN = {"id": "00u000sandboxadmin00", "type": "User", "alternateId": "admin@sandbox.example", "displayName": "Sandbox Admin"}
"""Owner of every token."""
SYSTEM = {"id": "okta.0000-sandbox-system", "type": "SystemPrincipal", "alternateId": "system@okta.com", "displayName": "Okta System"}
"""Actor that carries out group rules."""
NOTHING: Mapping[str, str] = MappingProxyType({})


@dataclass(slots=True)
class Log:
    """Every event, the oldest first."""

    settings: OktaSandboxSettings
    request_id: str = ""
    """The request that is being answered."""
    request_uri: str = ""
    events: list[dict[str, Any]] = field(default_factory=list)
    mails: list[tuple[str, str]] = field(default_factory=list)
    """Mails to users: the call that sent one, and the id of the user. No answer shows them."""

    def note(self, event_type: str, *targets: Target, **said: str) -> None:
        """One change that the request under way made; `said` is added to its debug data."""
        self._add(event_type, ADMIN, targets, self.request_id, said)

    def note_own(self, event_type: str, *targets: Target) -> None:
        """One change that the org made by itself: it has a transaction of its own."""
        self._add(event_type, SYSTEM, targets, hashlib.sha256(f"job {len(self.events)}".encode()).hexdigest()[:32])

    def visible(self) -> list[dict[str, Any]]:
        """The events that queries show by now."""
        latest = log_time(self.settings.clock() - self.settings.log_lag)
        return [event for event in self.events if event["published"] <= latest]

    def _add(
        self, event_type: str, actor: dict[str, str], targets: tuple[Target, ...], transaction: str, said: Mapping[str, str] = NOTHING
    ) -> None:
        self.events.append(
            {
                "actor": {**actor, "detailEntry": None},
                "client": {
                    "userAgent": None,
                    "zone": "null",
                    "device": None,
                    "id": None,
                    "ipAddress": "127.0.0.1",
                    "geographicalContext": None,
                },
                "device": None,
                "authenticationContext": {"authenticationProvider": None, "authenticationStep": 0, "externalSessionId": None},
                "displayMessage": event_type,
                "eventType": event_type,
                "outcome": {"result": "SUCCESS", "reason": None},
                "published": log_time(self.settings.clock()),
                "securityContext": {"asNumber": None, "asOrg": None, "isp": None, "domain": None, "isProxy": None},
                "severity": "INFO",
                "debugContext": {"debugData": {"requestId": transaction, "requestUri": self.request_uri, **said}},
                "legacyEventType": None,
                "transaction": {"type": "WEB" if actor is ADMIN else "JOB", "id": transaction, "detail": {}},
                "uuid": hashlib.sha256(f"event {len(self.events)}".encode()).hexdigest()[:32],
                "version": "0",
                "request": {"ipChain": []},
                "target": [{**_target(target), "detailEntry": None} for target in targets],
            }
        )


def log_time(seconds: float) -> str:
    """The log's own times have milliseconds."""
    whole, thousandths = divmod(round(seconds * 1000), 1000)
    return time.strftime(f"%Y-%m-%dT%H:%M:%S.{thousandths:03d}Z", time.gmtime(whole))


def _target(target: Target) -> dict[str, Any]:
    match target:
        case OktaUser():
            name = f"{target.profile.get('firstName')} {target.profile.get('lastName')}"
            return {"id": target.id, "type": "User", "alternateId": target.profile["login"], "displayName": name}
        case OktaGroup():
            return {"id": target.id, "type": "UserGroup", "alternateId": "unknown", "displayName": target.profile["name"]}
        case OktaApp():
            return {"id": target.id, "type": "AppInstance", "alternateId": target.label, "displayName": target.label}
        case dict():
            return {"id": target["id"], "type": "Rule", "alternateId": "unknown", "displayName": target["name"]}
