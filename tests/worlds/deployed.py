"""A deployed stack, and who may call it."""

import json
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import boto3

from handfast_cli.local.emulator import aws_environment
from handfast_cli.profiles import Machine, Person
from handfast_cli.user_pool import UserPool
from handfast_client.api import Api


@dataclass(frozen=True)
class Stack:
    """A stack.json and what can be done with it. Organisations are `A` and `B`."""

    folder: Path
    facts: dict[str, Any]

    def sandbox(self, organization: str) -> str:
        """The organisation's sandbox."""
        return str(self._entry("clients", organization, "sandbox-admin")["sandboxId"])

    def client_for(self, organization: str, role: str = "sandbox-admin") -> Api:
        """The API as the organisation's machine with that role calls it."""
        entry = self._entry("clients", organization, role)
        machine = Machine(self.facts["tokenUrl"], entry["clientId"], entry["clientSecret"])
        return Api(self.facts["apiUrl"], machine.token())

    def person_for(self, organization: str, role: str = "sandbox-admin") -> Api:
        """The API as the organisation's person with that role calls it."""
        entry = self._entry("users", organization, role)
        pool = UserPool(self.facts["region"], self.facts["userPoolClientId"], self.facts["awsEndpointUrl"])
        return Api(self.facts["apiUrl"], Person(pool, entry["email"], password=entry["password"]).token())

    def aws(self, service: Any) -> Any:
        """A boto3 client of the stack's account, with all rights."""
        return boto3.client(
            service,
            endpoint_url=self.facts["awsEndpointUrl"],
            region_name=self.facts["region"],
            aws_access_key_id="test",
            aws_secret_access_key="test",
        )

    def outputs(self) -> dict[str, str]:
        """The CloudFormation stack's outputs."""
        described = self.aws("cloudformation").describe_stacks(StackName=self.facts["stackName"])
        return {output["OutputKey"]: output["OutputValue"] for output in described["Stacks"][0]["Outputs"]}

    def admin(self, *arguments: str) -> dict[str, Any]:
        """Runs `handfast admin …` on this stack and answers what it printed."""
        environment = aws_environment(self.facts["awsEndpointUrl"]) | {"HANDFAST_LOCAL_DIR": str(self.folder)}
        command = [sys.executable, "-m", "handfast_cli", "admin", *arguments, "--json"]
        result = subprocess.run(command, env=environment, capture_output=True, text=True, check=True)
        printed: dict[str, Any] = json.loads(result.stdout)
        return printed

    def _entry(self, kind: str, organization: str, role: str) -> dict[str, str]:
        name = f"Organization {organization}"
        found: list[dict[str, str]] = self.facts[kind]
        return next(entry for entry in found if (entry["organizationName"], entry["role"]) == (name, role))
