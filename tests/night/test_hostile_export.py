"""An HR file with hostile text in every column: each format of the report, and the terminal, show it as text. Read by parsers of others."""

import csv
import io
import json
import zipfile
from html.parser import HTMLParser
from xml.etree import ElementTree as ET

import pytest
from markdown_it import MarkdownIt

from reconcile.visible import visible
from tests.report.test_report_hostile import HOSTILE, unseen

from .night_worlds import CLOCK, export, world

REFUSED = {"line", "return", "tab", "control", "surrogate"}
"""What the reader of HR files takes for a broken file or row, or what no file holds: the other tests show how reports treat it."""
VALUES = [text for name, text in HOSTILE.items() if name not in REFUSED]
KEPT = {"Employee_ID", "Work_Email", "Manager_ID", "Is_Manager", "Primary_Job", "Worker_Status", "Hire_Date", "Original_Hire_Date"}
KEPT |= {"Termination_Date", "Leave_Start_Date", "Worker_Type", "Department", "Country"}
"""Columns that say who a row is about and whether it counts: in one row they hold hostile text, too, and it is set aside."""


@pytest.fixture(scope="module")
def hostile(tmp_path_factory):
    with world(tmp_path_factory.mktemp("hostile") / "project") as held:
        rows = list(csv.DictReader(io.StringIO(held.hr.read_text(encoding="utf-8"))))
        for row, value in zip(rows, VALUES, strict=False):
            row.update({column: value for column in row if column not in KEPT})
        rows[len(VALUES)].update(dict.fromkeys(rows[0], HOSTILE["html"]))
        out = io.StringIO()
        writer = csv.DictWriter(out, list(rows[0]), lineterminator="\n")
        writer.writeheader()
        writer.writerows(rows)
        export(held.hr, out.getvalue().encode())
        assert held.run("extract").code == 12, "one row is set aside"
        assert held.run("plan", *CLOCK).code in (10, 11, 12)
        yield held


@pytest.fixture(scope="module")
def report(hostile):
    """Writes the report in a format and returns the path."""

    def write(form, *more):
        path = hostile.folder / f"report.{form}"
        ended = hostile.run("report", "--format", form, "--output", str(path), *more)
        assert ended.code == 0, ended.err
        assert ended.out == f"{path}\n"
        return path

    return write


def operations(report):
    return json.loads(report("json").read_text(encoding="utf-8"))["operations"]


def test_the_plan_changes_accounts_to_what_the_file_says(report):
    wanted = {value for each in operations(report) for value in each["after"].values() if isinstance(value, str)}
    reached = [value for value in VALUES if value in wanted or any(value.strip() in each for each in wanted)]
    assert len(reached) > len(VALUES) // 2


def test_json_holds_no_character_that_acts(report):
    assert unseen(report("json").read_text(encoding="utf-8")) == set()


def test_the_page_has_no_element_of_the_file(report):
    found = []

    class Page(HTMLParser):
        def handle_starttag(self, tag, attrs):
            found.append(
                (tag, [name for name, value in attrs if name.startswith("on") or (value or "").startswith(("http", "javascript"))])
            )

    text = report("html").read_text(encoding="utf-8")
    Page().feed(text)
    assert [each for each in found if each[1]] == []
    assert "img" not in {tag for tag, _ in found}
    assert unseen(text) == set()


def test_markdown_has_no_link_mention_or_markup_of_the_file(report):
    tokens = MarkdownIt("commonmark", {"html": True}).enable("table").parse(report("markdown").read_text(encoding="utf-8"))
    inside = [each for token in tokens for each in (token.children or ())]
    assert not {each.type for each in (*tokens, *inside)} & {"link_open", "image", "html_inline", "html_block", "fence"}
    assert not [each.content for each in inside if each.type == "text" and ("@" in each.content or "<" in each.content)]


def test_csv_has_no_cell_that_is_a_formula(report):
    csv.field_size_limit(1 << 24)
    text = report("csv").read_bytes().decode("utf-8-sig")
    rows = list(csv.DictReader(io.StringIO(text, newline="")))
    assert [row["id"] for row in rows if row["row"] == "operation"] == [each["id"] for each in operations(report)]
    assert not [cell for row in rows for cell in row.values() if cell[:1] in ("=", "+", "-", "@", "\t", "\r")]
    assert unseen(text, but="\t\r\n") == set()


def test_the_workbook_has_no_formula_and_every_operation(report):
    with zipfile.ZipFile(report("xlsx")) as package:
        sheets = [ET.fromstring(package.read(name)) for name in package.namelist() if name.startswith("xl/worksheets/sheet")]
    assert not [each for sheet in sheets for each in sheet.iter() if each.tag.endswith("}f") or each.tag.endswith("}hyperlink")]
    ids = {"".join(each.itertext()) for sheet in sheets for each in sheet.iter() if each.tag.endswith("}c")}
    assert {each["id"] for each in operations(report)} <= ids


@pytest.mark.parametrize("words", [("show",), ("show", "--all"), ("show", "--json"), ("why", "0020001"), ("decisions",)], ids=" ".join)
def test_a_terminal_gets_printable_lines_alone(hostile, words):
    ended = hostile.run(*words)
    assert ended.code == 0
    assert unseen(ended.out + ended.err, but="\n\r\t\ufeff") == set()


def test_the_row_that_cannot_be_used_is_told_on_one_line(hostile):
    (told,) = [line for line in hostile.run("show", "--all").out.splitlines() if line.startswith("  quarantined ")]
    assert told == visible(told)


def test_redacted_reports_show_nothing_of_the_file(report):
    for form in ("html", "markdown", "csv", "json", "text"):
        text = report(form, "--redact").read_text(encoding="utf-8")
        assert not [value for value in ("onerror", "evil.example", "npp.exe", "@everyone", "HYPERLINK", "xxxxxxxxxx") if value in text], (
            form
        )
