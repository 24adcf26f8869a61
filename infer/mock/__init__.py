"""A server that speaks a contract, for those who work against a backend that is not there.

A contract gives `Values` (arguments and acknowledgements that it accepts); captures give the `Pace` (how often the
server emits, how fast it answers) and perhaps a `Script` (one session as it was recorded). `Mock` serves them with
python-socketio, behind a `Guard`, and holds what clients send to the contract by the checks of `infer.diff`.
"""
