"""Looks at the data as they are now, some buckets after others, as far as a call can read them."""

from collections.abc import Callable, Mapping
from pathlib import Path
from tempfile import TemporaryDirectory

from handfast.lake import people_counts
from handfast.lake.duck import Connection
from handfast.matching import inputs, relations
from handfast.matching.inputs import Columns
from handfast.matching.inventory import Objects
from handfast.matching.models import Terms

type Look = Callable[[Connection, Mapping[str, str]], None]
"""Takes a connection to the relations of some buckets, and their FROM items."""


def each(
    connection: Connection,
    terms: Terms,
    listed: Mapping[int, Objects],
    wanted: Columns,
    look: Look,
    looks: int = 1,
) -> bool:
    """Call `look` with the relations of some buckets after others; False where they are too much to read.

    `looks` is how many times a call does so. The type `segment_id` has to be there. Raises LostRaceError when an object
    is replaced meanwhile.
    """
    groups = people_counts.parts({bucket: objects.values() for bucket, objects in listed.items()}, looks)
    if groups is None:
        return False
    for group in groups:
        with TemporaryDirectory() as folder:
            part = {bucket: listed[bucket] for bucket in group}
            _, files = inputs.fetch(part, Path(folder), inputs.needed(wanted, terms))
            sources = relations.items(list(files.values()), terms)
            relations.relate(connection, sources, terms)
            look(connection, sources)
    return True
