"""What a mapping asks of its target that the target cannot do: a mistake to be told, never something else that is done instead."""

from __future__ import annotations

from collections.abc import Iterator

from connectors.contract import Traits
from mappings.rules import TargetMapping

SUSPENDING = ("leavers", "leave")
"""The settings that can say "suspend"."""


def impossible(mapping: TargetMapping, traits: Traits) -> Iterator[tuple[str, str]]:
    """Each setting that the target cannot follow, with a sentence."""
    for setting in SUSPENDING:
        if getattr(mapping, setting) == "suspend" and not traits.can.suspend:
            yield setting, f"{mapping.target} knows no suspended account; {_instead(setting)}"


def _instead(setting: str) -> str:
    return 'say "keep" or "deactivate"' if setting == "leave" else 'say "deactivate"'
