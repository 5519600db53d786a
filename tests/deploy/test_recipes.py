"""The recipes start what they say, with settings that the service takes."""

import fnmatch
import re
from collections.abc import Iterator
from datetime import timedelta
from typing import Final

import pytest

from entrypoints.settings import Settings
from tests.deploy.recipes import (
    ROOT,
    compose,
    compose_environment,
    dockerfile,
    image_environment,
    instances,
    known_settings,
    render,
    render_environment,
    settings_from,
    stages,
)

# Not of the service: of Python, and of Render.
OF_OTHERS: Final = {"PYTHONDONTWRITEBYTECODE", "PYTHONUNBUFFERED", "PYTHON_VERSION"}
TAG: Final = re.compile(r"[\w./-]+:(v?\d+[\w.-]*|local)")
# https://render.com/docs/blueprint-spec, as far as it is used here.
OF_A_WEB_SERVICE: Final = {
    "autoDeployTrigger",
    "buildCommand",
    "envVars",
    "healthCheckPath",
    "maxShutdownDelaySeconds",
    "name",
    "numInstances",
    "plan",
    "region",
    "runtime",
    "startCommand",
    "type",
}


def names_of_settings() -> Iterator[tuple[str, set[str]]]:
    yield "Dockerfile", set(image_environment())
    yield "render.yaml", set(render_environment())
    for name, instance in instances().items():
        yield name, set(instance["environment"])


@pytest.mark.parametrize(
    ("recipe", "names"), list(names_of_settings()), ids=lambda it: str(it)[:12]
)
def test_a_recipe_sets_only_what_there_is(recipe: str, names: set[str]) -> None:
    assert names - known_settings() - OF_OTHERS == set(), recipe


def test_the_service_on_render_takes_its_settings_for_live_money() -> None:
    settings = settings_from(render_environment())
    [service] = render()["services"]

    assert settings.livemode
    assert settings.is_production
    assert settings.host == "0.0.0.0"  # noqa: S104 -- its proxy comes from outside
    longest = timedelta(seconds=service["maxShutdownDelaySeconds"])
    assert settings.stop_announce < settings.stop_grace < longest


def test_renders_blueprint_has_the_words_that_render_knows() -> None:
    [service] = render()["services"]

    assert set(service) <= OF_A_WEB_SERVICE
    assert set(render()) == {"services", "envVarGroups"}
    assert (service["type"], service["plan"]) == ("web", "starter")
    assert service["startCommand"] == "spothold serve"
    assert service["healthCheckPath"] == "/api/system/health"
    for row in [*service["envVars"], *render()["envVarGroups"][0]["envVars"]]:
        assert len(row) == (1 if "fromGroup" in row else 2), row


@pytest.mark.parametrize("name", list(instances()))
def test_an_instance_of_compose_takes_its_settings(name: str) -> None:
    instance = instances()[name]
    settings = settings_from(image_environment() | compose_environment(instance))

    assert settings.lock_backend == "redis"
    assert not settings.livemode
    assert settings.stop_grace < timedelta(
        seconds=int(instance["stop_grace_period"].rstrip("s"))
    )


def test_the_instances_of_compose_together_ask_stripe_for_no_more_than_one() -> None:
    environments = map(compose_environment, instances().values())
    paces = [settings_from(each).stripe_requests_per_second for each in environments]

    assert sum(paces) <= Settings.model_fields["stripe_requests_per_second"].default


@pytest.mark.parametrize("name", list(instances()))
def test_an_instance_of_compose_may_do_nothing_that_it_need_not(name: str) -> None:
    instance = instances()[name]

    assert instance["read_only"] is True
    assert instance["tmpfs"] == ["/tmp"]  # noqa: S108 -- of the container
    assert instance["cap_drop"] == ["ALL"]
    assert instance["security_opt"] == ["no-new-privileges:true"]
    assert not instance.get("ports"), "only the balancer is reached from outside"


def test_compose_has_two_instances_and_all_that_they_name() -> None:
    services = compose()["services"]
    balancer = (ROOT / "deploy/compose/nginx.conf").read_text()

    assert len(instances()) == 2
    addresses = set()
    for name, instance in instances().items():
        assert balancer.count(f"server {name}:8000") == 2, "also as a backup"
        addresses.add(instance["networks"]["inside"]["ipv4_address"])
        assert "proxy_set_header X-Forwarded-For $remote_addr;" in balancer
    assert len(addresses) == 2, "nginx would go on asking where they were"
    for name, service in services.items():
        assert TAG.fullmatch(service["image"]), f"{name} is pinned to no version"
        assert set(service.get("depends_on", ())) <= set(services)
        for port in service.get("ports", ()):
            assert port.startswith("127.0.0.1:"), "nothing is open to the world"
    uri = instances()["one"]["environment"]["MONGODB_URI"]
    assert set(re.findall(r"(\w+):27017", uri)) <= set(services)


def test_no_log_of_the_balancer_keeps_whom_an_admin_searched_for() -> None:
    balancer = (ROOT / "deploy/compose/nginx.conf").read_text()

    forms = dict(re.findall(r"^log_format (\w+) ([^;]+);", balancer, re.MULTILINE))
    used = re.findall(r"^\s*access_log \S+ ?(\w*);", balancer, re.MULTILINE)
    assert used
    assert set(used) <= set(forms), "nginx's own form has the query in it"
    tells = {name for form in forms.values() for name in re.findall(r"\$(\w+)", form)}
    assert "uri" in tells
    assert not tells & {"request", "request_uri", "args", "query_string"}
    assert not {name for name in tells if name.startswith(("arg_", "http_referer"))}
    assert re.search(r"^\s*error_log \S+ crit;", balancer, re.MULTILINE)


def test_the_image_runs_as_nobody_and_asks_after_itself() -> None:
    last = {step.word: step for step in stages()[-1]}

    assert re.fullmatch(r"[1-9]\d+:[1-9]\d+", last["USER"].rest)
    assert last["ENTRYPOINT"].words + last["CMD"].words == ["spothold", "serve"]
    check = 'CMD ["python", "-m", "entrypoints.healthcheck"]'
    assert last["HEALTHCHECK"].rest.endswith(check)
    assert last["STOPSIGNAL"].rest == "SIGTERM"
    assert "RUN" not in last, "nothing is built in what is shipped"
    for stage in stages():
        assert TAG.fullmatch(stage[0].rest.split()[0])


def test_only_locked_packages_come_in_and_none_of_development() -> None:
    runs = [step.rest for step in dockerfile() if step.word == "RUN"]
    installs = [run for run in runs if "pip install" in run]

    assert len(installs) == 2
    assert all("--require-hashes" in it or "--no-deps" in it for it in installs)
    service = (ROOT / "requirements/service.txt").read_text()
    packages = set(re.findall(r"^([\w.-]+)==", service, re.MULTILINE))
    assert {"redis", "opentelemetry-sdk"} <= packages
    assert not packages & {"pytest", "mypy", "secantusdb", "aiosmtpd", "hypothesis"}


def test_what_is_copied_is_there_and_reaches_the_builder() -> None:
    ignored = (ROOT / ".dockerignore").read_text().splitlines()
    admitted = [line[1:] for line in ignored if line.startswith("!")]
    copies = [step for step in dockerfile() if step.word == "COPY"]
    sources = [
        source
        for step in copies
        if "from" not in step.options
        for source in step.words[:-1]
    ]

    assert ignored[1] == "*", "what is not named stays here"
    for source in sources:
        assert (ROOT / source).exists()
        assert any(fnmatch.fnmatch(source, name) for name in admitted), source
    assert {"domain", "application", "adapters", "entrypoints"} <= set(sources)


def test_no_secret_stands_in_a_recipe() -> None:
    secret = re.compile(
        r"(?:sk|rk)_(?:test|live)_\w{8}|whsec_\w{12}|password", re.IGNORECASE
    )
    for name in ("Dockerfile", "compose.yaml", "render.yaml"):
        assert not secret.search((ROOT / name).read_text()), name
