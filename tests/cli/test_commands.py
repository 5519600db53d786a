import json
from pathlib import Path

import jwt

from adapters.embedded_mongo.server import embedded_mongo
from tests.cli.command import SETTINGS, spothold
from tests.servers.service import JWT_SECRET

PERSON = ("--email", "ada@example.org", "--name", "Ada")


async def test_a_token_is_printed_and_nothing_else(tmp_path: Path) -> None:
    result = await spothold("token", *PERSON, "--role", "admin", folder=tmp_path)
    claims = jwt.decode(
        result.out.strip(),
        JWT_SECRET,
        algorithms=["HS256"],
        audience="spothold",
        issuer="spothold",
    )
    assert (result.code, result.err) == (0, "")
    assert result.out == result.out.strip() + "\n"
    assert claims["email"] == claims["sub"] == "ada@example.org"
    assert (claims["name"], claims["role"]) == ("Ada", "admin")


async def test_a_token_needs_a_secret_that_is_long_enough(tmp_path: Path) -> None:
    result = await spothold("token", *PERSON, folder=tmp_path, JWT_SECRET="short")
    assert result.code == 1
    assert "JWT_SECRET has 32 bytes or more" in result.err
    assert "short" not in result.err


async def test_production_has_its_own_way_to_sign_in(tmp_path: Path) -> None:
    result = await spothold("token", *PERSON, folder=tmp_path, APP_ENV="production")
    assert (result.code, result.out) == (2, "")
    assert "APP_ENV" in result.err


async def test_a_program_is_created_once_and_listed(
    mongo_uri: str, database_name: str, tmp_path: Path
) -> None:
    where = {"MONGODB_URI": mongo_uri, "MONGODB_DATABASE": database_name}
    create = ("program", "create", "choir", "--title", "Choir", "--price", "5000")
    limited = ("--class-rep-limit", "10", "--class-rep-discount", "1000")

    first = await spothold(*create, *limited, "--json", folder=tmp_path, **where)
    again = await spothold(*create, folder=tmp_path, **where)
    listed = await spothold("program", "list", "--json", folder=tmp_path, **where)

    assert first.code == 0, first.err
    assert again.code == 1
    assert "There is a program 'choir' already." in again.err
    assert json.loads(listed.out) == json.loads(first.out)
    assert json.loads(listed.out)[0]["spotsLeft"] == 10


async def test_a_table_shows_titles_as_they_are_and_prices_as_people_write_them(
    mongo_uri: str, database_name: str, tmp_path: Path
) -> None:
    where = {"MONGODB_URI": mongo_uri, "MONGODB_DATABASE": database_name}
    result = await spothold(
        *("program", "create", "choir", "--title", "Choir [2026]", "--price", "5000"),
        folder=tmp_path,
        **where,
    )
    assert "Choir [2026]" in result.out
    assert "50.00 USD" in result.out


async def test_terms_that_contradict_themselves_are_refused_in_one_line(
    tmp_path: Path,
) -> None:
    result = await spothold(
        *("program", "create", "choir", "--title", "Choir", "--price", "100"),
        *("--class-rep-discount", "200"),
        folder=tmp_path,
    )
    assert result.code == 1
    assert result.err.strip() == "classRepDiscount: is not more than the price"


async def test_a_time_zone_that_is_none_is_refused(tmp_path: Path) -> None:
    result = await spothold(
        *("program", "create", "choir", "--title", "Choir", "--price", "100"),
        *("--early-bird-discount", "10", "--early-bird-deadline", "2027-01-01"),
        *("--time-zone", "Europe/Nowhere"),
        folder=tmp_path,
    )
    assert result.code == 1
    assert "timeZone" in result.err


async def test_a_folder_that_is_in_use_is_refused_in_one_line(tmp_path: Path) -> None:
    async with embedded_mongo(tmp_path / "data" / "mongo"):
        result = await spothold("program", "list", folder=tmp_path)
    assert result.code == 1
    assert result.err.startswith("Another embedded database is running on ")
    assert result.err.count("\n") == 1


async def test_serve_names_what_is_wrong_and_never_its_value(tmp_path: Path) -> None:
    result = await spothold(
        "serve",
        folder=tmp_path,
        STRIPE_SECRET_KEY="pk_test_public",
        STRIPE_WEBHOOK_SECRET="",
    )
    assert result.code == 1
    assert "STRIPE_SECRET_KEY" in result.err
    assert "STRIPE_WEBHOOK_SECRET" in result.err
    assert "pk_test_public" not in result.err
    assert not any(value in result.err for value in SETTINGS.values() if len(value) > 9)


async def test_serve_says_when_the_database_does_not_answer(tmp_path: Path) -> None:
    result = await spothold(
        "serve", folder=tmp_path, MONGODB_URI="mongodb://127.0.0.1:1"
    )
    assert result.code != 0
    assert "does not answer" in result.err + result.out


async def test_a_database_in_use_is_told_in_one_line(tmp_path: Path) -> None:
    async with embedded_mongo(tmp_path / "data" / "mongo"):
        result = await spothold("program", "list", folder=tmp_path)
    assert result.code == 1
    assert result.err.startswith("Another embedded database is running on data/mongo.")
    assert len(result.err.splitlines()) == 1
