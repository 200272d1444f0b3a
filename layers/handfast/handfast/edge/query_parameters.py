"""A call's query parameters: one that its route does not have is refused, since a misspelt filter shows all."""

from collections.abc import Mapping
from typing import Any

from aws_lambda_powertools.event_handler.api_gateway import Route

from handfast.platform.problems import Refused
from handfast.platform.wire import escaped

_LONGEST_SHOWN = 100
"""Characters of a name that are repeated to who sent it."""
_MOST_SHOWN = 20


def check(route: Route, query: Mapping[str, Any]) -> None:
    """Raises Refused, with the ones that there are, for parameters that the route does not have."""
    known = sorted(parameter.alias for parameter in route.dependant.query_params)
    unknown = [name[:_LONGEST_SHOWN] for name in query if name not in known][:_MOST_SHOWN]
    if unknown:
        takes = f"it takes {', '.join(known)}" if known else "it takes none"
        errors = [{"pointer": f"/query/{escaped(name)}", "message": "no such query parameter"} for name in unknown]
        detail = f"this call has no query parameter {', '.join(unknown)}; {takes}"
        raise Refused(detail, reason="unknown_parameter", known=known, errors=errors)
