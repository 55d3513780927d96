"""The processes of an installation."""

import argparse
from pathlib import Path

from omnichannel.embedded import programs


def test_everything_but_the_web_server_is_restarted_when_code_changes() -> None:
    """Django's own server looks after itself."""
    started = programs.commands(argparse.Namespace(reload=True, host="127.0.0.1", port=8000), Path("local"))
    assert {name for name, _ in started} - {"web"} == set(programs.RELOADED)
