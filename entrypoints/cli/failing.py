"""How a command says that the settings are not right."""

from pydantic import ValidationError


def settings_to_mend(error: ValidationError) -> str:
    """Name each setting and what is wrong with it, never its value."""
    complaints = (
        f"{'_'.join(map(str, each['loc'])).upper() or 'settings'}: {each['msg']}"
        for each in error.errors(include_input=False, include_url=False)
    )
    return "The settings are not right.\n  " + "\n  ".join(complaints)
