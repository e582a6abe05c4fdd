"""The columns of a source that its mapping needs, and the expressions over its rows by the column that each makes."""

from __future__ import annotations

from mappings.expressions import OF_THE_ROW, Language, parse_expression
from mappings.rules import IdentitySource


def source_texts(source: IdentitySource, attributes: tuple[str, ...]) -> dict[str, str]:
    """The expressions over the rows of a source, by the column that each makes."""
    life = source.lifecycle
    named = {"anchor": source.anchor} | {name: source.attributes.get(name, "NULL") for name in attributes}
    return named | {
        "_person": source.person or "NULL",
        "_status": life.status or "NULL",
        "_start": life.start or "NULL",
        "_end": life.end or "NULL",
    }


def declares_lifecycle(source: IdentitySource) -> bool:
    """Whether the source says who works and who has left."""
    life = source.lifecycle
    return bool(life.status or life.start or life.end)


def needed_columns(known: list[str], texts: list[str], language: Language) -> list[str]:
    """The columns that the expressions name, spelt as the source spells them (SQL names ignore case, JSON keys do not).

    What no row of the source had is spelt as the expressions do: it states nothing.
    """
    named = {name.lower(): name for text in texts for name in sorted(parse_expression(text, language).columns)}
    spelt = {name.lower(): name for name in known}
    return sorted(spelt.get(lower, name) for lower, name in named.items() if lower not in OF_THE_ROW)
