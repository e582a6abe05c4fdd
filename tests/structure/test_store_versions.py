"""A change of the store's schema raises its version, so that an earlier program does not take the store for its own."""

import hashlib

from reconcile.store.file import SCHEMA
from reconcile.store.statements import statements, statements_of

DIGESTS = {
    1: "1facaf4f17133b222cf2691a125d7a52c38dd9737a212dc886da4502c4fd2600",
    2: "0f89f3705ac0d6b27487c4cdc2c1f142ae8d2870e8a36dd56eaba5b8c26a6045",
    3: "438f992f868f176543b4fbb03edc4a5c09fd79dbbc7462302fb1104645d2d3ea",
}
"""By version, the SHA-256 of the statements of `store/schema.sql`. A new version is added; none is changed once it was released."""


def test_schema_has_the_version_of_what_it_says():
    said = "\n".join(" ".join(statements()[name].split()) for name in statements_of("store/schema"))
    assert DIGESTS[SCHEMA] == hashlib.sha256(said.encode()).hexdigest(), (
        "schema.sql changed: raise SCHEMA, and add the digest of the new version"
    )
