"""AsyncAPI's own documentation component: which version, whence, and whether a copy is what it should be.

The page takes the bundle without the parser: the document is valid already when we write it, and the parser compiles
code at run time, which a strict content-security policy forbids.
"""

from __future__ import annotations

import base64
from hashlib import sha384
from pathlib import Path
from typing import Final

import msgspec

from infer.errors import UsageError

VERSION: Final = "3.2.1"
URL: Final = f"https://unpkg.com/@asyncapi/react-component@{VERSION}/"
"""Where the component's README has it loaded from; `--component-url` names another place with the same files."""
SCRIPT: Final = "browser/standalone/without-parser.js"
STYLE: Final = "styles/default.min.css"
INTEGRITY: Final = {
    SCRIPT: "sha384-sXQoomcvhrsPmd7P2aBlZf3Pg3nwcedYtaEUlYlM5cgbju2EuoDj+69WaGnAO0Qd",
    STYLE: "sha384-oo9RoQcacP++XdMX6CjTucTvASEORHX3chFik0/V2kHcsHiVboGyWZztGeq/0bum",
}
"""Of the files of version `VERSION`, in the notation of Subresource Integrity (W3C)."""


class Component(msgspec.Struct, frozen=True):
    """The component as a page takes it: by its address, or whole."""

    url: str | None = URL
    """Base of the address; None where the page holds the component itself."""
    script: str = ""
    style: str = ""


def at(url: str) -> Component:
    """The component at another address. Errors: `UsageError` where it is none."""
    if not url.startswith(("https://", "http://")) or any(sign in url for sign in "\"'<> ;,"):
        raise UsageError("is no address of a web page", url[:200], f"give one like {URL}")
    return Component(url if url.endswith("/") else url + "/")


def installed(folder: Path | None = None) -> Component:
    """The component from a copy: the folder of the npm package, given or found below `node_modules` here or above.

    Errors: `UsageError` where there is none, or where it is not the version that is pinned.
    """
    places = [folder] if folder is not None else [place / "node_modules" / "@asyncapi" / "react-component" for place in _above()]
    for place in places:
        if (place / SCRIPT).is_file():
            return Component(None, _checked(place, SCRIPT), _checked(place, STYLE))
    hint = f"npm install @asyncapi/react-component@{VERSION}, then name the package's folder with --component"
    raise UsageError("no copy of AsyncAPI's component" + ("" if folder is None else f" in {folder}"), hint=hint)


def _above() -> list[Path]:
    here = Path.cwd()
    return [here, *here.parents]


def _checked(folder: Path, file: str) -> str:
    try:
        content = (folder / file).read_bytes()
    except OSError as error:
        raise UsageError(f"cannot be read: {error.strerror or error}", str(folder / file)) from error
    if integrity(content) != INTEGRITY[file]:
        raise UsageError(f"is not the file of version {VERSION}: its digest differs", str(folder / file), f"install exactly {VERSION}")
    return content.decode()


def integrity(content: bytes) -> str:
    """The digest that Subresource Integrity asks for."""
    return "sha384-" + base64.b64encode(sha384(content).digest()).decode()
