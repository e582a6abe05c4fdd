"""Adds the pages of the repository's root to the site, and lets links between pages lead to where each stands there.

What a page links to outside of the site, such as a folder of the code, is shown as its text.
"""

from __future__ import annotations

import posixpath
import re
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from mkdocs.structure.files import File

ROOT = Path(__file__).parents[2]
ADDED = {
    "README.md": "overview.md",
    "ARCHITECTURE.md": "architecture.md",
    "CONTRIBUTING.md": "contributing.md",
    "CHANGELOG.md": "changelog.md",
}
"""Pages of the root, each with its place in the site."""
_LINK = re.compile(r"(!?)\[((?:[^\[\]]|\[[^\]]*\])*)\]\(([^)\s]+)\)")
_BLOCK = re.compile(r"(^ *```.*?^ *```$)", re.MULTILINE | re.DOTALL)


def on_files(files: Any, config: Any) -> Any:
    """Adds the pages of the root."""
    for name, place in ADDED.items():
        files.append(File.generated(config, place, content=(ROOT / name).read_text(encoding="utf-8")))
    return files


def on_page_markdown(markdown: str, page: Any, **_: Any) -> str:
    """Rewrites the links of a page."""
    return linked(markdown, page.file.src_uri)


def linked(markdown: str, place: str) -> str:
    """The text of the page at a place of the site, with links that lead somewhere there."""
    at_home = {there: name for name, there in ADDED.items()}
    source = at_home.get(place, f"docs/{place}")
    # What stands in a fenced block is an example.
    parts = _BLOCK.split(markdown)
    return "".join(part if number % 2 else _LINK.sub(lambda found: _link(found, source, place), part) for number, part in enumerate(parts))


def _link(link: re.Match[str], source: str, place: str) -> str:
    mark, text, target = link.groups()
    if "://" in target or target.startswith("#"):
        return link[0]
    path, hash_, anchor = target.partition("#")
    there = _places().get(posixpath.normpath(posixpath.join(posixpath.dirname(source), path)))
    if there is None:
        return text
    return f"{mark}[{text}]({posixpath.relpath(there, posixpath.dirname(place) or '.')}{hash_}{anchor})"


def _places() -> Mapping[str, str]:
    """The place in the site of each file that it has, by its path in the repository."""
    docs = ROOT / "docs"
    return {
        **{f"docs/{path.relative_to(docs).as_posix()}": path.relative_to(docs).as_posix() for path in docs.rglob("*") if path.is_file()},
        **ADDED,
    }
