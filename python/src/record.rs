/*!
Python objects to records: a dictionary as the JSON line that it would be in
a log, so that one reader reads both.
*/

use pyo3::prelude::*;
use pyo3::types::{
    PyBool, PyByteArray, PyBytes, PyDate, PyDict, PyFloat, PyInt, PyList,
    PyMapping, PyString, PyTuple,
};

use crate::event::text_bytes;

/// Nested no deeper than this: no log is, and what refers to itself is found.
const DEEPEST: usize = 64;

/// What is wrong with a record that is nested deeper.
pub(crate) const TOO_DEEP: &str = "the record is nested deeper than 64 levels";

/// Writes an object as JSON; false, and some of it written, where it is
/// nested too deep.
pub(crate) fn write(
    object: &Bound<'_, PyAny>,
    out: &mut Vec<u8>,
    depth: usize,
) -> PyResult<bool> {
    if depth > DEEPEST {
        return Ok(false);
    }
    if object.is_none() {
        out.extend_from_slice(b"null");
    } else if let Ok(text) = object.cast::<PyString>() {
        write_text(text_bytes(text)?.as_bytes(), out);
    } else if let Ok(bytes) = object.cast::<PyBytes>() {
        write_text(bytes.as_bytes(), out);
    } else if let Ok(bytes) = object.cast::<PyByteArray>() {
        write_text(&bytes.to_vec(), out);
    } else if let Ok(truth) = object.cast::<PyBool>() {
        let text: &[u8] = if truth.is_true() { b"true" } else { b"false" };
        out.extend_from_slice(text);
    } else if object.is_instance_of::<PyInt>() {
        let digits = object.str()?;
        out.extend_from_slice(digits.to_cow()?.as_bytes());
    } else if let Ok(number) = object.cast::<PyFloat>() {
        write_float(number.value(), out);
    } else if let Ok(dict) = object.cast::<PyDict>() {
        let items = dict.iter();
        return write_object(items.map(Ok), out, depth);
    } else if object.is_instance_of::<PyList>()
        || object.is_instance_of::<PyTuple>()
    {
        out.push(b'[');
        for (index, item) in object.try_iter()?.enumerate() {
            if index > 0 {
                out.push(b',');
            }
            if !write(&item?, out, depth.saturating_add(1))? {
                return Ok(false);
            }
        }
        out.push(b']');
    } else if let Ok(mapping) = object.cast::<PyMapping>() {
        let items = mapping.items()?;
        let pairs = items.iter().map(|it| it.extract());
        return write_object(pairs, out, depth);
    } else {
        return write_other(object, out, depth);
    }
    Ok(true)
}

fn write_object<'py>(
    items: impl Iterator<Item = PyResult<(Bound<'py, PyAny>, Bound<'py, PyAny>)>>,
    out: &mut Vec<u8>,
    depth: usize,
) -> PyResult<bool> {
    out.push(b'{');
    for (index, item) in items.enumerate() {
        let (key, value) = item?;
        if index > 0 {
            out.push(b',');
        }
        write_text(text_bytes(&key.str()?)?.as_bytes(), out);
        out.push(b':');
        if !write(&value, out, depth.saturating_add(1))? {
            return Ok(false);
        }
    }
    out.push(b'}');
    Ok(true)
}

/// Times, scalars of other libraries, and whatever else has a text.
fn write_other(
    object: &Bound<'_, PyAny>,
    out: &mut Vec<u8>,
    depth: usize,
) -> PyResult<bool> {
    // What is not equal to itself stands for nothing: NaT, NA, a NaN.
    let same = object.eq(object).unwrap_or(false);
    if !same {
        out.extend_from_slice(b"null");
        return Ok(true);
    }
    if object.is_instance_of::<PyDate>() {
        let text = object.call_method0("isoformat")?.str()?;
        write_text(text_bytes(&text)?.as_bytes(), out);
        return Ok(true);
    }
    // A NumPy array or scalar gives its plain objects.
    if let Ok(plain) = object.call_method0("tolist")
        && !plain.is(object)
    {
        return write(&plain, out, depth.saturating_add(1));
    }
    write_text(text_bytes(&object.str()?)?.as_bytes(), out);
    Ok(true)
}

/// Writes a number; a whole one without a fraction, because tables turn the
/// whole numbers of a column with gaps into these.
pub(crate) fn write_float(number: f64, out: &mut Vec<u8>) {
    let text = if !number.is_finite() {
        "null".to_owned()
    } else if number.fract() == 0.0 && number.abs() < 9e15 {
        format!("{number:.0}")
    } else {
        format!("{number}")
    };
    out.extend_from_slice(text.as_bytes());
}

/// Writes a string. Bytes that are not UTF-8 stand as they are: a log may
/// hold them, and the reader takes them.
pub(crate) fn write_text(text: &[u8], out: &mut Vec<u8>) {
    const HEX: &[u8; 16] = b"0123456789abcdef";
    out.push(b'"');
    for &byte in text {
        match byte {
            b'"' => out.extend_from_slice(b"\\\""),
            b'\\' => out.extend_from_slice(b"\\\\"),
            b'\n' => out.extend_from_slice(b"\\n"),
            b'\r' => out.extend_from_slice(b"\\r"),
            b'\t' => out.extend_from_slice(b"\\t"),
            0..=0x1F => {
                out.extend_from_slice(b"\\u00");
                for half in [byte >> 4, byte & 15] {
                    out.extend(HEX.get(half as usize));
                }
            }
            byte => out.push(byte),
        }
    }
    out.push(b'"');
}
