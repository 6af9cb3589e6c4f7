/*!
What the command line shows, as the Rust example lays it out.
*/

use std::ffi::OsString;
use std::path::PathBuf;

use frontend::screen::{self, Column, Look, Totals};
use pyo3::prelude::*;

use crate::error::guarded;

/// `t1053.Counts`, by the names of its attributes.
#[derive(FromPyObject)]
pub(crate) struct Counts {
    bytes: u64,
    records: u64,
    read: u64,
    filtered: u64,
    uninteresting: u64,
    not_understood: u64,
    unreadable: u64,
    matches: u64,
    forgotten: u64,
    expired: u64,
    untimed: u64,
    ungrouped: u64,
}

/// What a scan has seen: in one line, in several, and what the user may want
/// to do about what was left out.
#[pyfunction]
pub(crate) fn totals(
    counts: Counts,
    events: Vec<(String, u64)>,
    excluded: Vec<(String, u64)>,
    detections: usize,
    inputs: usize,
    width: usize,
) -> PyResult<(String, String, Vec<String>)> {
    guarded(|| {
        let totals = Totals {
            bytes: counts.bytes,
            records: counts.records,
            read: counts.read,
            filtered: counts.filtered,
            uninteresting: counts.uninteresting,
            not_understood: counts.not_understood,
            unreadable: counts.unreadable,
            matches: counts.matches,
            forgotten: counts.forgotten,
            expired: counts.expired,
            untimed: counts.untimed,
            ungrouped: counts.ungrouped,
            events,
            excluded,
        };
        let lines = totals.lines(detections, inputs, width);
        Ok((totals.line(), lines, totals.advice()))
    })
}

/// Lays a table out. A column is its heading, its rank, its least and most
/// width, and whether it has text, names, numbers or kinds.
#[pyfunction]
pub(crate) fn table(
    columns: Vec<(String, u8, usize, usize, String)>,
    rows: Vec<Vec<String>>,
    width: usize,
    colour: bool,
) -> PyResult<String> {
    guarded(|| {
        let columns = columns.iter().map(|column| {
            let (head, rank, least, most, look) = column;
            let look = match look.as_str() {
                "name" => Look::Name,
                "number" => Look::Number,
                "kind" => Look::Kind,
                _ => Look::Text,
            };
            let (rank, least, most) = (*rank, *least, *most);
            Column { head, rank, least, most, folds: false, look }
        });
        let columns: Vec<Column<'_>> = columns.collect();
        Ok(screen::table(&columns, &rows, width, colour))
    })
}

/// The places of files in the order in which a log was written to them.
#[pyfunction]
pub(crate) fn in_order(paths: Vec<PathBuf>) -> Vec<usize> {
    frontend::rotation::in_order(&paths)
}

/// The files below a directory, and lines about what is not opened.
#[pyfunction]
pub(crate) fn walk(
    py: Python<'_>,
    directory: PathBuf,
) -> PyResult<(Vec<OsString>, Vec<String>)> {
    guarded(|| {
        let walk = py.detach(|| frontend::walk::walk(&directory));
        let files = walk.files.into_iter().map(PathBuf::into_os_string);
        let skipped = walk.skipped.iter().map(|(path, what)| {
            screen::skipped(&path.to_string_lossy(), what)
        });
        Ok((files.collect(), skipped.collect()))
    })
}
