"""The functions' logs, which the emulator keeps as CloudWatch does."""

from dataclasses import dataclass

# What the platform prints around each invocation.
PLATFORM = ("START ", "END ", "REPORT ", "INIT_START ")


@dataclass(frozen=True, order=True)
class Entry:
    """One line of a function's log; `at` in milliseconds."""

    at: int
    function: str
    message: str


def read(stack_name: str, function: str | None, since: int) -> list[Entry]:
    """What the stack's functions, or one of them, logged from `since` on, oldest first."""
    import boto3  # noqa: PLC0415 - slow to import

    logs = boto3.client("logs")
    prefix = f"/handfast/{stack_name}/"
    groups = logs.get_paginator("describe_log_groups").paginate(logGroupNamePrefix=prefix + (function or ""))
    names = [group["logGroupName"] for page in groups for group in page["logGroups"]]
    pages = logs.get_paginator("filter_log_events").paginate
    return sorted(
        Entry(event["timestamp"], name.removeprefix(prefix), event["message"].rstrip())
        for name in names
        for page in pages(logGroupName=name, startTime=since)
        for event in page["events"]
        if not event["message"].startswith(PLATFORM)
    )
