"""A migrated SQLite database to copy: migrating one takes longer than most test files.

It is made anew whenever something changes that may have a say in it.
"""

import os
import subprocess
import sys
from fcntl import LOCK_EX, flock
from hashlib import sha256
from pathlib import Path

ROOT = Path(__file__).parents[1]
KEPT = ROOT / ".pytest_cache" / "migrated"
DECIDES = ("requirements.txt", "core/apps.py", "core/db/*.py", "core/migrations/*.py", "core/models/*.py")


def migrated_database() -> Path:
    """Return where it is; whoever comes first makes it, and others wait for that."""
    KEPT.mkdir(parents=True, exist_ok=True)
    database = KEPT / f"{_digest()}.sqlite3"
    with (KEPT / "lock").open("w") as lock:
        flock(lock, LOCK_EX)
        if not database.exists():
            _make(database)
    return database


def _make(database: Path) -> None:
    for old in KEPT.glob("*.sqlite3*"):
        old.unlink()
    begun = KEPT / "begun.sqlite3"
    command = [sys.executable, "manage.py", "migrate", "--verbosity=0"]
    subprocess.run(command, cwd=ROOT, env={**os.environ, "DATABASE_URL": f"sqlite:///{begun}"}, check=True)
    begun.rename(database)


def _digest() -> str:
    digest = sha256()
    for pattern in DECIDES:
        for file in sorted(ROOT.glob(pattern)):
            digest.update(f"{file.name}\0".encode() + file.read_bytes())
    return digest.hexdigest()[:16]
