"""The course of a demo: start everything, wait, stop everything."""

import asyncio
import signal
from collections.abc import Callable
from contextlib import AsyncExitStack
from datetime import UTC, datetime
from typing import Final

from entrypoints.container import NoDatabase, program_use_cases
from entrypoints.demo import plans
from entrypoints.demo.children import Child, Plan, first_to_end, running
from entrypoints.demo.folder import DemoFolder, demo_folder
from entrypoints.demo.guide import guide
from entrypoints.demo.options import DemoOptions, DemoRefused, check_ports
from entrypoints.demo.samples import seed
from entrypoints.settings import StorageSettings

STOPPING: Final = (signal.SIGINT, signal.SIGTERM)

Say = Callable[[str], None]


def run_demo(options: DemoOptions, say: Say) -> None:
    """Run until Ctrl-C or SIGTERM.

    Raises:
        DemoRefused: it could not start, or a part of it ended by itself.
    """
    check_ports(options)
    with demo_folder(options.data_dir, reset=options.reset) as folder:
        asyncio.run(_until_told(options, folder, say))


async def _until_told(options: DemoOptions, folder: DemoFolder, say: Say) -> None:
    demo = asyncio.create_task(_play(options, folder, say))
    loop = asyncio.get_running_loop()
    for each in STOPPING:
        # Only the first one counts: the stopping itself shall not be stopped.
        loop.add_signal_handler(each, _stop_once(demo, say))
    try:
        await demo
    except asyncio.CancelledError:
        say("The demo has stopped.")


async def _play(options: DemoOptions, folder: DemoFolder, say: Say) -> None:
    # Left in reverse: the service stops first, while what it needs is still there.
    async with AsyncExitStack() as stack:

        async def start(plan: Plan) -> Child:
            say(f"Starting: {plan.name} …")
            child = running(plan, logs=folder.logs, home=folder.path)
            return await stack.enter_async_context(child)

        children = [
            await start(plans.simulator(options, folder)),
            await start(plans.inbox(options)),
        ]
        await _seed_once(folder, say)  # meanwhile
        for child in children:
            await child.ready()
        children.append(await start(plans.service(options, folder)))
        await children[-1].ready()
        say(guide(options, folder))
        raise await first_to_end(children)


async def _seed_once(folder: DemoFolder, say: Say) -> None:
    """Put the samples up for sale, before the service takes the database."""
    if folder.is_seeded:
        return
    say("Creating the sample programs …")
    # All of them, so that neither our environment nor a `.env` has a say.
    settings = StorageSettings(
        mongodb_uri=None, mongodb_database="spothold", data_dir=folder.path
    )
    try:
        async with program_use_cases(settings) as (create_program, _view):
            await seed(create_program, at=datetime.now(UTC))
    except NoDatabase as error:
        raise DemoRefused(str(error)) from error
    folder.note_seeded()


def _stop_once(demo: asyncio.Task[None], say: Say) -> Callable[[], None]:
    told = False

    def stop() -> None:
        nonlocal told
        if not told:
            told = True
            say("Stopping …")
            demo.cancel()

    return stop
