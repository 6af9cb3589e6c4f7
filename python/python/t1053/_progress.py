"""Progress, where a person looks on."""

from __future__ import annotations

import sys
from types import TracebackType
from typing import Any

DELAY = 0.5
"""Seconds before a bar is shown: short work shows none."""


def interactive() -> bool:
    """Whether a person looks on: a terminal or a notebook."""
    if "ipykernel" in sys.modules:
        return True
    return bool(getattr(sys.stderr, "isatty", lambda: False)())


class Progress:
    """A bar of the bytes read."""

    def __init__(self, shown: bool | None) -> None:
        self.bar: Any = None
        self.shown = interactive() if shown is None else shown
        self.asked = shown is True

    def update(self, done: int, total: int) -> None:
        """Shows so many bytes of all."""
        if not self.shown:
            return
        if self.bar is None:
            try:
                from tqdm.auto import tqdm
            except ImportError:
                if self.asked:
                    raise
                self.shown = False
                return
            self.bar = tqdm(
                total=total,
                unit="B",
                unit_scale=True,
                unit_divisor=1024,
                delay=0 if self.asked else DELAY,
                leave=self.asked,
            )
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
