"""`make bench`: what Parley adds to reading the upstream directly, and what it costs.

Server on one core, upstream and clients on the other. Every figure of Parley stands beside the same figure of the
upstream read directly in the same run, so that the machine's mood cancels out. The page is measured in Chromium on
both cores, beside a rendering of the whole text in each frame. Prints tables and writes build/bench.json.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import os
import platform
import time
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from pathlib import Path

import uvloop

from tests.bench import long_answer, page, provider_layer, share_readers
from tests.bench.chat_client import Chat, DirectChat, ParleyChat, new_cookie
from tests.bench.stage import CLIENT_CORES, SECRET, cpu_s, memory_kb, parley, percentile, upstream
from tests.parley_server import ParleyServer

ROOT = Path(__file__).resolve().parents[2]
RAMP_S = 5.0
IDLE_SOCKETS = 1000


@dataclass
class Row:
    """One load, direct and through Parley; milliseconds unless said otherwise."""

    chats: int
    tokens: int
    direct_first_p50: float
    direct_first_p99: float
    first_p50: float
    first_p99: float
    direct_delay_p50: float
    direct_delay_p99: float
    delay_p50: float
    delay_p99: float
    lost: int
    frames: int
    tokens_per_s: float
    cpu_s_per_100k: float
    upstream_cpu_s_per_100k: float


async def run_chats(chats: Sequence[Chat]) -> None:
    """Ask them all within the ramp and wait for the end."""
    begun = time.monotonic()
    for at, chat in enumerate(chats):
        await asyncio.sleep(max(0.0, begun + RAMP_S * at / len(chats) - time.monotonic()))
        chat.ask(SECRET)
    await asyncio.wait_for(asyncio.gather(*(chat.ended for chat in chats)), 300)


def plateau_rate(chats: Sequence[Chat]) -> float:
    """Tokens a second while all chats were being answered; over the whole run when there was no such second."""
    begin = max(chat.reader.arrived[0] for chat in chats if chat.reader.arrived)
    end = min(chat.reader.arrived[-1] for chat in chats if chat.reader.arrived)
    if end - begin < 1e9:
        begin = min(chat.reader.arrived[0] for chat in chats if chat.reader.arrived)
        end = max(chat.reader.arrived[-1] for chat in chats if chat.reader.arrived)
    return sum(begin <= at <= end for chat in chats for at in chat.reader.arrived) / (end - begin) * 1e9


async def direct_chats(count: int, port: int) -> list[Chat]:
    """Connections to the upstream."""
    loop = asyncio.get_running_loop()
    return [(await loop.create_connection(DirectChat, "127.0.0.1", port))[1] for _ in range(count)]


async def parley_chats(server: ParleyServer, count: int) -> list[Chat]:
    """Connections to Parley, each of a visitor of its own, hellos exchanged."""
    loop = asyncio.get_running_loop()
    chats: list[Chat] = []
    for _ in range(count):
        cookie = await asyncio.to_thread(new_cookie, server.url)
        host = f"127.0.0.1:{server.port}"
        chat = (await loop.create_connection(lambda h=host, c=cookie: ParleyChat(h, c), "127.0.0.1", server.port))[1]
        await asyncio.wait_for(chat.ready, 10)
        chats.append(chat)
    return chats


def summarise(direct: Sequence[Chat], ours: Sequence[Chat], tokens: int, used_cpu_s: float, base_cpu_s: float) -> Row:
    """The figures of one load."""

    def firsts(chats: Sequence[Chat]) -> list[float]:
        return [chat.first_ms for chat in chats if chat.first_ms is not None]

    def delays(chats: Sequence[Chat]) -> list[float]:
        return [delay for chat in chats for delay in chat.reader.latency if delay is not None]

    total = tokens * len(ours)
    arrived = sum(len(chat.reader.arrived) for chat in ours)
    wrong = sum(chat.reader.corrupt + chat.gaps for chat in ours)
    return Row(
        chats=len(ours),
        tokens=total,
        direct_first_p50=percentile(firsts(direct), 0.5),
        direct_first_p99=percentile(firsts(direct), 0.99),
        first_p50=percentile(firsts(ours), 0.5),
        first_p99=percentile(firsts(ours), 0.99),
        direct_delay_p50=percentile(delays(direct), 0.5),
        direct_delay_p99=percentile(delays(direct), 0.99),
        delay_p50=percentile(delays(ours), 0.5),
        delay_p99=percentile(delays(ours), 0.99),
        lost=total - arrived + wrong,
        frames=sum(chat.frames for chat in ours),
        tokens_per_s=plateau_rate(ours),
        cpu_s_per_100k=used_cpu_s / max(arrived, 1) * 1e5,
        upstream_cpu_s_per_100k=base_cpu_s / total * 1e5,
    )


async def measure_load(port: int, emitter: int, server: ParleyServer, worker: int, count: int, tokens: int) -> Row:
    """One load, direct first, then through Parley."""
    direct = await direct_chats(count, port)
    base = cpu_s(emitter)
    await run_chats(direct)
    base = cpu_s(emitter) - base
    ours = await parley_chats(server, count)
    before = cpu_s(worker)
    await run_chats(ours)
    used = cpu_s(worker) - before
    for chat in (*direct, *ours):
        chat.transport.close()
    bad = {chat.ended.result() for chat in ours} - {"done"}
    if bad:
        raise SystemExit(f"some answers did not end well: {bad}\n{server.log()[-2000:]}")
    return summarise(direct, ours, tokens, used, base)


async def measure_idle_first(port: int, server: ParleyServer, asks: int) -> tuple[float, float, float, float]:
    """One question at a time on an idle server: wait for the first delta, direct and ours, p50 and p99 in ms."""
    direct, ours = [], []
    for _ in range(asks):
        chats = [*(await direct_chats(1, port)), *(await parley_chats(server, 1))]
        for chat, values in zip(chats, (direct, ours), strict=True):
            await asyncio.sleep(0.02)
            chat.ask(SECRET)
            await asyncio.wait_for(chat.ended, 30)
            values.append(chat.first_ms or 0.0)
            chat.transport.close()
    return percentile(direct, 0.5), percentile(direct, 0.99), percentile(ours, 0.5), percentile(ours, 0.99)


async def measure_idle_sockets(server: ParleyServer, worker: int) -> float:
    """kB of memory an open socket costs that nobody uses."""
    warm = await parley_chats(server, 50)
    before = memory_kb(worker)
    chats = await parley_chats(server, IDLE_SOCKETS)
    await asyncio.sleep(1)
    cost = (memory_kb(worker) - before) / IDLE_SOCKETS
    for chat in (*warm, *chats):
        chat.transport.close()
    return cost


async def measure_running(server: ParleyServer, worker: int, count: int) -> float:
    """kB of memory a running answer costs beside its socket."""
    chats = await parley_chats(server, count)
    before = memory_kb(worker)
    task = asyncio.create_task(run_chats(chats))
    await asyncio.sleep(RAMP_S + 2)
    cost = (memory_kb(worker) - before) / count
    await task
    for chat in chats:
        chat.transport.close()
    return cost


def table(rows: Sequence[Row]) -> str:
    """The loads as Markdown."""
    lines = [
        "| chats | tokens/s | lost | first delta p50, p99: direct | ours | delay a token p50, p99: direct | ours "
        "| frames a token | CPU s per 100k: upstream | ours |",
        "|---|---|---|---|---|---|---|---|---|---|",
    ]
    lines += [
        f"| {row.chats} | {row.tokens_per_s:,.0f} | {row.lost} "
        f"| {row.direct_first_p50:.1f}, {row.direct_first_p99:.1f} ms | {row.first_p50:.1f}, {row.first_p99:.1f} ms "
        f"| {row.direct_delay_p50:.2f}, {row.direct_delay_p99:.1f} ms | {row.delay_p50:.2f}, {row.delay_p99:.1f} ms "
        f"| {row.frames / row.tokens:.2f} | {row.upstream_cpu_s_per_100k:.1f} | {row.cpu_s_per_100k:.1f} |"
        for row in rows
    ]
    return "\n".join(lines)


def main() -> None:
    """Run all measurements."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--chats", type=int, nargs="*", default=[1, 100, 500])
    parser.add_argument("--tokens", type=int, default=400)
    parser.add_argument("--only-loads", action="store_true")
    parser.add_argument("--only-upstreams", action="store_true", help="the provider layer and the long answer alone")
    parser.add_argument("--only-readers", action="store_true", help="the readers of a live share alone")
    parser.add_argument("--readers", type=int, nargs="*", default=[100, 1000], help="readers of a live share")
    parser.add_argument("--reader-tokens", type=int, default=1000, help="how long the answer is that they read")
    parser.add_argument("--asks", type=int, default=300, help="questions a way of reading is asked")
    parser.add_argument("--out", type=Path, default=ROOT / "build" / "bench.json")
    parser.add_argument("--answer-mb", type=int, default=50, help="how long the long answer is")
    page.add_options(parser)
    given = parser.parse_args()
    os.sched_setaffinity(0, CLIENT_CORES)
    report: dict[str, object] = {"date": time.strftime("%Y-%m-%d"), "machine": platform.platform()}
    only = {part for part in ("loads", "upstreams", "readers", "page") if vars(given)[f"only_{part}"]}
    if not only or "loads" in only:
        report["loads"] = [asdict(row) for row in measure_loads(given.chats, given.tokens)]
    if not only:
        report |= measure_the_rest(given.tokens)
    if not only or "readers" in only:
        report["readers"] = [asdict(row) for row in share_readers.measure_all(given.readers, given.reader_tokens)]
    if not only or "page" in only:
        report["page"] = page.measure(given)
    if not only or "upstreams" in only:
        report["provider_layer"] = provider_layer.measure(given.asks)
        report["long_answer"] = long_answer.measure(given.answer_mb)
    given.out.parent.mkdir(exist_ok=True)
    given.out.write_text(json.dumps(report, indent=1))


def measure_loads(counts: Sequence[int], tokens: int) -> list[Row]:
    """Each number of chats at 20 tokens a second."""
    rows = []
    for count in counts:
        with upstream(tokens, 20) as (port, emitter), parley(port) as (server, worker):
            rows.append(uvloop.run(measure_load(port, emitter, server, worker, count, tokens)))
        print(table(rows[-1:]) if len(rows) == 1 else table(rows[-1:]).splitlines()[-1], flush=True)
    return rows


def measure_the_rest(tokens: int) -> dict[str, object]:
    """Saturation, first delta when idle, memory."""
    with upstream(4000, 0) as (port, emitter), parley(port) as (server, worker):
        row = uvloop.run(measure_load(port, emitter, server, worker, 50, 4000))
    print(
        f"saturated, 50 chats as fast as they go: {row.tokens_per_s:,.0f} tokens/s, "
        f"{row.cpu_s_per_100k:.1f} CPU s per 100k, {row.lost} lost"
    )
    with upstream(20, 200) as (port, _), parley(port) as (server, worker):
        first = uvloop.run(measure_idle_first(port, server, 100))
        idle_kb = uvloop.run(measure_idle_sockets(server, worker))
    print(f"first delta when idle: direct {first[0]:.1f}, {first[1]:.1f} ms; ours {first[2]:.1f}, {first[3]:.1f} ms")
    with upstream(tokens, 20) as (port, _), parley(port) as (server, worker):
        running_kb = uvloop.run(measure_running(server, worker, 300))
    print(f"memory: {idle_kb:.0f} kB an idle socket, {running_kb:.0f} kB a running answer beside its socket")
    return {"saturated": asdict(row), "idle_first_ms": first, "idle_socket_kb": idle_kb, "running_kb": running_kb}


if __name__ == "__main__":
    main()
