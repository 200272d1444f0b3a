"""The presets: one module each in `types`, which offers itself as `preset`; what an upload by one comes to."""

import pkgutil
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from importlib import import_module

from handfast.ingest.models import ColumnMapping, FileOptions, Format
from handfast.ingest.presets import types
from handfast.ingest.presets.contract import Preset, Surroundings, Unfit

_SUFFIXES: dict[str, Format] = {
    "csv": "csv",
    "tsv": "csv",
    "json": "ndjson",
    "ndjson": "ndjson",
    "jsonl": "ndjson",
    "parquet": "parquet",
}
_PACKED = frozenset({"gz", "zst"})


class UnknownPresetError(LookupError):
    """No preset has this name."""


@dataclass(frozen=True)
class Detection:
    """A preset that a file looks like, and why, as a sentence."""

    preset: Preset
    reason: str


@cache
def presets() -> dict[str, Preset]:
    """All presets, by name."""
    found = [import_module(f"{types.__name__}.{each.name}").preset for each in pkgutil.iter_modules(types.__path__)]
    return {each.name: each for each in found}


def preset(name: str) -> Preset:
    """The preset of a name; raises UnknownPresetError."""
    try:
        return presets()[name]
    except KeyError:
        raise UnknownPresetError(f"unknown preset; use one of {', '.join(presets())}") from None


def detect(file_name: str, head: bytes) -> list[Detection]:
    """The presets that a file looks like by its name and its first bytes, which are unpacked."""
    told = ((each, each.detect(file_name, head)) for each in presets().values())
    return [Detection(each, reason) for each, reason in told if reason]


def completed(body: FileOptions, given: Surroundings) -> FileOptions:
    """An upload with all that its preset says; raises Unfit for one that the preset is not for.

    Without a preset it is as it was announced, and has to say all of that itself.
    """
    if body.preset is None:
        for member in ("format", "mode", "columns"):
            if not getattr(body, member):
                raise Unfit(f"/{member}", "say it, or name the preset that does")
        return body
    try:
        chosen = preset(body.preset)
    except UnknownPresetError as error:
        raise Unfit("/preset", str(error)) from None
    if body.mode not in (None, chosen.mode, *chosen.modes):
        allowed = " or ".join((chosen.mode, *chosen.modes))
        raise Unfit("/mode", f"a file of this preset is of mode {allowed}")
    reading = chosen.read(body, given)
    return body.model_copy(
        update={
            "format": _format(body, chosen),
            "mode": body.mode or chosen.mode,
            "columns": _merged(body.columns, reading.columns),
            "data_source_id": body.data_source_id or reading.data_source_id,
        }
    )


def _format(body: FileOptions, chosen: Preset) -> Format:
    """The format as announced, or as the preset or the file's name tells it."""
    endings = [ending for ending in body.file_name.lower().split(".")[1:] if ending not in _PACKED]
    told = body.format or (chosen.formats[0] if len(chosen.formats) == 1 else _SUFFIXES.get("".join(endings[-1:])))
    if told is None:
        raise Unfit("/format", "the file's name does not tell its format; say it")
    if told not in chosen.formats:
        raise Unfit("/format", f"a file of this preset is {' or '.join(chosen.formats)}")
    return told


def _merged(own: Sequence[ColumnMapping], of_preset: Sequence[ColumnMapping]) -> list[ColumnMapping]:
    """The columns that were announced, then those of the preset whose names these do not have."""
    named = {mapping.column for mapping in own}
    return [*own, *(mapping for mapping in of_preset if mapping.column not in named)]
