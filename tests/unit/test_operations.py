"""The tables of docs/operations.md and docs/performance.md name what the template makes, all of it and nothing else."""

import re
from datetime import timedelta
from fnmatch import fnmatchcase
from typing import Any

from handfast.platform.queues import LOOKS
from tests.worlds.template import ALARMS, DEAD_LETTERS, FUNCTIONS, QUEUES, ROOT, TEMPLATE


def rows(document: str, first: str) -> list[dict[str, str]]:
    """The rows of the table whose first column has this title."""
    lines = iter((ROOT / "docs" / document).read_text().splitlines())
    titles = next(cells(line) for line in lines if line.startswith(f"| {first} |"))
    next(lines)
    found = []
    for line in lines:
        if not line.startswith("|"):
            break
        found.append(dict(zip(titles, cells(line), strict=True)))
    return found


def cells(line: str) -> list[str]:
    return [cell.strip() for cell in line.strip("|").split("|")]


def trigger(function: dict[str, Any]) -> str:
    """What a function runs on."""
    kinds = {event["Type"]: event["Properties"] for event in function["Events"].values()}
    if not kinds:
        return "deployments"
    if kinds.keys() == {"ScheduleV2", "EventBridgeRule"}:
        assert kinds["ScheduleV2"]["ScheduleExpression"] == "rate(1 minute)"
        assert kinds["EventBridgeRule"]["Pattern"] == {"source": ["aws.s3"], "detail-type": ["Object Created"]}
        return "every minute, new objects"
    ((kind, properties),) = kinds.items()
    if kind == "Schedule":
        assert (properties["Schedule"], LOOKS) == ("rate(5 minutes)", timedelta(minutes=5))
        return "every five minutes"
    source = properties.get("Queue") or properties.get("Stream")
    return str(source["GetAtt"]).partition(".")[0] if source else "API"


def test_the_table_of_functions_says_what_the_template_does() -> None:
    everywhere = TEMPLATE["Globals"]["Function"]
    assert [[*row.values()][:4] for row in rows("operations.md", "function")] == [
        [
            name.removesuffix("Function"),
            trigger(function),
            str(function.get("Timeout", everywhere["Timeout"])),
            str(function.get("MemorySize", everywhere["MemorySize"])),
        ]
        for name, function in FUNCTIONS.items()
    ]


def test_every_function_has_been_started_and_measured() -> None:
    measured = [row["function"] for row in rows("performance.md", "function")]
    assert measured == sorted(name.removesuffix("Function") for name in FUNCTIONS)


def test_the_table_of_queues_has_all_queues_and_all_dead_letters() -> None:
    found = {row["queue"]: row["dead letters"] for row in rows("operations.md", "queue")}
    assert sorted(found.values()) == sorted(DEAD_LETTERS)
    queues = {name: letters for name, letters in found.items() if name in QUEUES}
    assert queues == {name: f"{name.removesuffix('Queue')}DeadLetters" for name in QUEUES.keys() - DEAD_LETTERS}
    assert found.keys() - queues.keys() == {"ActivityTable's stream"}


def test_the_table_of_alarms_has_every_alarm_once() -> None:
    patterns = [row["alarm"].strip("`").replace("…", "*") for row in rows("operations.md", "alarm")]
    for alarm in ALARMS:
        assert sum(fnmatchcase(alarm, pattern) for pattern in patterns) == 1, alarm
    for pattern in patterns:
        assert any(fnmatchcase(alarm, pattern) for alarm in ALARMS), pattern


def test_the_table_of_parameters_has_every_parameter_with_its_default() -> None:
    assert [(row["parameter"], row["default"]) for row in rows("operations.md", "parameter")] == [
        (name, str(parameter["Default"]) or "empty") for name, parameter in TEMPLATE["Parameters"].items()
    ]


def test_the_costs_of_a_deployment_without_load_count_the_alarms_there_are() -> None:
    counted = re.search(r"(\d+) alarms at 0\.10", (ROOT / "docs" / "operations.md").read_text())
    assert counted is not None
    assert int(counted[1]) == len(ALARMS)
