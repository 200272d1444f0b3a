"""A deployment as its operator reaches it, with AWS credentials."""

import os
from dataclasses import dataclass

from handfast_cli.errors import CommandError

_QUEUES = {"INGEST_QUEUE_URL": "IngestQueueUrl", "EXPORT_QUEUE_URL": "ExportQueueUrl", "BUCKET_BITS": "BucketBits"}
_TABLES = ("Access", "Connections", "Governance", "Destinations", "Segments", "Feeds", "Activity", "Privacy")


class OperatorError(CommandError):
    """The deployment is not there or not what this version expects."""


@dataclass(frozen=True)
class Deployment:
    """A CloudFormation stack of template.yaml, reached with the credentials of the environment."""

    stack_id: str
    outputs: dict[str, str]

    @classmethod
    def of(cls, stack_name: str) -> "Deployment":
        """Reads the stack's outputs and sets the environment that the package's stores read.

        Raises OperatorError when there is no such stack.
        """
        import boto3  # noqa: PLC0415 - slow to import

        client = boto3.client("cloudformation")
        try:
            stack = client.describe_stacks(StackName=stack_name)["Stacks"][0]
        except client.exceptions.ClientError as error:
            raise OperatorError(f"No stack {stack_name}: {error.response['Error']['Message']}") from error
        outputs = {output["OutputKey"]: output["OutputValue"] for output in stack.get("Outputs", [])}
        for name in _TABLES:
            os.environ[f"{name.upper()}_TABLE"] = outputs[f"{name}TableName"]
        os.environ["DATA_BUCKET"] = outputs["DataBucketName"]
        os.environ["USER_POOL_ID"] = outputs["UserPoolId"]
        os.environ["PEOPLE_CLIENT_ID"] = outputs["PeopleClientId"]
        os.environ["ALERT_TOPIC_ARN"] = outputs["AlertTopicArn"]
        os.environ["CONNECTOR_SECRETS"] = f"handfast/{stack_name}/connectors"
        os.environ["SOURCE_SECRETS"] = f"handfast/{stack_name}/sources"
        os.environ["DESTINATION_SECRETS"] = f"handfast/{stack_name}/destinations"
        os.environ["OPENDSR_SECRET_ARN"] = outputs["OpenDsrCertificateSecretArn"]
        return cls(stack["StackId"], outputs)

    def use_queues(self) -> None:
        """Sets the environment that is read by what sends work to the workers."""
        for setting, output in _QUEUES.items():
            os.environ[setting] = self.outputs[output]

    @property
    def account(self) -> str:
        """The AWS account that the stack is in."""
        return self.stack_id.split(":")[4]

    @property
    def region(self) -> str:
        """The AWS Region that the stack is in."""
        return self.stack_id.split(":")[3]

    def table(self, area: str) -> str:
        """The name of an area's table. Raises OperatorError for an area that has none."""
        if area not in _TABLES:
            raise OperatorError(f"no table {area}; there are {', '.join(_TABLES)}")
        return self.outputs[f"{area}TableName"]
