"""The commands that the pages show: the lines of their fenced blocks, by page and block."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).parents[2]
PAGES = {path.relative_to(ROOT).as_posix(): path.read_text(encoding="utf-8") for path in (*ROOT.glob("*.md"), *ROOT.glob("docs/**/*.md"))}
LANGUAGES = frozenset({"sh", "cron", "text", "toml", "ini", "yaml", "json", "python", "sql", "csv", "dockerfile"})
TYPED = frozenset({"sh", "cron"})
"""Languages of the blocks that a reader types, or gives to cron."""
_FENCE = re.compile(r"^( *)```(\w*)[^\n]*\n(.*?)^\1```$", re.MULTILINE | re.DOTALL)
_CONTINUED = re.compile(r" *\\\n *")
_SPAN = re.compile(r"`(reconcile [a-z-]+ [^`\n]+)`")
"""A command in a sentence, with its words: more than a name."""
_SETTING = re.compile(r"[A-Z]+=")
"""A line of a crontab that starts nothing."""


@dataclass(frozen=True)
class Block:
    """A fenced block of a page, without its indentation."""

    page: str
    heading: str
    """Of the section (##) in which it stands."""
    language: str
    text: str

    @property
    def commands(self) -> tuple[str, ...]:
        """The command lines in order, each with its remark; long ones joined."""
        if self.language not in TYPED:
            return ()
        lines = _CONTINUED.sub(" ", self.text).splitlines()
        return tuple(line for line in lines if line and not line.startswith("#") and not _SETTING.match(line))


def blocks(page: str) -> Iterator[Block]:
    """The fenced blocks of a page in order."""
    text = PAGES[page]
    for found in _FENCE.finditer(text):
        indent, language, inside = found.groups()
        heading = re.findall(r"^## (.*)$", text[: found.start()], re.MULTILINE)
        yield Block(page, heading[-1] if heading else "", language, re.sub(f"^{indent}", "", inside, flags=re.MULTILINE))


def spoken(page: str) -> list[str]:
    """The commands that the sentences and tables of a page name with their words, and no block shows: in order, each once."""
    shown = {line.partition("#")[0].strip() for block in blocks(page) for line in block.commands}
    return [line for line in dict.fromkeys(_SPAN.findall(_FENCE.sub("", PAGES[page]))) if line not in shown]


def settings(page: str) -> list[str]:
    """The TOML blocks of a page."""
    return [block.text for block in blocks(page) if block.language == "toml"]
