"""Finds the Chromium that the browser tests use, and installs one where there is none: `python -m tests.browser`."""

import os
import shutil
import subprocess
import sys
from pathlib import Path

NAMES = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")
MAC = Path("/Applications/Google Chrome.app/Contents/MacOS/Google Chrome")


def find() -> str | None:
    """The path of a browser: the system's, else the one that Playwright manages."""
    for name in NAMES:
        if path := shutil.which(name):
            return path
    if MAC.exists():
        return str(MAC)
    from playwright.sync_api import sync_playwright

    with sync_playwright() as playwright:
        managed = Path(playwright.chromium.executable_path)
    return str(managed) if managed.exists() else None


def install() -> str:
    """Try what there is, the kinder way first; the reasons of all that failed where nothing worked."""
    reasons = []
    for command in ways():
        print(f"Installing a browser: {' '.join(command)}", flush=True)
        done = subprocess.run(
            command, capture_output=True, text=True, env=os.environ | {"DEBIAN_FRONTEND": "noninteractive"}
        )
        if done.returncode == 0 and (path := find()):
            return path
        if done.returncode:
            reasons.append(f"{' '.join(command)}: {(done.stderr or done.stdout).strip()[-400:]}")
    raise SystemExit(
        "The browser tests need Chromium, and it could not be installed. Install it (on Debian: sudo apt-get install "
        "chromium) and run again.\n" + "\n".join(reasons)
    )


def ways() -> list[list[str]]:
    """Commands that may bring a browser."""
    playwright = [sys.executable, "-m", "playwright", "install", "chromium"]
    sudo = [] if os.geteuid() == 0 else ["sudo", "-n"]
    if not shutil.which("apt-get") or (sudo and not shutil.which("sudo")):
        return [playwright]
    apt = [*sudo, "apt-get"]
    return [playwright, [*apt, "update", "-qq"], [*apt, "install", "-y", "-qq", "--no-install-recommends", "chromium"]]


if __name__ == "__main__":
    print(f"Browser: {find() or install()}")
