"""Finds the anchors that a person had before, or has since, by the links that moved from one to the next."""

from __future__ import annotations

import json
from collections.abc import Collection

from reconcile.apply.journal_file import JournalFile
from reconcile.plan.one_person import BETWEEN


def other_anchors(journal: JournalFile, anchors: Collection[str], accounts: Collection[tuple[str, str]]) -> frozenset[str]:
    """Returns the anchors by which the person with some anchors and accounts went before, or goes by now. `accounts`: target and id."""
    known = {"anchors": json.dumps(sorted(anchors)), "accounts": json.dumps(sorted(accounts)), "between": BETWEEN}
    return frozenset(anchor for (anchor,) in journal.rows("anchors_of_one_person", **known)) - frozenset(anchors)
