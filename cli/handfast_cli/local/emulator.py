"""The AWS emulator as a background process of one state folder.

The process holds a lock on `emulator.lock` for as long as it lives, so whether it runs is never
guessed from a process id. Its tables are written to disk when it stops, its objects at once: after
a crash the two disagree, so a folder whose emulator died without being stopped starts afresh. One
that was stopped goes on with what was under way, at the same addresses if they are free. It serves
the console too, on a port of its own.
"""

import fcntl
import json
import os
import shutil
import signal
import socket
import subprocess
import sys
import time
from contextlib import suppress
from pathlib import Path
from typing import IO, Any

import httpx

from handfast_cli.errors import CommandError

REGION = "us-east-1"
PREFERRED_PORT = 4566
PREFERRED_CONSOLE_PORT = 4580
START_SECONDS = 60.0
STOP_SECONDS = 60.0


class EmulatorError(CommandError):
    """The emulator could not be started or stopped."""


class Emulator:
    """The emulator of a state folder, running or not."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.log = folder / "stack.log"
        self._record = folder / "emulator.json"
        self._port = folder / "port"
        self._console_port = folder / "console-port"
        self._lock = folder / "emulator.lock"

    @property
    def running(self) -> bool:
        """Whether the process lives."""
        if not self._lock.exists():
            return False
        with self._lock.open() as file:
            try:
                fcntl.flock(file, fcntl.LOCK_SH | fcntl.LOCK_NB)
            except BlockingIOError:
                return True
        return False

    @property
    def crashed(self) -> bool:
        """Whether the process died without being stopped, so that `start` forgets what it held."""
        return self._record.exists() and not self.running

    @property
    def port(self) -> int:
        return int(self._port.read_text())

    @property
    def url(self) -> str:
        return f"http://localhost:{self.port}"

    @property
    def console_url(self) -> str:
        """The console's origin."""
        return f"http://localhost:{self._console_port.read_text()}"

    @property
    def healthy(self) -> bool:
        """Whether the emulator answers, and the console beside it, which one of a former version has not."""
        try:
            httpx.head(self.console_url, timeout=5)
            return httpx.get(f"{self.url}/_ministack/health", timeout=5).status_code == 200
        except (httpx.HTTPError, FileNotFoundError):
            return False

    def start(self) -> None:
        """Starts the emulator and waits until it answers.

        Raises EmulatorError, with the log's end, when it does not.
        """
        if self.crashed:
            self.forget()
        for name in ("state", "s3", "tmp"):
            (self.folder / name).mkdir(parents=True, exist_ok=True)
        last = [self.port] if self._port.exists() else []
        port = _free_port(*last, PREFERRED_PORT)
        for former in last:
            _resume(self.folder / "state", former, port)
        self._port.write_text(str(port))
        last_console = [int(self._console_port.read_text())] if self._console_port.exists() else []
        console_port = _free_port(*last_console, PREFERRED_CONSOLE_PORT)
        self._console_port.write_text(str(console_port))
        with self._lock.open("w") as lock, self.log.open("ab") as log:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
            process = _spawn(self.folder, port, console_port, lock, log)
        try:
            self._record.write_text(json.dumps({"pid": process.pid}))
            self._wait_until_healthy(process)
        except BaseException:
            self.stop()
            self._record.unlink(missing_ok=True)
            raise

    def stop(self) -> None:
        """Stops the process and everything it started; does nothing when it does not run."""
        if self.running:
            pid = int(json.loads(self._record.read_text())["pid"])
            os.kill(pid, signal.SIGTERM)
            saved = self._wait_until_gone()
            with suppress(ProcessLookupError, PermissionError):
                os.killpg(pid, signal.SIGKILL)
            if not saved:
                return
            self._record.unlink()
        self._clear_tmp()

    def _clear_tmp(self) -> None:
        """Has what functions were unpacked to deleted by a process of its own: it takes up to a minute."""
        if (self.folder / "tmp").exists():
            (self.folder / "tmp").rename(self.folder / f"tmp-{time.time_ns()}")
        if left := [str(path) for path in self.folder.glob("tmp-*")]:
            nothing = subprocess.DEVNULL
            subprocess.Popen(
                ["rm", "-rf", *left], stdin=nothing, stdout=nothing, stderr=nothing, start_new_session=True
            )

    def forget(self) -> None:
        """Deletes all that the emulator kept; it must not run."""
        for name in ("state", "s3", "tmp"):
            shutil.rmtree(self.folder / name, ignore_errors=True)
        self._record.unlink(missing_ok=True)

    def _wait_until_healthy(self, process: "subprocess.Popen[bytes]") -> None:
        deadline = time.monotonic() + START_SECONDS
        while time.monotonic() < deadline and process.poll() is None:
            if self.healthy:
                return
            time.sleep(0.2)
        raise EmulatorError(f"The emulator did not start; {self.log} ends with:\n{tail(self.log)}")

    def _wait_until_gone(self) -> bool:
        deadline = time.monotonic() + STOP_SECONDS
        while self.running:
            if time.monotonic() > deadline:
                return False
            time.sleep(0.1)
        return True


def aws_environment(url: str) -> dict[str, str]:
    """This process's environment, with AWS pointing at the emulator and at nothing else."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith("AWS_")}
    return kept | {
        "AWS_ENDPOINT_URL": url,
        "AWS_ACCESS_KEY_ID": "test",
        "AWS_SECRET_ACCESS_KEY": "test",
        "AWS_DEFAULT_REGION": REGION,
        "AWS_CONFIG_FILE": os.devnull,
        "AWS_SHARED_CREDENTIALS_FILE": os.devnull,
        "AWS_EC2_METADATA_DISABLED": "true",
    }


def tail(log: Path, lines: int = 20) -> str:
    """The last lines of a log."""
    return "\n".join(log.read_text(errors="replace").splitlines()[-lines:])


def _resume(state: Path, former: int, port: int) -> None:
    """Lets a new process take up what the last one was at.

    It saves messages hidden from others until their time is up, although whoever had them is gone; how far streams were
    read, but not the streams; and queues by their addresses.
    """
    for file in state.glob("*.json"):
        file.write_text(file.read_text().replace(f"://localhost:{former}/", f"://localhost:{port}/"))
    for service, part in (("sqs", _show_messages), ("lambda", _read_streams_anew)):
        file = state / f"{service}.json"
        if file.exists():
            saved = json.loads(file.read_text())
            part(saved["payload"])
            file.write_text(json.dumps(saved))


def _show_messages(saved: dict[str, Any]) -> None:
    for queue in saved["queues"]["data"].values():
        for message in queue["messages"]:
            if message["receive_count"]:
                message["visible_at"] = 0


def _read_streams_anew(saved: dict[str, Any]) -> None:
    positions = saved["dynamodb_stream_positions"]["data"]
    positions.update(dict.fromkeys(positions, 0))


def _free_port(*wanted: int) -> int:
    for port in (*wanted, 0):
        with socket.socket() as probe:
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            with suppress(OSError):
                probe.bind(("127.0.0.1", port))
                return int(probe.getsockname()[1])
    raise EmulatorError("No free port on the loopback interface")


def _spawn(folder: Path, port: int, console_port: int, lock: IO[str], log: IO[bytes]) -> "subprocess.Popen[bytes]":
    # Functions inherit this environment, so it holds nothing of the user's.
    environment = {
        "PATH": os.environ.get("PATH", os.defpath),
        "HOME": str(folder / "tmp"),
        "TMPDIR": str(folder / "tmp"),
        "LANG": "C.UTF-8",
        "GATEWAY_PORT": str(port),
        "BIND_HOST": "127.0.0.1",
        "MINISTACK_REGION": REGION,
        "AUTH": "true",
        "PERSIST_STATE": "1",
        "STATE_DIR": str(folder / "state"),
        "S3_PERSIST": "1",
        "S3_DATA_DIR": str(folder / "s3"),
        "IOT_MTLS_ENABLED": "0",
        "SFTP_ENABLED": "0",
        "DOCKER_HOST": f"unix://{folder}/no-containers",
    }
    return subprocess.Popen(
        [sys.executable, "-m", "handfast_cli.local.console", str(folder), str(console_port)],
        cwd=folder,
        env=environment,
        stdin=subprocess.DEVNULL,
        stdout=log,
        stderr=subprocess.STDOUT,
        start_new_session=True,
        pass_fds=[lock.fileno()],
    )
