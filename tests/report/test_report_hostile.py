"""Values from outside that try to be something else: every format shows them, and none acts on them. Each is read by a parser of others."""

import csv
import io
import json
import unicodedata
from dataclasses import fields, replace
from html.parser import HTMLParser
from xml.etree import ElementTree as ET

import pytest
from markdown_it import MarkdownIt

from reconcile.plan.approval import Approval
from reconcile.plan.cause_kind import CauseKind
from reconcile.plan.forecast import Forecast
from reconcile.plan.model import (
    Because,
    Cause,
    Finding,
    FindingKind,
    LinkChange,
    Outcome,
    OutcomeKind,
    Run,
    Severity,
    Situation,
    Verb,
    Verdict,
)
from reconcile.plan.origin import ReadScope
from reconcile.plan.override import Override
from reconcile.plan.server_answer import ServerAnswer
from reconcile.plan.waits import WaitCause, Waiting
from reconcile.report.formats.csv import table
from reconcile.report.formats.html import page
from reconcile.report.formats.markdown import LONGEST
from reconcile.report.formats.text import show
from reconcile.report.formats.text_whole import lines
from reconcile.report.formats.xlsx import CELL
from reconcile.visible import visible_json
from tests.support.documents import document, markdown, sheets, workbook
from tests.support.effort import is_fast

HOSTILE = {
    "html": '"><img src=x onerror=alert(1)></td></table>',
    "script": "</script><script>alert(1)</script><!--",
    "formula": '=HYPERLINK("http://evil.example","x")',
    "plus": "+1+cmd|' /C calc'!A0",
    "minus": "-2+3",
    "at": "@SUM(1+1)",
    "tab": "\t=1+1",
    "return": "\r=1+1",
    "line": "first\n=1+1\n# Heading\n- item",
    "right_to_left": "user\u202egnp.exe\u2066x\u2069",
    "zero_width": "ad\u200bmin\u2060\ufeff",
    "long": "x" * 10_000,
    **({} if is_fast() else {"longer": "é𝒳" * 11_000}),
    "control": "a\x00b\x07c\x1b[2J\x1b]0;title\x07d\x7fe\x9bm",
    "mention": "@everyone @org/team #12 GH-7 http://evil.example www.evil.example mail@evil.example",
    "link": "[click](javascript:alert(1)) ![i](http://evil.example/p.png) [r]: http://evil.example <http://evil.example>",
    "fence": "``` ` `` | a | b |\\",
    "unfenced": "x` @everyone [l](http://evil.example) <b>b</b> `y",
    "chat": "<!channel> <@U123> <script>",
    "xml": "<r><t>x</t></r><f>1+1</f> _x000D_ &amp; ]]> <!DOCTYPE x>",
    "rich": "<r></r></is></c><c><f>1+1</f></c><r></r>",
    "surrogate": "\ud800x\ufffe",
}
UNSEEN = {"Cc", "Cf", "Cs", "Co", "Cn", "Zl", "Zp"}


def unseen(text, *, but="\n"):
    return {character for character in set(text) if unicodedata.category(character) in UNSEEN and character not in but}


def texts(cls, hostile, /, **fixed):
    """The fields of a value that hold one text, all of them hostile, but for those that are fixed."""
    return {each.name: hostile for each in fields(cls) if each.type == "str" and each.name not in fixed} | fixed


def night(hostile, operation, plan_of):
    because = Because(**texts(Because, hostile, situation=Situation.CONFIRMED))
    cells = {"who": hostile, "name": hostile, "anchor": hostile, "account_id": hostile, "entitlement": hostile, "entitlement_id": hostile}
    values = {"before": {hostile: "old", "t": hostile}, "after": {hostile: [hostile, {hostile: hostile}], "t": "new"}}
    verbs = [each for each in Verb if each not in (Verb.CREATE, Verb.CREATE_GROUP)]
    operations = [operation(number, verb, because=because, privileged=True, **cells, **values) for number, verb in enumerate(verbs)]
    operations += [
        operation(90 + number, verb, because=because, **cells, after=values["after"])
        for number, verb in enumerate((Verb.CREATE, Verb.CREATE_GROUP))
    ]
    findings = tuple(
        Finding(**texts(Finding, hostile, kind=kind, severity=severity, target="okta")) for kind in FindingKind for severity in Severity
    )
    override = Override(**texts(Override, hostile))
    numbers = {"count": 1, "accounts": 1, "population": 9, "message": hostile}
    plan = plan_of(
        *operations,
        findings=findings,
        links=(LinkChange(**texts(LinkChange, hostile)),),
        verdicts=(
            Verdict(guard="okta.update", passed=False, **numbers),
            Verdict(guard=hostile, passed=False, **numbers, override=override),
        ),
        scopes=(ReadScope(system="hr", scope=hostile, complete=False, rows=1, reason=hostile),),
        causes=(
            Cause(target="okta", verb=Verb.UPDATE, kind=CauseKind.CHANGE, name=hostile, value=hostile, was=hostile, explained=1, of=1),
        ),
        approvals=(Approval(**texts(Approval, hostile)),),
        forecasts=(Forecast(target="okta", requests=9, minutes=2, limit=hostile),),
        waiting=(Waiting(source=hostile, subject=hostile, cause=WaitCause.ROW, people=1, leavers=0, sample=(hostile,)),),
    )
    answer = ServerAnswer(status=400, code=hostile, request_id=hostile, repetition="permanent")
    failed = Outcome(operation_id=operations[0].id, kind=OutcomeKind.FAILED, account_id=hostile, detail=hostile, at=hostile, answer=answer)
    return plan, Run(id="r-1", plan_digest=plan.digest, live=True, started=hostile, ended=hostile, outcomes=(failed,))


@pytest.fixture(params=HOSTILE, scope="module")
def hostile(request):
    return HOSTILE[request.param]


@pytest.fixture(scope="module")
def shown(hostile, operation, plan_of):
    return night(hostile, operation, plan_of)


@pytest.fixture(scope="module")
def plain(operation, plan_of):
    return page(*night("plain", operation, plan_of))


class Tags(HTMLParser):
    """The elements of a page, and the attributes that could run or load something."""

    def __init__(self, text):
        super().__init__()
        self.names, self.scripts, self.acting = set(), 0, []
        self.feed(text)
        self.close()

    def handle_starttag(self, tag, attrs):
        self.names.add(tag)
        self.scripts += tag == "script"
        for name, value in attrs:
            loads = name in ("src", "href", "action", "srcdoc") and not (value or "").startswith("#")
            if name.startswith("on") or loads:
                self.acting.append((tag, name, value))


def test_the_page_has_the_elements_that_it_has_without_them(shown, plain):
    text, usual = page(*shown), Tags(plain)
    found = Tags(text)
    assert found.names <= usual.names | {"span", "details", "summary", "i"}
    assert found.scripts == usual.scripts
    assert found.acting == usual.acting
    assert unseen(text, but="\n") == set()


def test_markdown_renders_no_link_no_image_no_html_and_no_mention(shown):
    for text in (markdown(*shown), markdown(shown[0])):
        assert len(text) <= LONGEST
        assert unseen(text) == set()
        tokens = MarkdownIt("commonmark", {"html": True}).enable(["table", "strikethrough"]).parse(text)
        inside = [each for token in tokens for each in (token.children or ())]
        kinds = {each.type for each in (*tokens, *inside)}
        assert not kinds & {
            "link_open",
            "image",
            "html_inline",
            "html_block",
            "fence",
            "code_block",
            "blockquote_open",
            "s_open",
            "em_open",
        }
        running = [each.content for each in inside if each.type == "text"]
        assert not [
            each for each in running if "@" in each or "://" in each or "www." in each or "#1" in each or "GH-7" in each or "<" in each
        ]
        assert all(len(token.children or ()) for token in tokens if token.type == "inline")


def test_markdown_has_as_many_headings_and_cells_as_without_them(shown, operation, plan_of):
    def structure(text):
        tokens = MarkdownIt("commonmark").enable("table").parse(text)
        return [token.type for token in tokens if token.type in ("heading_open", "td_open", "th_open")]

    plain_text = markdown(night("plain", operation, plan_of)[0])
    found, usual = structure(markdown(shown[0])), structure(plain_text)
    assert found == usual[: len(found)]
    assert len(found) == len(usual) or "Cut here" in markdown(shown[0])


def test_a_spreadsheet_takes_no_cell_of_the_csv_for_a_formula(shown, hostile):
    text = table(*shown)
    assert unseen(text.removeprefix("\ufeff"), but="\t\r\n") == set()
    csv.field_size_limit(1 << 24)
    rows = list(csv.DictReader(io.StringIO(text.removeprefix("\ufeff"), newline="")))
    assert [row["id"] for row in rows if row["row"] == "operation"] == [each.id for each in shown[0].operations]
    for cell in (cell for row in rows for cell in row.values()):
        assert not [line for line in cell.replace("\r", "\n").split("\n") if line.lstrip(" ")[:1] in ("=", "+", "-", "@", "\t")]
    assert None not in {key for row in rows for key in row}


def test_the_workbook_holds_texts_alone_and_every_row(shown):
    package = workbook(*shown)
    for name, part in package.items():
        if name.startswith("xl/worksheets/sheet"):
            root = ET.fromstring(part)
            kinds = {each.tag.rpartition("}")[2] for each in root.iter()}
            assert not kinds & {"f", "hyperlink", "r", "drawing", "oleObject"}
            assert {each.attrib.get("t", "number") for each in root.iter() if each.tag.endswith("}c")} <= {"inlineStr", "number"}
    assert not [
        name
        for name in package
        if "externalLink" in name or "vba" in name.lower() or (name.endswith(".rels") and b"External" in package[name])
    ]
    cells = sheets(package)
    assert [row[0] for row in cells["operations"][1:]] == [each.id for each in shown[0].operations]
    assert len(cells["findings"]) == 1 + len(shown[0].findings)
    every = [cell for rows in cells.values() for row in rows for cell in row]
    assert max(len(cell.encode("utf-16-le")) // 2 for cell in every) <= CELL
    assert unseen("".join(every), but="\n\t") == set()


def test_json_holds_the_very_values_and_shows_no_control_character(shown, hostile):
    text = visible_json(document(*shown))
    assert unseen(text) == set()
    read = json.loads(text)
    assert {each["name"] for each in read["operations"]} == {hostile}
    assert read["operations"][0]["after"][hostile] == [hostile, {hostile: hostile}]
    assert read["findings"][0]["message"] == hostile


def test_a_terminal_gets_printable_lines_alone(shown):
    plan, run = shown
    for text in (
        show(plan, run, width=100, colour=False),
        "".join(lines(plan, run, width=100, colour=False)),
        show(plan, width=80, colour=False),
    ):
        assert unseen(text) == set()
        assert "\x1b" not in text


def test_rows_of_the_whole_text_have_as_many_lines_whatever_their_values_hold(operation, plan_of):
    def rows(value):
        text = "".join(lines(night(value, operation, plan_of)[0], width=100, colour=False))
        return text.partition("\nFindings: ")[2].count("\n")

    assert rows(HOSTILE["line"]) == rows("plain")


def test_an_early_run_and_an_empty_text_need_no_special_case(operation, plan_of):
    plan, run = night("", operation, plan_of)
    assert "not ended" in markdown(plan, run)
    assert len(sheets(workbook(plan, replace(run, outcomes=())))["operations"]) == 1 + len(plan.operations)
