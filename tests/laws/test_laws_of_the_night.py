"""Every law, on nights of small worlds."""

from __future__ import annotations

from pathlib import Path

from hypothesis import given

from tests.support.companies.world import World

from .effort import NIGHTS
from .nights import night
from .rules import LAWS
from .strategies import worlds


def test_a_night_keeps_every_law(tmp_path: Path) -> None:
    @NIGHTS
    @given(worlds())
    def keeps_every_law(world: World) -> None:
        seen = night(world, tmp_path)
        for law in LAWS:
            law(seen)

    keeps_every_law()
