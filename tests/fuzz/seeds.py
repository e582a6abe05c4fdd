"""Pages and files as well-behaved systems write them: what fuzzing starts from. `python -m tests.fuzz.seeds` writes the corpus anew."""

from __future__ import annotations

import io
import json
import zipfile
from pathlib import Path

CORPUS = Path(__file__).parent / "corpus"
_ENTERPRISE = "urn:ietf:params:scim:schemas:extension:enterprise:2.0:User"
_USER = {"id": "00u1", "status": "ACTIVE", "lastUpdated": "2024-01-02T03:04:05.000Z", "profile": {"login": "ann@example.com", "n": 1.5}}
_GROUP = {
    "id": "00g1",
    "type": "OKTA_GROUP",
    "profile": {"name": "Sales"},
    "_embedded": {"stats": {"usersCount": 2, "hasAdminPrivilege": False}},
    "_rules": ["rule"],
}
_APP = {"id": "0oa1", "label": "Wiki", "name": "wiki", "status": "ACTIVE", "signOnMode": "SAML_2_0", "_groups": ["00g1"]}
_SCIM_USER = {
    "id": "u1",
    "userName": "ann@example.com",
    "active": True,
    "name": {"givenName": "Ann", "familyName": "Lee"},
    "emails": [{"value": "ann@example.com", "type": "work", "primary": True}, {"value": "a@home.example"}],
    "meta": {"lastModified": "2024-01-02T03:04:05Z", "version": 'W/"1"'},
    _ENTERPRISE: {"department": "Sales", "manager": {"value": "u2"}},
}
_SCIM_GROUP = {"id": "g1", "displayName": "Sales", "members": [{"value": "u1"}, {"value": "g2", "type": "Group"}]}
_ROWS = (("1001", "Ann", "ann@example.com", "2020-01-31"), ("1002", "Bö", "bo@example.com", ""))
_HEADER = ("employee_id", "first_name", "email", "start_date")


def seeds() -> dict[str, list[bytes]]:
    """By decoder."""
    page = json.dumps({"header": _HEADER, "line": 2}).encode() + b"\n"
    lines = "".join(",".join(row) + "\n" for row in _ROWS)
    sheet = "".join(json.dumps(("tttt", row)) + "\n" for row in _ROWS)
    csv = f"{','.join(_HEADER)}\n{lines}TRAILER,2,,\n"
    return {
        "okta": [_json([_USER]), _json([_GROUP]), _json([_APP]), _json([{"id": "00u1", "scope": "USER"}])],
        "scim": [
            _json({"totalResults": 2, "Resources": [_SCIM_USER, {**_SCIM_USER, "id": 7, "ACTIVE": "false", "tags": [1e3]}]}),
            _json({"totalResults": "1", "resources": [_SCIM_GROUP], "nextCursor": "c"}),
            _json({**_SCIM_GROUP, "_nested": [{"value": "u3", "through": "g2"}]}),
            _json(
                {"schemas": ["urn:ietf:params:scim:api:messages:2.0:Error"], "scimType": "uniqueness", "detail": "taken", "status": "409"}
            ),
            _json({"Errors": [{"description": "no", "code": 400}]}),
        ],
        "memory": [
            _json([["m1", "active", "ACTIVE", '{"userName": "ann"}', "", "1", 0]]),
            _json([["g1", "group", "Sales", "{}", "", False, ""]]),
            _json([["m1", "g1", ""]]),
        ],
        "hr_csv": [page + lines.encode(), json.dumps({"problem": "it is empty"}).encode() + b"\n"],
        "hr_xlsx": [page + sheet.encode()],
        "hr_csv_file": [csv.encode(), csv.replace("Ann", '"An""n\nB"').encode(), csv.encode("utf-16")],
        "hr_xlsx_file": [workbook()],
        "hr_xlsx_sheet": [_unpacked("worksheet")],
        "hr_xlsx_strings": [_unpacked("sharedStrings")],
        "hr_xlsx_styles": [_unpacked("styles")],
    }


def _unpacked(part: str) -> bytes:
    with zipfile.ZipFile(io.BytesIO(workbook())) as archive:
        return archive.read(f"xl/{part}.xml")


def _json(value: object) -> bytes:
    return json.dumps(value, separators=(",", ":"), ensure_ascii=False).encode()


def workbook(cells: str = "", strings: str = "<si><t>Ann</t></si><si><r><t>B_x00f6_</t></r></si>", **parts: str | bytes) -> bytes:
    """A workbook of one sheet, whose rows after the header are `cells`; `parts` replaces whole parts by their short names."""
    header = "".join(f'<c r="{letter}1" t="inlineStr"><is><t>{name}</t></is></c>' for letter, name in zip("ABCD", _HEADER, strict=True))
    rows = cells or (
        '<row r="2"><c r="A2" t="str"><v>1001</v></c><c r="B2" t="s"><v>0</v></c><c r="C2" t="str"><v>a@x</v></c><c r="D2" s="1"><v>43831</v></c></row>'
        '<row r="4"><c r="A4" t="str"><v>1002</v></c><c r="B4" t="s"><v>1</v></c><c r="C4" t="b"><v>1</v></c><c r="D4" t="d"><v>2020-01-31</v></c></row>'
    )
    main, kinds = (
        "http://schemas.openxmlformats.org/spreadsheetml/2006/main",
        "http://schemas.openxmlformats.org/officeDocument/2006/relationships",
    )
    packaged = "http://schemas.openxmlformats.org/package/2006/relationships"
    texts = {
        "_rels/.rels": f'<Relationships xmlns="{packaged}"><Relationship Id="r1" Type="{kinds}/officeDocument" Target="xl/workbook.xml"/></Relationships>',
        "xl/_rels/workbook.xml.rels": f'<Relationships xmlns="{packaged}">'
        + "".join(
            f'<Relationship Id="r{number}" Type="{kinds}/{kind}" Target="{kind}.xml"/>'
            for number, kind in enumerate(("worksheet", "sharedStrings", "styles"), 1)
        )
        + "</Relationships>",
        "xl/workbook.xml": f'<workbook xmlns="{main}" xmlns:r="{kinds}"><sheets><sheet name="S" sheetId="1" r:id="r1"/></sheets></workbook>',
        "xl/worksheet.xml": f'<worksheet xmlns="{main}"><sheetData><row r="1">{header}</row>{rows}</sheetData></worksheet>',
        "xl/sharedStrings.xml": f'<sst xmlns="{main}">{strings}</sst>',
        "xl/styles.xml": f'<styleSheet xmlns="{main}"><numFmts><numFmt numFmtId="170" formatCode="yyyy\\-mm"/></numFmts>'
        '<cellXfs><xf numFmtId="0"/><xf numFmtId="14"/><xf numFmtId="170"/></cellXfs></styleSheet>',
    }
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, text in {**texts, **{f"xl/{name}.xml": text for name, text in parts.items()}}.items():
            archive.writestr(zipfile.ZipInfo(name, (2024, 1, 1, 0, 0, 0)), text, zipfile.ZIP_DEFLATED)
    return file.getvalue()


def write() -> None:
    """Writes the seeds beside the regressions that fuzzing found, which stay."""
    for name, bodies in seeds().items():
        (CORPUS / name).mkdir(parents=True, exist_ok=True)
        for number, body in enumerate(bodies, 1):
            (CORPUS / name / f"seed{number}").write_bytes(body)


if __name__ == "__main__":
    write()
