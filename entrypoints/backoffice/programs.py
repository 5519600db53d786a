"""All programs, and one: its prices, and its spots one by one."""

from enum import StrEnum
from typing import Annotated, Final
from urllib.parse import urlencode

from litestar import Controller, get, post
from litestar.di import NamedDependency
from litestar.exceptions import NotFoundException
from litestar.params import FromPath, FromQuery, QueryParameter, URLEncodedBody
from litestar.response import Redirect, Template

from entrypoints.backoffice.admin_api import attempt
from entrypoints.backoffice.answers.programs import AdminProgram
from entrypoints.backoffice.answers.stats import SpotsOfProgram
from entrypoints.backoffice.desk import Desk
from entrypoints.backoffice.forms import (
    ReasonForm,
    offer,
    offer_again,
    without_reason,
)
from entrypoints.backoffice.plot import spot_parts
from entrypoints.backoffice.program_deeds import ACTS, DONE, ProgramDone, program_deed
from entrypoints.backoffice.program_form import ProgramForm
from entrypoints.storefront.service_api import ServiceRefused
from entrypoints.storefront.visitors import see

AREA: Final = "programs"
PageNumber = Annotated[int, QueryParameter(name="page", ge=1, le=100_000)]


class ProgramState(StrEnum):
    ALL = "all"
    ACTIVE = "active"
    RETIRED = "retired"


class ProgramPages(Controller):
    path = "/programs"

    @get()
    async def overview(
        self,
        desk: NamedDependency[Desk],
        search: FromQuery[str] = "",
        stand: Annotated[ProgramState, QueryParameter(name="state")] = ProgramState.ALL,
        page: PageNumber = 1,
    ) -> Template:
        found = await desk.api.programs(search.strip(), stand, page)
        chosen = urlencode({"search": search, "state": stand})
        return desk.sees(
            "programs.html",
            area=AREA,
            found=found,
            rows=[(each, spot_parts(_spots(each))) for each in found.items],
            search=search,
            state=stand,
            states=list(ProgramState),
            link=f"/admin/programs?{chosen}&page=",
        )

    @get("/{program_id:str}")
    async def one(
        self,
        desk: NamedDependency[Desk],
        program_id: FromPath[str],
        page: PageNumber = 1,
        done: FromQuery[ProgramDone | None] = None,
    ) -> Template:
        program = await desk.api.program(program_id)
        return desk.sees(
            "program.html",
            area=AREA,
            done=DONE[done] if done else None,
            parts_of_bar=spot_parts(_spots(program)),
            prices=await desk.api.prices(ProgramForm.of(program).terms()),
            program=program,
            spots=await desk.api.spots(program_id, page),
        )

    @get("/{program_id:str}/{act:str}")
    async def show(
        self, desk: NamedDependency[Desk], program_id: FromPath[str], act: FromPath[str]
    ) -> Template:
        wanted = _act(act)
        return offer(desk, program_deed(wanted, await desk.api.program(program_id)))

    @post("/{program_id:str}/{act:str}")
    async def do(
        self,
        desk: NamedDependency[Desk],
        program_id: FromPath[str],
        act: FromPath[str],
        data: URLEncodedBody[ReasonForm],
    ) -> Template | Redirect:
        wanted = _act(act)
        refused = without_reason(data)
        if refused is None:
            call = desk.api.act_on_program(program_id, wanted, data.asked)
            outcome = await attempt(call)
            if not isinstance(outcome, ServiceRefused):
                return see(f"/admin/programs/{program_id}", done=wanted)
            refused = outcome
        deed = program_deed(wanted, await desk.api.program(program_id))
        return offer_again(desk, deed, data, refused)


def _act(word: str) -> ProgramDone:
    if word not in ACTS:
        raise NotFoundException("There is no such act.")
    return ProgramDone(word)


def _spots(program: AdminProgram) -> SpotsOfProgram:
    tally = program.spots
    return SpotsOfProgram(
        program_id=program.id,
        title=program.title,
        held=tally.held,
        paid=tally.paid,
        limit=tally.limit,
        free=tally.free,
        over=tally.over,
    )
