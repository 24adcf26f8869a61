"""A wheel whose bytes depend on its sources alone: `python -m tests.supply.wheel FOLDER`; `make wheel` does.

It is built twice, here and of a copy that lies elsewhere and is newer; the two must be the same.
"""

from __future__ import annotations

import shutil
import subprocess
import sys
import tempfile
from hashlib import sha256
from pathlib import Path
from typing import Final

ROOT: Final = Path(__file__).resolve().parents[2]
SOURCES: Final = ("pyproject.toml", "README.md", "LICENSE", "infer", "addons")


def main(arguments: list[str]) -> int:
    """Build both; 1 where they differ."""
    (folder,) = arguments
    with tempfile.TemporaryDirectory() as name:
        copy = Path(name) / "elsewhere"
        copy.mkdir()
        for source in SOURCES:
            path = ROOT / source
            if path.is_dir():
                shutil.copytree(path, copy / source, copy_function=shutil.copy, ignore=shutil.ignore_patterns("__pycache__"))
            else:
                shutil.copy(path, copy / source)
        first, second = built(ROOT, Path(name) / "first"), built(copy, Path(name) / "second")
        digests = [sha256(wheel.read_bytes()).hexdigest() for wheel in (first, second)]
        if first.name != second.name or digests[0] != digests[1]:
            print(f"{first.name} is not reproducible: {digests[0]} here, {digests[1]} elsewhere")  # noqa: T201 (as below)
            return 1
        Path(folder).mkdir(exist_ok=True)
        print(f"{digests[0]}  {shutil.copy(first, folder)}")  # noqa: T201 (it is run for this line)
    return 0


def built(sources: Path, into: Path) -> Path:
    """The wheel of sources, by the build backend that is installed."""
    command = [sys.executable, "-m", "build", "--wheel", "--no-isolation", "--outdir", str(into), str(sources)]
    subprocess.run(command, check=True, stdout=subprocess.DEVNULL)
    (wheel,) = into.glob("*.whl")
    return wheel


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
