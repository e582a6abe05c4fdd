"""The table of `reconcile check`: what each target can do here and now."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from textwrap import wrap
from typing import TYPE_CHECKING

from reconcile.visible import visible

if TYPE_CHECKING:
    from reconcile.usecases.abilities import AbilityHere

INDENT = " " * 7


def ability_lines(targets: Mapping[str, Sequence[AbilityHere]], columns: int) -> Iterator[str]:
    """Yields a table for each target."""
    for target, abilities in targets.items():
        yield from _table(target, abilities, columns)


def _table(target: str, abilities: Sequence[AbilityHere], columns: int) -> Iterator[str]:
    """Lines of one target: a paragraph of all that is possible, then one for each reason with what it rules out."""
    yield f"\nWhat {target} can do here and now:"
    ruled_out: dict[str, list[str]] = {}
    for each in abilities:
        if not each.possible:
            ruled_out.setdefault(each.reason, []).append(_word(each.ability))
    possible = [_word(each.ability) for each in abilities if each.possible]
    if possible:
        yield from _paragraph("  yes  ", ", ".join(possible), columns)
    for reason, words in ruled_out.items():
        yield from _paragraph("  no   ", f"{', '.join(words)}: {visible(reason)}", columns)


def _word(ability: str) -> str:
    return ability.replace("_", " ")


def _paragraph(start: str, text: str, columns: int) -> Sequence[str]:
    return wrap(text, columns, initial_indent=start, subsequent_indent=INDENT)
