"""Where measurements are taken: the cores, the load upstream, a server, and what a process has used."""

from __future__ import annotations

import contextlib
import os
import subprocess
import sys
import tempfile
from collections.abc import Iterator, Sequence
from pathlib import Path

from tests.parley_server import ParleyServer, free_port

HERE = Path(__file__).resolve().parent
SECRET = "bench-secret"

if not hasattr(os, "sched_setaffinity"):
    sys.exit("make bench puts the server on a core of its own and reads /proc: it needs Linux.")
CORES = sorted(os.sched_getaffinity(0))
SERVER_CORES, CLIENT_CORES = {CORES[0]}, {CORES[-1]}


def percentile(values: Sequence[float], share: float) -> float:
    """The value below which `share` of all values lie."""
    ordered = sorted(values)
    return ordered[min(len(ordered) - 1, int(share * len(ordered)))] if ordered else float("nan")


def cpu_s(pid: int) -> float:
    """CPU seconds a process has used."""
    fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    return sum(map(int, fields[11:13])) / os.sysconf("SC_CLK_TCK")


def memory_kb(pid: int) -> float:
    """Memory that belongs to a process alone, in kB."""
    rollup = Path(f"/proc/{pid}/smaps_rollup").read_text()
    return sum(float(line.split()[1]) for line in rollup.splitlines() if line.startswith("Private"))


@contextlib.contextmanager
def upstream(tokens: int, rate: float, *more: str) -> Iterator[tuple[int, int]]:
    """The load upstream, on the clients' core; gives its port and its process id. `more` are options of its own."""
    port = free_port()
    command = [sys.executable, str(HERE / "upstream.py"), "--port", str(port), "--secret", SECRET]
    process = subprocess.Popen(
        [*command, "--tokens", str(tokens), "--rate", str(rate), *more], stdout=subprocess.PIPE, cwd=HERE
    )
    os.sched_setaffinity(process.pid, CLIENT_CORES)
    assert process.stdout is not None
    process.stdout.readline()
    try:
        yield port, process.pid
    finally:
        process.kill()
        process.wait()
        process.stdout.close()


@contextlib.contextmanager
def parley(upstream_port: int, **settings: object) -> Iterator[tuple[ParleyServer, int]]:
    """A server on its own core; gives it and its worker's process id."""
    settings = {"gprochat_url": f"http://127.0.0.1:{upstream_port}", "gprochat_secret": SECRET, **settings}
    with tempfile.TemporaryDirectory() as folder:
        server = ParleyServer(Path(folder), shutdown_grace_s=0, **settings)
        with server:
            worker = server.worker_pid()
            assert server.process is not None
            for pid in (server.process.pid, worker):
                for thread in os.listdir(f"/proc/{pid}/task"):
                    os.sched_setaffinity(int(thread), SERVER_CORES)
            yield server, worker
