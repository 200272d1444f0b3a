"""Kinds of files that other systems write, each a way to open a file and a list of columns (docs/presets.md)."""
