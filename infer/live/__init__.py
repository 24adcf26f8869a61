"""Live traffic: from mitmproxy's hooks to a catalog, a document and a state that are there at any time.

    mitmproxy's event loop                        a process of its own
    Tap  flows and messages  ->  Link  --pipe-->  Recorder  Pipeline, Watch, checkpoints

The law: the proxy comes first. On its event loop nothing is decoded, nothing waits, and nothing raises; what the worker
cannot take in time is skipped here, and counted. The worker is a process because a thread of this one would take turns
with the proxy at the interpreter. It outlives the proxy by as long as it needs to write what it has.
"""
