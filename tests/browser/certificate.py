"""A certificate for the names of the browser tests, made anew for each run by the program openssl."""

from __future__ import annotations

import base64
import functools
import hashlib
import ssl
import subprocess
import tempfile
from pathlib import Path

NAMES = ("chat.test", "shop.test", "blog.test", "evil.test")
KEY_KIND = ("-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes", "-days", "30")


@functools.cache
def _made() -> Path:
    """The key and the certificate in one file, which goes away with the system's other temporary files."""
    folder = Path(tempfile.mkdtemp(prefix="parley-certificate-"))
    key, certificate = folder / "key.pem", folder / "certificate.pem"
    every_name = ",".join(f"DNS:{name},DNS:*.{name}" for name in NAMES)
    openssl = ["openssl", "req", "-x509", *KEY_KIND, "-subj", "/CN=Parley's tests"]
    said = subprocess.run(
        [*openssl, "-addext", f"subjectAltName={every_name}", "-keyout", key, "-out", certificate],
        capture_output=True,
        text=True,
    )
    assert said.returncode == 0, said.stderr
    key.write_text(key.read_text() + certificate.read_text())
    return key


def tls() -> ssl.SSLContext:
    """What a server speaks TLS with."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(_made())
    return context


def trusted() -> str:
    """What Chromium must be told to trust it like any other: the hash of its public key.

    It is better than to ignore all errors: pages with errors are not cached, and not kept for the way back.
    """
    key = subprocess.run(["openssl", "pkey", "-in", _made(), "-pubout", "-outform", "DER"], capture_output=True)
    return base64.b64encode(hashlib.sha256(key.stdout).digest()).decode()
