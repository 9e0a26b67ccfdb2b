"""How gunicorn serves Parley: one gevent worker, and an orderly end. Settings come from the settings table.

Nothing here may import requests or urllib3: the worker patches the standard library after this file was read.
"""

import logging
import re
import signal
import sys
from pathlib import Path

import gunicorn.arbiter

from webapp import data_folder, environment
from webapp.settings import InvalidSettings

try:
    _settings = environment.load()
except InvalidSettings as problem:
    sys.exit("\n".join(["These settings are wrong:", *(f"  {line}" for line in problem.problems)]))

_host = f"[{_settings.host}]" if ":" in _settings.host else _settings.host
bind = f"{_host}:{_settings.port}"
worker_class = "gevent"
workers = _settings.web_concurrency
worker_connections = _settings.max_sockets + 1000  # a socket holds its place for as long as it is open
backlog = 4096
keepalive = 2  # an idle connection holds up the stop for as long
forwarded_allow_ips = ""  # TRUSTED_PROXIES alone says who is believed
# Handlers get as long as answers, and a little more to close what is left.
graceful_timeout = _settings.shutdown_grace_s + 5
timeout = 60
loglevel = _settings.log_level
accesslog = None
errorlog = "-"
proc_name = "parley"
control_socket_disable = True


def post_fork(server, worker):
    """Before the application is built: make a stop work from the beginning, and hold the data folder."""
    # A worker that is still starting has no handler of its own and would lose the signal: let it simply end.
    signal.signal(signal.SIGTERM, signal.SIG_DFL)
    try:
        worker.data_folder = data_folder.hold(Path(_settings.data_dir), _settings.shutdown_grace_s + 5)
    except data_folder.DataFolderInUse as problem:
        worker.log.error("%s", problem)
        sys.exit(gunicorn.arbiter.Arbiter.APP_LOAD_ERROR)  # the status that ends gunicorn instead of a new try


def _is_a_fault(record):
    """A reader who takes nothing for WRITE_TIMEOUT_S is sent away as intended; gunicorn would print a traceback."""
    timed_out = record.exc_info and isinstance(record.exc_info[1], TimeoutError)
    return not (timed_out and record.getMessage() == "Socket error processing request.")


_TOKENS = re.compile(r"(/(?:s|i|h|e|embed/self-test|admin/enter)/|[?&]view=)[^\s/?&#]+")


def _without_tokens(record):
    """What lets somebody in stands in addresses, which gunicorn and Flask log when they debug or something fails."""
    record.msg, record.args = _TOKENS.sub(r"\1…", record.getMessage()), ()
    return True


def post_worker_init(worker):
    """Begin to drain as soon as the worker is told to stop, and say where the site is."""
    import gevent

    from webapp import startup

    ours = logging.getLogger("webapp")
    ours.handlers, ours.propagate = worker.log.error_log.handlers, False
    ours.setLevel(worker.log.error_log.level)
    worker.log.error_log.addFilter(_is_a_fault)
    for handler in worker.log.error_log.handlers:
        handler.addFilter(_without_tokens)
    parts = worker.app.callable.extensions["parley"]
    stop_gracefully = signal.getsignal(signal.SIGTERM)

    def terminate(number, frame):
        # A greenlet, not a thread: this may run inside gevent's hub, where starting a thread would have to wait.
        worker.draining = gevent.spawn(parts.drain)
        stop_gracefully(number, frame)

    signal.signal(signal.SIGTERM, terminate)
    startup.recover(parts)
    if worker.age == 1:
        print(startup.greeting(parts), flush=True)


def worker_exit(server, worker):
    """Wait for the drain and end what is left; `interrupted` is for answers that could not finish."""
    app = getattr(getattr(worker, "app", None), "callable", None)
    if app is None:
        return
    draining = getattr(worker, "draining", None)
    if draining is not None:
        draining.join(_settings.shutdown_grace_s + 2)
    app.extensions["parley"].close()
