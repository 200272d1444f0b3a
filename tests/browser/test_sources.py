"""Sources in the console: from a bucket to its people, by a role that is set up after the source."""

import json
import re
from typing import Any

import boto3
import pytest
from playwright.sync_api import Page, expect

from tests.worlds.console import Console, go_on, mark

MARK = mark()
NAME = f"Nightly export {MARK}"
BUCKET = f"exports-{MARK}"
ROLE = f"handfast-source-{MARK}"
PEOPLE = 10
PATIENCE = 90_000
"""In ms: a run is begun, copied, read and applied by functions that may have to start first."""


def people_csv(part: int) -> bytes:
    rows = [f"{part}{at},source{part}{at}.{MARK}@one.example,ja" for at in range(PEOPLE)]
    return "\n".join(["crm_id,E-Mail,Consent", *rows]).encode()


@pytest.fixture(scope="module")
def account(stack: dict[str, Any]) -> boto3.Session:
    """The account that the bucket is in, with two parts in a folder of it."""
    session = boto3.Session("test", "test", region_name=stack["region"])
    store = session.client("s3", endpoint_url=stack["awsEndpointUrl"])
    store.create_bucket(Bucket=BUCKET)
    for part in range(2):
        store.put_object(Bucket=BUCKET, Key=f"audiences/part-{part}.csv", Body=people_csv(part))
    store.put_object(Bucket=BUCKET, Key="audiences/_SUCCESS", Body=b"")
    return session


def policy(page: Page, name: str) -> str:
    return page.get_by_role("region", name=name).inner_text()


def give_role(page: Page, account: boto3.Session, stack: dict[str, Any]) -> None:
    """Make the role as the page says, with the stack's roles in place of their names."""
    page.get_by_role("button", name="Role that reads the bucket").click()
    trust, rights = policy(page, "Trust policy"), policy(page, "Rights")
    described = account.client("cloudformation", endpoint_url=stack["awsEndpointUrl"]).describe_stacks(
        StackName=stack["stackName"]
    )
    for output in described["Stacks"][0]["Outputs"]:
        trust = trust.replace(f"<{output['OutputKey']}>", output["OutputValue"])
    assert all("<" not in role for role in json.loads(trust)["Statement"][0]["Principal"]["AWS"])
    roles = account.client("iam", endpoint_url=stack["awsEndpointUrl"])
    roles.create_role(RoleName=ROLE, AssumeRolePolicyDocument=trust)
    roles.put_role_policy(RoleName=ROLE, PolicyName="reads", PolicyDocument=rights)


def test_a_bucket_is_set_up_tested_and_run(admin: Console, account: boto3.Session, stack: dict[str, Any]) -> None:
    page = admin.page
    admin.open("sources/create")
    page.get_by_role("textbox", name="Name").fill(NAME)
    go_on(page, "Place and access")
    page.get_by_role("textbox", name="Bucket").fill(BUCKET)
    page.get_by_role("textbox", name="Region").fill(stack["region"])
    page.get_by_role("textbox", name="Folder").fill("audiences/")
    page.get_by_role("textbox", name="Role").fill(f"arn:aws:iam::000000000000:role/{ROLE}")
    go_on(page, "What the files hold")
    page.locator("input[type=file]").first.set_input_files(
        {"name": "part-0.csv", "mimeType": "text/csv", "buffer": people_csv(0)}
    )
    expect(page.get_by_text("values look like e-mail addresses.")).to_be_visible(timeout=PATIENCE)
    go_on(page, "When")
    page.get_by_role("radio", name="By hand").check()
    go_on(page, "Review")
    page.get_by_role("button", name="Create source").click()
    expect(page.get_by_role("heading", level=1, name=NAME)).to_be_visible()

    dialog = page.get_by_role("dialog")
    page.get_by_role("button", name="Test", exact=True).click()
    expect(dialog.get_by_text("Sign-in has failed")).to_be_visible(timeout=PATIENCE)
    dialog.get_by_role("button", name="Close", exact=True).last.click()
    give_role(page, account, stack)
    page.get_by_role("button", name="Test", exact=True).click()
    expect(dialog.get_by_text("The source can be read")).to_be_visible(timeout=PATIENCE)
    dialog.get_by_role("button", name="Close", exact=True).last.click()

    page.get_by_role("button", name="Run now").click()
    expect(dialog.get_by_role("row", name=re.compile("part-1.csv"))).to_be_visible(timeout=PATIENCE)
    expect(dialog.get_by_role("row", name="_SUCCESS Hidden")).to_be_visible()
    assert admin.violations() == []
    dialog.get_by_role("button", name="Run now").click()
    run = page.get_by_role("row", name=re.compile(f"Completed 2 0 {2 * PEOPLE} 0"))
    expect(run).to_be_visible(timeout=PATIENCE)
    run.get_by_role("link").click()
    page.locator("#main").get_by_role("link", name=NAME).click()
    page.get_by_role("button", name="Actions").click()
    page.get_by_role("menuitem", name="Delete").click()
    dialog.get_by_role("textbox").fill(NAME)
    dialog.get_by_role("button", name="Delete").click()
    expect(page.get_by_text(f"The source {NAME} has been deleted.")).to_be_visible()
    assert admin.errors == []
