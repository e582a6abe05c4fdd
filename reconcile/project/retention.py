"""The settings of what is removed after a time: `[retention]`."""

from __future__ import annotations

from typing import Annotated

from pydantic import Field

from mappings.model import Model


class Retention(Model):
    """`[retention]`: how long files and closed rows of the state folder are kept. Nothing is removed where nothing is declared."""

    plans_days: Annotated[int, Field(ge=31, strict=True)] | None = None
    """Days after which a plan, and with it the undo of its runs, is removed."""
    reports_days: Annotated[int, Field(ge=1, strict=True)] | None = None
    """Days after which a file in `state/reports/` is removed."""
    spools_days: Annotated[int, Field(ge=7, strict=True)] | None = None
    """Days after which the pages of a read that was not sealed are removed."""
    history_days: Annotated[int, Field(ge=92, strict=True)] | None = None
    """Days for which it can be told what a target held; closed rows of before are removed."""
    log_days: Annotated[int, Field(ge=1, strict=True)] | None = None
    """Days after which the kept events of the systems' own logs are removed."""
    after_run: bool = True
    """Whether a live `run` removes at its end what is due; else `reconcile prune` alone."""

    @property
    def declared(self) -> bool:
        """Whether anything is ever removed."""
        return any((self.plans_days, self.reports_days, self.spools_days, self.history_days, self.log_days))
