"""The template as CloudFormation gets it after both transforms, for given parameters.

Run as a program, it prints the strictest deployment.
"""

import hashlib
import json
import os
import re
from collections.abc import Iterator, Mapping
from functools import cache
from importlib.metadata import version
from itertools import chain
from pathlib import Path
from typing import Any

from tests.worlds.template import ROOT

Resource = dict[str, Any]


class _NoPolicies:
    """Stands for the list of AWS's managed policies, which SAM would load: the template names none to SAM."""

    def load(self) -> dict[str, str]:
        return {}


@cache
def resources(**parameters: str) -> dict[str, Resource]:
    """What a stack with these parameters has, by logical id; the others have their defaults. Not to be changed.

    The transform takes seconds, so that what it made of the template as it is now is kept in a file.
    """
    text, names = (ROOT / "template.yaml").read_text(), json.dumps(parameters, sort_keys=True)
    made_of = _digest(text, names, version("aws-sam-cli"), Path(__file__).read_text())
    file = ROOT / ".aws-sam" / "transformed" / f"{_digest(names)}.json"
    kept = json.loads(file.read_text()) if file.exists() else {}
    if kept.get("madeOf") != made_of:
        kept = {"madeOf": made_of, "resources": _transformed(text, parameters)}
        file.parent.mkdir(parents=True, exist_ok=True)
        new = file.with_suffix(f".{os.getpid()}")
        new.write_text(json.dumps(kept))
        new.replace(file)
    found: dict[str, Resource] = kept["resources"]
    return found


def _digest(*texts: str) -> str:
    return hashlib.sha256(json.dumps(texts).encode()).hexdigest()


def _transformed(text: str, parameters: dict[str, str]) -> dict[str, Resource]:
    from samcli.lib.translate import sam_template_validator  # slow to import

    # It writes what it has made twice, for its log too, in YAML, which takes as long as making it.
    vars(sam_template_validator)["yaml_dump"] = json.dumps
    validator = sam_template_validator.SamTemplateValidator(
        json.loads(_parsed(text)),
        _NoPolicies(),
        region="eu-central-1",
        parameter_overrides=parameters,
        language_extensions_enabled=True,
    )
    template = json.loads(validator.get_translated_template_if_valid())
    assert parameters.keys() <= template["Parameters"].keys()
    conditions = template["Conditions"]
    return {
        name: _chosen(resource, conditions)
        for name, resource in template["Resources"].items()
        if "Condition" not in resource or _holds({"Condition": resource["Condition"]}, conditions)
    }


@cache
def _parsed(text: str) -> str:
    """A template in YAML as JSON."""
    from samcli.yamlhelper import yaml_parse

    return json.dumps(yaml_parse(text))


def broken_rules(parameters: Mapping[str, str]) -> list[str]:
    """The rules of the template that these parameters break; the others have their defaults."""
    template = json.loads(_parsed((ROOT / "template.yaml").read_text()))
    values = {name: str(each["Default"]) for name, each in template["Parameters"].items()} | dict(parameters)

    def valued(rule: Any) -> Any:
        if isinstance(rule, dict) and rule.keys() == {"Ref"}:
            return values[rule["Ref"]]
        if isinstance(rule, dict):
            return {name: valued(item) for name, item in rule.items()}
        return [valued(item) for item in rule] if isinstance(rule, list) else rule

    return [
        name
        for name, rule in template["Rules"].items()
        if not all(_holds(valued(each["Assert"]), {}) for each in rule["Assertions"])
    ]


_GONE = {"Ref": "AWS::NoValue"}


def _chosen(value: Any, conditions: dict[str, Any]) -> Any:
    """The value with each `Fn::If` decided that the transform has left, such as those that come from Globals."""
    if isinstance(value, list):
        return [item for item in (_chosen(item, conditions) for item in value) if item != _GONE]
    if not isinstance(value, dict):
        return value
    if value.keys() == {"Fn::If"}:
        condition, yes, no = value["Fn::If"]
        return _chosen(yes if _holds({"Condition": condition}, conditions) else no, conditions)
    members = {name: _chosen(item, conditions) for name, item in value.items()}
    return members if members == _GONE else {name: item for name, item in members.items() if item != _GONE}


def _holds(rule: dict[str, Any], conditions: dict[str, Any]) -> bool:
    """Whether a condition holds; the transform has put the parameters' values into it."""
    ((operator, of),) = rule.items()
    match operator:
        case "Condition":
            return _holds(conditions[of], conditions)
        case "Fn::Equals":
            return bool(of[0] == of[1])
        case "Fn::Not":
            return not _holds(of[0], conditions)
        case "Fn::And":
            return all(_holds(one, conditions) for one in of)
        case "Fn::Or":
            return any(_holds(one, conditions) for one in of)
    raise AssertionError(operator)


def needs(resource: Resource) -> set[str]:
    """The names that the resource waits for: those it refers to, and those it says it depends on."""
    waits = resource.get("DependsOn", [])
    found = set(waits if isinstance(waits, list) else [waits])
    found.update(_references(resource.get("Properties", {})))
    return found


def _references(value: Any) -> Iterator[str]:
    if isinstance(value, list):
        yield from chain.from_iterable(map(_references, value))
    if isinstance(value, str):
        yield from _named(value)  # the transform leaves a Sub within another as text
    if not isinstance(value, dict):
        return
    for key, item in value.items():
        if key == "Ref":
            yield item
        elif key == "Fn::GetAtt":
            yield item[0] if isinstance(item, list) else item.partition(".")[0]
        elif key == "Fn::Sub":
            text, own = (item, {}) if isinstance(item, str) else item
            yield from _named(text) - own.keys()
            yield from _references(own)
        else:
            yield from _references(item)


def _named(text: str) -> set[str]:
    """The names of resources, and of a Sub's own variables, in a text."""
    return {name.partition(".")[0] for name in re.findall(r"\$\{([\w.:]+)\}", text)}


def waits_for(name: str, other: str, stack: dict[str, Resource]) -> bool:
    """Whether CloudFormation makes `other` before it makes `name`."""
    seen: set[str] = set()
    open_names = [name]
    while open_names:
        for found in needs(stack[open_names.pop()]) & stack.keys() - seen:
            seen.add(found)
            open_names.append(found)
    return other in seen


STRICTEST = {
    "CustomerManagedKey": "yes",
    "BucketHistoryDays": "35",
    "AccessLogBucket": "access-logs",
    "WebAclArn": "arn:aws:wafv2:us-east-1:123456789012:regional/webacl/handfast/1",
    "ApiDomainName": "api.example.org",
    "ApiCertificateArn": "arn:aws:acm:us-east-1:123456789012:certificate/1",
    "ConsoleDomainName": "console.example.org",
    "ConsoleCertificateArn": "arn:aws:acm:us-east-1:123456789012:certificate/2",
    "ApiConcurrency": "5",
    "SignInMfa": "required",
    "SignInProviderName": "Company",
    "SignInProviderIssuer": "https://login.example.org",
    "SignInProviderClientId": "handfast",
    "SignInProviderSecretArn": "arn:aws:secretsmanager:us-east-1:123456789012:secret:sign-in-1",
    "DataEventsTrail": "yes",
}
"""Parameters with which the stack has all that it can have."""


if __name__ == "__main__":
    print(json.dumps({"AWSTemplateFormatVersion": "2010-09-09", "Resources": resources(**STRICTEST)}))
