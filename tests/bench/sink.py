"""The cheapest mail server there is: says yes to everything and counts, in a process of its own."""

import asyncio
import smtplib
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager


class Sink(asyncio.Protocol):
    """One connection."""

    taken = 0
    last = 0.0  # when the last one came

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self.transport: asyncio.Transport = transport  # type: ignore[assignment]
        self.buffer, self.in_data = b"", False
        self.transport.write(b"220 sink\r\n")

    def data_received(self, data: bytes) -> None:
        self.buffer += data
        while True:
            if self.in_data:
                _, dot, rest = self.buffer.partition(b"\r\n.\r\n")
                if not dot:
                    return
                self.buffer, self.in_data = rest, False
                Sink.taken, Sink.last = Sink.taken + 1, time.time()
                self.transport.write(b"250 OK\r\n")
                continue
            line, end, rest = self.buffer.partition(b"\r\n")
            if not end:
                return
            self.buffer = rest
            self.answer(line.upper())

    def answer(self, line: bytes) -> None:
        """One command."""
        if line.startswith(b"DATA"):
            self.in_data = True
            self.transport.write(b"354 go\r\n")
        elif line.startswith(b"NOOP"):
            self.transport.write(b"250 %d %f\r\n" % (Sink.taken, Sink.last))
        elif line.startswith(b"QUIT"):
            self.transport.write(b"221 bye\r\n")
            self.transport.close()
        else:
            self.transport.write(b"250 OK\r\n")


@contextmanager
def sink() -> Iterator[int]:
    """A sink in a process of its own; gives its port."""
    process = subprocess.Popen([sys.executable, "-m", "tests.bench.sink"], stdout=subprocess.PIPE, text=True)
    assert process.stdout
    try:
        with process.stdout as lines:
            yield int(lines.readline())
    finally:
        process.kill()
        process.wait()


def taken(port: int) -> tuple[int, float]:
    """How many mails a sink has taken, and when the last one came (Unix time)."""
    with smtplib.SMTP("127.0.0.1", port) as connection:
        number, last = connection.noop()[1].split()
    return int(number), float(last)


async def main() -> None:
    """Print the port, then serve."""
    server = await asyncio.get_running_loop().create_server(Sink, "127.0.0.1", 0)
    sys.stdout.write(f"{server.sockets[0].getsockname()[1]}\n")
    sys.stdout.flush()
    await server.serve_forever()


if __name__ == "__main__":
    asyncio.run(main())
