"""The sentence of a reason that says what the next run makes of a one-off row."""

from __future__ import annotations

_BEGINNING = "The next run "


def on_next_run(again: str, who: str) -> str:
    """Returns the sentence, with the command that keeps the row as it is."""
    return f"{_BEGINNING}{again}. To keep it: reconcile hold {who} --until DATE --why REASON."


def without_next_run(detail: str) -> str:
    """The reason up to that sentence, which is true no more once the row is undone."""
    return detail.partition(f" {_BEGINNING}")[0]
