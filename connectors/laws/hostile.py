"""Texts that end a quotation, a filter, a path or a pattern early where they are not quoted; people and groups are really named so."""

from __future__ import annotations

KEPT = (
    "O'Brien",
    'Ann "Nan" Lee',
    "back\\slash",
    'quoted\\"',
    '" or userName pr or title eq "',
    "') or 1=1 --",
    "100%25 %s %",
    "(R&D) [x] {y}",
    "a/b?c=d&e#f;g",
    "*",
    "Łukasz Þórsdóttir",
    "山田 太郎",
    "e\u0301 decomposed",
    "😀",
    "inner  spaces",
)
"""Texts that a system keeps as they are."""
ASKED = (*KEPT, "../../Groups", ".", "..", "null", "\t", "line\nbreak", "\u200b", "\u0000", "\ud800", "x" * 3000)
"""Texts that may be asked for, and that no account needs to hold."""
