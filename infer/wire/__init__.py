"""Sans-I/O decoding: frames to packets (`Decoder`), packets to observations (`Correlator`)."""

from infer.wire.correlator import Correlator
from infer.wire.decoder import Decoder, Stats
from infer.wire.diagnostics import MEANINGS
from infer.wire.limits import Limits
from infer.wire.packet import EngineType, Fault, Packet, SocketPacket, SocketType
from infer.wire.parsers import Parser
from infer.wire.recogniser import Recogniser
from infer.wire.session import Session

__all__ = [
    "MEANINGS",
    "Correlator",
    "Decoder",
    "EngineType",
    "Fault",
    "Limits",
    "Packet",
    "Parser",
    "Recogniser",
    "Session",
    "SocketPacket",
    "SocketType",
    "Stats",
]
