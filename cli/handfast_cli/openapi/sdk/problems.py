"""`handfast_client.problems`: a class for each type of problem that the API answers."""

from handfast.edge.problem_pages import TYPES, meaning
from handfast_cli.openapi.sdk.types import docstring

_HEAD = '''"""The types of problems that the API answers, each with what it means and what to do: docs/problems.md.

Written by `make openapi` from the code of the API.
"""

from collections.abc import Mapping
from typing import Any

from handfast_client.errors import ProblemError
'''
_FOOT = '''
_BY_SLUG: Mapping[str, type[ProblemError]] = {each.slug: each for each in (%s)}


def problem_of(status: int, document: Mapping[str, Any]) -> ProblemError:
    """The problem that a document is, by its `type`."""
    slug = str(document.get("type", "")).rpartition("/")[2]
    return _BY_SLUG.get(slug, ProblemError)(status, document)
'''


def problems_file() -> str:
    """The text of the module."""
    parts, names = [_HEAD], []
    for slug, each in TYPES.items():
        name = "".join(word.capitalize() for word in slug.split("-")) + "Error"
        names.append(name)
        told = docstring(meaning(each), each.remedy).replace("\n", "\n    ").replace("\n    \n", "\n\n")
        parts.append(f'class {name}(ProblemError):\n    {told}\n\n    slug = "{slug}"\n')
    return "\n\n".join([*parts, _FOOT % ", ".join(names)])
