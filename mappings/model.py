"""The base of the models of configuration files."""

from __future__ import annotations

from pydantic import BaseModel, ConfigDict


class Model(BaseModel):
    """Frozen, and a key it does not know is a mistake."""

    model_config = ConfigDict(extra="forbid", frozen=True)
