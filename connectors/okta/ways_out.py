"""Ways out of Okta's refusals, by its error code. A code that is not here is shown as Okta says it."""

from __future__ import annotations

import re
from collections.abc import Sequence

_AGAIN = "Extract and plan again: what Okta shows now decides"
_FAULT = "This is a fault of this program or of a proxy: report it with the request id."

_BY_CODE = {
    "E0000003": _FAULT,
    "E0000007": f"It was deleted, or the admin role does not show it. {_AGAIN}.",
    "E0000008": "Is `url` the address of the org, and does the org have this feature?",
    "E0000014": "Look at the password policy of this user, and at whether another system keeps the password.",
    "E0000015": "The org's licence does not include this feature: ask Okta for it, or take what needs it out of the mapping.",
    "E0000016": f"The user is active already. {_AGAIN}.",
    "E0000017": "Another system keeps this user's password, or its policy forbids a reset: reset it there.",
    "E0000018": _FAULT,
    "E0000019": _FAULT,
    "E0000021": _FAULT,
    "E0000022": _FAULT,
    "E0000023": "Another system is the source of this profile: change the value there, or take the attribute out of the mapping.",
    "E0000028": _FAULT,
    "E0000030": _FAULT,
    "E0000032": f"The user is not locked out. {_AGAIN}.",
    "E0000038": f"The status of the user has changed, and does not allow this. {_AGAIN}.",
    "E0000046": "A group gives this app: take the person out of that group.",
    "E0000055": "Give the group another name, or name the group that is there in the mapping.",
    "E0000060": "Okta keeps this object itself: take it out of the mapping.",
    "E0000075": "The app pushes this attribute from its mapping: change the mapping of the app, in the admin console.",
    "E0000112": "The user is still being activated: the next run sends it again.",
    "E0000239": "The org is busy with its policies: the next run sends it again.",
}

_BY_CAUSE: Sequence[tuple[re.Pattern[str], str]] = (
    (
        re.compile(r"^(\w{1,60}): An object with this field already exists"),
        "Another user has this {}: look for it among deactivated users, too.",
    ),
    (re.compile(r"^Property name '([^']{1,60})' is not defined"), "Add {} in the Profile Editor, or take it out of the mapping."),
    (re.compile(r"^(\w{1,60}): (?:Username must be in the form|Does not match)"), "Correct {} in the source or in the mapping."),
    (re.compile(r"^(\w{1,60}): The field cannot be (?:left blank|null)"), "Give {} a value in the source or in the mapping."),
    (re.compile(r"^Cannot (?:un)?suspend a user that is not"), "The status of the user has changed. Extract and plan again."),
    (re.compile(r"^(\w{1,60}): "), "Correct {} in the source or in the mapping."),
)
"""Ways out of a validation (E0000001), which names an attribute in each cause."""
MOST_CAUSES = 3
"""Causes of one refusal that get a way out of their own."""


def way_out(code: str, causes: Sequence[str]) -> str:
    """Returns what to do about a refusal; empty where nothing is known of it."""
    if code != "E0000001":
        return _BY_CODE.get(code, "")
    found = dict.fromkeys(sentence for cause in causes if (sentence := _of_cause(cause)))
    more = len(found) - MOST_CAUSES
    return " ".join([*list(found)[:MOST_CAUSES], *([f"And {more} more."] if more > 0 else [])])


def _of_cause(cause: str) -> str:
    for pattern, sentence in _BY_CAUSE:
        if match := pattern.search(cause):
            return sentence.format(*match.groups())
    return ""
