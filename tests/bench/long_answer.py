"""What a long running answer costs a worker in memory, with the limit as it is and with the limit at its most."""

from __future__ import annotations

import asyncio
import time
from dataclasses import asdict, dataclass

import uvloop

from tests.bench.chat_client import ParleyChat, new_cookie
from tests.bench.stage import SECRET, memory_kb, parley, upstream
from tests.parley_server import ParleyServer

TOKEN_CHARS = 1000
MEGABYTE = 1_000_000
LIMITS_MB = (10, 50)


@dataclass
class LongAnswer:
    """One limit; memory in MB that belongs to the worker alone."""

    limit_mb: int
    status: str
    text_mb: float
    seconds: float
    before_mb: float
    most_mb: float
    after_mb: float


class Listener(ParleyChat):
    """Counts the text and throws it away."""

    size = 0

    def got_text(self, text: str) -> None:
        """Text of the answer arrived just now."""
        self.size += len(text)


async def read(server: ParleyServer, worker: int, limit_mb: int) -> LongAnswer:
    """One question, its answer read to the end while the worker's memory is looked at."""
    loop = asyncio.get_running_loop()
    cookie, host = await asyncio.to_thread(new_cookie, server.url), f"127.0.0.1:{server.port}"
    _, chat = await loop.create_connection(lambda: Listener(host, cookie), "127.0.0.1", server.port)
    await asyncio.wait_for(chat.ready, 10)
    before, begun, most = memory_kb(worker), time.monotonic(), 0.0
    chat.ask(SECRET)
    while not chat.ended.done():
        most = max(most, memory_kb(worker))
        await asyncio.wait([chat.ended], timeout=0.05)
    seconds = time.monotonic() - begun
    await asyncio.sleep(3)  # the last write-back, and what the answer log lets go of
    after = memory_kb(worker)
    chat.transport.close()
    return LongAnswer(
        limit_mb=limit_mb,
        status=chat.ended.result(),
        text_mb=chat.size / MEGABYTE,
        seconds=seconds,
        before_mb=before * 1024 / MEGABYTE,
        most_mb=most * 1024 / MEGABYTE,
        after_mb=after * 1024 / MEGABYTE,
    )


def measure(offered_mb: int) -> list[dict[str, object]]:
    """The same upstream under both limits; prints what each took."""
    answers = []
    tokens = offered_mb * MEGABYTE // TOKEN_CHARS
    for limit_mb in LIMITS_MB:
        with (
            upstream(tokens, 0, "--chars", str(TOKEN_CHARS)) as (port, _),
            parley(port, max_answer_mb=limit_mb) as (server, worker),
        ):
            answer = uvloop.run(read(server, worker, limit_mb))
        print(
            f"an answer of {offered_mb} MB under a limit of {limit_mb} MB: {answer.status}, {answer.text_mb:.1f} MB "
            f"kept in {answer.seconds:.1f} s; the worker had {answer.before_mb:.0f} MB, at its most "
            f"{answer.most_mb:.0f} MB, afterwards {answer.after_mb:.0f} MB"
        )
        answers.append(asdict(answer))
    return answers
