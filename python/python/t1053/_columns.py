"""What is found of each row of a column, for the expressions of others."""

from __future__ import annotations

from itertools import accumulate
from typing import Any

from . import _t1053
from ._detector import Detector, Scanner
from ._errors import needed
from ._rows import Rows

COLUMNS = ("detection", "kind", "risk_score", "time", "host", "user", "message")
"""What is told of each match."""


def found(records: Any, detector: Detector) -> Any:
    """Of a column of records as text or bytes, an Arrow array of as many lists:
    what each record matches by itself."""
    pyarrow = needed("pyarrow", "arrow")
    compute = needed("pyarrow.compute", "arrow")
    scanner = Scanner(detector, sequence_capacity=1, join=False)
    given = pyarrow.table({"_raw": records})
    places = compute.indices_nonzero(compute.is_valid(given["_raw"])).to_pylist()
    table = _t1053.Table(given.take(pyarrow.array(places, pyarrow.int64())).__arrow_c_stream__())
    Rows().prepare(table)
    matches = scanner._table(table) if places else scanner.push([])
    counts = [0] * len(records)
    for record in matches._found.columns(["record"])["record"]:
        counts[places[record]] += 1
    told = matches.to_arrow().select(COLUMNS).combine_chunks()
    values = pyarrow.StructArray.from_arrays(
        [_whole(pyarrow, told[name]) for name in COLUMNS], names=list(COLUMNS)
    )
    offsets = pyarrow.array([0, *accumulate(counts)], pyarrow.int32())
    return pyarrow.ListArray.from_arrays(offsets, values)


def _whole(pyarrow: Any, column: Any) -> Any:
    chunks = column.chunks
    if len(chunks) == 1:
        return chunks[0]
    return pyarrow.concat_arrays(chunks) if chunks else pyarrow.array([], column.type)
