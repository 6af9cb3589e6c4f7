//! Where the bytes come from.

use std::borrow::Cow;
use std::cell::Cell;
use std::fs::{self, File};
use std::io::{self, Read};
use std::ops::ControlFlow;
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use frontend::cores;
use frontend::input::{Chunk, each_chunk};
use frontend::walk::walk;
use indicatif::{ProgressBar, ProgressDrawTarget, ProgressStyle};

use crate::closed;

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

/// Inputs in the order in which a log was written to them.
pub(crate) fn in_order(inputs: Vec<Input>) -> Vec<Input> {
    let paths: Vec<PathBuf> =
        inputs.iter().map(|input| PathBuf::from(&*input.name())).collect();
    let mut inputs: Vec<Option<Input>> =
        inputs.into_iter().map(Some).collect();
    let order = frontend::rotation::in_order(&paths).into_iter();
    order.filter_map(|index| inputs.get_mut(index)?.take()).collect()
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

    /// The file, if several cores may scan it.
    pub(crate) fn for_many(&self) -> Option<File> {
        match self {
            Input::File(path) => cores::open(path),
            Input::Standard => None,
        }
    }

    /// Hands the input over, decompressed, until `take` breaks.
    ///
    /// # Errors
    ///
    /// Those of [`each_chunk`], or it cannot be opened.
    pub(crate) fn each_chunk(
        &self,
        progress: &Progress,
        mut take: impl FnMut(Chunk<'_>) -> ControlFlow<()>,
    ) -> io::Result<()> {
        let source: Box<dyn Read> = match self {
            Input::File(path) => Box::new(File::open(path)?),
            Input::Standard if closed::input() => {
                return Err(io::Error::other("standard input is closed"));
            }
            Input::Standard => Box::new(io::stdin().lock()),
        };
        each_chunk(progress.counted(source), &mut |chunk| {
            progress.look();
            take(chunk)
        })
    }
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

    /// Counts bytes that were not read through [`counted`](Progress::counted).
    pub(crate) fn count(&self, bytes: u64) {
        self.bar.inc(bytes);
        self.look();
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
