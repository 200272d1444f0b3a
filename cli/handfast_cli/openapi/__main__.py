"""Write the document and the page of problems, or with `--check` tell whether the committed ones are current."""

import sys

from handfast.edge import problem_pages
from handfast_cli.openapi.document import DOCUMENT, document, text_of
from handfast_cli.openapi.functions import ROOT
from handfast_cli.output import console


def main() -> int:
    """Write or check; answers the exit code."""
    pages = {DOCUMENT: text_of(document()), ROOT / "docs/problems.md": problem_pages.markdown()}
    if "--check" in sys.argv:
        stale = [path.name for path, text in pages.items() if not (path.is_file() and path.read_text() == text)]
        console.print(f"{' and '.join(stale)} stale: run `make openapi`" if stale else "openapi.json is current")
        return 1 if stale else 0
    for path, text in pages.items():
        path.write_text(text)
    return 0


if __name__ == "__main__":
    sys.path.insert(0, str(ROOT))
    sys.exit(main())
