/*!
Errors on their way to Python.
*/

use std::any::Any;
use std::panic::{AssertUnwindSafe, catch_unwind};

use pyo3::import_exception;
use pyo3::prelude::*;

import_exception!(t1053._errors, DetectorError);
import_exception!(t1053._errors, FieldError);
import_exception!(t1053._errors, InternalError);
import_exception!(t1053._errors, SettingError);
import_exception!(t1053._errors, SourceError);
import_exception!(t1053._errors, SourceNotFoundError);
import_exception!(t1053._errors, StateError);

/// Runs an entry; a panic in it becomes an `InternalError`.
///
/// What a panic may leave half done is never seen again: state is replaced
/// or refuses further use.
pub(crate) fn guarded<T>(work: impl FnOnce() -> PyResult<T>) -> PyResult<T> {
    catch_unwind(AssertUnwindSafe(work))
        .unwrap_or_else(|panic| Err(internal(panic.as_ref())))
}

/// The error that a panic becomes.
pub(crate) fn internal(panic: &(dyn Any + Send)) -> PyErr {
    let text = panic
        .downcast_ref::<&str>()
        .copied()
        .or_else(|| panic.downcast_ref::<String>().map(String::as_str))
        .unwrap_or("unknown");
    InternalError::new_err(format!("a defect in t1053: {text}"))
}

/// Panics, so that tests can see what becomes of it.
#[pyfunction]
pub(crate) fn panic() -> PyResult<()> {
    guarded(|| std::panic::resume_unwind(Box::new("a test's panic")))
}
