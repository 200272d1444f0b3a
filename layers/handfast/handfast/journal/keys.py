"""The partition that a sandbox's items stand in, in every table."""


def sandbox_key(sandbox_id: str) -> str:
    return f"SBX#{sandbox_id}"
