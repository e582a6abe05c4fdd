"""Whether the settings of the how-to pages are settings, and the site can be built of all pages."""

import re
import subprocess
import sys
import tomllib
from pathlib import Path

import pytest
import yaml

from connectors.registry import BUILT_IN, settings_model
from mappings.rules import TargetMapping
from reconcile.project.config import Protected
from reconcile.project.limits import Guards
from tests.structure.site_pages import ADDED, linked

ROOT = Path(__file__).parents[2]
HOWTO = sorted((ROOT / "docs/howto").glob("*.md"))
BLOCKS = [
    pytest.param(block, id=f"{path.stem}-{number}")
    for path in HOWTO
    for number, (_, block) in enumerate(
        re.findall(r"^( *)```toml\n(.*?)^\1```", path.read_text(encoding="utf-8"), re.MULTILINE | re.DOTALL)
    )
]


@pytest.mark.parametrize("block", BLOCKS)
def test_settings_are_settings(block: str) -> None:
    stated = tomllib.loads(block)
    for connector in stated.pop("connectors", {}).values():
        kind = connector.pop("type")
        assert settings_model(BUILT_IN[kind]).model_validate(connector)
    Protected.model_validate(stated.pop("protected", {}))
    Guards.model_validate(stated.pop("guards", {}))
    assert not stated or TargetMapping.model_validate(stated)


def test_every_page_is_built_into_the_site_and_no_link_leads_nowhere(tmp_path: Path) -> None:
    built = subprocess.run(
        [sys.executable, "-m", "mkdocs", "build", "--strict", "--site-dir", str(tmp_path)],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
    )
    assert built.returncode == 0, built.stderr
    pages = [path.relative_to(ROOT / "docs").with_suffix("").as_posix() for path in (ROOT / "docs").rglob("*.md")]
    pages += [Path(name).stem for name in ADDED.values()]
    assert [page for page in pages if not (tmp_path / page.removesuffix("index") / "index.html").exists()] == []
    loaded = re.findall(r'<(?:script|link|img)[^>]+(?:src|href)="(https?:[^"]+)"', (tmp_path / "index.html").read_text(encoding="utf-8"))
    assert [each for each in loaded if "canonical" not in each] == []


def test_navigation_names_every_page() -> None:
    text = (ROOT / "mkdocs.yml").read_text(encoding="utf-8")
    named = set(re.findall(r"[\w/-]+\.md", str(yaml.safe_load(text)["nav"])))
    assert named == {path.relative_to(ROOT / "docs").as_posix() for path in (ROOT / "docs").rglob("*.md")} | set(ADDED.values())


@pytest.mark.parametrize(
    ("text", "place", "shown"),
    [
        ("[x](../README.md#exit-codes)", "operation.md", "[x](overview.md#exit-codes)"),
        ("[x](docs/incident.md)", "overview.md", "[x](incident.md)"),
        ("[x](../../README.md)", "howto/container.md", "[x](../overview.md)"),
        ("![x](docs/report.png)", "overview.md", "![x](report.png)"),
        ("[`code`](../reconcile/plan/model.py)", "glossary.md", "`code`"),
        ("[x](https://example.com) [y](#here)", "glossary.md", "[x](https://example.com) [y](#here)"),
        ("```\n[x](../nowhere.md)\n```", "glossary.md", "```\n[x](../nowhere.md)\n```"),
    ],
)
def test_links_lead_to_where_a_page_stands_in_the_site(text: str, place: str, shown: str) -> None:
    assert linked(text, place) == shown
