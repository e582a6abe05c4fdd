"""What a mapping asks of its target that the target cannot do: a mistake to be told, never something else that is done instead."""

from __future__ import annotations

from collections.abc import Iterator

from connectors.contract import Traits
from mappings.rules import TargetMapping

SUSPENDING = ("leavers", "leave", "vanished")
"""The settings that can say "suspend"."""


def impossible(mapping: TargetMapping, traits: Traits) -> Iterator[tuple[str, str]]:
    """Each setting that the target cannot follow, with a sentence."""
    for setting in SUSPENDING:
        if getattr(mapping, setting) == "suspend" and not traits.can.suspend:
            yield setting, f"{mapping.target} knows no suspended account; {_instead(setting)}"
    if mapping.delete_after_days is not None and not traits.can.delete:
        yield "delete_after_days", f"{mapping.target} cannot delete a deactivated account for good; leave it out"
    if (mapping.apps or mapping.fully_managed_apps) and not traits.can.apps:
        yield "apps", f"the apps of {mapping.target} are not read; where it is an Okta org, set apps = true for it in reconcile.toml"
    if (mapping.roles or mapping.fully_managed_roles) and not traits.roles:
        yield "roles", f"the accounts of {mapping.target} have no roles that can be changed; only those of SCIM applications have"
    elif mapping.roles and traits.roles in mapping.attributes:
        yield f"attributes.{traits.roles}", "the rules under [roles.NAME] say which roles an account has: state them there or here"


def _instead(setting: str) -> str:
    return 'say "deactivate"' if setting == "leavers" else 'say "keep" or "deactivate"'
