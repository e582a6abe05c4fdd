"""Sentences for files that are not TOML: what stands wrong in the line, and how it is written."""

from __future__ import annotations

import re
from collections.abc import Sequence

_PLACE = re.compile(r" ?\(at (?:line (\d+), column (\d+)|end of document)\)")
_HEADER = re.compile(r"\s*(\[\[?)\s*([^\[\]]+?)\s*\]\]?\s*(?:#.*)?")
_KEY = re.compile(r"\s*([\w.\"' -]+?)\s*=\s*(.*)")
_TEXT = re.compile(r"""("(?:[^"\\]|\\.)*"|'[^']*')\s*(.*)""")
_TRUTH = re.compile(r"(?i)(true|false|yes|no|on|off)\b")
_CURLY = re.compile("[“”„‟‘’‚«»]")


def place_of(said: str) -> tuple[int, str]:
    """The line that tomllib names, 0 where it names none, and the rest of what it says."""
    found = _PLACE.search(said)
    return (int(found[1]) if found and found[1] else 0), _PLACE.sub("", said)


def explained(said: str, lines: Sequence[str], number: int) -> str:
    """Explains what is wrong in a line, and what to write; as tomllib says it where that is not known."""
    line = lines[number - 1] if 0 < number <= len(lines) else ""
    return _of_line(said, line) or _twice(said, lines, number) or f"{said[:1].lower()}{said[1:]}"


def _of_line(said: str, line: str) -> str:
    if _CURLY.search(line) and "Invalid" in said:
        return 'a text stands in straight quotes ("), and these are printed ones'
    found = _KEY.fullmatch(line)
    if not found:
        return _of_no_setting(line)
    if "Expected newline" in said:
        return _behind(found[1], found[2])
    return _of_value(said, found[1], found[2])


def _of_value(said: str, key: str, value: str) -> str:
    is_invalid = "Invalid value" in said
    known = (
        (not value or value.startswith("#"), f'there is no value behind {key} =; write {key} = "..." or take the line out'),
        (is_invalid and _TRUTH.match(value), f"write true or false in small letters: {key} = true"),
        (is_invalid and value[:1].isalpha(), f'a text stands in quotes: {key} = "..."'),
        (
            "\\" in value and ("Unescaped" in said or "hex" in said),
            f"a backslash means something in double quotes; use single ones: {key} = '...'",
        ),
        ("Illegal character" in said and value.count('"') % 2, f'the quote at the end of the text is missing: {key} = "..."'),
    )
    return next((sentence for fits, sentence in known if fits), "")


def _of_no_setting(line: str) -> str:
    if found := re.fullmatch(r"\s*([\w-]+)\s*:(.*)", line):
        return f"a setting has an equals sign, and not a colon: {found[1]} = ..."
    if re.fullmatch(r"\s*\[(\[[^\]]*\]?|[^\[\]]*)\s*", line):
        return "the brackets around the name of a table are not closed: [name], or [[name]] for one of several"
    return ""


def _behind(key: str, value: str) -> str:
    rest = found[2] if (found := _TEXT.fullmatch(value)) else ""
    if rest.startswith(","):
        return "no comma stands behind a setting: one setting in a line"
    if value.startswith("'") and "'" in rest:
        return f'the text ends at its second apostrophe; use double quotes: {key} = "..."'
    if value.startswith('"') and '"' in rest:
        return f"the text ends at its second double quote; use single quotes around it: {key} = '...'"
    return "something stands behind the value; a comment begins with #"


def _twice(said: str, lines: Sequence[str], number: int) -> str:
    if "overwrite" not in said and "twice" not in said and "already" not in said:
        return ""
    line = lines[number - 1] if 0 < number <= len(lines) else ""
    if header := _HEADER.fullmatch(line):
        same = [
            (at, found[1]) for at, each in enumerate(lines[: number - 1], 1) if (found := _HEADER.fullmatch(each)) and found[2] == header[2]
        ]
        if same and same[0][1] != header[1]:
            return f"{header[2]} stands in other brackets in line {same[0][0]}; where there may be several, write [[{header[2]}]] in each place"
        where = f" in line {same[0][0]}" if same else " above"
        return f"the table {header[2]} stands{where} already; put its settings together"
    key = found[1] if (found := _KEY.fullmatch(line)) else ""
    first = next((at for at in range(number - 1, 0, -1) if (before := _KEY.fullmatch(lines[at - 1])) and before[1] == key), 0)
    return f"{key or 'the setting'} stands in {f'line {first}' if first else 'the file'} already; keep one of the two"
