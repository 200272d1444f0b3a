"""What a recipient token's link answers: a page for people, on which nothing is used up, and the profile file."""

from aws_lambda_powertools.event_handler import Response

from handfast.access.recipient_token_models import ProfileFile
from handfast.edge.api import JSON

_HEADERS: dict[str, str | list[str]] = {
    "Cache-Control": "no-store",
    "Referrer-Policy": "no-referrer",
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
    "Content-Security-Policy": "default-src 'none'; style-src 'unsafe-inline'; form-action 'self'; "
    "frame-ancestors 'none'; base-uri 'none'",
}
_PAGE = """<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="robots" content="noindex">
<title>Your profile file</title>
<style>
body { font: 1rem/1.5 system-ui, sans-serif; max-width: 36rem; margin: 4rem auto; padding: 0 1rem }
button { font: inherit; padding: .5rem 1rem }
</style>
</head>
<body>
<main>
<h1>Your profile file</h1>
<p>The file lets a tool that speaks Delta Sharing read what has been shared. It holds a secret: keep it where only that
tool reads it.</p>
<p>This link gives the file once. Whoever comes after you gets nothing, and neither do you a second time.</p>
<form method="post"><button type="submit">Download the profile file</button></form>
</main>
</body>
</html>
"""


def offer() -> Response[str]:
    """The page that offers the file."""
    return Response(200, "text/html; charset=utf-8", _PAGE, headers=_HEADERS)


def profile(file: ProfileFile) -> Response[str]:
    """The profile file, to be saved under the name that tools look for."""
    headers = _HEADERS | {"Content-Disposition": 'attachment; filename="config.share"'}
    return Response(200, JSON, file.model_dump_json(by_alias=True, indent=2), headers=headers)
