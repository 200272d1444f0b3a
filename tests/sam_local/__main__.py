"""Lets `sam local invoke` use the local stack until interrupted: its address and the variables of its functions."""

import json
import os
from contextlib import suppress
from threading import Event

from handfast_cli.local.deployment import STACK_NAME
from handfast_cli.local.emulator import Emulator, aws_environment
from handfast_cli.local.paths import state_folder
from tests.sam_local.reach import reachable, variables

emulator = Emulator(state_folder())
if not emulator.running:
    raise SystemExit("the stack is down: make up")
os.environ.update(aws_environment(emulator.url))
file = emulator.folder / "sam-local.json"
with reachable(emulator.port) as url:
    file.write_text(json.dumps({"Parameters": variables(STACK_NAME) | {"AWS_ENDPOINT_URL": url}}, indent=2))
    print(f"Containers reach the stack at {url}; for --env-vars: {file}. End with Ctrl-C.", flush=True)
    with suppress(KeyboardInterrupt):
        Event().wait()
