"""Write the document, the page of problems and the SDK, or with `--check` tell whether what is kept is current."""

import sys

from handfast.edge import problem_pages
from handfast_cli.openapi.document import DOCUMENT, document, text_of
from handfast_cli.openapi.functions import ROOT
from handfast_cli.openapi.sdk import CLIENT, sdk_files
from handfast_cli.output import console


def main() -> int:
    """Write or check; answers the exit code."""
    found = document()
    pages = {DOCUMENT: text_of(found), ROOT / "docs/problems.md": problem_pages.markdown(), **sdk_files(found)}
    gone = [path for path in (CLIENT / "calls").glob("*.py") if path not in pages]
    if "--check" in sys.argv:
        stale = [path.name for path, text in pages.items() if not (path.is_file() and path.read_text() == text)]
        stale += [path.name for path in gone]
        console.print(f"{' and '.join(stale)} stale: run `make openapi`" if stale else "openapi.json is current")
        return 1 if stale else 0
    for path, text in pages.items():
        path.parent.mkdir(exist_ok=True)
        path.write_text(text)
    for path in gone:
        path.unlink()
    return 0


if __name__ == "__main__":
    sys.path.insert(0, str(ROOT))
    sys.exit(main())
