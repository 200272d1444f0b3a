"""The OpenAPI 3.1 document of all API functions, from their code."""

from handfast_cli.openapi.document import DOCUMENT, document
from handfast_cli.openapi.functions import ROOT, apis, document_of

__all__ = ["DOCUMENT", "ROOT", "apis", "document", "document_of"]
