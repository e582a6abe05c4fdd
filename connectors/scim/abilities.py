"""The capabilities that an application states in ServiceProviderConfig (RFC 7643 section 5), and the settings that they rule out."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from connectors.scim.attributes import folded
from connectors.scim.dialect import ActiveUpdate, Dialect, GroupUpdate, UserUpdate

NO_PATCH = "the application says that it has no PATCH (ServiceProviderConfig)"


def stated(config: Mapping[str, Any], feature: str, key: str) -> object:
    """Returns the statement of the configuration on a feature; None where there is none."""
    part = folded(config, feature)
    return folded(part, key) if isinstance(part, dict) else None


def needless_patches(config: Mapping[str, Any], dialect: Dialect) -> list[str]:
    """The settings that would send PATCH to an application that says it has none, each as it should be."""
    if stated(config, "patch", "supported") is not False:
        return []
    sends = {
        "user_update": dialect.user_update is UserUpdate.PATCH,
        "active_update": dialect.active_update is not ActiveUpdate.PUT,
        "group_update": dialect.groups and dialect.group_update is GroupUpdate.PATCH,
    }
    return [f'{name} = "put"' for name, patches in sends.items() if patches]


def unsupported(config: Mapping[str, Any], dialect: Dialect) -> dict[str, str]:
    """Returns by capability why it is not planned. The end of an account is always tried: applications often describe themselves wrongly."""
    return dict(_unsupported(config, dialect)) if dialect.advertised else {}


def _unsupported(config: Mapping[str, Any], dialect: Dialect) -> Iterator[tuple[str, str]]:
    capabilities = {"user_update": ("update",), "active_update": ("reactivate",), "group_update": ("memberships", "group_attributes")}
    for setting in needless_patches(config, dialect):
        way_out = f"{NO_PATCH}. Set dialect_overrides = {{ {setting} }} for it in reconcile.toml, or advertised = false there if it has"
        yield from ((each, way_out) for each in capabilities[setting.partition(" ")[0]])
