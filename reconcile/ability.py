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


def _instead(setting: str) -> str:
    return 'say "deactivate"' if setting == "leavers" else 'say "keep" or "deactivate"'
