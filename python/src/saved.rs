/*!
Findings as bytes, for another process: what `pickle` takes.
*/

use std::sync::Arc;

use pyo3::PyResult;
use t1053::Keep;

use crate::error::StateError;
use crate::part::Part;

/// Raised with each change of what is saved: a number that an older version
/// cannot take for its own.
const VERSION: u32 = 2;

/// What is kept, and the parts.
type Saved<P> = (u32, String, P);

/// Parts as bytes.
pub(crate) fn save(keep: &Keep, parts: &[Part]) -> PyResult<Vec<u8>> {
    let saved: Saved<&[Part]> = (VERSION, text(keep), parts);
    postcard::to_allocvec(&saved)
        .map_err(|error| StateError::new_err(error.to_string()))
}

/// What was saved for a detector of so many detections.
pub(crate) fn load(
    bytes: &[u8],
    detections: usize,
) -> PyResult<(Arc<Keep>, Vec<Part>)> {
    let refused = || StateError::new_err("these bytes are no saved matches");
    let (version, rest) =
        postcard::take_from_bytes::<u32>(bytes).map_err(|_| refused())?;
    if version != VERSION {
        return Err(StateError::new_err(format!(
            "matches were saved as version {version}; this is {VERSION}"
        )));
    }
    let (keep, mut parts): (String, Vec<Part>) =
        postcard::from_bytes(rest).map_err(|_| refused())?;
    let keep = Arc::new(keep.parse::<Keep>().map_err(|_| refused())?);
    let mut all = parts.iter_mut();
    match all.all(|part| part.restore(keep.clone(), detections)) {
        true => Ok((keep, parts)),
        false => Err(refused()),
    }
}

/// What is kept, as it is parsed.
pub(crate) fn text(keep: &Keep) -> String {
    let fields = keep.fields().iter().map(|field| field.name());
    let names = fields.chain(keep.raw().then_some("raw"));
    names.collect::<Vec<_>>().join(",")
}
