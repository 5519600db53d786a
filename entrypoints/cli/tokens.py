"""`spothold token`: sign in without an identity provider, for development only."""

from datetime import UTC, datetime, timedelta
from enum import StrEnum
from typing import Annotated, Final

import jwt
import typer

from entrypoints.settings import TokenSettings

LIFETIME: Final = timedelta(hours=12)


class Role(StrEnum):
    USER = "user"
    ADMIN = "admin"


def token(
    email: Annotated[str, typer.Option(help="Whose token it is.")],
    name: Annotated[str, typer.Option(help="The person's name.")],
    role: Annotated[Role, typer.Option(help="What they may do.")] = Role.USER,
    sub: Annotated[
        str | None, typer.Option(help="The person's id; the e-mail if left out.")
    ] = None,
) -> None:
    """Print a token for the configured secret, and nothing else.  For development."""
    settings = TokenSettings()
    if settings.is_production:
        raise typer.BadParameter("not with APP_ENV=production: people sign in there")
    if settings.jwt_secret is None or settings.jwt_algorithm != "HS256":
        raise typer.BadParameter("only an HS256 secret can sign here: set JWT_SECRET")
    typer.echo(
        signed_token(settings, sub=sub or email, email=email, name=name, role=role)
    )


def signed_token(
    settings: TokenSettings, *, sub: str, email: str, name: str, role: Role
) -> str:
    """Sign a token that the service will accept for `LIFETIME`."""
    if settings.jwt_secret is None:
        raise ValueError("there is no secret to sign with")
    now = datetime.now(UTC)
    claims = {
        "iss": settings.jwt_issuer,
        "aud": settings.jwt_audience,
        "sub": sub,
        "email": email,
        "name": name,
        "role": role.value,
        "iat": now,
        "exp": now + LIFETIME,
    }
    secret = settings.jwt_secret.get_secret_value()
    return jwt.encode(claims, secret, algorithm=settings.jwt_algorithm)
