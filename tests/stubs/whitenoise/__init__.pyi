from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Any
from wsgiref.headers import Headers

class WhiteNoise:
    def __init__(
        self,
        application: Callable[[Any, Any], Iterable[bytes]],
        root: Path | str | None = None,
        prefix: str | None = None,
        *,
        immutable_file_test: Callable[[str, str], bool] | None = None,
        max_age: int | None = 60,
        add_headers_function: Callable[[Headers, str, str], None] | None = None,
        allow_all_origins: bool = True,
        mimetypes: dict[str, str] | None = None,
    ) -> None: ...
    def __call__(self, environ: Any, start_response: Any) -> Iterable[bytes]: ...
