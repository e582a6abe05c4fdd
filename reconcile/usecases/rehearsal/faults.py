"""Faults of a rehearsal: sets that have a name, and files that describe others."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from pathlib import Path

from pydantic import TypeAdapter, ValidationError

from connectors.sandbox.faults import Fault, FaultKind
from reconcile.usecases.rehearsal.errors import UnusableFaults

LARGEST = 1 << 20
"""Bytes of a file that are read."""
_WRITES = r"/(Users|Groups|users|groups|apps)\b"
_AT_ONCE = {"Retry-After": "0"}

NAMED: Mapping[str, Sequence[Fault]] = {
    "busy": (
        Fault(kind=FaultKind.STATUS, status=429, headers=_AT_ONCE, after=3, times=3),
        Fault(kind=FaultKind.STATUS, status=429, headers=_AT_ONCE, after=20, times=2),
        Fault(kind=FaultKind.LATENCY, seconds=0.2, after=5, times=10),
    ),
    "flaky": (
        Fault(kind=FaultKind.STATUS, method="GET", status=503, headers=_AT_ONCE, after=4, times=1),
        Fault(kind=FaultKind.DROP_BEFORE, method="GET", after=9, times=1),
        Fault(kind=FaultKind.STATUS_AFTER, method="POST", path=_WRITES, status=500, after=1, times=1),
        Fault(kind=FaultKind.DROP_AFTER, method="PATCH", path=_WRITES, after=1, times=1),
        Fault(kind=FaultKind.DROP_AFTER, method="PUT", path=_WRITES, after=1, times=1),
    ),
}
"""`busy`: a system at its rate limit. `flaky`: one that fails, loses connections, and carries out writes that it answers with an error."""
_BY_TARGET = TypeAdapter(dict[str, list[Fault]])


def faults_of(asked: str) -> Mapping[str, Sequence[Fault]]:
    """The faults of a named set, for every target, or those of a JSON file, by target. Raises UnusableFaults."""
    if asked in NAMED:
        return {"": NAMED[asked]}
    path = Path(asked)
    try:
        with path.open("rb") as file:
            return _BY_TARGET.validate_python(json.loads(file.read(LARGEST)))
    except OSError as error:
        raise UnusableFaults(path, error.strerror or str(error), sorted(NAMED)) from error
    except ValidationError as error:
        first = error.errors(include_url=False, include_input=False)[0]
        raise UnusableFaults(path, f"{'.'.join(map(str, first['loc'])) or 'the whole'}: {first['msg']}", sorted(NAMED)) from error
    except (ValueError, RecursionError):
        raise UnusableFaults(path, "not a JSON object", sorted(NAMED)) from None
