"""Facts that a page shows beside the plan and its run."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from reconcile.plan.usual import UsualNights
from reconcile.project.limits import Guards


@dataclass(frozen=True, slots=True, kw_only=True)
class PageFacts:
    """Facts about the project of a plan; what is not known is empty."""

    project: str = ""
    """Name of the project."""
    usual: UsualNights = field(default_factory=UsualNights)
    guards: Guards | None = None
    """Limits of the guards as they are today."""
    departments: Mapping[str, str] = field(default_factory=dict)
    """Department of a person, by anchor."""


NO_FACTS = PageFacts()
