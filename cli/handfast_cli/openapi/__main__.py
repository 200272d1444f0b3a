"""Write the document, or with `--check` tell whether the committed one is current: `python -m handfast_cli.openapi`."""

import sys

from handfast_cli.openapi.document import DOCUMENT, document, text_of
from handfast_cli.openapi.functions import ROOT
from handfast_cli.output import console


def main() -> int:
    """Write or check; answers the exit code."""
    text = text_of(document())
    if "--check" in sys.argv:
        current = DOCUMENT.is_file() and DOCUMENT.read_text() == text
        console.print("openapi.json is current" if current else "openapi.json is stale: run `make openapi`")
        return 0 if current else 1
    DOCUMENT.write_text(text)
    return 0


if __name__ == "__main__":
    sys.path.insert(0, str(ROOT))
    sys.exit(main())
