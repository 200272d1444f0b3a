"""Writes the digest of the console's built files into the template: a deployment that has another brings them anew.

`--check` changes nothing, and ends with status 1 where the digest is another.
"""

import re
import sys

from handfast.console_site.files import digest
from handfast_cli.local.console import SITE
from handfast_cli.local.paths import ROOT

_DIGEST = re.compile(r"(?<=^      Digest: )\S+", re.MULTILINE)


def main() -> None:
    """Run `python -m handfast_cli.console_digest [--check]`."""
    template = ROOT / "template.yaml"
    text = template.read_text()
    written, count = _DIGEST.subn(f'"{digest(SITE)}"', text)
    if count != 1:
        sys.exit("template.yaml has no line `Digest:` of the console's files")
    if written == text:
        return
    if "--check" in sys.argv[1:]:
        sys.exit("The console's files are not those of template.yaml's digest: run make console")
    template.write_text(written)


if __name__ == "__main__":
    main()
