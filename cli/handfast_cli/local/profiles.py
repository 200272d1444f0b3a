"""The profiles of the running local stack."""

from pathlib import Path
from typing import Any

from handfast_cli.files import read_kept
from handfast_cli.local.paths import MEND_STACK, state_folder
from handfast_cli.profiles import Machine, Person, Profile
from handfast_cli.user_pool import UserPool


def running() -> dict[str, Profile]:
    """The profiles of the stack that is running; none when it is down. Raises InputError for a damaged file."""
    return local_profiles(state_folder() / "stack.json")


def local_profiles(file: Path) -> dict[str, Profile]:
    """The profiles of a stack.json; none when the stack is down."""
    if not file.exists():
        return {}
    return read_kept(file, _of_stack, MEND_STACK)


def _of_stack(stack: dict[str, Any]) -> dict[str, Profile]:
    pool = UserPool(stack["region"], stack["userPoolClientId"], stack["awsEndpointUrl"])
    found = {}
    for entry in stack["users"]:
        person = Person(pool, entry["email"], password=entry["password"])
        found[_local_name(entry)] = Profile(stack["apiUrl"], person, entry["sandboxId"])
    for entry in stack["clients"]:
        machine = Machine(stack["tokenUrl"], entry["clientId"], entry["clientSecret"])
        found[f"{_local_name(entry)}-machine"] = Profile(stack["apiUrl"], machine, entry["sandboxId"])
    return found


def _local_name(entry: dict[str, str]) -> str:
    name = f"local-{entry['organizationName'].split()[-1].lower()}"
    return name if entry["role"] == "sandbox-admin" else f"{name}-{entry['role']}"
