"""The `[approval]` settings of a project: when a plan needs the approval of people before it is applied, and of how many."""

from __future__ import annotations

from enum import StrEnum
from typing import Annotated

from pydantic import Field

from mappings.model import Model


class ApprovalNeed(StrEnum):
    """Plans that need approval."""

    NEVER = "never"
    RISK = "risk"
    """Plans that a guard refuses, or that hold operations which are irreversible, privileged, or more than usual."""
    ALWAYS = "always"


class ApprovalPolicy(Model):
    """`[approval]`."""

    needed: ApprovalNeed = ApprovalNeed.NEVER
    people: Annotated[int, Field(ge=1, le=10, strict=True)] = 1
    """Number of different people who must approve."""
    four_eyes: bool = False
    """Whether a plan of a changed configuration needs approval by another person than the one who planned with it first."""
