"""Text from outside as Markdown that shows it and does nothing else.

A renderer acts on more than Markdown: GitHub and chats also turn `@name`, `#12`, addresses and HTML in running text into links, mentions and
markup, after backslashes were taken away (GitHub Flavored Markdown 0.29, sections 6.8 and 6.9). Inside a code span none of that happens, so
text from outside stands in one. What could end the span, or a cell of a table, is shown as its escape, as `visible` shows what cannot be seen;
so are angle brackets, which some chats read also inside code. No two different values look the same: a backslash is doubled in them, and not in sentences.
"""

from __future__ import annotations

import re

from reconcile.visible import visible

LONGEST = 300
_ENDS_A_SPAN = {ord(character): f"\\u{ord(character):04x}" for character in "`|<>"}
_WORD = r"[^\W_]+(?:_[^\W_]+)*"
_PLAIN = re.compile(rf"{_WORD}(?:[ ,.;:%()'\"=/…→–·-]+{_WORD})*[.)%…'\"]*")
"""Words, numbers and punctuation that no renderer acts on; an underscore inside a word is none of emphasis."""
_ACTED_ON = re.compile(r"www\.|://|\bGH-\d|^\d+[.)] |:(?!\d\d:)[\w-]+:", re.IGNORECASE)
"""Addresses, issue numbers, list items, and emoji names such as `:100:`; the minutes of a time are none."""


def code(text: str, longest: int = LONGEST) -> str:
    """The text as a code span; the end of a long one is left out, with the number of characters. A dash for an empty text."""
    return _span(visible(text.replace("\\", "\\\\")), longest)


def _span(shown: str, longest: int) -> str:
    left_out = len(shown) - longest
    shown = f"{shown[:longest]}… {left_out:,} characters …" if left_out > 0 else shown
    return f"`{shown.translate(_ENDS_A_SPAN)}`" if shown.strip() else "–"


def sentence(text: str, longest: int = LONGEST) -> str:
    """A sentence that may quote what is outside: as running text where nothing in it can be acted on, else as a code span without backticks."""
    # Some letters cannot be seen: the Hangul fillers.
    plain = len(text) <= longest and _PLAIN.fullmatch(text.replace(" & ", " ")) and not _ACTED_ON.search(text) and visible(text) == text
    return text if plain else _span(visible(text.replace("`", "'")), longest)
