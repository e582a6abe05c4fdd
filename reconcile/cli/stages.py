"""Prints what the stages of a plan cost."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from reconcile.cli.output import say

if TYPE_CHECKING:
    from reconcile.store.stages import Stage

PEOPLE = "all people"


def say_stages(stages: Sequence[Stage], seconds: float) -> None:
    """A line a stage on the standard error: whose it is, the file of its statements, how often one ran, rows, seconds; then the rest."""
    cells = [(each.schema or PEOPLE, each.room, f"{each.statements:,}", f"{each.rows:,}", f"{each.seconds:.3f}") for each in stages]
    rest = seconds - sum(each.seconds for each in stages)
    rows = [("target", "stage", "statements", "rows", "seconds"), *cells, ("", "Python, order, digest", "", "", f"{rest:.3f}")]
    widths = [max(len(row[place]) for row in rows) for place in range(len(rows[0]))]
    for target, room, *numbers in rows:
        shown = "  ".join(number.rjust(width) for number, width in zip(numbers, widths[2:], strict=True))
        say(f"{target.ljust(widths[0])}  {room.ljust(widths[1])}  {shown}".rstrip(), err=True)
