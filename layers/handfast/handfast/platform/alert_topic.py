"""The deployment's topic of alerts: a message goes by e-mail to those principals alone that it names.

Each has a subscription with a filter policy of its own, which SNS asks the address to confirm. SNS lets an address
subscribe to a topic once.
"""

import json
from collections.abc import Sequence

from handfast.platform import aws
from handfast.platform.settings import setting

_PRINCIPALS = "principals"
_SUBJECT = 99
"""Characters of a subject: SNS takes fewer than 100, of ASCII alone."""


class NotSubscribedError(Exception):
    """SNS does not take the address: it stands for another principal, or the topic has as many as it may."""


def subscribe(principal_id: str, address: str) -> None:
    """Have an address asked to take a principal's messages; safe to repeat. Raises NotSubscribedError."""
    sns = aws.sns()
    try:
        sns.subscribe(
            TopicArn=setting("ALERT_TOPIC_ARN"),
            Protocol="email",
            Endpoint=address,
            Attributes={"FilterPolicy": json.dumps({_PRINCIPALS: [principal_id]})},
        )
    except (
        sns.exceptions.InvalidParameterException,
        sns.exceptions.FilterPolicyLimitExceededException,
        sns.exceptions.SubscriptionLimitExceededException,
    ) as error:
        raise NotSubscribedError from error


def unsubscribe(address: str) -> None:
    """Forget an address that takes messages; for the operator alone. SNS itself forgets one that was not confirmed."""
    sns = aws.sns()
    pages = sns.get_paginator("list_subscriptions_by_topic").paginate(TopicArn=setting("ALERT_TOPIC_ARN"))
    for found in (each for page in pages for each in page["Subscriptions"]):
        if (found["Protocol"], found["Endpoint"]) == ("email", address) and found["SubscriptionArn"].startswith("arn:"):
            sns.unsubscribe(SubscriptionArn=found["SubscriptionArn"])


def publish(subject: str, text: str, principals: Sequence[str]) -> None:
    """Mail a text to principals."""
    plain = subject.encode("ascii", "replace").decode()
    aws.sns().publish(
        TopicArn=setting("ALERT_TOPIC_ARN"),
        Subject=plain[:_SUBJECT],
        Message=text,
        MessageAttributes={_PRINCIPALS: {"DataType": "String.Array", "StringValue": json.dumps(list(principals))}},
    )
