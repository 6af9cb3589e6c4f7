/*!
The compiled half of the Python package `t1053`: what must be fast, behind
names that only the package's Python half uses.

Nothing here holds the interpreter while it works on a batch, and no panic
leaves it: each entry runs in `error::guarded`.
*/

#![cfg_attr(not(test), deny(clippy::arithmetic_side_effects))]

use pyo3::prelude::*;

mod arrow_in;
mod arrow_out;
mod batches;
mod csv;
mod detector;
mod error;
mod event;
mod found;
mod grouping;
mod input;
mod numbers;
mod part;
mod record;
mod saved;
mod scan;
mod scanner;
mod screen;
mod tally;
mod verdict;

#[pymodule(gil_used = false)]
mod _t1053 {
    use super::*;

    #[pymodule_export]
    use arrow_in::Table;
    #[pymodule_export]
    use batches::Batches;
    #[pymodule_export]
    use detector::{
        Program, common_fields, config_rules, event_kinds, fields, formats,
        operations, platforms, rule_files, rule_pack, rules_summary,
    };
    #[pymodule_export]
    use error::panic;
    #[pymodule_export]
    use event::{epoch, guess_platform, parse_time};
    #[pymodule_export]
    use found::Found;
    #[pymodule_export]
    use scan::{scan_inputs, scan_reader};
    #[pymodule_export]
    use scanner::{Stream, explain};
    #[pymodule_export]
    use screen::{in_order, table, totals, walk};
    #[pymodule_export]
    use tally::Tally;
    #[pymodule_export]
    use verdict::{jobs_of, record_line};

    #[pymodule_init]
    fn init(module: &Bound<'_, PyModule>) -> PyResult<()> {
        module.add("FORMULA_STARTS", csv::STARTS)?;
        module.add("__version__", env!("CARGO_PKG_VERSION"))
    }
}
