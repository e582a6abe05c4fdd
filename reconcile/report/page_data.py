"""The rows of a report as the data that its page draws from: operations and findings, each text once.

What stands here was made visible already and is text to the script, never markup. Lists instead of objects, and numbers instead of
texts that several rows share, keep a page of 50,000 operations below 10 MB.
"""

from __future__ import annotations

import json
from collections.abc import Hashable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from enum import IntFlag
from typing import TypeAlias

from reconcile.decide.approval import IRREVERSIBLE
from reconcile.plan.model import ENDING, Finding, Operation, Outcome, Verb
from reconcile.report.labels import FINDING_HEADINGS, SITUATION_MEANINGS, VERB_HEADINGS, is_trouble, outcome_word, with_answer
from reconcile.report.summary import is_urgent, login
from reconcile.report.values import Cell, Change, Mark, changes
from reconcile.visible import visible

_MARKS = {Mark.SAME: 0, Mark.CHANGED: 1, Mark.ELIDED: 2}
SCRIPT_ESCAPES = str.maketrans({"<": "\\u003c", ">": "\\u003e", "&": "\\u0026", "\u2028": "\\u2028", "\u2029": "\\u2029"})
"""Characters that could end a script element or a line of one; inside JSON text their escapes mean the same."""


Numbered: TypeAlias = dict[Hashable, int]
"""Things that rows name by their number, in the order of the numbers."""


class Flag(IntFlag):
    """Properties of an operation that a reviewer looks at first."""

    PRIVILEGED = 1
    IRREVERSIBLE = 2
    ENDING = 4
    """Ends the use of an account."""
    UNUSUAL = 8
    """More of its verb and target than on earlier days."""
    FOLLOWS = 16
    """Goes with the account whose use the row before it ends."""


@dataclass(slots=True)
class PageData:
    """The rows that a page embeds. `departments`: by anchor, where they are known."""

    departments: Mapping[str, str] = field(default_factory=dict)
    values: Numbered = field(default_factory=dict)
    """Texts and cells that rows name by their number."""
    people: Numbered = field(default_factory=dict)
    """Login, name, anchor, account and department."""
    places: Numbered = field(default_factory=dict)
    """Target, verb and its words."""
    rows: list[list[object]] = field(default_factory=list)
    findings: list[list[object]] = field(default_factory=list)

    def empty(self) -> PageData:
        """The same without rows."""
        return PageData(self.departments)

    def add_operations(self, operations: Iterable[Operation], verb: Verb, *, unusual: bool, ended: Mapping[str, Outcome]) -> None:
        """Adds the operations that stand under one verb of a target; those of another verb go with the one before them."""
        for each in operations:
            more = (Flag.UNUSUAL if unusual else Flag(0)) | (Flag.FOLLOWS if each.verb is not verb else Flag(0))
            self.rows.append([*self._operation(each, _flags(each) | more), *([self._outcome(ended[each.id])] if each.id in ended else [])])

    def _operation(self, each: Operation, flags: Flag) -> list[object]:
        return [
            each.id,
            _number(self.places, (visible(each.target), each.verb.value, VERB_HEADINGS[each.verb])),
            self._person(login(each), each.name, each.anchor, each.account_id),
            self._value(visible(each.because.detail)),
            self._value(f"{each.because.situation.value} · {visible(each.because.rule)}"),
            int(flags),
            self._value(visible(each.entitlement or each.entitlement_id)),
            self._changes(tuple(changes(each))),
            [visible(id_) for id_ in each.depends_on],
        ]

    def add_finding(self, finding: Finding) -> None:
        """Adds a finding."""
        kind = FINDING_HEADINGS[finding.kind]
        person = self._person(visible(finding.who or finding.account_id or finding.anchor), "", finding.anchor, finding.account_id)
        place = _number(self.places, (visible(finding.target), finding.kind.value, kind.title))
        self.findings.append([place, int(is_urgent(finding)), person, self._value(visible(finding.message)), self._value(kind.meaning)])

    def document(self) -> str:
        """The data as JSON that can stand in a script element."""
        document = {
            "values": list(self.values),
            "people": list(self.people),
            "places": list(self.places),
            "situations": {each.value: meaning for each, meaning in SITUATION_MEANINGS.items()},
            "rows": self.rows,
            "findings": self.findings,
        }
        return json.dumps(document, ensure_ascii=False, separators=(",", ":")).translate(SCRIPT_ESCAPES)

    def _person(self, who: str, name: str, anchor: str, account_id: str) -> int:
        department = self._value(visible(self.departments.get(anchor, "")))
        return _number(self.people, (who, visible(name), visible(anchor), visible(account_id), department))

    def _changes(self, lines: Sequence[Change]) -> list[int]:
        """Three numbers a change: label, cell before and after. Of a new account -1, the labels together, then the cells."""
        if lines and all(line.before is None for line in lines):
            return [-1, self._value((2, *(line.label for line in lines))), *(self._value(_cell(line.after)) for line in lines)]
        return [number for line in lines for number in self._change(line)]

    def _change(self, line: Change) -> tuple[int, int, int]:
        return self._value(line.label), -1 if line.before is None else self._value(_cell(line.before)), self._value(_cell(line.after))

    def _outcome(self, outcome: Outcome) -> list[object]:
        detail = visible(with_answer(outcome.detail, outcome.answer)) if outcome.detail else ""
        return [self._value(outcome_word(outcome.kind)), int(is_trouble(outcome.kind)), self._value(detail)]

    def _value(self, value: Hashable) -> int:
        return _number(self.values, value)


def _number(table: Numbered, value: Hashable) -> int:
    return table.setdefault(value, len(table))


def _flags(each: Operation) -> Flag:
    found = Flag.PRIVILEGED if each.privileged else Flag(0)
    found |= Flag.IRREVERSIBLE if each.verb in IRREVERSIBLE else Flag(0)
    return found | (Flag.ENDING if each.verb in ENDING else Flag(0))


def _cell(cell: Cell) -> Hashable:
    """The text of a cell that is whole and not marked; else whether it is text, then each piece with its mark."""
    if cell.is_text and all(piece.mark is Mark.SAME for piece in cell.pieces):
        return "".join(piece.text for piece in cell.pieces)
    return (int(cell.is_text), *(part for piece in cell.pieces for part in (piece.text, _MARKS[piece.mark])))
