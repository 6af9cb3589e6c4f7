"""Scheduled-task abuse in columns of polars.

`t1053.scan_table(frame)` takes a frame, with sequences and counts. `matches` is
an expression: what each record matches by itself. Needs polars and pyarrow
(`pip install 't1053[polars,arrow]'`).

>>> import polars, t1053.polars
>>> frame = polars.DataFrame({"line": [
...     '{"EventID":200,"Channel":"Microsoft-Windows-TaskScheduler/Operational"}', None,
... ]})
>>> found = frame.with_columns(t1053.polars.matches("line", enable="task_ran"))
>>> [[match["detection"] for match in row] for row in found["matches"].to_list()]
[['task_ran'], []]
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING, Any

from ._columns import found
from ._detector import Detector
from ._errors import needed

if TYPE_CHECKING:
    import polars

__all__ = ["matches"]


def matches(
    column: str | polars.Expr,
    *,
    detector: Detector | None = None,
    enable: str | Iterable[str] = (),
    disable: str | Iterable[str] = (),
) -> polars.Expr:
    """An expression named `matches`: of a column of records as text, the list
    of what each matches by itself, each a struct of `detection`, `kind`,
    `risk_score`, `time`, `host`, `user` and `message`. Of no record and of one
    that cannot be read the list is empty; `scan_table` counts and tells those.

    >>> import polars, t1053.polars
    >>> frame = polars.LazyFrame({"line": ["no record"]})
    >>> frame.select(t1053.polars.matches("line").list.len()).collect().item()
    0
    """
    polars = needed("polars", "polars")
    if detector is None:
        detector = Detector(enable=enable, disable=disable)
    elif enable or disable:
        raise TypeError("give a detector, or what to make one of, but not both")
    chosen = detector
    of: dict[str, Any] = dict.fromkeys(
        ("detection", "kind", "risk_score", "time", "host", "user", "message"), polars.String
    )
    of["risk_score"] = polars.Int32
    of["time"] = polars.Datetime("us", "UTC")

    def work(series: Any) -> Any:
        return polars.Series(found(series.cast(polars.String).to_arrow(), chosen))

    expression = polars.col(column) if isinstance(column, str) else column
    made = expression.map_batches(
        work, return_dtype=polars.List(polars.Struct(of)), is_elementwise=True
    )
    return made.alias("matches")
