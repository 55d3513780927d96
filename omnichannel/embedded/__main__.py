"""`python -m omnichannel.embedded run | services | exec -- COMMAND | reset`."""

import argparse
import os
import shutil
import signal
import subprocess
import sys
import time
from types import FrameType
from typing import NoReturn

from omnichannel.embedded import place, supervisor
from omnichannel.embedded.checkout import ROOT, Checkout
from omnichannel.embedded.place import EmbeddedError
from omnichannel.embedded.services import Services

BUSY = "Omnichannel already runs from this folder. Stop it first (Ctrl-C in its terminal)."


def main() -> int:
    """Parse and run; errors meant for people are one line without a traceback."""
    args = parser().parse_args()
    for name in ("SIGTERM", "SIGINT", "SIGHUP"):
        signal.signal(getattr(signal, name), stop)
    try:
        code: int = args.command(args)
        return code
    except EmbeddedError as error:
        print(error, file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        return 130


def parser() -> argparse.ArgumentParser:
    """The command line."""
    top = argparse.ArgumentParser(prog="python -m omnichannel.embedded")
    commands = top.add_subparsers(required=True, metavar="run | services | exec | reset")
    run = commands.add_parser("run", help="start everything and keep it running")
    run.add_argument("--port", type=int, default=8000)
    run.add_argument("--host", default="127.0.0.1")
    run.add_argument("--reload", action="store_true", help="restart what the code change touches")
    run.add_argument("--with-parent", action="store_true", help="end when the process that started this one ends")
    run.set_defaults(command=supervisor.run)
    services = commands.add_parser("services", help="start PostgreSQL and Valkey only")
    services.set_defaults(command=run_services)
    execute = commands.add_parser("exec", help="run a command beside PostgreSQL and Valkey")
    execute.add_argument("words", nargs=argparse.REMAINDER, metavar="-- COMMAND")
    execute.set_defaults(command=run_command)
    reset = commands.add_parser("reset", help="forget the data, the credentials and the logs of this folder")
    reset.set_defaults(command=run_reset)
    return top


def run_services(_args: argparse.Namespace) -> int:
    """Keep both servers up until a signal comes."""
    checkout = Checkout()
    if not checkout.lock():
        raise EmbeddedError(BUSY)
    services = Services(checkout)
    try:
        services.start()
        print(f"PostgreSQL and Valkey are ready; their addresses are in {checkout.env_file}", flush=True)
        while True:
            time.sleep(0.2)
            services.restart_dead()
    finally:
        services.stop()


def run_command(args: argparse.Namespace) -> int:
    """Run beside the servers of the running instance, or start them for as long as the command takes."""
    words = args.words[1:] if args.words[:1] == ["--"] else args.words
    if not words:
        raise EmbeddedError("Say which command to run: python -m omnichannel.embedded exec -- COMMAND")
    checkout = Checkout()
    deadline = time.monotonic() + 60
    while not checkout.lock():
        if published := checkout.published():
            replace_us(words, {**os.environ, **published})
        if time.monotonic() > deadline:
            raise EmbeddedError(BUSY)
        time.sleep(0.1)
    services = Services(checkout)
    try:
        services.start()
        return subprocess.run(words, env=services.env(), check=False).returncode  # noqa: S603 - the person's own
    finally:
        services.stop()


def replace_us(words: list[str], env: dict[str, str]) -> NoReturn:
    """Become the command."""
    os.execvpe(words[0], words, env)  # noqa: S606 - the person's own command


def run_reset(_args: argparse.Namespace) -> int:
    """Remove what earlier starts made: the database first, then `.local`."""
    checkout = Checkout()
    if not checkout.lock():
        raise EmbeddedError(BUSY)
    shutil.rmtree(place.database_home(checkout.local))
    shutil.rmtree(checkout.local)
    print(f"Removed the data of {ROOT}.")
    return 0


def stop(_number: int, _frame: FrameType | None) -> None:
    """Unwind to the `finally` that stops the children; a second signal must not interrupt that."""
    for name in ("SIGTERM", "SIGINT", "SIGHUP"):
        signal.signal(getattr(signal, name), signal.SIG_IGN)
    raise KeyboardInterrupt


if __name__ == "__main__":
    sys.exit(main())
