"""Reads the rows that a page embeds, as its script does, with a decoder of its own."""

import json
import re


def embedded(page):
    """The embedded document."""
    (text,) = re.findall(r'<script type="application/json" id="data">(.*?)</script>', page, re.DOTALL)
    return json.loads(text)


def rows(page):
    """The operations of a page, in its order, each with its texts."""
    data = embedded(page)
    values, people, places = data["values"], data["people"], data["places"]
    found = []
    for id_, place, person, reason, rule, flags, group, changes, after, *outcome in data["rows"]:
        target, verb, words = places[place]
        login, name, anchor, account, department = people[person]
        lines = [(label, _shown(values, old), _shown(values, new)) for label, old, new in _triples(values, changes)]
        found.append(
            {
                "id": id_,
                "target": target,
                "verb": verb,
                "words": words,
                "who": login,
                "name": name,
                "anchor": anchor,
                "account": account,
                "department": values[department],
                "reason": values[reason],
                "rule": values[rule],
                "flags": flags,
                "group": values[group],
                "changes": lines,
                "after": after,
                "outcome": [values[outcome[0][0]], outcome[0][1], values[outcome[0][2]]] if outcome else None,
            }
        )
    return found


def findings(page):
    """The findings of a page: target, kind, whether it asks for attention, who, and the sentence."""
    data = embedded(page)
    return [
        (*data["places"][place][:2], bool(urgent), data["people"][person][0], data["values"][message])
        for place, urgent, person, message, _ in data["findings"]
    ]


def ids(page):
    """The ids of the operations of a page, in its order."""
    return [each[0] for each in embedded(page)["rows"]]


def _triples(values, changes):
    """Label, and the numbers of the cells before and after. Of a new account -1, the labels together, then the cells."""
    if changes[:1] == [-1]:
        return [(label, -1, cell) for label, cell in zip(values[changes[1]][1:], changes[2:], strict=True)]
    parts = iter(changes)
    return [(values[label], old, new) for label, old, new in zip(parts, parts, parts, strict=True)]


def _shown(values, number):
    """A cell with its marks: `[changed]`; None where there is none. What is no text stands in angle quotes."""
    if number < 0:
        return None
    cell = values[number]
    if isinstance(cell, str):
        return cell
    marked = "".join({0: "{}", 1: "[{}]", 2: "({})"}[mark].format(text) for text, mark in zip(cell[1::2], cell[2::2], strict=True))
    return marked if cell[0] else f"‹{marked}›"
