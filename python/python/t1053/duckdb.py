"""Scheduled-task abuse in tables of DuckDB.

`t1053.scan_table(connection.sql("FROM logs"))` takes a relation, with sequences
and counts. `register` adds a function of one record to SQL. Needs duckdb and
pyarrow (`pip install 't1053[duckdb]'`).

>>> import duckdb, t1053.duckdb
>>> connection = duckdb.connect()
>>> t1053.duckdb.register(connection, enable="task_ran")
>>> connection.sql('''
...     SELECT m.detection FROM (SELECT unnest(t1053(
...         '{"EventID":200,"Channel":"Microsoft-Windows-TaskScheduler/Operational"}'
...     )) AS m)
... ''').fetchall()
[('task_ran',)]
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from ._columns import found
from ._detector import Detector
from ._errors import needed

__all__ = ["register"]

TYPE = (
    "STRUCT(detection VARCHAR, kind VARCHAR, risk_score INTEGER,"
    " time TIMESTAMP WITH TIME ZONE, host VARCHAR, \"user\" VARCHAR, message VARCHAR)[]"
)


def register(
    connection: Any,
    *,
    name: str = "t1053",
    detector: Detector | None = None,
    enable: str | Iterable[str] = (),
    disable: str | Iterable[str] = (),
) -> None:
    """Adds a function to a connection: of a record as text, the list of what it
    matches by itself, each a struct of `detection`, `kind`, `risk_score`,
    `time`, `host`, `user` and `message`. Of no record and of one that cannot be
    read the list is empty; `scan_table` counts and tells those.

    >>> import duckdb, t1053.duckdb
    >>> connection = duckdb.connect()
    >>> t1053.duckdb.register(connection, name="abuse")
    >>> connection.sql("SELECT len(abuse('no record')), len(abuse(NULL))").fetchall()
    [(0, 0)]
    """
    types = needed("duckdb", "duckdb")
    if detector is None:
        detector = Detector(enable=enable, disable=disable)
    elif enable or disable:
        raise TypeError("give a detector, or what to make one of, but not both")
    chosen = detector

    def work(records: Any) -> Any:
        return found(records, chosen)

    connection.create_function(
        name, work, [types.type("VARCHAR")], types.type(TYPE), type="arrow",
        null_handling="special",
    )
