"""Checks that a text is one row-local scalar SQL expression, and collects the columns it needs.

The mapping language is SQL expressions and nothing else. A text is judged by the syntax tree that DuckDB itself makes of
it, so what is checked is what is run. The module that opens DuckDB lends the parser; this module only reads its trees.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from enum import Enum
from functools import cache
from importlib.resources import files
from typing import assert_never

from mappings.problems import near_miss

CLOCK = "run_date"
"""The clock, as a column of every row: a DATE in the project's time zone."""

OF_THE_ROW = frozenset({CLOCK, "record_id", "record_state", "record_status"})
"""Columns that every source row has beside its own: the clock, the row's id in its system, and the system's word for its state
(an Okta user's status), plain (`active`, `suspended`, ...) and as it says it."""

NULL = '"NULL"'
"""Name that DuckDB gives to the type of a bare NULL."""

NUMBER = "number"
"""Name that the last of several candidates for a value may count with."""

OF_THE_MANAGER = ("manager_anchor", "manager_name")
"""Columns that identities have where the mapping says who is whose manager."""

OF_THE_MANAGERS_ACCOUNT = ("manager_login", "manager_account_id")
"""Columns that only the attributes of a target's accounts may be made of: an account has to be found before its manager's is known."""


WITHOUT_PARENTHESES = frozenset(
    {"current_date", "current_time", "current_timestamp", "localtime", "localtimestamp", "current_user", "session_user", "current_role"}
)
"""Names that look like columns and are functions where no column has the name: they read the clock or the session."""


@dataclass(frozen=True, slots=True)
class Language:
    """Parser and catalogue of functions, lent by the module that opens DuckDB."""

    parse: Callable[[str], Mapping[str, object]]
    """The syntax tree of a text that is read as `SELECT text`; `{"error": true, "error_message": ...}` where it is none."""
    stability: Mapping[str, str]
    """Scalar functions by lower-case name: CONSISTENT where equal arguments always give equal results."""
    other_functions: Mapping[str, str]
    """Functions that are not scalar, by lower-case name: `aggregate`, `table`, `window`, `macro`, ..."""
    kind_of: Callable[[str, frozenset[str]], str]
    """The type that a text gives over text columns of some names and the clock: `VARCHAR`, `BOOLEAN`. Raises NotAnExpression."""


class Fit(Enum):
    """Requirement on the result of an expression, by the setting that it is in."""

    ANYTHING = "anything"
    TRUTH = "true or false"
    DAY = "a date"
    SINGLE = "one value"
    NAMES = "a name or a list of names"


@dataclass(frozen=True, slots=True)
class Expression:
    """A checked expression."""

    text: str
    columns: frozenset[str]
    """The columns it names, as written."""


class NotAnExpression(Exception):
    """The text is not one row-local scalar expression. The message says why."""


def parse_expression(text: str, language: Language) -> Expression:
    """The expression, checked by itself; whether its columns exist is asked by `unknown_columns`. Raises NotAnExpression."""
    if not text.strip():
        raise NotAnExpression("is empty; an expression is expected, such as lower(trim(work_email))")
    tree = language.parse(text)
    if tree.get("error_type") == "not implemented":
        # The engine serializes no statement but SELECT, and says so in its own words.
        raise NotAnExpression("holds a second statement; one expression over the columns of the row is expected")
    if tree.get("error"):
        raise NotAnExpression(f"is not SQL: {tree.get('error_message')}; {quoting([])}")
    root = _single(tree)
    columns = set()
    lambda_names = {name for node in _nodes(root) if node.get("class") == "LAMBDA" for name in _lambda_parameters(node)}
    for node in _nodes(root):
        _refuse(node, language)
        if node.get("class") == "COLUMN_REF":
            columns.add(".".join(_texts(node.get("column_names"))))
    if clocks := sorted(name for name in columns if name.lower() in WITHOUT_PARENTHESES):
        raise NotAnExpression(f"{clocks[0]} does not always give the same result; the clock is the column {CLOCK}")
    return Expression(text, frozenset(columns - lambda_names))


def unknown_columns(expression: Expression, known: frozenset[str], beside: frozenset[str] = OF_THE_ROW) -> list[str]:
    """A sentence for each column that the rows do not have, with near misses. Names are matched as DuckDB does: in any case."""
    folded = {name.lower() for name in known} | beside
    return [
        f"there is no column {name!r}{near_miss(name, known) or _as_text(name, expression.text)}"
        for name in sorted(expression.columns)
        if name.lower() not in folded
    ]


def _as_text(name: str, text: str) -> str:
    """Returns how a text is written, where a name stands in the double quotes of a column, as half a sentence."""
    doubled = name.replace('"', '""')
    return (
        f"; double quotes name a column, and a text stands in single quotes, '{name}'" if f'"{doubled}"' in text and "'" not in name else ""
    )


_PLAIN_NAME = re.compile(r"[A-Za-z_][A-Za-z0-9_]*")
_QUOTED = re.compile(r"'(?:[^']|'')*'|\"(?:[^\"]|\"\")*\"")


def unquoted_columns(text: str, known: Iterable[str]) -> list[str]:
    """The columns that an expression names without the double quotes that their names need: `Work-Email` is `Work` minus `Email`."""
    bare = _QUOTED.sub("''", text)
    odd = (name for name in known if not _PLAIN_NAME.fullmatch(name))
    return sorted(name for name in odd if re.search(rf"(?<![\w]){re.escape(name)}(?![\w])", bare, re.IGNORECASE))


def quoting(names: Sequence[str]) -> str:
    """Returns how columns are named that need double quotes, as half a sentence."""
    if not names:
        return "a column with a space or a mark in its name stands in double quotes, and the expression in single ones: '\"First name\"'"
    quoted = ", ".join('"' + name.replace('"', '""') + '"' for name in names)
    return f"names columns without the double quotes that they need; write {quoted}, and single quotes around the expression"


def kind_of(expression: Expression, language: Language) -> str:
    """The type of what an expression gives: every column is text, and the clock a date. Raises NotAnExpression where no function fits."""
    return language.kind_of(expression.text, expression.columns)


def _names_nothing(kind: str) -> bool:
    """Whether a type is neither that of a name nor of a list of names. A condition would make groups named true and false."""
    if kind in ("BOOLEAN", "BLOB", "BIT"):
        return True
    return _has_parts(kind) and not re.fullmatch(r'(VARCHAR|"NULL")\[\d*\]', kind)


def misfit(kind: str, fit: Fit) -> str:
    """Returns why a type is not the required one; an empty text where it is, or where only NULL is given."""
    match fit:
        case Fit.TRUTH if kind not in ("BOOLEAN", NULL):
            return f"gives {kind}; true or false is expected (BOOLEAN), such as worker_type = 'Employee'"
        case Fit.DAY if kind not in ("DATE", "VARCHAR", NULL) and not kind.startswith("TIMESTAMP"):
            return f"gives {kind}; a date is expected (DATE, or text such as 2026-03-02)"
        case Fit.SINGLE if _has_parts(kind):
            return (
                f"gives {kind}, and what is stated of people is text: it would become the text [a, b]. "
                "State the text here, and make the list in the mapping of the target, such as string_split(skills, ';')"
            )
        case Fit.SINGLE if kind in ("BLOB", "BIT"):
            return f"gives {kind}, bytes and no text; text is expected, such as hex(...) or decode(...) makes of bytes"
        case Fit.NAMES if _names_nothing(kind):
            return f"gives {kind}; a name or a list of names is expected (VARCHAR or VARCHAR[])"
        case Fit.TRUTH | Fit.DAY | Fit.SINGLE | Fit.NAMES | Fit.ANYTHING:
            return ""
        case _:
            assert_never(fit)


def _has_parts(kind: str) -> bool:
    return kind.endswith("]") or kind.startswith(("STRUCT", "MAP", "UNION"))


def _single(tree: Mapping[str, object]) -> Mapping[str, object]:
    statements = tree.get("statements")
    if not isinstance(statements, list) or len(statements) != 1:
        raise NotAnExpression("holds more than one statement; one expression is expected")
    node = statements[0]["node"]
    extra = [name for name in ("where_clause", "having", "qualify", "sample") if node.get(name)]
    extra += [name for name in ("group_expressions", "group_sets", "modifiers") if node.get(name)]
    if node.get("type") != "SELECT_NODE" or node["from_table"]["type"] != "EMPTY" or extra or node["cte_map"]["map"]:
        raise NotAnExpression("is a query; one expression over the columns of the row is expected")
    if len(node["select_list"]) != 1:
        raise NotAnExpression(f"holds {len(node['select_list'])} expressions, separated by commas; one is expected")
    root: Mapping[str, object] = node["select_list"][0]
    if root.get("alias"):
        raise NotAnExpression(f"names its result with AS, and its name is the key before the equals sign; {quoting([])}")
    return root


def _refuse(node: Mapping[str, object], language: Language) -> None:
    match node.get("class"):
        case "SUBQUERY":
            raise NotAnExpression("holds a subquery; an expression sees one row only")
        case "WINDOW":
            raise NotAnExpression("holds a window function; an expression sees one row only")
        case "STAR":
            raise NotAnExpression("holds *; name the columns")
        case "PARAMETER":
            raise NotAnExpression("holds a parameter; the clock is the column run_date")
        case "FUNCTION":
            given = node.get("arguments")
            _refuse_function(str(node.get("function_name", "")).lower(), len(given) if isinstance(given, list) else 0, language)
        case _:
            return


@cache
def allowed_functions() -> Mapping[str, frozenset[int]]:
    """The functions of functions.txt, with the numbers of arguments that each may have; none where it may have any."""
    text = files("mappings").joinpath("functions.txt").read_text(encoding="utf-8")
    allowed: dict[str, frozenset[int]] = {}
    for line in text.splitlines():
        if not line.startswith("# "):
            form = re.fullmatch(r"(\w+)/(\d+)", line)
            name = form[1] if form else line
            allowed[name] = allowed.get(name, frozenset()) | ({int(form[2])} if form else set())
    return allowed


_OTHER_REASONS = {
    **dict.fromkeys(
        ("range", "generate_series", "list_resize", "array_resize"),
        "makes a list of any length, which one odd row may make endless; make lists of the text of the row, such as string_split(skills, ';')",
    ),
    "error": "ends every plan; leave the row out with `where`, or give NULL",
}
"""Functions that always give the same result and that no mapping may use, by name, with the reason."""


def _refuse_function(name: str, arguments: int, language: Language) -> None:
    counts = allowed_functions().get(name)
    if counts is not None:
        if counts and arguments not in counts:
            needed = " or ".join(map(str, sorted(counts)))
            raise NotAnExpression(
                f"{name}() needs {needed} arguments; with {arguments} it does not always give the same result; the clock is the column {CLOCK}"
            )
        return
    stability = language.stability.get(name)
    kind = language.other_functions.get(name)
    if name in _OTHER_REASONS:
        raise NotAnExpression(f"{name}() {_OTHER_REASONS[name]}")
    if name in ("unnest", "unlist"):
        raise NotAnExpression(f"{name}() makes several rows of one; an expression gives one value for one row")
    if kind is not None:
        raise NotAnExpression(f"{name}() is a function of kind {kind!r}; an expression gives one value for one row")
    if stability is None:
        raise NotAnExpression(f"there is no function {name}(){near_miss(name, allowed_functions())}")
    raise NotAnExpression(
        f"{name}() does not always give the same result, on another day or with another engine; the clock is the column {CLOCK}"
    )


def _nodes(value: object) -> Iterator[Mapping[str, object]]:
    if isinstance(value, dict):
        if "class" in value:
            yield value
        for inner in value.values():
            yield from _nodes(inner)
    elif isinstance(value, list):
        for inner in value:
            yield from _nodes(inner)


def _lambda_parameters(node: Mapping[str, object]) -> Iterator[str]:
    for inner in _nodes(node.get("lhs")):
        if inner.get("class") == "COLUMN_REF":
            yield ".".join(_texts(inner.get("column_names")))


def _texts(value: object) -> list[str]:
    return [str(item) for item in value] if isinstance(value, list) else []
