"""What may be done to a program with one button, and what each of it means."""

from collections.abc import Mapping
from enum import StrEnum
from typing import Final

from entrypoints.backoffice.answers.programs import AdminProgram
from entrypoints.backoffice.forms import Deed


class ProgramDone(StrEnum):
    """What a page may be told to say; nobody else's words get onto it."""

    CREATED = "created"
    CHANGED = "changed"
    RETIRE = "retire"
    RESTORE = "restore"
    PAUSE = "pause-sales"
    RESUME = "resume-sales"


DONE: Final[Mapping[ProgramDone, str]] = {
    ProgramDone.CREATED: "The program is for sale.",
    ProgramDone.CHANGED: "The change holds from now on; purchases keep their prices.",
    ProgramDone.RETIRE: "The program is off sale.",
    ProgramDone.RESTORE: "The program is for sale again.",
    ProgramDone.PAUSE: "Nobody new can begin to pay.",
    ProgramDone.RESUME: "Sales go on.",
}
ACTS: Final = (
    ProgramDone.RETIRE,
    ProgramDone.RESTORE,
    ProgramDone.PAUSE,
    ProgramDone.RESUME,
)
BUTTONS: Final[Mapping[ProgramDone, str]] = {
    ProgramDone.RETIRE: "Retire",
    ProgramDone.RESTORE: "Restore",
    ProgramDone.PAUSE: "Pause sales",
    ProgramDone.RESUME: "Resume sales",
}
EFFECTS: Final[Mapping[ProgramDone, tuple[str, ...]]] = {
    ProgramDone.RETIRE: (
        "Nobody sees it in the shop any more.",
        "Whoever has bought it keeps it. It can be restored.",
    ),
    ProgramDone.RESTORE: ("It is in the shop again, on the terms that it had.",),
    ProgramDone.PAUSE: (
        "Nobody new can begin to pay.",
        "Open checkouts may still be paid, and keep their spots.",
    ),
    ProgramDone.RESUME: ("Buyers can begin to pay again.",),
}


def program_deed(act: ProgramDone, program: AdminProgram) -> Deed:
    home = f"/admin/programs/{program.id}"
    return Deed(
        area="programs",
        heading=f"{BUTTONS[act]}: {program.title}",
        effects=EFFECTS[act],
        button=BUTTONS[act],
        action=f"{home}/{act}",
        back=home,
    )
