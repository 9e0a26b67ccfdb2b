from threading import Event, Thread

class ConnectionClosed(Exception):
    reason: int
    message: str | None

class Server:
    connected: bool
    event: Event
    thread: Thread
    input_buffer: list[str | bytes]
    max_message_size: int | None
    def send(self, data: str | bytes) -> None: ...
    def receive(self, timeout: float | None = None) -> str | bytes | None: ...
    def close(self, reason: int | None = None, message: str | None = None) -> None: ...
