/*!
Where bytes come from: files, memory, standard input and Python's objects.
*/

use std::fs::File;
use std::io::{self, Read};
use std::path::PathBuf;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use frontend::cores;
use frontend::input::{CHUNK, Chunk, Take, each_chunk, is_plain};
use pyo3::prelude::*;
use pyo3::pybacked::PyBackedBytes;
use pyo3::types::PyString;

use crate::event::text_bytes;

/// Something to scan.
pub(crate) enum Source {
    File(PathBuf),
    Bytes(PyBackedBytes),
    Standard,
    /// An object with a `read` method, and its name.
    Object(Py<PyAny>, Option<Arc<str>>),
}

impl Source {
    /// The name in findings: of a file, its path.
    pub(crate) fn name(&self) -> Option<Arc<str>> {
        match self {
            Source::File(path) => Some(path.to_string_lossy().into()),
            Source::Bytes(_) => None,
            Source::Standard => Some("-".into()),
            Source::Object(_, name) => name.clone(),
        }
    }

    /// Bytes to read, for progress.
    pub(crate) fn size(&self) -> u64 {
        match self {
            Source::File(path) => path.metadata().map_or(0, |it| it.len()),
            Source::Bytes(bytes) => bytes.len() as u64,
            Source::Standard | Source::Object(..) => 0,
        }
    }

    /// The file, if several cores may scan it.
    pub(crate) fn for_many(&self) -> Option<File> {
        match self {
            Source::File(path) => cores::open(path),
            _ => None,
        }
    }

    /// Hands the input over, decompressed, until `take` breaks; `done`
    /// counts the bytes read.
    pub(crate) fn each_chunk(
        &self,
        done: &AtomicU64,
        take: &mut Take<'_>,
    ) -> io::Result<()> {
        match self {
            Source::File(path) => {
                let file = File::open(path)?;
                each_chunk(Counted { source: file, done }, take)
            }
            Source::Bytes(bytes) if is_plain(bytes) => {
                // Where it stands, without a copy.
                for chunk in bytes.chunks(CHUNK) {
                    done.fetch_add(chunk.len() as u64, Ordering::Relaxed);
                    if take(Chunk::Stream(chunk)).is_break() {
                        break;
                    }
                }
                Ok(())
            }
            Source::Bytes(bytes) => {
                each_chunk(Counted { source: &bytes[..], done }, take)
            }
            Source::Standard => {
                let source = io::stdin().lock();
                each_chunk(Counted { source, done }, take)
            }
            Source::Object(reader, _) => {
                let reader = Python::attach(|py| reader.clone_ref(py));
                let mut source = Object::new(reader);
                let read =
                    each_chunk(Counted { source: &mut source, done }, take);
                match source.error {
                    Some(error) => Err(io::Error::other(error)),
                    None => read,
                }
            }
        }
    }
}

/// Counts the bytes that are read.
struct Counted<'d, R> {
    source: R,
    done: &'d AtomicU64,
}

impl<R: Read> Read for Counted<'_, R> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let count = self.source.read(buffer)?;
        self.done.fetch_add(count as u64, Ordering::Relaxed);
        Ok(count)
    }
}

/// Reads from a Python object.
pub(crate) struct Object {
    reader: Py<PyAny>,
    /// What it gave beyond what was asked for, as text objects may.
    rest: Vec<u8>,
    pub(crate) error: Option<PyErr>,
}

impl Object {
    pub(crate) fn new(reader: Py<PyAny>) -> Object {
        Object { reader, rest: Vec::new(), error: None }
    }
}

impl Read for Object {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        if self.rest.is_empty() {
            let read = Python::attach(|py| {
                py.check_signals()?;
                let read = self.reader.bind(py);
                let read = read.call_method1("read", (buffer.len(),))?;
                if let Ok(text) = read.cast::<PyString>() {
                    let bytes = text_bytes(text)?;
                    return Ok(bytes.as_bytes().to_vec());
                }
                if read.is_none() {
                    return Ok(Vec::new());
                }
                Ok(read.extract::<PyBackedBytes>()?.to_vec())
            });
            match read {
                Ok(bytes) => self.rest = bytes,
                Err(error) => {
                    self.error = Some(error);
                    return Err(io::Error::other("the object's own error"));
                }
            }
        }
        let count = self.rest.len().min(buffer.len());
        let (now, later) =
            self.rest.split_at_checked(count).unwrap_or_default();
        if let Some(room) = buffer.get_mut(..count) {
            room.copy_from_slice(now);
        }
        self.rest = later.to_vec();
        Ok(count)
    }
}
