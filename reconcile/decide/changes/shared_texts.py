"""Equal texts as one object: of a million accounts most have one of a few hundred departments."""

from __future__ import annotations

from dataclasses import dataclass, field

MOST = 5_000
"""Different texts that are remembered. Of logins and addresses there are more, and no two are equal."""


@dataclass(frozen=True, slots=True)
class SharedTexts:
    """The texts of one attribute that were met before."""

    _met: dict[str, str] = field(default_factory=dict)

    def text(self, text: str) -> str:
        """The object that stands for the text."""
        if len(self._met) < MOST:
            return self._met.setdefault(text, text)
        return self._met.get(text, text)
