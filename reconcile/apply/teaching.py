"""Collects the lessons of one live run: what its targets refuse for good, and how they keep what was written."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass, field, replace

from connectors.contract import Record, Traits
from reconcile.apply.precondition import unconfirmed_changes
from reconcile.apply.written import judge_written
from reconcile.plan.actions import ACTION_VERBS
from reconcile.plan.lessons import Lesson, LessonKind, is_judgement, of_attributes, refusal
from reconcile.plan.model import CHANGING, Operation, Verb


@dataclass(slots=True)
class Teaching:
    """The lessons of one run of a plan that was made by some mappings."""

    rules: str
    _lessons: dict[str, list[Lesson]] = field(default_factory=lambda: defaultdict(list))

    def refused(self, operation: Operation, error: Exception) -> None:
        """Notes the error that a request ended with, where it is a judgement of what was asked. Of a one-off action nothing is learnt."""
        if is_judgement(error) and operation.verb not in ACTION_VERBS:
            self._lessons[operation.id].append(refusal(operation, str(error), self.rules))

    def judge(self, target: str, record: Record, operation: Operation, traits: Traits) -> tuple[str, str]:
        """Names the changes that the account does not show, empty where the operation is done; and the note on one that is done."""
        if operation.verb not in (Verb.CREATE, *CHANGING):
            return unconfirmed_changes(record, operation, traits), ""
        written = judge_written(record.values(), operation, traits)
        taught = self._lessons[operation.id]
        if written.other_form:
            taught.append(of_attributes(LessonKind.SHOWN, operation, written.other_form, "", self.rules))
        if written.not_kept:
            taught.append(of_attributes(LessonKind.SHOWN, operation, written.not_kept, "", self.rules))
        for name, shown in written.refused.items():
            sentence = f"{target} accepted it, and {name} did not take the value"
            taught.append(of_attributes(LessonKind.REFUSED, operation, {name: shown}, sentence, self.rules))
        done = {**written.other_form, **written.not_kept}
        left = {name: value for name, value in operation.after.items() if name not in done}
        return unconfirmed_changes(record, replace(operation, after=left), traits), written.note(target)

    def of(self, operation: Operation) -> tuple[str, ...]:
        """The lessons of an operation that has ended, as the journal keeps them. They are given once."""
        return tuple(each.text() for each in self._lessons.pop(operation.id, ()))
