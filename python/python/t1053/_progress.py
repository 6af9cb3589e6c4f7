"""Progress, where a person looks on."""

from __future__ import annotations

import sys
from collections.abc import Callable
from importlib.util import find_spec
from time import monotonic
from types import TracebackType
from typing import Any

DELAY = 0.5
"""Seconds before a bar is shown: short work shows none."""


def interactive() -> bool:
    """Whether a person looks on: a terminal or a notebook."""
    if "ipykernel" in sys.modules:
        return True
    return bool(getattr(sys.stderr, "isatty", lambda: False)())


def _bar() -> Any:
    """The class of bars that fits where they are shown."""
    if "ipykernel" in sys.modules and find_spec("ipywidgets") is not None:
        from tqdm.notebook import tqdm as notebook

        return notebook
    from tqdm import tqdm

    return tqdm


class Progress:
    """A bar of the bytes read."""

    def __init__(
        self, shown: bool | None, check: Callable[[], None] = lambda: None
    ) -> None:
        """`check` is called with each update, and may raise to end the work."""
        self.check = check
        self.bar: Any = None
        self.shown = interactive() if shown is None else shown
        self.asked = shown is True
        self.began = monotonic()

    def update(self, done: int, total: int) -> None:
        """Shows so many bytes of all."""
        self.check()
        if not self.shown:
            return
        if self.bar is None:
            if not self.asked and monotonic() - self.began < DELAY:
                return
            try:
                self.bar = _bar()(
                    total=total,
                    unit="B",
                    unit_scale=True,
                    unit_divisor=1024,
                    leave=self.asked,
                )
            except ImportError:
                self.shown = False
                if self.asked:
                    raise
                return
        self.bar.update(min(done, total) - self.bar.n)

    def __enter__(self) -> Progress:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        if self.bar is not None:
            self.bar.close()
