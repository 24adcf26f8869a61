"""Makes the pictures of the README and of these pages again, from the recordings, in a real browser.

    python -m docs.pictures

run in the folder above; it needs Node with the npm packages of tests/, and Chromium on the path.
"""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parents[1]
PICTURES = ROOT / "docs" / "pictures"
MODULES = ROOT / "tests" / "node_modules"
BROWSERS = ("chromium", "chromium-browser", "google-chrome")
REFERENCE = "document.getElementById('operation-reply-root.receive.placeOrder').scrollIntoView({behavior: 'instant'})"
SHOTS: dict[str, dict[str, Any]] = {
    "page.png": {"width": 1200, "height": 1120},
    "page-dark.png": {"width": 1200, "height": 1120, "dark": True},
    "page-phone.png": {"width": 390, "height": 844},
    "reference.png": {"width": 1200, "height": 900, "script": REFERENCE},
}


def main() -> None:
    """Make them all."""
    browser = next(filter(None, map(shutil.which, BROWSERS)), None)
    if browser is None:
        raise SystemExit("Chromium is absent: install Debian's package chromium")
    PICTURES.mkdir(exist_ok=True)
    with tempfile.TemporaryDirectory() as folder:
        page = Path(folder) / "page.html"
        command = [str(Path(sys.executable).with_name("sio-infer")), "docs", str(ROOT / "recordings" / "orders.har"), "--title", "Orders"]
        component = MODULES / "@asyncapi" / "react-component"
        subprocess.run([*command, "--offline", "--component", str(component), "-o", str(page), "-q"], check=True)
        jobs = Path(folder) / "jobs.json"
        shots = [{"url": page.as_uri(), "picture": str(PICTURES / name), "audit": False, **how} for name, how in SHOTS.items()]
        jobs.write_text(json.dumps(shots), encoding="utf-8")
        view = ["node", str(ROOT / "tests" / "e2e" / "page_view.mjs"), browser, str(jobs)]
        subprocess.run(view, check=True, stdout=subprocess.DEVNULL, env={**os.environ, "NODE_PATH": str(MODULES)})
    for name in SHOTS:
        print(PICTURES / name)


if __name__ == "__main__":
    main()
