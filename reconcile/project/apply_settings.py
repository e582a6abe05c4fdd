"""The `[apply]` settings of a project: when a live run stops because its target is no longer as the plan saw it."""

from __future__ import annotations

from mappings.model import Model
from reconcile.project.limits import Limit


class ApplySettings(Model):
    """`[apply]`."""

    moved: Limit = Limit(percent=20, floor=10)
    """Rows of one target that may have moved since the plan."""
