"""The Python SDK of Handfast: docs/sdk.md."""

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from handfast_client import problems as problems
    from handfast_client.api import Api as Api
    from handfast_client.api import AsyncApi as AsyncApi
    from handfast_client.api import etag_of as etag_of
    from handfast_client.client import AsyncClient as AsyncClient
    from handfast_client.client import Client as Client
    from handfast_client.errors import AnswerError as AnswerError
    from handfast_client.errors import ConfigurationError as ConfigurationError
    from handfast_client.errors import HandfastError as HandfastError
    from handfast_client.errors import ProblemError as ProblemError
    from handfast_client.errors import SignInError as SignInError
    from handfast_client.hashing import RejectedValueError as RejectedValueError
    from handfast_client.hashing import hash_value as hash_value
    from handfast_client.noun import UNSET as UNSET

__version__ = "0.1.0"

_MODULES = {
    "UNSET": "noun",
    "AnswerError": "errors",
    "Api": "api",
    "AsyncApi": "api",
    "AsyncClient": "client",
    "Client": "client",
    "ConfigurationError": "errors",
    "HandfastError": "errors",
    "ProblemError": "errors",
    "RejectedValueError": "hashing",
    "SignInError": "errors",
    "etag_of": "api",
    "hash_value": "hashing",
}
"""Where each name is: a program loads what it uses."""


def __getattr__(name: str) -> Any:
    if name not in _MODULES:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(import_module(f"{__name__}.{_MODULES[name]}"), name)
