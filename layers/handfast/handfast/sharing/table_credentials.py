"""Keys of AWS for the objects of one table, for tools that read those themselves, such as Snowflake."""

import json

from handfast.feeds import readable
from handfast.lake import layout
from handfast.platform import aws, objects
from handfast.platform.settings import setting
from handfast.sharing import delta_log, lines, reading, view_files
from handfast.sharing.catalogue import SharedTable
from handfast.sharing.wire import AwsCredentials, TableCredentials, TableCredentialsAnswer

SECONDS = 900
"""How long keys work, the least that AWS gives: nobody can call them back, only delete what they read."""


def give(table: SharedTable) -> TableCredentialsAnswer:
    """Keys that read a table as it is now, and its log. Raises NotReady while files are being made, NotFound when it is
    gone.
    """
    flow = reading.flow_of(table)
    found = view_files.files(flow.dataflow_id, readable.names(table.received))
    delta_log.write(flow.dataflow_id, table.table_id, found)
    given = aws.sts().assume_role(
        RoleArn=setting("SHARED_TABLES_ROLE_ARN"),
        RoleSessionName="shared-table",
        DurationSeconds=SECONDS,
        Policy=json.dumps(_policy(layout.views(flow.dataflow_id))),
    )["Credentials"]
    reading.record(table, found)
    return TableCredentialsAnswer(
        credentials=TableCredentials(
            location=lines.location(flow.dataflow_id),
            aws_temp_credentials=AwsCredentials(
                access_key_id=given["AccessKeyId"],
                secret_access_key=given["SecretAccessKey"],
                session_token=given["SessionToken"],
            ),
            expiration_time=round(given["Expiration"].timestamp() * 1000),
        )
    )


def _policy(prefix: str) -> dict[str, object]:
    """What of the role's rights is given: one table's objects."""
    bucket = f"arn:aws:s3:::{objects.bucket_name()}"
    listing = {"StringLike": {"s3:prefix": [f"{prefix}*"]}}
    return {
        "Version": "2012-10-17",
        "Statement": [
            {"Effect": "Allow", "Action": "s3:GetObject", "Resource": f"{bucket}/{prefix}*"},
            {"Effect": "Allow", "Action": "s3:ListBucket", "Resource": bucket, "Condition": listing},
        ],
    }
