"""Log files that all processes of a machine append to, and that none of them waits for.

A line is one write to a file opened for appending, so lines of several processes never mix, and no lock is held for
them. The lock for turning a file over is only tried: while another process holds it, the line simply goes into the old
file. Why not concurrent-log-handler: each of its lines waits for a lock, and a process that is stopped while it holds
that would stop all others, payments included.
"""

import errno
import fcntl
import json
import logging
import os
import sys
import time
from contextlib import suppress
from pathlib import Path

TRY_AGAIN_AFTER = 10.0  # seconds
LOOK_EVERY = 1.0  # seconds, at our name: each look is a call of the system that lets another thread run first


class SharedFileHandler(logging.Handler):
    """Appends to a file, and turns it over when it is full. Whatever is wrong with the disk costs the line, no more.

    :param filename: its folder is made with the first line
    :param max_bytes: how long it may become, give or take some lines
    :param backups: how many full ones are kept, as NAME.1 (the newest), NAME.2 …
    """

    def __init__(self, filename: str | Path, *, max_bytes: int, backups: int) -> None:
        super().__init__()
        self._path, self._max_bytes, self._backups = Path(filename), max_bytes, backups
        self._file: int | None = None
        self._size = 0  # bytes, by what this process knows
        self._torn = False  # whether the last line was written in part
        self._look_at = 0.0
        self._try_again_at = 0.0

    def emit(self, record: logging.LogRecord) -> None:
        try:
            line = f"{self.format(record)}\n".encode(errors="backslashreplace")
        except Exception:  # noqa: BLE001 - the handler of stderr, which comes first, has said so
            return
        if time.monotonic() < self._try_again_at:
            return
        try:
            self._append(line)
        except OSError as problem:
            self._give_up_for_now(problem)

    def close(self) -> None:
        self.acquire()
        try:
            self._let_go()
        finally:
            self.release()
        super().close()

    def _append(self, line: bytes) -> None:
        file = self._current_file()
        line = b"\n" + line if self._torn else line
        written = os.write(file, line)
        self._torn = written < len(line)
        if self._torn:
            raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))
        self._size += written
        if self._size > self._max_bytes:
            self._turn_over(file)
            self._look_at = 0.0

    def _current_file(self) -> int:
        """Return the file under our name, which another process may have turned over, or somebody taken away.

        For a second at most, lines go into the one that it was.
        """
        now = time.monotonic()
        if self._file is not None and now < self._look_at:
            return self._file
        self._look_at = now + LOOK_EVERY
        if self._file is not None:
            with suppress(FileNotFoundError):
                there = self._path.stat()
                if os.path.samestat(os.fstat(self._file), there):
                    self._size = there.st_size
                    return self._file
            self._let_go()
        self._path.parent.mkdir(mode=0o750, parents=True, exist_ok=True)
        self._file = os.open(self._path, os.O_WRONLY | os.O_APPEND | os.O_CREAT | os.O_CLOEXEC, 0o640)
        self._size = os.fstat(self._file).st_size
        return self._file

    def _turn_over(self, file: int) -> None:
        lock = os.open(self._path.with_name(f".{self._path.name}.lock"), os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o640)
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
            if os.path.samestat(os.fstat(file), self._path.stat()):  # nobody has done it in between
                free = next((n for n in range(1, self._backups) if not self._backup(n).exists()), self._backups)
                for number in range(free, 1, -1):
                    self._backup(number - 1).replace(self._backup(number))
                self._path.replace(self._backup(1))
        except (BlockingIOError, FileNotFoundError):
            pass  # another process is at it
        finally:
            os.close(lock)

    def _backup(self, number: int) -> Path:
        return self._path.with_name(f"{self._path.name}.{number}")

    def _let_go(self) -> None:
        if self._file is not None:
            with suppress(OSError):
                os.close(self._file)
            self._file = None

    def _give_up_for_now(self, problem: OSError) -> None:
        """Say once in a while on stderr what is wrong, and leave the disk alone meanwhile."""
        self._let_go()
        self._try_again_at = time.monotonic() + TRY_AGAIN_AFTER
        sentence = (
            f"The log file {self._path} cannot be written ({problem.strerror or type(problem).__name__}). "
            "Everything goes on; logs go to stderr alone. See LOG_DIR."
        )
        said = {"event": "log_file_not_written", "level": "error", "sentence": sentence}
        with suppress(OSError, ValueError):  # stderr may be on the same disk
            sys.stderr.write(json.dumps(said) + "\n")
