"""The API functions on moto against the served document; HYPOTHESIS_PROFILE=long looks for minutes."""

import os
from dataclasses import dataclass
from typing import Any

import pytest
from schemathesis import BaseSchema

from handfast_cli.openapi import document
from tests.worlds.contract import disagreements, read, walk
from tests.worlds.furnished import furnished
from tests.worlds.gateway import Gateway
from tests.worlds.sandboxes import organizations
from tests.worlds.stores import built_once

EXAMPLES = 30 if os.environ.get("HYPOTHESIS_PROFILE") == "long" else 2


@dataclass(frozen=True)
class Served:
    """The document as a member of a sandbox with one of everything reads it, and how that member calls."""

    schema: BaseSchema
    call: dict[str, Any]


_furnished = built_once(lambda: furnished(organizations()))


@pytest.fixture
def served(stores: None, monkeypatch: pytest.MonkeyPatch) -> Served:
    monkeypatch.setenv("OUTBOUND_PRIVATE_NETWORKS", "allow")
    both = _furnished()
    schema = read(document(), both.of(both.a))
    return Served(schema, {"app": Gateway(), "headers": {"Authorization": f"Bearer {both.a.principal_id}"}})


def test_no_answer_is_one_that_the_document_does_not_allow(served: Served) -> None:
    found = disagreements(served.schema, EXAMPLES, **served.call)
    assert not found, "\n\n".join(found)


def test_no_answer_to_what_was_answered_before_is_either(served: Served) -> None:
    found = walk(served.schema, EXAMPLES * 4, 8, **served.call)
    assert not found, "\n\n".join(found)
