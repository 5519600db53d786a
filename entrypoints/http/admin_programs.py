"""What admins do about programs."""

from typing import Annotated, Final

from litestar import Controller, get, patch, post
from litestar.di import NamedDependency
from litestar.enums import RequestEncodingType
from litestar.openapi.spec import Example
from litestar.params import BodyKwarg, FromPath, QueryParameter
from litestar.status_codes import HTTP_200_OK, HTTP_201_CREATED
from msgspec import UNSET

from application.act_on_program import ActOnProgram, ProgramAct, ProgramActCommand
from application.change_program import ChangeProgram, ChangeProgramCommand
from application.create_program import CreateProgram
from application.ports.programs import ProgramState
from application.preview_prices import PreviewPrices
from application.view_programs_as_admin import ViewProgramsAsAdmin
from application.view_spots import ViewSpots
from domain.program import Program
from entrypoints.http import samples
from entrypoints.http.admin_program_shapes import (
    AdminProgramShape,
    PricePreviewShape,
    SpotShape,
)
from entrypoints.http.auth import ADMIN_ONLY, Caller
from entrypoints.http.openapi import refusals
from entrypoints.http.paths import to_program_id
from entrypoints.http.program_terms import (
    ChangeProgramRequest,
    CreateProgramRequest,
    PreviewRequest,
    ProgramActRequest,
)
from entrypoints.http.shapes import (
    PAGE_SIZE,
    Page,
    PageNumber,
    PageSize,
    Success,
    page_of,
)

SEARCH_MAX: Final = 100
TERMS: Final = {"fullPrice": 29_900, "currency": "usd", "classRepDiscount": 10_000}

State = Annotated[ProgramState, QueryParameter(name="state")]
Search = Annotated[
    str,
    QueryParameter(
        name="search", max_length=SEARCH_MAX, description="A part of a title or an id."
    ),
]
CreateBody = Annotated[
    CreateProgramRequest,
    BodyKwarg(
        media_type=RequestEncodingType.JSON,
        examples=[Example(value={"id": "choir-2027", "title": "Choir", **TERMS})],
    ),
]
ChangeBody = Annotated[
    ChangeProgramRequest,
    BodyKwarg(
        media_type=RequestEncodingType.JSON,
        examples=[
            Example(
                value={"reason": "a smaller hall", "classRepLimit": 5, "drain": True}
            )
        ],
    ),
]
ActBody = Annotated[
    ProgramActRequest,
    BodyKwarg(
        media_type=RequestEncodingType.JSON,
        examples=[Example(value={"reason": "the hall has to be checked"})],
    ),
]
PreviewBody = Annotated[
    PreviewRequest,
    BodyKwarg(
        media_type=RequestEncodingType.JSON,
        examples=[Example(value={**TERMS, "timeZone": "Europe/Paris"})],
    ),
]
ONE: Final = (samples.NOT_ADMIN, samples.NO_PROGRAM)
ASKED: Final = (*ONE, *samples.REASONED)


class AdminProgramController(Controller):
    path = "/api/admin/programs"
    tags = ("Admin",)
    opt = {ADMIN_ONLY: True}  # noqa: RUF012  # Litestar's own way to say it

    @get(
        responses=refusals(samples.NOT_ADMIN, samples.BAD_QUERY),
        summary="List programs, for sale or retired, with how their spots stand",
    )
    async def page(
        self,
        view_programs_as_admin: NamedDependency[ViewProgramsAsAdmin],
        which: State = ProgramState.ALL,
        search: Search = "",
        page: PageNumber = 1,
        page_size: PageSize = PAGE_SIZE,
    ) -> Success[Page[AdminProgramShape]]:
        found = await view_programs_as_admin.page(
            state=which, search=search, page=page, size=page_size
        )
        items = [AdminProgramShape.of_overview(each) for each in found.items]
        return page_of(found, items, page=page, size=page_size)

    @post(
        responses=refusals(
            samples.NOT_ADMIN,
            samples.BAD_TERMS,
            samples.PROGRAM_EXISTS,
            *samples.REASONED,
        ),
        status_code=HTTP_201_CREATED,
        summary="Put a program up for sale",
    )
    async def create(
        self,
        data: CreateBody,
        caller: NamedDependency[Caller],
        create_program: NamedDependency[CreateProgram],
        view_programs_as_admin: NamedDependency[ViewProgramsAsAdmin],
    ) -> Success[AdminProgramShape]:
        program = data.program
        await create_program(program, by=caller.as_admin, why=data.reason)
        return await _shown(view_programs_as_admin, program)

    @post(
        "/price-preview",
        responses=refusals(samples.NOT_ADMIN, samples.BAD_TERMS, *samples.BODY),
        status_code=HTTP_200_OK,
        summary="Price terms as a checkout would, before they are stored",
        sync_to_thread=False,
    )
    def preview(
        self, data: PreviewBody, preview_prices: NamedDependency[PreviewPrices]
    ) -> Success[PricePreviewShape]:
        draft = data.draft
        preview = preview_prices(draft, at=data.moment)
        return Success(data=PricePreviewShape.of(draft, preview))

    @get(
        "/{program_id:str}",
        responses=refusals(*ONE),
        summary="Show a program, for sale or retired",
    )
    async def one(
        self,
        program_id: FromPath[str],
        view_programs_as_admin: NamedDependency[ViewProgramsAsAdmin],
    ) -> Success[AdminProgramShape]:
        overview = await view_programs_as_admin.one(to_program_id(program_id))
        return Success(data=AdminProgramShape.of_overview(overview))

    @patch(
        "/{program_id:str}",
        responses=refusals(*ASKED, *samples.CHANGING),
        summary="Change the terms of a program; purchases keep their quotes",
    )
    async def change(
        self,
        program_id: FromPath[str],
        data: ChangeBody,
        caller: NamedDependency[Caller],
        change_program: NamedDependency[ChangeProgram],
        view_programs_as_admin: NamedDependency[ViewProgramsAsAdmin],
    ) -> Success[AdminProgramShape]:
        program = await change_program(
            ChangeProgramCommand(
                program_id=to_program_id(program_id),
                changes=data.changes,
                by=caller.as_admin,
                reason=data.reason,
                drain=data.drain,
                revision=None if data.revision is UNSET else data.revision,
            )
        )
        return await _shown(view_programs_as_admin, program)

    @get(
        "/{program_id:str}/spots",
        responses=refusals(*ONE, samples.BAD_QUERY),
        summary="Say why a program is full, spot by spot",
    )
    async def spots(
        self,
        program_id: FromPath[str],
        view_spots: NamedDependency[ViewSpots],
        page: PageNumber = 1,
        page_size: PageSize = PAGE_SIZE,
    ) -> Success[Page[SpotShape]]:
        found = await view_spots(to_program_id(program_id), page=page, size=page_size)
        items = [SpotShape.of(spot) for spot in found.items]
        return page_of(found, items, page=page, size=page_size)

    @post(
        "/{program_id:str}/retire",
        responses=refusals(*ASKED),
        status_code=HTTP_200_OK,
        summary="Take a program off sale",
    )
    async def retire(
        self,
        program_id: FromPath[str],
        data: ActBody,
        caller: NamedDependency[Caller],
        act_on_program: NamedDependency[ActOnProgram],
        view_programs_as_admin: NamedDependency[ViewProgramsAsAdmin],
    ) -> Success[AdminProgramShape]:
        """Nobody sees it any more; whoever has bought it keeps it."""
        command = _command(ProgramAct.RETIRE, program_id, caller, data)
        return await _shown(view_programs_as_admin, await act_on_program(command))

    @post(
        "/{program_id:str}/restore",
        responses=refusals(*ASKED),
        status_code=HTTP_200_OK,
        summary="Put a retired program up for sale again",
    )
    async def restore(
        self,
        program_id: FromPath[str],
        data: ActBody,
        caller: NamedDependency[Caller],
        act_on_program: NamedDependency[ActOnProgram],
        view_programs_as_admin: NamedDependency[ViewProgramsAsAdmin],
    ) -> Success[AdminProgramShape]:
        command = _command(ProgramAct.RESTORE, program_id, caller, data)
        return await _shown(view_programs_as_admin, await act_on_program(command))

    @post(
        "/{program_id:str}/pause-sales",
        responses=refusals(*ASKED),
        status_code=HTTP_200_OK,
        summary="Let nobody new begin to pay",
    )
    async def pause_sales(
        self,
        program_id: FromPath[str],
        data: ActBody,
        caller: NamedDependency[Caller],
        act_on_program: NamedDependency[ActOnProgram],
        view_programs_as_admin: NamedDependency[ViewProgramsAsAdmin],
    ) -> Success[AdminProgramShape]:
        """Open checkouts may still be paid, and keep their spots."""
        command = _command(ProgramAct.PAUSE_SALES, program_id, caller, data)
        return await _shown(view_programs_as_admin, await act_on_program(command))

    @post(
        "/{program_id:str}/resume-sales",
        responses=refusals(*ASKED),
        status_code=HTTP_200_OK,
        summary="Sell on after a pause",
    )
    async def resume_sales(
        self,
        program_id: FromPath[str],
        data: ActBody,
        caller: NamedDependency[Caller],
        act_on_program: NamedDependency[ActOnProgram],
        view_programs_as_admin: NamedDependency[ViewProgramsAsAdmin],
    ) -> Success[AdminProgramShape]:
        command = _command(ProgramAct.RESUME_SALES, program_id, caller, data)
        return await _shown(view_programs_as_admin, await act_on_program(command))


async def _shown(
    view: ViewProgramsAsAdmin, program: Program
) -> Success[AdminProgramShape]:
    (overview,) = await view.of([program])
    return Success(data=AdminProgramShape.of_overview(overview))


def _command(
    act: ProgramAct, program_id: str, caller: Caller, data: ProgramActRequest
) -> ProgramActCommand:
    return ProgramActCommand(
        act=act,
        program_id=to_program_id(program_id),
        by=caller.as_admin,
        reason=data.reason,
    )
