"""The mitmproxy addon: `mitmdump -s sio_infer.py`.

While the application is used, its AsyncAPI document grows in asyncapi.yml (`--set sio_infer_output=FILE`). All options
begin with `sio_infer_`; `mitmdump -s sio_infer.py --options` lists them. Commands: sio.summary, sio.save PATH, sio.diff,
sio.reset.
"""

import logging
from collections.abc import Callable, Sequence

from mitmproxy import ctx, exceptions, http, tls, types
from mitmproxy.addonmanager import Loader
from mitmproxy.hooks import UpdateHook

from infer.errors import SioInferError
from infer.live import parking, settings
from infer.live.tap import Tap
from infer.live.view import View
from infer.report.text import printable

log = logging.getLogger("sio-infer")


class SioInfer:
    """mitmproxy's hooks; everything else is in `infer.live`."""

    name = "sio-infer"

    def __init__(self) -> None:
        self.tap: Tap | None = None
        self.say: Callable[[str], None] = log.warning
        """Called with lines for the person at the proxy."""
        self.summary: list[str] = []
        """What was recorded, once it is done."""
        self.violations = 0
        """How much of it was not as declared, once it is done."""
        self.failed = ""
        """Why not all of it is written, once it is done; empty: it is."""
        self._configured = False
        self._refused: set[str] = set()

    # --- life

    def load(self, loader: Loader) -> None:
        """Declare the options, put the content view in place."""
        for option in settings.options():
            loader.add_option(option.name, option.type, option.default, option.help, option.choices)
        for name, function in (
            ("sio.summary", self.show),
            ("sio.save", self.save),
            ("sio.diff", self.diff),
            ("sio.reset", self.reset),
        ):
            loader.add_command(name, function)
        View(lambda flow: self.tap.related(flow) if self.tap else []).install()

    def configure(self, updated: set[str]) -> None:
        """Start with the options, or go on with changed ones."""
        if self._configured and not any(name.startswith(settings.PREFIX) for name in updated):
            return
        first, self._configured = not self._configured, True
        try:
            wanted = settings.settings_of(ctx.options)
            self.tap = self.tap or parking.take()
            if self.tap is None:
                self.tap = Tap(wanted)
                lines = self.tap.started
            else:
                lines = self.tap.configure(wanted)
            self.tap.on_told = self._told
            self.tap.on_marked = self._marked
            for line in lines:
                log.info(line)
        except SioInferError as error:
            if first:  # mitmproxy would print a traceback, and mitmdump ends at an error in either way
                log.error("sio-infer: %s", error)  # noqa: TRY400
            else:
                raise exceptions.OptionsError(f"sio-infer: {error}") from error  # type: ignore[no-untyped-call]

    def done(self) -> None:
        """Write the last document; or leave the tap to the script's next life."""
        tap, self.tap = self.tap, None
        if tap is None:
            return
        if not ctx.master.should_exit.is_set():
            parking.park(tap)
            return
        try:
            answer = tap.finish()
            self.summary = answer.lines
            self.violations = 0 if answer.status is None else answer.status.violations
            self.failed = answer.failed
        except SioInferError as error:
            self.failed = str(error)
        output = ctx.options.sio_infer_output
        last = self.failed or (output and f"written to {printable(output)}")
        for line in [*self.summary, *filter(None, [last])]:
            log.info(line)

    # --- traffic

    def request(self, flow: http.HTTPFlow) -> None:
        """A request came."""
        if self.tap:
            self.tap.asked(flow)

    def response(self, flow: http.HTTPFlow) -> None:
        """It was answered."""
        if self.tap:
            self.tap.answered(flow)

    def error(self, flow: http.HTTPFlow) -> None:
        """It broke off."""
        if self.tap:
            self.tap.answered(flow)

    def websocket_start(self, flow: http.HTTPFlow) -> None:
        """It became a WebSocket."""
        if self.tap:
            self.tap.opened(flow)

    def websocket_message(self, flow: http.HTTPFlow) -> None:
        """A message came."""
        if self.tap:
            self.tap.said(flow)

    def websocket_end(self, flow: http.HTTPFlow) -> None:
        """The WebSocket was closed."""
        if self.tap:
            self.tap.ended(flow)

    def tls_failed_client(self, data: tls.TlsData) -> None:
        """A client did not take the certificate: the commonest reason for a recording with nothing in it."""
        host = data.conn.sni or (data.context.server.address or ("an unknown host",))[0]
        if host not in self._refused and len(self._refused) < 1_000:
            self._refused.add(host)
            self.say(f"a client refused the proxy's certificate for {host}: let it trust mitmproxy's CA (http://mitm.it)")

    # --- commands

    def show(self) -> Sequence[str]:
        """What was recorded so far."""
        return self._ask("summary")

    def save(self, path: types.Path) -> Sequence[str]:
        """Write the document to a file now (yaml, or json by the file's name); to a name in .sio, the state."""
        return self._ask("save", str(path))

    def diff(self) -> Sequence[str]:
        """What did not keep to the declared contract so far."""
        return self._ask("diff")

    def reset(self) -> Sequence[str]:
        """Forget all that was recorded, and count anew."""
        return self._ask("reset")

    def _ask(self, what: str, argument: str = "") -> Sequence[str]:
        if self.tap is None:
            raise exceptions.CommandError("sio-infer is not running")
        try:
            return self.tap.ask(what, argument)
        except SioInferError as error:
            raise exceptions.CommandError(f"sio-infer: {error}") from error

    def _told(self, line: str) -> None:
        self.say(line)

    def _marked(self, flow: http.HTTPFlow) -> None:
        ctx.master.addons.trigger(UpdateHook([flow]))


addons = [SioInfer()]
# mitmproxy looks for its hooks in this module, too, and a name that a module does not have costs it as much as an
# exception: a hundredth of all that it does for a message
websocket_message = update = None
