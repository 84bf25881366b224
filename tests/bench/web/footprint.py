"""What a server costs at rest: the time until it answers, its memory, and the memory of an idle connection."""
import contextlib
import socket
import time
from statistics import median

from harness import processes

from .site import SMALL

# A server has room for a little more than the idle connections.
_SPARE = 64


def most_idle(wanted):
    """How many idle connections the limit of open files allows. lighttpd takes half as many connections as files."""
    return min(wanted, processes.allow_open_files(2 * (wanted + _SPARE) + 64) // 2 - _SPARE - 32)


def _ask(connection, port):
    """One request on a connection that stays open."""
    connection.sendall(f"GET {SMALL} HTTP/1.1\r\nHost: 127.0.0.1:{port}\r\n\r\n".encode())
    data = b""
    while b"\r\n\r\n" not in data or len(data) < data.index(b"\r\n\r\n") + 4 + 1024:
        block = connection.recv(65536)
        if not block:
            raise RuntimeError(f"the server on port {port} has closed the connection")
        data += block
    if not data.startswith(b"HTTP/1.1 200 "):
        raise RuntimeError("not a 200: " + data[:100].decode("latin-1"))


def first_answer(server):
    """Seconds from the start of the program to the end of its first answer."""
    command = server.command(tls=False)
    before = time.perf_counter()
    try:
        server.spawn(command)
        with server.answers(server.port) as connection:
            _ask(connection, server.port)
            return time.perf_counter() - before
    finally:
        server.stop()


def resident(server):
    """Bytes (PSS) of the server a second after its first answer."""
    server.start(tls=False)
    try:
        with server.answers(server.port) as connection:
            _ask(connection, server.port)
        time.sleep(1)
        return processes.memory(server.process.pid, "Pss")
    finally:
        server.stop()


def idle_connections(server, count):
    """User memory (bytes) that each of `count` open connections costs, all of which have had an answer."""
    server.room = count + _SPARE
    server.start(tls=False)
    try:
        with contextlib.ExitStack() as opened:
            # What is made once, by the first connections, is not a cost of each.
            for _ in range(50):
                with server.answers(server.port) as connection:
                    _ask(connection, server.port)
            time.sleep(0.5)
            before = processes.memory(server.process.pid, "Private_Dirty")
            connections = []
            for _ in range(count):
                connection = opened.enter_context(socket.create_connection(("127.0.0.1", server.port), 20))
                _ask(connection, server.port)
                connections.append(connection)
            time.sleep(1)
            after = processes.memory(server.process.pid, "Private_Dirty")
            # They must still be there: one that was closed costs nothing.
            for connection in connections[:: max(1, count // 50)]:
                _ask(connection, server.port)
            return (after - before) / count
    finally:
        server.stop()
        del server.room  # back to the usual


def rows(data):
    """What was measured at rest, for the report."""
    rest = data.get("footprint")
    if not rest:
        return []
    titles = (
        ("start to first answer, ms", "first_answer", lambda v: f"{median(v) * 1e3:.1f}"),
        ("memory (PSS), MiB", "resident", lambda v: f"{median(v) / 2**20:.1f}"),
        (f"memory of each of {data['idle']:,} idle connections, bytes", "idle", lambda v: f"{median(v):,.0f}"),
    )
    return [(title, {name: told(values) for name, values in rest[key].items()}) for title, key, told in titles]
