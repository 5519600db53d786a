"""The form in which an admin writes a program's terms, with what they come to."""

from http import HTTPStatus
from typing import Final

from litestar import Controller, get, post
from litestar.di import NamedDependency
from litestar.params import FromPath, URLEncodedBody
from litestar.response import Redirect, Template

from entrypoints.backoffice.admin_api import attempt
from entrypoints.backoffice.answers.programs import AdminProgram, PricesAnswer
from entrypoints.backoffice.desk import Desk
from entrypoints.backoffice.forms import fresh, once_more, without_reason
from entrypoints.backoffice.program_deeds import ProgramDone
from entrypoints.backoffice.program_form import YES, ProgramForm
from entrypoints.storefront.service_api import ServiceRefused
from entrypoints.storefront.visitors import see

# Offered as one types; any name of the time-zone list is taken.
ZONES: Final = (
    "UTC",
    "America/New_York",
    "America/Chicago",
    "America/Denver",
    "America/Los_Angeles",
    "Europe/London",
    "Europe/Berlin",
    "Europe/Paris",
    "Asia/Tokyo",
    "Australia/Sydney",
)
UNCHANGED: Final = "Nothing differs from what is, so nothing was changed."


class ProgramTermPages(Controller):
    path = "/programs"

    @get("/new")
    async def show_new(self, desk: NamedDependency[Desk]) -> Template:
        return _page(desk, ProgramForm(reason="a new program"))

    @post("/new")
    async def create(
        self, desk: NamedDependency[Desk], data: URLEncodedBody[ProgramForm]
    ) -> Template | Redirect:
        form = data.stripped
        if form.is_preview:
            return await _preview(desk, form)
        refused = without_reason(form)
        if refused is None:
            outcome = await attempt(_create(desk, form))
            if not isinstance(outcome, ServiceRefused):
                return _shown(form.id, ProgramDone.CREATED)
            refused = outcome
        return _page(desk, form, refused=refused)

    @get("/{program_id:str}/change")
    async def show_change(
        self, desk: NamedDependency[Desk], program_id: FromPath[str]
    ) -> Template:
        program = await desk.api.program(program_id)
        return await _preview(desk, ProgramForm.of(program), program)

    @post("/{program_id:str}/change")
    async def change(
        self,
        desk: NamedDependency[Desk],
        program_id: FromPath[str],
        data: URLEncodedBody[ProgramForm],
    ) -> Template | Redirect:
        form = data.stripped
        program = await desk.api.program(program_id)
        if form.is_preview:
            return await _preview(desk, form, program)
        refused = without_reason(form)
        if refused is None:
            outcome = await attempt(_change(desk, form, program))
            if not isinstance(outcome, ServiceRefused):
                return _shown(program_id, ProgramDone.CHANGED)
            refused = outcome
        return _page(desk, form, program=program, refused=refused)


async def _create(desk: Desk, form: ProgramForm) -> None:
    await desk.api.create_program(form.asked, form.all())


async def _change(desk: Desk, form: ProgramForm, program: AdminProgram) -> None:
    """Ask for what differs, under the revision that the admin looked at."""
    changes = form.changes(program)
    if not changes:
        raise ServiceRefused(HTTPStatus.BAD_REQUEST, UNCHANGED, code="unchanged")
    if form.drain == YES:
        changes["drain"] = True
    if form.revision.isdecimal():
        changes["revision"] = int(form.revision)
    await desk.api.change_program(program.id, form.asked, changes)


async def _preview(
    desk: Desk, form: ProgramForm, program: AdminProgram | None = None
) -> Template:
    async def priced() -> PricesAnswer:
        return await desk.api.prices(form.terms())

    prices = await attempt(priced())
    if isinstance(prices, ServiceRefused):
        return _page(desk, form, program=program, refused=prices)
    return _page(desk, form, program=program, prices=prices)


def _page(
    desk: Desk,
    form: ProgramForm,
    *,
    program: AdminProgram | None = None,
    prices: PricesAnswer | None = None,
    refused: ServiceRefused | None = None,
) -> Template:
    return desk.sees(
        "program_terms.html",
        area="programs",
        status=refused.status if refused else HTTPStatus.OK,
        form=form,
        once=once_more(form.once, refused) if refused else form.once or fresh(),
        prices=prices,
        program=program,
        refusal=refused,
        zones=ZONES,
    )


def _shown(program_id: str, done: ProgramDone) -> Redirect:
    return see(f"/admin/programs/{program_id}", done=done)
