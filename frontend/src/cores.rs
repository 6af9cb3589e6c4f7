/*!
One file on several cores. Other threads read parts of it and look at them
before their turn, and the scanner takes what is left to take, in order, on
the thread that calls: what is reported is what a scan on one core reports.
*/

use std::collections::VecDeque;
use std::fs::File;
use std::io;
use std::ops::{ControlFlow, Range};
use std::path::Path;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::mpsc::{Receiver, SyncSender, channel, sync_channel};
use std::sync::{Arc, Mutex, PoisonError};
use std::thread::{self, Scope};

use t1053::{Lookahead, Looked, Report, Scanner, Standing};

use crate::input::is_plain;
use crate::magic::HEAD;

/// Parts that are under way, for each thread that looks at some: one at hand
/// and one more, so that none waits.
const PARTS: usize = 2;

/// How many parts are scanned on one core after one that was looked at in
/// vain: so much of a log is alike.
const PAUSE: u32 = 16;

/// How far the end of a line is looked for behind a part. What has longer
/// lines is scanned on one core.
const MOST_BEHIND: usize = 1 << 20;

/// How much is read at a time to find it.
const BEHIND: usize = 16 << 10;

/// How many cores have nothing to do: shared by scans that may take some.
pub type Idle = Arc<AtomicUsize>;

/// How a report is taken.
pub type Sink<'s> = dyn FnMut(Report<'_>) -> ControlFlow<()> + 's;

/// Told of each part that was taken, in order; may end the scan.
pub type Progress<'p> = dyn FnMut(&[u8]) -> ControlFlow<()> + 'p;

/// A part to look at: the lines that begin in a range of the file.
struct Dealt {
    range: Range<u64>,
    /// Where the stream stands before it, and where the file begins in it.
    standing: Standing,
    base: u64,
    seen: Seen,
    back: SyncSender<Option<Seen>>,
}

/// Memory that a file is read to, and how much of it was.
#[derive(Default)]
struct Buffer {
    memory: Vec<u8>,
    filled: usize,
}

impl Buffer {
    fn bytes(&self) -> &[u8] {
        self.memory.get(..self.filled).unwrap_or_default()
    }
}

/// Bytes of a file, and what was seen in those that are a part.
#[derive(Default)]
struct Seen {
    buffer: Buffer,
    part: Range<usize>,
    /// Where the part begins in the file.
    at: u64,
    looked: Looked,
}

impl Seen {
    fn part(&self) -> &[u8] {
        self.buffer.bytes().get(self.part.clone()).unwrap_or_default()
    }
}

/// Opens a file that several cores may scan: it stands there whole, is large,
/// and holds records as they stand. Opens nothing else: a named pipe would be
/// at its end for whoever opens it next.
pub fn open(path: &Path) -> Option<File> {
    let found = path.metadata().ok()?;
    let is_large = found.len() > Standing::ALIGNMENT.saturating_mul(2);
    if !found.is_file() || !is_large {
        return None;
    }
    let file = File::open(path).ok()?;
    let mut head = Buffer::default();
    read(&file, 0, HEAD, &mut head).ok()?;
    is_plain(head.bytes()).then_some(file)
}

/// Feeds a scanner with a file, from its beginning to its end, on this core
/// and those that are idle. Does not end the stream.
///
/// # Errors
///
/// The file cannot be read further.
pub fn feed(
    file: &File,
    idle: &Idle,
    scanner: &mut Scanner,
    sink: &mut Sink<'_>,
    progress: &mut Progress<'_>,
) -> io::Result<()> {
    let (parts, queue) = channel::<Dealt>();
    let queue = Mutex::new(queue);
    let queue = &queue;
    let mut cores = Taken { idle, count: 0 };
    // Owned by the scope, so that threads end with it.
    thread::scope(move |scope| {
        let size = file.metadata()?.len();
        let base = scanner.counts().bytes;
        let mut under_way: VecDeque<Receiver<Option<Seen>>> = VecDeque::new();
        let mut spare = Vec::new();
        let mut threads = 0_usize;
        let mut pause = 0_u32;
        let (mut at, mut buffer) = (0, Buffer::default());
        loop {
            // On this core, to a line from which others may look ahead.
            let border = next_border(base, at);
            let end = fill(file, at..border, &mut buffer)?;
            let part = buffer.bytes().get(..end).unwrap_or_default();
            if part.is_empty() {
                return Ok(());
            }
            at = at.saturating_add(part.len() as u64);
            if scanner.feed(part, &mut *sink).is_break()
                || progress(part).is_break()
            {
                return Ok(());
            }
            pause = pause.saturating_sub(1);
            let Some(standing) = scanner.standing().filter(|_| pause == 0)
            else {
                continue;
            };
            // One more with each that was of use: little is done in vain.
            let mut most = 1;
            let mut next = border;
            loop {
                while cores.take() {
                    // With the first, one for the core that is the caller's:
                    // to take what is left is little work.
                    let more = if threads == 0 { 2 } else { 1 };
                    let begun = begin(more, scope, file, queue, scanner);
                    threads = threads.saturating_add(begun);
                }
                most = most.min(threads.saturating_mul(PARTS));
                while under_way.len() < most && pause == 0 && next < size {
                    let range = next..next_border(base, next);
                    next = range.end;
                    let seen = spare.pop().unwrap_or_default();
                    let (back, receive) = sync_channel(1);
                    under_way.push_back(receive);
                    let dealt = Dealt { range, standing, base, seen, back };
                    // The queue is there as long as this.
                    let _ = parts.send(dealt);
                }
                let Some(seen) = under_way.pop_front() else { break };
                // A thread that panicked ends the scope with its panic.
                let Ok(seen) = seen.recv() else { return Ok(()) };
                let Some(seen) = seen.filter(|seen| seen.at == at) else {
                    pause = PAUSE;
                    continue;
                };
                let part = seen.part();
                match seen.looked.is_vain(part) {
                    true => pause = PAUSE,
                    false => most = most.saturating_add(1),
                }
                at = at.saturating_add(part.len() as u64);
                let fed = scanner.feed_looked(part, &seen.looked, &mut *sink);
                if fed.is_break() || progress(part).is_break() {
                    return Ok(());
                }
                spare.push(seen);
            }
        }
    })
}

/// Begins so many threads that look at parts of a file; returns how many there
/// are. Without them the scan goes on on the caller's core.
fn begin<'scope>(
    count: usize,
    scope: &'scope Scope<'scope, '_>,
    file: &'scope File,
    queue: &'scope Mutex<Receiver<Dealt>>,
    scanner: &Scanner,
) -> usize {
    let lookaheads = (0..count).filter_map(|_| scanner.lookahead());
    let begun = lookaheads.filter_map(|lookahead| {
        let work = move || look(file, lookahead, queue);
        thread::Builder::new().spawn_scoped(scope, work).ok()
    });
    begun.count()
}

/// Cores that were idle, and are again when this is dropped.
struct Taken<'i> {
    idle: &'i Idle,
    count: usize,
}

impl Taken<'_> {
    fn take(&mut self) -> bool {
        let less = |idle: usize| idle.checked_sub(1);
        let order = Ordering::Relaxed;
        let is_taken = self.idle.fetch_update(order, order, less).is_ok();
        self.count = self.count.saturating_add(usize::from(is_taken));
        is_taken
    }
}

impl Drop for Taken<'_> {
    fn drop(&mut self) {
        self.idle.fetch_add(self.count, Ordering::Relaxed);
    }
}

/// The next place in the file that is a border of parts in the stream.
fn next_border(base: u64, at: u64) -> u64 {
    let stretches = base.saturating_add(at) / Standing::ALIGNMENT;
    let next = stretches.saturating_add(1).saturating_mul(Standing::ALIGNMENT);
    next.saturating_sub(base)
}

/// Looks at parts until there are no more.
fn look(
    file: &File,
    mut lookahead: Lookahead,
    queue: &Mutex<Receiver<Dealt>>,
) {
    loop {
        let next = queue.lock().unwrap_or_else(PoisonError::into_inner).recv();
        let Ok(dealt) = next else { return };
        let Dealt { range, standing, base, mut seen, back } = dealt;
        // Nobody takes it where the scan was stopped; where it could not be
        // read, whoever takes it tries again.
        let _ = back.send(match read_part(file, range, &mut seen) {
            true => {
                let standing = standing.ahead(base.saturating_add(seen.at));
                let mut looked = std::mem::take(&mut seen.looked);
                lookahead.look(seen.part(), standing, &mut looked);
                Some(Seen { looked, ..seen })
            }
            false => None,
        });
    }
}

/// Reads the lines that begin in a range of a file; whether there are any.
fn read_part(file: &File, range: Range<u64>, seen: &mut Seen) -> bool {
    // One byte more tells whether a line begins with the range.
    let from = range.start.saturating_sub(1);
    let Ok(end) = fill(file, from..range.end, &mut seen.buffer) else {
        return false;
    };
    let first = memchr::memchr(b'\n', seen.buffer.bytes());
    let first = first.map_or(end, |at| at.saturating_add(1));
    seen.part = first..end;
    seen.at = from.saturating_add(first as u64);
    first < end && seen.at < range.end
}

/// Reads a range of a file, and on to the end of the line, if it is near.
/// Returns how many bytes there are up to there.
fn fill(
    file: &File,
    range: Range<u64>,
    buffer: &mut Buffer,
) -> io::Result<usize> {
    let length = range.end.saturating_sub(range.start);
    let length = usize::try_from(length).unwrap_or(usize::MAX);
    buffer.filled = 0;
    read(file, range.start, length, buffer)?;
    let most = length.saturating_add(MOST_BEHIND);
    let mut searched = length.saturating_sub(1);
    while buffer.filled > searched && searched < most {
        let behind = buffer.bytes().get(searched..).unwrap_or_default();
        if let Some(at) = memchr::memchr(b'\n', behind) {
            return Ok(searched.saturating_add(at).saturating_add(1));
        }
        searched = buffer.filled;
        let from = range.start.saturating_add(searched as u64);
        read(file, from, BEHIND, buffer)?;
    }
    Ok(buffer.filled)
}

/// Reads so many bytes behind others, or what there is of them.
fn read(
    file: &File,
    from: u64,
    count: usize,
    buffer: &mut Buffer,
) -> io::Result<()> {
    let Buffer { memory, filled } = buffer;
    let begin = *filled;
    let end = begin.saturating_add(count);
    if memory.len() < end {
        memory.resize(end, 0);
    }
    while let Some(room) = memory.get_mut(*filled..end)
        && !room.is_empty()
    {
        let from = from.saturating_add((*filled - begin) as u64);
        match read_at(file, room, from) {
            Ok(0) => break,
            Ok(count) => *filled = filled.saturating_add(count),
            Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
            Err(error) => return Err(error),
        }
    }
    Ok(())
}

#[cfg(unix)]
fn read_at(file: &File, room: &mut [u8], from: u64) -> io::Result<usize> {
    std::os::unix::fs::FileExt::read_at(file, room, from)
}

#[cfg(windows)]
fn read_at(file: &File, room: &mut [u8], from: u64) -> io::Result<usize> {
    std::os::windows::fs::FileExt::seek_read(file, room, from)
}

#[cfg(test)]
mod tests {
    use std::env;
    use std::fs;
    use std::process;

    use t1053::Detector;

    use super::*;

    /// A file that is gone when this is dropped.
    struct Scratch(std::path::PathBuf);

    impl Scratch {
        fn new(name: &str, bytes: &[u8]) -> Scratch {
            let name = format!("t1053-cores-{name}-{}", process::id());
            let path = env::temp_dir().join(name);
            fs::write(&path, bytes).unwrap();
            Scratch(path)
        }

        fn open(&self) -> File {
            File::open(&self.0).unwrap()
        }
    }

    impl Drop for Scratch {
        fn drop(&mut self) {
            let _ = fs::remove_file(&self.0);
        }
    }

    fn idle(cores: usize) -> Idle {
        Idle::new(AtomicUsize::new(cores))
    }

    /// What is told of a file, and the counts.
    fn scanned(file: &File, cores: usize) -> (Vec<String>, String) {
        let mut scanner = Scanner::new(&Detector::new());
        let mut told = Vec::new();
        let mut sink = |report: Report<'_>| {
            told.push(match report {
                Report::Match(it) => {
                    format!("{} {}", it.record, it.found.message())
                }
                other => format!("{other:?}"),
            });
            ControlFlow::Continue(())
        };
        let idle = idle(cores);
        let mut passed = 0;
        let progress = &mut |part: &[u8]| {
            passed += part.len();
            ControlFlow::Continue(())
        };
        feed(file, &idle, &mut scanner, &mut sink, progress).unwrap();
        assert_eq!(idle.load(Ordering::Relaxed), cores);
        assert_eq!(passed as u64, file.metadata().unwrap().len());
        let _ = scanner.finish(&mut sink);
        (told, format!("{:?}", scanner.counts()))
    }

    const QUIET: &str =
        "{\"EventID\":4624,\"Channel\":\"Security\",\"a\":\"b\"}\n";
    const FOUND: &str = "{\"EventID\":4698,\"Channel\":\"Security\",\
        \"Computer\":\"h\",\"TaskName\":\"\\\\x\"}\n";
    const AUDIT: &str = "type=PATH msg=audit(1.1:1): item=0 \
        name=\"/etc/cron.d/x\" nametype=CREATE\n";

    #[test]
    fn any_number_of_cores_tells_the_same() {
        let quiet = &QUIET.repeat(30_000);
        let long = format!("{{\"a\":\"{}\"}}\n", "x".repeat(3 << 20));
        let utf16: Vec<u8> = "\u{feff}"
            .encode_utf16()
            .chain(quiet.repeat(2).encode_utf16())
            .flat_map(u16::to_le_bytes)
            .collect();
        let streams = [
            [quiet, FOUND, quiet, "x\n", quiet, FOUND].concat(),
            quiet.repeat(3).trim_end().to_owned(),
            [quiet, quiet, &long, quiet, FOUND, quiet].concat(),
            [quiet, "{\n", quiet, "[\n{}\n]\n", quiet].concat(),
            FOUND.repeat(20_000) + quiet + &AUDIT.repeat(20_000),
            "\n".repeat(3 << 20) + quiet + "\n" + quiet + FOUND,
        ];
        let streams = streams.map(String::into_bytes);
        for stream in streams.into_iter().chain([utf16]) {
            let file = Scratch::new("same", &stream);
            let one = scanned(&file.open(), 0);
            assert!(one == scanned(&file.open(), 2));
        }
    }

    /// The records of a file that follows another are counted on.
    #[test]
    fn files_of_one_stream_are_looked_ahead_in_too() {
        let quiet = QUIET.repeat(50_000);
        let first = Scratch::new("first", format!("{FOUND}x").as_bytes());
        let second = Scratch::new("second", (quiet + FOUND).as_bytes());
        let told = [0, 2].map(|cores| {
            let mut scanner = Scanner::new(&Detector::new());
            let mut records = Vec::new();
            let mut sink = |report: Report<'_>| {
                if let Report::Match(it) = report {
                    records.push((it.record, it.source.offset));
                }
                ControlFlow::Continue(())
            };
            for file in [&first, &second] {
                let progress = &mut |_: &[u8]| ControlFlow::Continue(());
                let (file, idle) = (file.open(), idle(cores));
                feed(&file, &idle, &mut scanner, &mut sink, progress).unwrap();
                let _ = scanner.finish(&mut sink);
            }
            (records, scanner.counts().clone())
        });
        assert_eq!(told[0], told[1]);
        let last = FOUND.len() + 1 + QUIET.len() * 50_000;
        assert!(told[0].0.contains(&(50_002, last as u64)));
    }

    #[test]
    fn scan_that_is_stopped_ends_its_threads() {
        let file = (QUIET.repeat(40_000) + FOUND).repeat(4);
        let file = Scratch::new("stopped", file.as_bytes());
        let go_on = &mut |_: &[u8]| ControlFlow::Continue(());
        let stop = &mut |_: Report<'_>| ControlFlow::Break(());
        let mut scanner = Scanner::new(&Detector::published());
        let idle = idle(2);
        feed(&file.open(), &idle, &mut scanner, stop, go_on).unwrap();
        assert_eq!(scanner.counts().records, 40_001);
        let mut scanner = Scanner::new(&Detector::published());
        let sink = &mut |_: Report<'_>| ControlFlow::Continue(());
        let mut parts = 0;
        let stop = &mut |_: &[u8]| {
            parts += 1;
            match parts {
                3 => ControlFlow::Break(()),
                _ => ControlFlow::Continue(()),
            }
        };
        feed(&file.open(), &idle, &mut scanner, sink, stop).unwrap();
        assert!(scanner.counts().bytes < 4 << 20);
        assert_eq!(idle.load(Ordering::Relaxed), 2);
    }

    #[test]
    fn only_large_files_of_records_are_opened() {
        let large = QUIET.repeat(50_000);
        for (bytes, expected) in [
            (large.as_bytes(), true),
            (QUIET.as_bytes(), false),
            (b"", false),
            (&[b"\x1F\x8B", large.as_bytes()].concat(), false),
            (&[b"PAR1", large.as_bytes()].concat(), false),
        ] {
            let file = Scratch::new("many", bytes);
            assert_eq!(open(&file.0).is_some(), expected);
        }
        assert!(open(&env::temp_dir()).is_none());
        assert!(open(Path::new("/dev/zero")).is_none());
    }
}
