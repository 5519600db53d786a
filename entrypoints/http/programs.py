"""What is for sale; anybody may look."""

from datetime import datetime
from typing import Any

from litestar import Controller, get
from litestar.di import NamedDependency
from litestar.params import FromPath

from application.view_programs import ViewPrograms
from domain.program import Program
from entrypoints.http import samples
from entrypoints.http.auth import PUBLIC
from entrypoints.http.openapi import OPEN_TO_ALL, public_refusals
from entrypoints.http.paths import to_program_id
from entrypoints.http.shapes import (
    PAGE_SIZE,
    Page,
    PageNumber,
    PageSize,
    Shape,
    Success,
    page_of,
)


class ProgramShape(Shape):
    """Amounts in minor units of `currency`; `spotsLeft` is null without a limit."""

    id: str
    title: str
    program_type: str
    full_price: int
    currency: str
    is_free: bool
    class_rep_limit: int
    class_rep_count: int
    spots_left: int | None
    class_rep_discount: int
    early_bird_discount: int
    early_bird_deadline: datetime | None
    time_zone: str
    active: bool
    sales_paused: bool

    @classmethod
    def of(cls, program: Program) -> "ProgramShape":
        return cls(**cls.fields_of(program))

    @staticmethod
    def fields_of(program: Program) -> dict[str, Any]:
        """Return what a shape of a program is made of, by the names of its fields."""
        terms = program.terms
        return {
            "id": program.id,
            "title": program.title,
            "program_type": program.program_type,
            "full_price": terms.full_price.amount,
            "currency": terms.full_price.currency.code,
            "is_free": terms.is_free,
            "class_rep_limit": terms.class_rep_limit,
            "class_rep_count": program.class_rep_count,
            "spots_left": program.spots_left,
            "class_rep_discount": terms.class_rep_discount.amount,
            "early_bird_discount": terms.early_bird_discount.amount,
            "early_bird_deadline": terms.early_bird_deadline,
            "time_zone": program.time_zone,
            "active": program.is_active,
            "sales_paused": program.is_paused,
        }


class ProgramController(Controller):
    path = "/api/programs"
    tags = ("Programs",)
    opt = {PUBLIC: True}  # noqa: RUF012  # Litestar's own way to say it
    security = OPEN_TO_ALL

    @get(
        responses=public_refusals(samples.BAD_QUERY, samples.NO_STORAGE),
        summary="List what is for sale",
    )
    async def page(
        self,
        view_programs: NamedDependency[ViewPrograms],
        page: PageNumber = 1,
        page_size: PageSize = PAGE_SIZE,
    ) -> Success[Page[ProgramShape]]:
        found = await view_programs.page(page=page, size=page_size)
        items = [ProgramShape.of(program) for program in found.items]
        return page_of(found, items, page=page, size=page_size)

    @get(
        "/{program_id:str}",
        responses=public_refusals(samples.NO_PROGRAM, samples.NO_STORAGE),
        summary="Show a program",
    )
    async def one(
        self, program_id: FromPath[str], view_programs: NamedDependency[ViewPrograms]
    ) -> Success[ProgramShape]:
        program = await view_programs.one(to_program_id(program_id))
        return Success(data=ProgramShape.of(program))
