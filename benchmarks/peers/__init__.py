"""What runs beside the product to be compared with it. Each has requirements of its own, in a folder of its own."""

import subprocess
import sys
from pathlib import Path

from zelton_backend.local_stack.surroundings import HOME

HERE = Path(__file__).parent


def installed(name: str) -> Path:
    """Return the folder with what `NAME.txt` names, for PYTHONPATH; install it there once."""
    locked = HERE / f"{name}.txt"
    folder = HOME / ".venv" / "peers" / name
    stamp = folder / "installed"
    if not stamp.exists() or stamp.read_bytes() != locked.read_bytes():
        uv = Path(sys.executable).with_name("uv")
        how = ("pip", "install", "--quiet", "--target", str(folder), "--no-deps", "--require-hashes")
        subprocess.run([str(uv), *how, "--requirement", str(locked)], check=True)
        stamp.write_bytes(locked.read_bytes())
    return folder
