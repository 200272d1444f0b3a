"""The emulator's life: it keeps what it holds, and nothing of it stays behind."""

import json
import os
import signal
import socket
import stat
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import boto3
import pytest

from handfast_cli.local import emulator as module
from handfast_cli.local.emulator import Emulator, EmulatorError, aws_environment

pytestmark = pytest.mark.e2e


@pytest.fixture
def emulator(tmp_path: Path) -> Iterator[Emulator]:
    emulator = Emulator(tmp_path)
    yield emulator
    emulator.stop()


def pid(emulator: Emulator) -> int:
    return int(json.loads((emulator.folder / "emulator.json").read_text())["pid"])


def client(emulator: Emulator, service: Any) -> Any:
    return boto3.client(
        service,
        endpoint_url=emulator.url,
        region_name=module.REGION,
        aws_access_key_id="test",
        aws_secret_access_key="test",
    )


def create_table(emulator: Emulator) -> None:
    client(emulator, "dynamodb").create_table(
        TableName="kept",
        BillingMode="PAY_PER_REQUEST",
        AttributeDefinitions=[{"AttributeName": "pk", "AttributeType": "S"}],
        KeySchema=[{"AttributeName": "pk", "KeyType": "HASH"}],
    )


def wait_for(condition: Callable[[], bool]) -> None:
    deadline = time.monotonic() + 30
    while not condition():
        assert time.monotonic() < deadline
        time.sleep(0.05)


def test_it_answers_on_loopback_alone_and_stops_without_a_trace(emulator: Emulator) -> None:
    emulator.start()
    assert emulator.running
    assert emulator.healthy
    port, process = emulator.port, pid(emulator)
    outside = socket.gethostbyname(socket.gethostname())
    if not outside.startswith("127."):
        with pytest.raises(OSError, match="refused"), socket.create_connection((outside, port), timeout=5):
            pass
    emulator.stop()
    assert not emulator.running
    wait_for(lambda: not Path(f"/proc/{process}").exists() or zombie(process))
    with pytest.raises(OSError, match="refused"), socket.create_connection(("127.0.0.1", port), timeout=5):
        pass


def zombie(process: int) -> bool:
    return Path(f"/proc/{process}/stat").read_text().split()[2] == "Z"


def test_it_keeps_what_it_holds_over_a_stop(emulator: Emulator) -> None:
    emulator.start()
    create_table(emulator)
    emulator.stop()
    emulator.start()
    assert client(emulator, "dynamodb").list_tables()["TableNames"] == ["kept"]


def test_messages_in_work_when_it_stops_are_there_again_even_at_another_address(
    emulator: Emulator, monkeypatch: pytest.MonkeyPatch
) -> None:
    emulator.start()
    made = client(emulator, "sqs").create_queue(QueueName="work", Attributes={"VisibilityTimeout": "5400"})
    client(emulator, "sqs").send_message(QueueUrl=made["QueueUrl"], MessageBody="look")
    for taken in (False, True):
        queue = client(emulator, "sqs").get_queue_url(QueueName="work")["QueueUrl"]
        assert queue.startswith(f"{emulator.url}/")
        (message,) = client(emulator, "sqs").receive_message(QueueUrl=queue)["Messages"]
        assert message["Body"] == "look"
        emulator.stop()
        with socket.socket() as other:
            if taken:
                other.bind(("127.0.0.1", emulator.port))
                monkeypatch.setattr(module, "PREFERRED_PORT", emulator.port)
            former = emulator.port
            emulator.start()
        assert (emulator.port != former) == taken


def test_after_a_crash_it_starts_afresh_and_nothing_half_is_there(emulator: Emulator) -> None:
    emulator.start()
    create_table(emulator)
    client(emulator, "s3").create_bucket(Bucket="kept")
    client(emulator, "s3").put_object(Bucket="kept", Key="object", Body=b"written at once")
    os.killpg(pid(emulator), signal.SIGKILL)
    wait_for(lambda: emulator.crashed)
    emulator.start()
    assert client(emulator, "dynamodb").list_tables()["TableNames"] == []
    assert client(emulator, "s3").list_buckets()["Buckets"] == []
    assert not [file for file in (emulator.folder / "s3").rglob("*") if file.is_file()]


def test_it_takes_another_port_when_its_own_is_taken(emulator: Emulator, monkeypatch: pytest.MonkeyPatch) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        monkeypatch.setattr(module, "PREFERRED_PORT", taken.getsockname()[1])
        emulator.start()
        assert emulator.port != taken.getsockname()[1]
        assert emulator.healthy


def test_a_start_that_fails_leaves_nothing_running(emulator: Emulator, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "START_SECONDS", 0.0)
    with pytest.raises(EmulatorError, match=r"stack\.log"):
        emulator.start()
    assert not emulator.running


def test_commands_see_nothing_of_the_users_own_aws(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("AWS_PROFILE", "production")
    monkeypatch.setenv("AWS_SESSION_TOKEN", "token")
    environment = aws_environment("http://localhost:1")
    assert not {"AWS_PROFILE", "AWS_SESSION_TOKEN"} & set(environment)


def test_interrupting_up_stops_what_it_started(tmp_path: Path) -> None:
    command = [sys.executable, "-m", "handfast_cli", "local"]
    environment = os.environ | {"HANDFAST_LOCAL_DIR": str(tmp_path)}
    # A runner may have SIGINT ignored, which a child would inherit.
    up = subprocess.Popen(
        [*command, "up"],
        env=environment,
        stdout=subprocess.DEVNULL,
        start_new_session=True,
        preexec_fn=lambda: signal.signal(signal.SIGINT, signal.SIG_DFL),  # noqa: PLW1509 - no threads here
    )
    emulator = Emulator(tmp_path)
    try:
        wait_for(lambda: (tmp_path / "emulator.json").exists() and emulator.healthy)
        os.killpg(up.pid, signal.SIGINT)
        assert up.wait(timeout=60) == 130
        assert not emulator.running
        assert not (tmp_path / "stack.json").exists()
    finally:
        up.kill()
        up.wait()
        subprocess.run([*command, "down"], env=environment, check=True, stdout=subprocess.DEVNULL)


def test_the_sign_in_data_is_for_its_owner_alone(stack: Any) -> None:
    assert stat.S_IMODE((stack.folder / "stack.json").stat().st_mode) == 0o600


def test_status_and_a_second_up_find_the_stack_as_it_is(stack: Any) -> None:
    environment = os.environ | {"HANDFAST_LOCAL_DIR": str(stack.folder)}
    command = [sys.executable, "-m", "handfast_cli", "local"]
    status = subprocess.run([*command, "status", "--json"], env=environment, capture_output=True, check=True)
    assert json.loads(status.stdout)["apiUrl"] == stack.facts["apiUrl"]
    again = subprocess.run([*command, "up", "--json"], env=environment, capture_output=True, check=True)
    assert json.loads(again.stdout) == stack.facts
