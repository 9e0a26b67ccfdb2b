"""The page of shortcuts in the documentation says what the page itself does."""

from __future__ import annotations

import json
import shutil
import subprocess
from pathlib import Path

from tests.test_docs import DOCS, ROOT, rows

LIST = """
import { caps } from "./static/js/key-names.js";
import { SHORTCUTS } from "./static/js/shortcuts.js";
const list = SHORTCUTS.map(({ where, what, keys }) => [where, what, caps(keys, false), caps(keys, true)]);
console.log(JSON.stringify(list));
"""


def node() -> str:
    """The node that the set-up uses."""
    found = shutil.which("node") or str(ROOT / ".venv" / "node-bin" / "node")
    assert Path(found).exists()
    return found


def test_the_page_of_shortcuts_is_the_table_of_the_chat() -> None:
    run = subprocess.run(
        [node(), "--input-type=module", "-e", LIST], cwd=ROOT, capture_output=True, check=True, text=True
    )
    table = json.loads(run.stdout)
    everywhere, writing = (DOCS / "shortcuts.md").read_text().split("## While you write")
    for part, place in ((everywhere, "everywhere"), (writing, "writing")):
        documented = [[what, keys.split(), mac.split()] for what, keys, mac in rows(part)[1:]]
        expected = [
            [what, [f"`{cap}`" for cap in keys], [f"`{cap}`" for cap in mac]]
            for where, what, keys, mac in table
            if where == place
        ]
        assert documented == expected
