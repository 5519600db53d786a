"""Who types a command, for the records."""

import getpass


def operator() -> str:
    try:
        return f"operator {getpass.getuser()}"
    except (KeyError, OSError):  # a container may know no names
        return "operator"
