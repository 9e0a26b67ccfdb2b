from collections.abc import Callable
from typing import Any

from flask import Flask

class Sock:
    def __init__(self, app: Flask | None = None) -> None: ...
    def route(self, path: str, **kwargs: Any) -> Callable[[Callable[..., None]], None]: ...
