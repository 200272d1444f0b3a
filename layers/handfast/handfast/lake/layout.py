"""Where the data plane's objects lie, as partitions that SQL engines read (template.yaml, the Glue tables)."""


def profiles(sandbox_id: str) -> str:
    """The prefix of the identities that a sandbox knows."""
    return f"profiles/sandbox={sandbox_id}/"


def segments(sandbox_id: str) -> str:
    """The prefix of the members of all of a sandbox's segments; below it `segment={id}/`."""
    return f"memberships/sandbox={sandbox_id}/segment="


def memberships(sandbox_id: str, segment_id: str) -> str:
    """The prefix of a segment's members."""
    return f"{segments(sandbox_id)}{segment_id}/"


def suppressions(sandbox_id: str) -> str:
    """The prefix of the identities that a sandbox suppresses."""
    return f"suppressions/sandbox={sandbox_id}/"


def disclosures(dataflow_id: str) -> str:
    """The prefix of what a dataflow has handed over."""
    return f"disclosures/dataflow={dataflow_id}/"


def states(dataflow_id: str) -> str:
    """The prefix of what a dataflow's buckets looked like last; SQL engines leave out what begins with `_`."""
    return f"{disclosures(dataflow_id)}_state/"
