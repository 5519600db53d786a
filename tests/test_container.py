"""A wrong keyword or a typo in the wiring shows only when something is built."""

from dependency_injector import providers

from entrypoints.container import Container
from entrypoints.use_cases import UseCases
from tests.test_settings import settings

BUILT = (providers.Singleton, providers.Factory, providers.Callable)


def container() -> Container:
    return Container(settings=settings(), mongodb_uri="mongodb://127.0.0.1:1")


async def test_every_adapter_can_be_built() -> None:
    built = {
        name: provider()
        for name, provider in container().providers.items()
        if isinstance(provider, BUILT)
    }
    assert {"payments", "purchases", "verifier", "mailer"} <= built.keys()
    await container().stripe().close()


async def test_every_use_case_can_be_built() -> None:
    use_cases = container().use_cases()
    names = UseCases.providers.keys()
    assert {name: use_cases.providers[name]() for name in names}.keys() == names


def test_a_misspelt_replacement_is_refused() -> None:
    try:
        Container(settings=settings(), paymets=providers.Object(None))
    except AttributeError:
        return
    raise AssertionError("the typo was swallowed")
