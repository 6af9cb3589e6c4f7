"""Rows that are also a table."""

from __future__ import annotations

import csv
from collections.abc import Iterator, Sequence
from datetime import datetime
from operator import eq
from operator import index as as_number
from os import PathLike
from typing import (
    TYPE_CHECKING,
    Any,
    ClassVar,
    Literal,
    SupportsIndex,
    TypeVar,
    cast,
    overload,
)

from . import _t1053
from ._errors import needed
from ._html import rows_html

if TYPE_CHECKING:
    import pandas
    import polars
    import pyarrow
    from typing_extensions import Self

__all__ = ["Table"]

STARTS = tuple(_t1053.FORMULA_STARTS)
"""How a text begins that spreadsheets run."""

Row = TypeVar("Row", covariant=True)

Kind = Literal["text", "number", "time", "list"]
"""What a column holds; any of it may be missing, but for lists."""


class Table(Sequence[Row]):
    """A sequence of rows that is also a table: CSV, pandas, polars, Arrow."""

    __slots__ = ("_rows",)

    _columns: ClassVar[dict[str, Kind]] = {}
    """What each column holds, by its name."""

    def __init__(self, rows: Sequence[Row]) -> None:
        self._rows: Sequence[Row] = tuple(rows)

    def _values(self, row: Any) -> dict[str, Any]:
        """The columns of a row, as plain values; times as `datetime`."""
        raise NotImplementedError

    def _dicts(self) -> list[dict[str, Any]]:
        """Those of all rows."""
        return [self._values(row) for row in self._rows]

    def _with(self, rows: Sequence[Row]) -> Self:
        """The same with other rows."""
        return type(self)(rows)

    def __len__(self) -> int:
        return len(self._rows)

    @overload
    def __getitem__(self, index: SupportsIndex, /) -> Row: ...
    @overload
    def __getitem__(self, index: slice[Any, Any, Any], /) -> Self: ...
    def __getitem__(self, index: Any, /) -> Any:
        if isinstance(index, slice):
            return self._with(self._rows[cast("slice[Any, Any, Any]", index)])
        return self._rows[as_number(index)]

    def __iter__(self) -> Iterator[Row]:
        return iter(self._rows)

    def __eq__(self, other: object) -> bool:
        if type(other) is not type(self):
            return NotImplemented
        rows = cast("Table[Any]", other)._rows
        return len(self) == len(rows) and all(map(eq, self._rows, rows))

    __hash__: ClassVar[None] = None  # type: ignore[assignment]

    def __repr__(self) -> str:
        rows = len(self)
        return f"<{type(self).__name__}: {rows:,} row{'' if rows == 1 else 's'}>"

    def _repr_html_(self) -> str:
        return rows_html(repr(self), self._columns, self.to_dicts())

    def to_dicts(self) -> list[dict[str, Any]]:
        """Each row as a dictionary of its columns."""
        return self._dicts()

    @overload
    def to_csv(self, file: None = None, *, formulas: bool = False) -> str: ...
    @overload
    def to_csv(self, file: str | PathLike[str], *, formulas: bool = False) -> None: ...
    def to_csv(
        self, file: str | PathLike[str] | None = None, *, formulas: bool = False
    ) -> str | None:
        """The table as CSV, returned or written to a path: lists are joined by
        blanks, times are ISO 8601. What a spreadsheet would run begins with a
        `'`, but for `formulas`, as `Matches.to_csv` has it."""
        return write_csv(list(self._columns), self.to_dicts(), file, formulas)

    def to_arrow(self) -> pyarrow.Table:
        """A table. Needs pyarrow."""
        pyarrow = needed("pyarrow", "arrow")
        kinds = {
            "text": pyarrow.string(),
            "number": pyarrow.int64(),
            "time": pyarrow.timestamp("us", "UTC"),
            "list": pyarrow.list_(pyarrow.string()),
        }
        schema = pyarrow.schema([(it, kinds[of]) for it, of in self._columns.items()])
        return pyarrow.Table.from_pylist(self.to_dicts(), schema=schema)

    def to_polars(self) -> polars.DataFrame:
        """A data frame. Needs polars."""
        polars = needed("polars", "polars")
        kinds = {
            "text": polars.String,
            "number": polars.Int64,
            "time": polars.Datetime("us", "UTC"),
            "list": polars.List(polars.String),
        }
        schema = {name: kinds[of] for name, of in self._columns.items()}
        return polars.DataFrame(self.to_dicts(), schema=schema, orient="row")

    def to_pandas(self) -> pandas.DataFrame:
        """A data frame. Needs pandas."""
        pandas = needed("pandas", "pandas")
        kinds = {
            "text": "str",
            "number": "Int64",
            "time": "datetime64[us, UTC]",
            "list": "object",
        }
        rows = self.to_dicts()
        return pandas.DataFrame(
            {
                name: pandas.Series([row[name] for row in rows], dtype=kinds[of])
                for name, of in self._columns.items()
            }
        )


class _Lines:
    """Takes lines that end with CR LF, and ends them with LF."""

    def __init__(self) -> None:
        self.lines: list[str] = []

    def write(self, line: str) -> None:
        """Takes a line, which the writer hands over whole."""
        self.lines.append(line.removesuffix("\r\n") + "\n")


def write_csv(
    columns: Sequence[str],
    rows: Sequence[dict[str, Any]],
    file: str | PathLike[str] | None,
    formulas: bool,
) -> str | None:
    """Rows as CSV, returned or written to a path; without `formulas` no
    spreadsheet takes a text for one."""
    written = _Lines()
    # Of line breaks the writer quotes those that end its own lines.
    writer = csv.writer(written, lineterminator="\r\n")
    writer.writerow(columns)
    as_text = _cell if formulas else _harmless
    writer.writerows([as_text(row.get(name)) for name in columns] for row in rows)
    text = "".join(written.lines)
    if file is None:
        return text
    with open(file, "w", encoding="utf-8", newline="") as opened:
        opened.write(text)
    return None


def _harmless(value: Any) -> Any:
    text = _cell(value)
    return "'" + text if isinstance(text, str) and text.startswith(STARTS) else text


def _cell(value: Any) -> Any:
    if isinstance(value, datetime):
        return value.isoformat().replace("+00:00", "Z")
    if isinstance(value, list):
        return " ".join(cast("list[str]", value))
    return value
