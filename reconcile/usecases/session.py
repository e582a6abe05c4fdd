"""All use cases of one project, for a command that goes through several of them."""

from __future__ import annotations

from dataclasses import dataclass

from reconcile.usecases.plan_making import PlanMaking
from reconcile.usecases.reading import Reading
from reconcile.usecases.running import Running


@dataclass(frozen=True, slots=True)
class Session(Reading, PlanMaking, Running):
    """The use cases of one command's project: it reads, plans and runs."""
