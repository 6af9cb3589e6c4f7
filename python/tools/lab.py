"""Pages as JupyterLab shows them: in its own style sheet, in a browser."""

from __future__ import annotations

import re
import shutil
import subprocess
from collections.abc import Mapping
from typing import Any, Literal

import nbconvert
from nbformat.v4 import new_code_cell, new_notebook, new_output

Theme = Literal["light", "dark"]


def browser() -> str:
    """The command that starts Chromium; an error where there is none."""
    for name in ("chromium", "chromium-browser", "google-chrome"):
        if found := shutil.which(name):
            return found
    raise FileNotFoundError("this needs Chromium (apt-get install chromium)")


def headless(*arguments: str, env: Mapping[str, str] | None = None) -> str:
    """Opens a page without a screen; what the browser writes."""
    command = [browser(), "--headless", "--no-sandbox", "--disable-gpu", *arguments]
    # Once in a hundred times Chromium stands still before it opens a page.
    for last in (False, False, True):
        try:
            return subprocess.run(
                command, capture_output=True, text=True, check=True, timeout=60, env=env
            ).stdout
        except subprocess.TimeoutExpired:
            if last:
                raise
    raise AssertionError


def notebook(pages: list[str], theme: str) -> str:
    """A notebook whose cells have put out these pages."""
    cells = [
        new_code_cell("", outputs=[new_output("display_data", data={"text/html": it})])
        for it in pages
    ]
    exporter: Any = nbconvert.HTMLExporter(template_name="lab", theme=theme)
    text, _ = exporter.from_notebook_node(new_notebook(cells=cells))
    # What the page would load from elsewhere.
    return re.sub(r"<script[^>]* src=[^>]*>", "<script>", text)
