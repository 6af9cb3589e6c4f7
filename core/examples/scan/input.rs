//! Where the bytes come from.

use std::borrow::Cow;
use std::cell::Cell;
use std::fs::{self, File};
use std::io::{self, Read};
use std::ops::ControlFlow;
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use indicatif::{ProgressBar, ProgressDrawTarget, ProgressStyle};

use crate::frames::{Frames, is_frame};
use crate::magic::{self, foreign};
use crate::walk::walk;

/// Read in pieces of this size: large enough that the pieces' edges cost
/// nothing, small enough to stay in a cache.
const CHUNK: usize = 1 << 20;

/// A file, or standard input.
pub(crate) enum Input {
    File(PathBuf),
    Standard,
}

/// The inputs that paths mean; and what stands in directories that is not
/// to be opened, with what it is.
pub(crate) fn find(
    paths: &[PathBuf],
) -> (Vec<Input>, Vec<(PathBuf, &'static str)>) {
    let mut inputs = Vec::new();
    let mut skipped = Vec::new();
    for path in paths {
        if path == Path::new("-") {
            inputs.push(Input::Standard);
        } else if path.is_dir() {
            let mut below = walk(path);
            inputs.extend(below.files.into_iter().map(Input::File));
            skipped.append(&mut below.skipped);
        } else {
            inputs.push(Input::File(path.clone()));
        }
    }
    (inputs, skipped)
}

impl Input {
    /// The name in output.
    pub(crate) fn name(&self) -> Cow<'_, str> {
        match self {
            Input::File(path) => path.to_string_lossy(),
            Input::Standard => Cow::Borrowed("-"),
        }
    }

    /// Bytes to read, where that is known.
    fn size(&self) -> Option<u64> {
        match self {
            Input::File(path) => fs::metadata(path).ok().map(|it| it.len()),
            Input::Standard => None,
        }
    }

    /// Hands the input's bytes over, decompressed, until `take` breaks.
    ///
    /// # Errors
    ///
    /// It cannot be read to its end, or it is no log as it is: then the error
    /// holds a [`magic::Foreign`], and nothing was handed over.
    pub(crate) fn each_chunk(
        &self,
        progress: &Progress,
        mut take: impl FnMut(&[u8]) -> ControlFlow<()>,
    ) -> io::Result<()> {
        let source: Box<dyn Read> = match self {
            Input::File(path) => Box::new(File::open(path)?),
            Input::Standard => Box::new(io::stdin().lock()),
        };
        let source = decompressed(Box::new(progress.counted(source)))?;
        let (head, mut reader) = peek(source)?;
        if let Some(foreign) = foreign(&head) {
            return Err(io::Error::other(foreign));
        }
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
            progress.look();
            let bytes = chunk.get(..count).unwrap_or_default();
            if take(bytes).is_break() {
                return Ok(());
            }
        }
    }
}

/// Looks at the first bytes and decompresses where they say so.
fn decompressed<'r>(
    source: Box<dyn Read + 'r>,
) -> io::Result<Box<dyn Read + 'r>> {
    let (head, whole) = peek(source)?;
    Ok(match head.as_slice() {
        [0x1F, 0x8B, ..] => Box::new(flate2::read::MultiGzDecoder::new(whole)),
        head if is_frame(head) => Box::new(Frames::new(whole)),
        _ => Box::new(whole),
    })
}

/// The first bytes, and all of them.
fn peek<'r>(
    mut source: Box<dyn Read + 'r>,
) -> io::Result<(Vec<u8>, impl Read + 'r)> {
    let mut head = Vec::new();
    source.by_ref().take(magic::HEAD as u64).read_to_end(&mut head)?;
    Ok((head.clone(), io::Cursor::new(head).chain(source)))
}

/// Short work shows no bar: it would only flicker.
const DELAY: Duration = Duration::from_millis(500);

/// A progress bar on standard error, gone when this is dropped.
pub(crate) struct Progress {
    bar: ProgressBar,
    /// When it is to be shown, if it is to be and is not yet.
    due: Cell<Option<Instant>>,
}

impl Progress {
    pub(crate) fn new(inputs: &[Input], shown: bool) -> Progress {
        let bar = match inputs.iter().map(Input::size).sum::<Option<u64>>() {
            Some(total) => ProgressBar::new(total).with_style(
                ProgressStyle::with_template(
                    "{bar:30} {bytes}/{total_bytes} {bytes_per_sec} {eta}",
                )
                .unwrap_or_else(|_| ProgressStyle::default_bar()),
            ),
            None => ProgressBar::new_spinner(),
        };
        bar.set_draw_target(ProgressDrawTarget::hidden());
        let due = shown.then(|| Instant::now().checked_add(DELAY)).flatten();
        Progress { bar, due: Cell::new(due) }
    }

    fn counted<'r>(&self, source: Box<dyn Read + 'r>) -> impl Read + 'r {
        self.bar.wrap_read(source)
    }

    /// Shows the bar once it is due.
    fn look(&self) {
        if self.due.get().is_some_and(|due| due <= Instant::now()) {
            self.due.set(None);
            self.bar.set_draw_target(ProgressDrawTarget::stderr());
        }
    }

    /// Prints while the bar is away.
    pub(crate) fn suspend(&self, print: impl FnOnce()) {
        self.bar.suspend(print);
    }
}

impl Drop for Progress {
    fn drop(&mut self) {
        self.bar.finish_and_clear();
    }
}
