"""The template of the deployment, read with its short intrinsics and its loops written out."""

import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import yaml

ROOT = Path(__file__).resolve().parents[2]


class _Loader(yaml.CSafeLoader):
    """Reads CloudFormation's short intrinsics as `{tag: value}`."""


def _intrinsic(loader: _Loader, tag: str, node: yaml.Node) -> dict[str, Any]:
    if isinstance(node, yaml.ScalarNode):
        return {tag: loader.construct_scalar(node)}
    if isinstance(node, yaml.SequenceNode):
        return {tag: loader.construct_sequence(node, deep=True)}
    assert isinstance(node, yaml.MappingNode)
    return {tag: loader.construct_mapping(node, deep=True)}


_Loader.add_multi_constructor("!", _intrinsic)


_NAMED = re.compile(r'\{"GetAtt": \[\{"Sub": "(\w+)"\}, "(\w+)"\]\}')
"""How a loop names an attribute of what it makes."""


def _expanded(section: dict[str, Any]) -> Iterator[tuple[str, Any]]:
    for name, value in section.items():
        if not name.startswith("Fn::ForEach"):
            yield name, value
            continue
        variable, choices, body = value
        for choice in choices:
            text = json.dumps(body).replace(f"${{{variable}}}", choice)
            yield from _expanded(json.loads(_NAMED.sub(r'{"GetAtt": "\1.\2"}', text)))


TEMPLATE = yaml.load((ROOT / "template.yaml").read_text(), Loader=_Loader)
RESOURCES: dict[str, dict[str, Any]] = dict(_expanded(TEMPLATE["Resources"]))


def of_type(kind: str) -> dict[str, dict[str, Any]]:
    """The properties of the resources of a type, by name."""
    return {name: resource.get("Properties", {}) for name, resource in RESOURCES.items() if resource["Type"] == kind}


# The function of a resource of the stack's own has no events: CloudFormation calls it.
FUNCTIONS = {name: {"Events": {}} | properties for name, properties in of_type("AWS::Serverless::Function").items()}
QUEUES = of_type("AWS::SQS::Queue")
DEAD_LETTERS = {name for name in QUEUES if name.endswith("DeadLetters")}
ALARMS = of_type("AWS::CloudWatch::Alarm")


def module_of(function: str) -> str:
    """The module whose `handler` a function is."""
    module, handler = FUNCTIONS[function].get("Handler", "app.handler").split(".")
    assert handler == "handler", function
    return f"{FUNCTIONS[function]['CodeUri'].replace('/', '.')}.{module}"
