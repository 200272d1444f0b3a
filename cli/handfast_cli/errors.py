"""What the commands tell the user instead of a stack trace."""


class CommandError(Exception):
    """Something the user can act on; its text is shown and the command ends with status 1."""
