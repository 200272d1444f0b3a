"""Everything that a deployment stores, brought into the forms of this version of Handfast."""

import os
from collections import Counter
from importlib import import_module
from pkgutil import walk_packages

import handfast
from handfast.platform import upgrading
from handfast.platform.items import KINDS
from handfast_cli.admin import rotation


def upgraded() -> dict[str, int]:
    """Upgrade all items, objects and secrets; how many there were of each older form."""
    load_kinds()
    counts: Counter[str] = Counter()
    for table in sorted({kind.table for kind in KINDS.values()} & os.environ.keys()):
        counts.update(upgrading.upgrade_items(table))
    counts.update(upgrading.upgrade_objects())
    if taken := rotation.take_over():
        counts["keys of the one secret"] = taken
    return dict(counts)


def load_kinds() -> None:
    """Load every module of the package, so that all kinds of items and objects are known."""
    for module in walk_packages(handfast.__path__, "handfast."):
        import_module(module.name)
