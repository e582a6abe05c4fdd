"""Starts a twin for each target of a plan: a local server that holds what the target's snapshot does, and the settings to reach it by."""

from __future__ import annotations

import contextlib
import secrets
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from pydantic import BaseModel

from connectors.contract import AccountState, Entitlement, EntitlementKind, Membership, Record
from connectors.okta.settings import OktaSettings
from connectors.sandbox.faults import Fault
from connectors.sandbox.host import Sandbox, running
from connectors.sandbox.scim import BASE_PATH
from connectors.sandbox.twins.okta import okta_twin
from connectors.sandbox.twins.scim import DIALECTS, scim_twin
from connectors.sandbox.twins.snapshot import CannotHold, TwinSnapshot
from connectors.sandbox.wire import WireApp
from connectors.scim.settings import ScimSettings
from reconcile.disk import write_private
from reconcile.project.config import ConfiguredConnector
from reconcile.store.connection import Store
from reconcile.store.declared import declared_attributes
from reconcile.usecases.rehearsal.errors import NoDialects, NoSuchDialect, NotOfThisPlan, NoTwin, TwinCannotHold

_SIGN_IN = {"url", "token", "oauth", "basic", "headers", "ca_file"}
"""Settings by which the real system is reached. No twin has one of them."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Conditions:
    """The conditions of a rehearsal, as they were asked for."""

    faults: Mapping[str, Sequence[Fault]] = field(default_factory=dict)
    """By target, or under an empty name for each of them."""
    crash: bool = False
    """Whether the run is killed in the middle and resumed."""
    rate: int | None = None
    """Calls a minute of each limit; None: as fast as it goes."""
    dialects: Mapping[str, str] = field(default_factory=dict)
    """By target, the dialect of its twin where that is another than the target's."""

    def refuse_unknown(self, targets: Sequence[str]) -> None:
        """Raises NotOfThisPlan and NoSuchDialect for names that nothing has."""
        for option, names in (("--faults", self.faults), ("--dialect", self.dialects)):
            for name in names:
                if name and name not in targets:
                    raise NotOfThisPlan(option, name, list(targets))
        for name in self.dialects.values():
            if name not in DIALECTS:
                raise NoSuchDialect(name, sorted(DIALECTS))


@dataclass(frozen=True, slots=True)
class Twin:
    """A running twin, and the connector that reaches it."""

    server: Sandbox
    connector: ConfiguredConnector
    dialect: str
    """Empty for an Okta org."""


@contextlib.contextmanager
def running_twins(
    store: Store, connectors: Mapping[str, ConfiguredConnector], folder: Path, conditions: Conditions
) -> Iterator[dict[str, Twin]]:
    """Runs a twin of each connector on 127.0.0.1 until the context ends. Their tokens lie in `folder`. Raises NoTwin, TwinCannotHold."""
    with contextlib.ExitStack() as stack:
        twins = {}
        for name, connector in connectors.items():
            token = secrets.token_urlsafe(24)
            write_private(folder / f"{name}.token", token)
            app, dialect = _app(name, connector, snapshot_of(store, name), token, conditions)
            server = stack.enter_context(running(app))
            settings = _settings(connector.settings, server.url, folder / f"{name}.token", conditions.rate)
            store.do("bind_twin", system=name, address=str(settings.model_dump()["url"]))
            twins[name] = Twin(server, ConfiguredConnector(connector.type, settings), dialect)
        yield twins


def snapshot_of(store: Store, target: str) -> TwinSnapshot:
    """The rows of a target as the store has them now."""
    return TwinSnapshot(
        accounts=[Record(id_, AccountState(state), *rest) for id_, state, *rest in store.rows("twin_accounts", system=target)],
        entitlements=[
            Entitlement(id_, EntitlementKind(kind), *rest) for id_, kind, *rest in store.rows("twin_entitlements", system=target)
        ],
        memberships=[Membership(*row) for row in store.rows("twin_memberships", system=target)],
        declared=declared_attributes(store, target),
    )


def _app(name: str, connector: ConfiguredConnector, snapshot: TwinSnapshot, token: str, conditions: Conditions) -> tuple[WireApp, str]:
    try:
        match connector.settings:
            case OktaSettings():
                if name in conditions.dialects:
                    raise NoDialects(name)
                return okta_twin(snapshot, token, conditions.rate), ""
            case ScimSettings() as settings:
                dialect = conditions.dialects.get(name, settings.dialect)
                return scim_twin(snapshot, token, dialect, settings.spoken()), dialect
            case _:
                raise NoTwin(name, connector.type)
    except CannotHold as error:
        raise TwinCannotHold(name, str(error)) from error


def _settings(real: BaseModel, url: str, token: Path, rate: int | None) -> BaseModel:
    """The settings of the real system, with another address and another way to sign in."""
    kept: dict[str, Any] = real.model_dump(exclude=_SIGN_IN, exclude_unset=True)
    sign_in = {"token": f"file:{token}"}
    if isinstance(real, OktaSettings):
        # The twin holds the part that is read, and nothing else.
        return OktaSettings.model_validate({**kept, **sign_in, "url": url, "only": {}, "log": False})
    pace = {"requests": rate} if rate else {}
    overrides = {**kept.get("dialect_overrides", {}), "rate": pace}
    return ScimSettings.model_validate({**kept, **sign_in, "url": f"{url}{BASE_PATH}", "dialect_overrides": overrides, "empty_ok": True})
