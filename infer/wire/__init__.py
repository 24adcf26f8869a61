"""Sans-I/O decoding: frames to packets (`Decoder`), packets to observations (`Correlator`)."""

from infer.limits import Limits
from infer.wire.correlator import Correlator, Waiting
from infer.wire.decoder import Decoder
from infer.wire.diagnostics import MEANINGS
from infer.wire.packet import EngineType, Fault, Packet, SocketPacket, SocketType
from infer.wire.parsers import Parser
from infer.wire.recogniser import Recogniser
from infer.wire.session import Knowledge, Session, SessionKey
from infer.wire.stats import Stats

__all__ = [
    "MEANINGS",
    "Correlator",
    "Decoder",
    "EngineType",
    "Fault",
    "Knowledge",
    "Limits",
    "Packet",
    "Parser",
    "Recogniser",
    "Session",
    "SessionKey",
    "SocketPacket",
    "SocketType",
    "Stats",
    "Waiting",
]
