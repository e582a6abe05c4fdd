"""Escapes cells that a spreadsheet would take for formulas, and reads them back.

The cell gets an apostrophe in front (OWASP, CSV injection), also inside the cell after a character that may be a separator elsewhere, as
where Excel splits at semicolons. To read it back, one apostrophe is taken away wherever the same rule finds some in front of a
formula's first character.
"""

from __future__ import annotations

import re

_FORMULA = r"(?='*[=+\-@\t\r\n＝＋－＠])"
FORMULA_START = re.compile(rf"(?:^|(?<=[;|\t\r\n])){_FORMULA}")
_KEPT_FROM_IT = re.compile(rf"(?:^|(?<=[;|\t\r\n]))'{_FORMULA}")


def safe(cell: str) -> str:
    """The cell as a spreadsheet may open it."""
    # A lone surrogate cannot be written as UTF-8.
    return FORMULA_START.sub("'", cell).encode("utf-8", "backslashreplace").decode("utf-8")


def plain(cell: str) -> str:
    """The cell as it was before `safe`."""
    return _KEPT_FROM_IT.sub("", cell)
