"""Provenance of an account's attribute values, in words that a reviewer can check: from the mappings alone, without their data."""

from __future__ import annotations

from collections.abc import Mapping

from mappings.expressions import Language, parse_expression
from mappings.rules import Identities, TargetMapping

LONGEST_EXPRESSION = 60
"""Length up to which an expression is quoted; of a longer one only the columns are named, so that a reviewer knows where to look."""


def attribute_provenance(mapping: TargetMapping, identities: Identities, language: Language) -> Mapping[str, str]:
    """Returns for each attribute of a target a sentence: `title comes from workers: Business_Title, else contractors: Role`.

    An expression that is more than one identity attribute is quoted, with where each of its attributes comes from.
    """
    return {
        name: f"{name} {_origin(rule.expression, identities, language)}{', or the next candidate that is free' if rule.otherwise else ''}"
        for name, rule in mapping.attributes.items()
    }


def _origin(expression: str, identities: Identities, language: Language) -> str:
    columns = _columns(expression, language)
    sources = {column: stated for column in columns if (stated := _stated_by(column, identities, language))}
    if len(columns) == 1 and expression.strip().strip('"') == columns[0]:
        return f"comes from {sources[columns[0]]}" if sources else f"is {columns[0]}"
    origins = "; ".join(f"{column} comes from {stated}" for column, stated in sources.items())
    return f"is {_brief(expression, language)}" + (f" ({origins})" if origins else "")


def _stated_by(attribute: str, identities: Identities, language: Language) -> str:
    """The sources that state an identity attribute, in order of precedence. Names ignore case, as in SQL."""
    stated = []
    for source in identities.source:
        texts = {name.lower(): text for name, text in (*source.attributes.items(), ("anchor", source.anchor))}
        if attribute.lower() in texts:
            stated.append(f"{source.connector}: {_brief(texts[attribute.lower()], language)}")
    stated += [
        f"{lookup.file}: {column}"
        for lookup in identities.lookup.values()
        for name, column in lookup.gives.items()
        if name.lower() == attribute.lower()
    ]
    return ", else ".join(stated)


def _brief(expression: str, language: Language) -> str:
    text = expression.strip()
    columns = _columns(text, language)
    return text if len(text) <= LONGEST_EXPRESSION or not columns else f"an expression over {', '.join(columns)}"


def _columns(expression: str, language: Language) -> list[str]:
    """The columns an expression names, in the order in which they stand there."""
    return sorted(parse_expression(expression, language).columns, key=lambda name: (expression.find(name), name))
