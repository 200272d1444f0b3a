"""`handfast demo`."""

import gc
import json
import os
import tempfile
import time
from pathlib import Path
from typing import Annotated, Any

import typer
from rich.console import Console

from handfast_cli.admin.operator import Deployment
from handfast_cli.demo.side import Side
from handfast_cli.local.commands import bring_up, console_line
from handfast_cli.local.emulator import aws_environment
from handfast_cli.local.paths import state_folder
from handfast_cli.local.profiles import local_profiles
from handfast_cli.options import Session
from handfast_cli.output import console

_THRESHOLD = 1_000
_ENOUGH_PEOPLE = 100_000
"""From so many on each segment overlaps in each namespace by far more than the threshold."""
_FEW = 100
_AROUND = """
The stack is still up.
  make up      start it, or deploy what you changed
  make demo    tell the story again, in sandboxes of its own
  make test    check everything
  make down    stop it; its data stays
"""


def demo(
    people: Annotated[
        int, typer.Option(min=1_000, max=1_000_000, help="How many each organisation knows; they share 30 %.")
    ] = 200_000,
    seed: Annotated[int, typer.Option(help="Another seed makes other people.")] = 1,
) -> None:
    """Tell the whole story on the local stack, checking each step against what must be true."""
    folder = state_folder()
    stack = bring_up(folder)
    sandboxes = tell(folder / "stack.json", people, seed, console)
    console.print(_AROUND, markup=False, highlight=False)
    for letter, sandbox in zip("ab", sandboxes, strict=True):
        look = f"  handfast activity list --profile local-{letter} --sandbox {sandbox}"
        console.print(look, markup=False, highlight=False, soft_wrap=True)
    console.print(f"\n{console_line(stack, folder)}", markup=False, highlight=False, soft_wrap=True)


def tell(stack_file: Path, people: int, seed: int, output: Console) -> list[str]:
    """Tells the story to two fresh sandboxes of the stack's organisations; answers their ids.

    Raises DifferenceError at the first thing that is not as it must be.
    """
    from handfast_cli.demo.activation import ActivationChapter  # noqa: PLC0415 - other commands need none of this
    from handfast_cli.demo.deletion import Deletion  # noqa: PLC0415
    from handfast_cli.demo.generator import write_world  # noqa: PLC0415
    from handfast_cli.demo.report import Report  # noqa: PLC0415
    from handfast_cli.demo.story import Story  # noqa: PLC0415

    # The people live until the end: looking for garbage among their million tuples takes half of the time.
    gc.disable()
    report = Report(output)
    threshold = _THRESHOLD if people >= _ENOUGH_PEOPLE else 0
    a = new_side(stack_file, "a", overlap_threshold=threshold)
    b = new_side(stack_file, "b", overlap_threshold=threshold, privacy_rule="automatic")
    c = new_side(stack_file, "b", "Organization C", overlap_threshold=threshold)
    with tempfile.TemporaryDirectory() as folder:
        report.chapter("The people")
        with report.measured("Both files written", 2 * people) as bar:
            world = write_world(Path(folder), people, seed, bar)
        report.say(f"{people:,} people at A and at B, {world.common:,} of them the same")
        story = Story(a, b, world, threshold, report)
        deletion = Deletion((a, b, c), story, 2 * threshold or _FEW, report)
        chapters = {
            "1  Connect": story.connect,
            "2  Upload": story.upload,
            "3  Share": story.share,
            "4  Govern": story.govern,
            "5  Follow changes": story.follow,
            "6  Stop": story.stop,
            "7  Activate to a destination": ActivationChapter(a, story, report).tell,
            "8  Delete a person": deletion.tell,
            "9  Verify": story.verify,
        }
        for title, part in chapters.items():
            report.chapter(title)
            part()
    report.table()
    return [side.session.sandbox for side in (a, b)]


def new_side(stack_file: Path, letter: str, organization: str | None = None, **settings: Any) -> Side:
    """A seeded administrator in a new sandbox of its organisation, or of a new one of that name."""
    from handfast.access import service  # noqa: PLC0415 - reads the environment that Deployment sets, as the next
    from handfast_cli.admin import access  # noqa: PLC0415

    stack = json.loads(stack_file.read_text())
    os.environ.update(aws_environment(stack["awsEndpointUrl"]))
    Deployment.of(stack["stackName"])
    profile = local_profiles(stack_file)[f"local-{letter}"]
    (seeded,) = service.sandboxes([str(profile.sandbox_id)]).values()
    owner = service.create_organization(organization) if organization else seeded.organization_id
    name = f"Demo {time.strftime('%Y-%m-%d %H:%M:%S')}"
    new = service.create_sandbox(owner, name, **{"phone_region": "US", **settings})
    (administrator,) = (
        user["email"]
        for user in stack["users"]
        if (user["sandboxId"], user["role"]) == (profile.sandbox_id, "sandbox-admin")
    )
    access.put_grant(administrator, new.sandbox_id, "sandbox-admin")
    return Side(new.organization_name, new.name, Session(profile.api(), new.sandbox_id))
