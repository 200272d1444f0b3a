"""The state that a sandbox is wanted in, as a file: what differs, what that would do, and doing it.

`handfast plan` and `handfast apply`; what a file may say and what follows from it is docs/desired-state.md.
"""
