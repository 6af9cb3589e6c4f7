//! Where the bytes come from.

use std::borrow::Cow;
use std::fs::{self, File};
use std::io::{self, IsTerminal, Read};
use std::ops::ControlFlow;
use std::path::{Path, PathBuf};
use std::time::Duration;

use indicatif::{ProgressBar, ProgressStyle};

use crate::frames::{Frames, is_frame};

/// Read in pieces of this size: large enough that the pieces' edges cost
/// nothing, small enough to stay in a cache.
const CHUNK: usize = 1 << 20;

/// A file, or standard input.
pub(crate) enum Input {
    File(PathBuf, u64),
    Standard,
}

/// The inputs that paths mean, directories walked in name order, and the
/// paths that cannot be used.
pub(crate) fn find(
    paths: &[PathBuf],
) -> (Vec<Input>, Vec<(PathBuf, io::Error)>) {
    let mut inputs = Vec::new();
    let mut unusable = Vec::new();
    let mut rest: Vec<PathBuf> = paths.iter().rev().cloned().collect();
    while let Some(path) = rest.pop() {
        if path == Path::new("-") {
            inputs.push(Input::Standard);
            continue;
        }
        match fs::metadata(&path) {
            Ok(found) if found.is_dir() => match entries(&path) {
                Ok(entries) => rest.extend(entries.into_iter().rev()),
                Err(error) => unusable.push((path, error)),
            },
            Ok(found) => inputs.push(Input::File(path, found.len())),
            Err(error) => unusable.push((path, error)),
        }
    }
    (inputs, unusable)
}

fn entries(directory: &Path) -> io::Result<Vec<PathBuf>> {
    let entries = fs::read_dir(directory)?;
    let mut entries: Vec<PathBuf> =
        entries.map(|it| Ok(it?.path())).collect::<io::Result<_>>()?;
    entries.sort();
    Ok(entries)
}

impl Input {
    /// The name in output.
    pub(crate) fn name(&self) -> Cow<'_, str> {
        match self {
            Input::File(path, _) => path.to_string_lossy(),
            Input::Standard => Cow::Borrowed("-"),
        }
    }

    /// Hands the input's bytes over, decompressed, until `take` breaks.
    pub(crate) fn each_chunk(
        &self,
        progress: &mut Progress,
        mut take: impl FnMut(&[u8]) -> ControlFlow<()>,
    ) -> io::Result<()> {
        let source: Box<dyn Read> = match self {
            Input::File(path, _) => Box::new(File::open(path)?),
            Input::Standard => Box::new(io::stdin().lock()),
        };
        let counted = progress.counted(source);
        let mut reader = decompressed(Box::new(counted))?;
        let mut chunk = vec![0; CHUNK];
        loop {
            let count = match reader.read(&mut chunk) {
                Ok(0) => return Ok(()),
                Ok(count) => count,
                Err(error) if error.kind() == io::ErrorKind::Interrupted => {
                    continue;
                }
                Err(error) => return Err(error),
            };
            let bytes = chunk.get(..count).unwrap_or_default();
            if take(bytes).is_break() {
                return Ok(());
            }
        }
    }
}

/// Looks at the first bytes and decompresses where they say so.
fn decompressed<'r>(
    mut source: Box<dyn Read + 'r>,
) -> io::Result<Box<dyn Read + 'r>> {
    let mut magic = Vec::new();
    source.by_ref().take(4).read_to_end(&mut magic)?;
    let kind = magic.clone();
    let whole = io::Cursor::new(magic).chain(source);
    Ok(match kind.as_slice() {
        [0x1F, 0x8B, ..] => Box::new(flate2::read::MultiGzDecoder::new(whole)),
        magic if is_frame(magic) => Box::new(Frames::new(whole)),
        _ => Box::new(whole),
    })
}

/// A progress bar on standard error, where a person looks at it.
pub(crate) struct Progress(ProgressBar);

impl Progress {
    pub(crate) fn new(inputs: &[Input]) -> Progress {
        if !io::stderr().is_terminal() {
            return Progress(ProgressBar::hidden());
        }
        let sizes = inputs.iter().map(|input| match input {
            Input::File(_, size) => Some(*size),
            Input::Standard => None,
        });
        let bar = match sizes.sum::<Option<u64>>() {
            Some(total) => ProgressBar::new(total).with_style(
                ProgressStyle::with_template(
                    "{bar:30} {bytes}/{total_bytes} {bytes_per_sec} {eta}",
                )
                .unwrap_or_else(|_| ProgressStyle::default_bar()),
            ),
            None => ProgressBar::new_spinner(),
        };
        // Short work shows nothing.
        bar.enable_steady_tick(Duration::from_millis(500));
        Progress(bar)
    }

    fn counted<'r>(&self, source: Box<dyn Read + 'r>) -> impl Read + 'r {
        self.0.wrap_read(source)
    }

    pub(crate) fn suspend(&self, print: impl FnOnce()) {
        self.0.suspend(print);
    }

    pub(crate) fn finish(&self) {
        self.0.finish_and_clear();
    }
}
