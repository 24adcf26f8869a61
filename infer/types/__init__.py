"""Contracts to the types that code is compiled against: TypeScript for socket.io, Python for python-socketio."""
