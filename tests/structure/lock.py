"""What a lock lacks: every requirement of the project and of each locked distribution, held against the pins."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cache
from importlib import metadata
from pathlib import Path

from packaging.markers import Marker, default_environment
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name
from packaging.version import Version

RequirementsOf = Callable[[str], Iterable[str]]
"""The Requires-Dist lines of a distribution."""


@dataclass(frozen=True)
class Pin:
    """One line of a lock."""

    version: Version
    marker: Marker | None

    def applies(self, environment: Mapping[str, str]) -> bool:
        return self.marker is None or self.marker.evaluate({**environment, "extra": ""})


Lock = Mapping[str, Pin]


def read_lock(path: Path) -> Lock:
    """The pins of a requirements file by canonical name."""
    pins = {}
    for line in path.read_text(encoding="utf-8").splitlines():
        if re.match(r"[A-Za-z0-9]", line):
            pinned = Requirement(line.rstrip(" \\"))
            (exact,) = pinned.specifier
            assert exact.operator == "==", line
            pins[canonicalize_name(pinned.name)] = Pin(Version(exact.version), pinned.marker)
    return pins


def this_environment() -> Mapping[str, str]:
    """The marker variables of this interpreter on this machine."""
    return {name: str(value) for name, value in default_environment().items()}


def environment(python: str, platform: str) -> Mapping[str, str]:
    """The marker variables of CPython on a platform (`linux`, `darwin`, `win32`)."""
    names = {"linux": ("posix", "Linux"), "darwin": ("posix", "Darwin"), "win32": ("nt", "Windows")}
    os_name, system = names[platform]
    version = {"python_version": python, "python_full_version": f"{python}.0", "implementation_version": f"{python}.0"}
    return {**this_environment(), **version, "sys_platform": platform, "os_name": os_name, "platform_system": system}


@cache
def installed_requirements(name: str) -> Sequence[str]:
    """The requirements of a distribution of this environment; none where it is of another platform and not installed."""
    try:
        return metadata.requires(name) or ()
    except metadata.PackageNotFoundError:
        return ()


@cache
def _requirement(line: str) -> Requirement:
    return Requirement(line)


@dataclass
class _Walk:
    """Follows requirements from one to the next, each distribution and extra once."""

    lock: Lock
    environment: Mapping[str, str]
    requirements_of: RequirementsOf
    reached: set[tuple[str, str]] = field(default_factory=set)

    def gaps(self, asker: str, asked: Iterable[str], extra: str = "") -> Iterator[str]:
        for line in asked:
            wanted = _requirement(line)
            if wanted.marker is None or wanted.marker.evaluate({**self.environment, "extra": extra}):
                yield from self._gap(asker, wanted)

    def _gap(self, asker: str, wanted: Requirement) -> Iterator[str]:
        name = canonicalize_name(wanted.name)
        pin = self.lock.get(name)
        if pin is None or not pin.applies(self.environment):
            yield f"{asker} asks for {wanted}, and the lock has no {name}"
            return
        if not wanted.specifier.contains(pin.version, prereleases=True):
            yield f"{asker} asks for {wanted}, and the lock has {name} {pin.version}"
        for extra in ("", *sorted(wanted.extras)):
            if (name, extra) not in self.reached:
                self.reached.add((name, extra))
                yield from self.gaps(f"{name}[{extra}]" if extra else name, self.requirements_of(name), extra)


def gaps(lock: Lock, roots: Mapping[str, Iterable[str]], where: Mapping[str, str], requirements_of: RequirementsOf) -> list[str]:
    """A sentence for each requirement that the lock does not meet in an environment. `roots` are requirement lines by who asks."""
    walk = _Walk(lock, where, requirements_of)
    return [gap for asker, asked in roots.items() for gap in walk.gaps(asker, asked)]


def needed(lock: Lock, roots: Mapping[str, Iterable[str]], where: Mapping[str, str], requirements_of: RequirementsOf) -> set[str]:
    """The distributions that something asks for in an environment."""
    walk = _Walk(lock, where, requirements_of)
    for asker, asked in roots.items():
        assert list(walk.gaps(asker, asked)) == []
    return {name for name, _ in walk.reached}
