/*!
Commands that write a file which a scheduler reads.
*/

use super::facts::{Activity, Interface, Jobs, Scheduler};
use super::file;
use super::traits::Trait;
use crate::derive::canonical::arena::{Arena, Piece};
use crate::derive::canonical::command::{Command, Commands, System};
use crate::derive::canonical::lower::Lower;
use crate::derive::canonical::notes::Notes;
use crate::derive::canonical::path::{self, stem};
use crate::derive::canonical::shell::WRITE;
use crate::event::Field;

/// Which words of a program are files that it writes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Writes {
    /// Every operand.
    All,
    /// The last operand, or in it if it is a folder.
    Last,
    /// What stands behind an option of one of these letters.
    Option(&'static [&'static str]),
    /// What stands behind `of=`.
    Of,
    /// Every operand, if an option begins so: in place.
    InPlace(&'static str),
    /// Paths that stand anywhere in a program's text, if something in it
    /// writes.
    Text,
    /// Paths in a program's text behind `>`.
    Redirected,
    /// The operand that stands on the last one, if an option says so.
    Bound,
    /// Files in the folder that stands behind an option of one of these
    /// names.
    Folder(&'static [&'static str]),
    /// Every operand; they are removed.
    Removes,
    /// A list of properties of macOS, by `defaults`.
    Defaults,
    /// The last operand, unless a word only reads.
    Properties(&'static [&'static str]),
    /// The folder that a server is told to write its data to.
    Server,
}

/// Programs that write files.
const PROGRAMS: [(&str, Writes); 59] = [
    ("tee", Writes::All),
    ("touch", Writes::All),
    ("truncate", Writes::All),
    ("vi", Writes::All),
    ("vim", Writes::All),
    ("nvim", Writes::All),
    ("nano", Writes::All),
    ("emacs", Writes::All),
    ("ed", Writes::All),
    ("ex", Writes::All),
    ("pico", Writes::All),
    ("mcedit", Writes::All),
    ("cp", Writes::Last),
    ("mv", Writes::Last),
    ("install", Writes::Last),
    ("ln", Writes::Last),
    ("link", Writes::Last),
    ("rsync", Writes::Last),
    ("scp", Writes::Last),
    ("rename", Writes::Last),
    ("dd", Writes::Of),
    ("sed", Writes::InPlace("i")),
    ("gsed", Writes::InPlace("i")),
    ("perl", Writes::Text),
    ("python", Writes::Text),
    ("python2", Writes::Text),
    ("python3", Writes::Text),
    ("ruby", Writes::Text),
    ("node", Writes::Text),
    ("php", Writes::Text),
    ("awk", Writes::Redirected),
    ("gawk", Writes::Redirected),
    ("mawk", Writes::Redirected),
    ("mount", Writes::Bound),
    ("ditto", Writes::Last),
    ("lwp-download", Writes::Last),
    ("cpio", Writes::Folder(&["-D", "--directory"])),
    ("aria2c", Writes::Folder(&["-d", "--dir"])),
    ("axel", Writes::Option(&["-o", "--output"])),
    ("ftp", Writes::Option(&["-o"])),
    ("fetch", Writes::Option(&["-o"])),
    ("wget", Writes::Option(&["-O", "--output-document"])),
    ("curl", Writes::Option(&["-o", "--output"])),
    ("patch", Writes::All),
    ("openssl", Writes::Option(&["-out"])),
    ("base64", Writes::Option(&["-o", "--output"])),
    ("gpg", Writes::Option(&["-o", "--output"])),
    ("socat", Writes::Text),
    ("psql", Writes::Text),
    ("mysql", Writes::Text),
    ("mariadb", Writes::Text),
    ("tar", Writes::Folder(&["-C", "--directory"])),
    ("bsdtar", Writes::Folder(&["-C", "--directory"])),
    ("unzip", Writes::Folder(&["-d"])),
    ("defaults", Writes::Defaults),
    ("plutil", Writes::Properties(&["-lint", "-p", "-extract", "-type"])),
    ("PlistBuddy", Writes::Properties(&["Print", "print"])),
    ("redis-cli", Writes::Server),
    ("rm", Writes::Removes),
];

/// The writer of a name.
fn named(name: &[u8]) -> Option<(&[u8], Writes)> {
    let name = match name {
        name if name.starts_with(b"python3.") => b"python3",
        name => name,
    };
    let mut programs = PROGRAMS.iter();
    let known = programs.find(|(known, _)| known.as_bytes() == name);
    known.map(|(_, writes)| (name, *writes))
}

/// Tells the jobs of the files of schedulers that a command writes. The
/// program is the one that the event names, whatever it was told that it is;
/// where that is none that is known, it may be many, by the name it is told.
pub(crate) fn read(
    commands: &mut Commands,
    command: Command,
    original: Option<&[u8]>,
    jobs: &mut Jobs,
    notes: &mut Notes,
) {
    let original = original.filter(|_| !command.origin.is_inner).map(stem);
    if command.origin.system == System::Windows {
        copied(commands, command, original, jobs, notes);
        return;
    }
    let program = commands.text(command, 0).unwrap_or_default();
    if program == WRITE {
        if let Some(file) = word(commands, command, 1) {
            tell(file, None, Activity::Update, commands, command, jobs, notes);
        }
        return;
    }
    let known = original.and_then(named);
    let known = known.or_else(|| named(stem(program)));
    let Some((name, writes)) = known else { return };
    match writes {
        Writes::All => each(commands, command, Activity::Update, jobs, notes),
        Writes::Removes => {
            each(commands, command, Activity::Delete, jobs, notes);
        }
        Writes::Last => last(commands, command, jobs, notes),
        Writes::Option(options) => {
            let is_fetched = matches!(name, b"wget" | b"curl");
            option(options, commands, command, jobs, notes);
            if is_fetched {
                let folders = ["-P", "--directory-prefix", "--output-dir"];
                folder(&folders, commands, command, jobs, notes);
            }
        }
        Writes::Folder(options) => {
            let is_tar = matches!(name, b"tar" | b"bsdtar");
            if !is_tar || extracts(commands, command) {
                folder(options, commands, command, jobs, notes);
            }
        }
        Writes::Defaults => defaults(commands, command, jobs, notes),
        Writes::Properties(reads) => {
            let only_reads = commands.words(command).iter().any(|word| {
                let text = commands.arena.get(word.text);
                reads.iter().any(|read| text.starts_with(read.as_bytes()))
            });
            let is_elsewhere = commands
                .words(command)
                .iter()
                .any(|word| commands.arena.get(word.text) == b"-o");
            match (only_reads, is_elsewhere) {
                (true, _) => {}
                (false, true) => {
                    option(&["-o"], commands, command, jobs, notes);
                }
                (false, false) => last(commands, command, jobs, notes),
            }
        }
        Writes::Server => server(commands, command, jobs, notes),
        Writes::Of => of(commands, command, jobs, notes),
        Writes::InPlace(letter) => {
            let words = commands.words(command).iter().skip(1);
            let is_in_place = words.clone().any(|word| {
                let text = commands.arena.get(word.text);
                matches!(text, [b'-', rest @ ..]
                    if rest.starts_with(letter.as_bytes())
                        || rest.starts_with(b"-in-place")
                        || rest.len() < 6 && rest.contains(&b'i')
                            && !rest.starts_with(b"-"))
            });
            script_writes(commands, command, jobs, notes);
            if is_in_place {
                let mut command = command;
                let added = added_line(commands, command);
                command.origin.input = added.or(command.origin.input);
                each(commands, command, Activity::Update, jobs, notes);
            }
        }
        Writes::Text => {
            if has_write(commands, command) {
                text(false, commands, command, jobs, notes);
            }
        }
        Writes::Redirected => text(true, commands, command, jobs, notes),
        Writes::Bound => {
            let is_bound = commands.words(command).iter().any(|word| {
                let option = commands.arena.get(word.text);
                matches!(option, b"--bind" | b"--rbind" | b"-B" | b"--move")
                    || option.ends_with(b"bind")
            });
            if is_bound {
                last(commands, command, jobs, notes);
            }
        }
    }
}

/// Whether a program's text has a word for what changes a file. A mode of
/// `open` is one.
fn has_write(commands: &Commands, command: Command) -> bool {
    const WORDS: [&str; 25] = [
        ">",
        "write",
        "append",
        "copy",
        "rename",
        "move",
        "replace(",
        "put_contents",
        "link",
        "'w",
        "\"w",
        "'a",
        "\"a",
        "'x",
        "'r+",
        "\"r+",
        "-i",
        "-pi",
        "truncate",
        "dump",
        "save",
        "extract",
        "outfile",
        "to '",
        "open:",
    ];
    let words = commands.words(command).iter().skip(1);
    let mut texts = words.map(|word| commands.arena.get(word.text));
    texts.any(|text| {
        WORDS.iter().any(|word| {
            crate::bytes::find(text, word.as_bytes(), 0, false).is_some()
        })
    })
}

/// A copy of a definition to where the scheduler, or group policy, reads it.
fn copied(
    commands: &mut Commands,
    command: Command,
    original: Option<&[u8]>,
    jobs: &mut Jobs,
    notes: &mut Notes,
) {
    let own = original.map(Lower::new);
    let own = own.filter(|own| matches!(&**own, b"xcopy" | b"robocopy"));
    let name = own.unwrap_or_else(|| {
        Lower::new(stem(commands.text(command, 0).unwrap_or_default()))
    });
    let words = commands.words(command).iter().skip(1);
    let mut operands = words.map(|word| word.text).filter(|word| {
        !matches!(commands.arena.get(*word), [b'/' | b'-', ..])
    });
    let target = match &*name {
        b"copy" | b"xcopy" | b"move" | b"cp" | b"mv" | b"copy-item"
        | b"move-item" | b"cpi" | b"mi" => operands.next_back(),
        b"robocopy" => operands.nth(1),
        b"set-content" | b"add-content" | b"out-file" | b"tee-object"
        | b"sc" | b"ac" => operands.next(),
        _ => return,
    };
    let Some(target) = target else { return };
    let path = path::windows(target, &mut commands.arena, notes);
    let Some(file) = file::windows(commands.arena.get(path)) else { return };
    let told = jobs.len();
    if let Some(rest) = commands.arena.get(path).strip_prefix(br"\\") {
        let end = memchr::memchr(b'\\', rest).unwrap_or(rest.len());
        let host =
            super::facts::host(path.after(2).until(end), &mut commands.arena);
        jobs.write(Field::JobTarget, host);
    }
    let about = file::About {
        path,
        file,
        activity: Activity::Update,
        interface: Interface::Shell,
        content: None,
    };
    file::tell(about, commands, command, jobs);
    debug_assert!(jobs.len() > told, "a file without a job");
}

fn word(commands: &Commands, command: Command, index: usize) -> Option<Piece> {
    commands.words(command).get(index).map(|word| word.text)
}

fn is_option(word: &[u8]) -> bool {
    word.len() > 1 && word.first() == Some(&b'-')
}

/// Whether a word is neither an option nor what one of those has for a value
/// that say what is not copied.
fn is_operand(index: usize, commands: &Commands, command: Command) -> bool {
    const VALUED: [&[u8]; 6] = [
        b"--exclude",
        b"--include",
        b"--filter",
        b"--exclude-from",
        b"--files-from",
        b"--rsh",
    ];
    let before = index.checked_sub(1);
    let before = before.and_then(|before| commands.text(command, before));
    let own = commands.text(command, index).unwrap_or_default();
    !is_option(own) && before.is_none_or(|before| !VALUED.contains(&before))
}

/// Every operand is a file.
fn each(
    commands: &mut Commands,
    command: Command,
    activity: Activity,
    jobs: &mut Jobs,
    notes: &mut Notes,
) {
    let mut index = 1_usize;
    while let Some(file) = word(commands, command, index) {
        index = index.saturating_add(1);
        if !is_option(commands.arena.get(file)) {
            tell(file, None, activity, commands, command, jobs, notes);
        }
    }
}

/// The last operand is the file, or the folder that those before go into.
fn last(
    commands: &mut Commands,
    command: Command,
    jobs: &mut Jobs,
    notes: &mut Notes,
) {
    let words = commands.words(command);
    let mut operands = (1..words.len())
        .filter(|index| is_operand(*index, commands, command))
        .filter_map(|index| words.get(index))
        .map(|word| word.text);
    let target = words
        .iter()
        .position(|word| commands.arena.get(word.text) == b"-t")
        .and_then(|at| words.get(at.saturating_add(1)))
        .map(|word| word.text);
    let last = target.or_else(|| operands.next_back());
    let Some(last) = last else { return };
    let mut told = 0_usize;
    let mut index = 1_usize;
    // Each of several files goes into the folder.
    while let Some(source) = word(commands, command, index) {
        let is_source = is_operand(index, commands, command)
            && source != last
            && told < MOST_SOURCES;
        index = index.saturating_add(1);
        if is_source {
            told = told.saturating_add(1);
            let before = jobs.len();
            let activity = Activity::Update;
            tell(last, Some(source), activity, commands, command, jobs, notes);
            // A file, not a folder: the name of the source is none of its.
            let is_file = jobs.len() > before
                && !is_folder(last, command, &mut commands.arena);
            if is_file {
                return;
            }
        }
    }
    if told == 0 {
        tell(last, None, Activity::Update, commands, command, jobs, notes);
    }
}

/// Most files that a command copies of which each is looked at.
const MOST_SOURCES: usize = 16;

fn option(
    options: &[&str],
    commands: &mut Commands,
    command: Command,
    jobs: &mut Jobs,
    notes: &mut Notes,
) {
    let mut from = 1_usize;
    while let Some(file) = next_value(options, &mut from, commands, command) {
        let activity = Activity::Update;
        tell(file, None, activity, commands, command, jobs, notes);
    }
}

/// The next value of one of some options from a word on, which is moved behind
/// its word.
fn next_value(
    options: &[&str],
    from: &mut usize,
    commands: &Commands,
    command: Command,
) -> Option<Piece> {
    let mut left = *from..commands.words(command).len();
    left.find_map(|index| {
        *from = index.saturating_add(1);
        value(options, index, commands, command)
    })
}

/// The value of one of some options, if it stands at a place: behind `=`, in
/// the same word, or the next word. Letters may stand before it: `-so file`.
fn value(
    options: &[&str],
    index: usize,
    commands: &Commands,
    command: Command,
) -> Option<Piece> {
    let own = word(commands, command, index)?;
    let text = commands.arena.get(own);
    let next = || word(commands, command, index.saturating_add(1));
    options.iter().find_map(|option| {
        let option = option.as_bytes();
        if let Some(rest) = text.strip_prefix(option) {
            return match rest {
                [] => next(),
                [b'=', ..] => Some(own.after(option.len().saturating_add(1))),
                _ if option.len() == 2 => Some(own.after(2)),
                _ => None,
            };
        }
        let [b'-', letter] = option else { return None };
        let letters = text.strip_prefix(b"-")?;
        let at = memchr::memchr(*letter, letters)?;
        let before = letters.get(..at)?;
        let is_cluster = before.iter().all(u8::is_ascii_alphabetic);
        let behind = own.after(at.saturating_add(2));
        let is_all_letters = letters.iter().all(u8::is_ascii_alphabetic);
        match behind.is_empty() {
            _ if !is_cluster => None,
            true => next(),
            false => Some(behind).filter(|_| !is_all_letters),
        }
    })
}

/// Whether `tar` is told to take files out of an archive.
fn extracts(commands: &Commands, command: Command) -> bool {
    let mut words = commands.words(command).iter().skip(1).enumerate();
    words.any(|(index, word)| {
        let letters = match commands.arena.get(word.text) {
            [b'-', b'-', name @ ..] => return name.starts_with(b"extract"),
            [b'-', letters @ ..] => letters,
            letters if index == 0 => letters,
            _ => return false,
        };
        letters.contains(&b'x') && letters.iter().all(u8::is_ascii_alphabetic)
    })
}

/// Files in the folder that stands behind an option.
fn folder(
    options: &[&str],
    commands: &mut Commands,
    command: Command,
    jobs: &mut Jobs,
    notes: &mut Notes,
) {
    let mut from = 1_usize;
    while let Some(folder) = next_value(options, &mut from, commands, command)
    {
        inside(folder, Activity::Update, commands, command, jobs, notes);
    }
}

/// Tells the job of some file in a folder, if it is one of a scheduler.
fn inside(
    folder: Piece,
    activity: Activity,
    commands: &mut Commands,
    command: Command,
    jobs: &mut Jobs,
    notes: &mut Notes,
) -> bool {
    let arena = &mut commands.arena;
    let directory = command.origin.directory;
    let path = path::unix(folder, directory, arena, notes);
    if !is_known_folder(arena.get(path)) {
        return false;
    }
    let mark = arena.mark();
    arena.extend_from(path);
    arena.extend(b"/*");
    let file = arena.since(mark);
    tell(file, None, activity, commands, command, jobs, notes);
    true
}

/// `defaults write /Library/LaunchDaemons/x Key value`: the file's ending may
/// be left out.
fn defaults(
    commands: &mut Commands,
    command: Command,
    jobs: &mut Jobs,
    notes: &mut Notes,
) {
    if commands.text(command, 1) != Some(b"write") {
        return;
    }
    let Some(mut file) = word(commands, command, 2) else { return };
    if !commands.arena.get(file).ends_with(b".plist") {
        let arena = &mut commands.arena;
        let mark = arena.mark();
        arena.extend_from(file);
        arena.extend(b".plist");
        file = arena.since(mark);
    }
    tell(file, None, Activity::Update, commands, command, jobs, notes);
}

/// `redis-cli config set dir /var/spool/cron`: the server will write there.
fn server(
    commands: &mut Commands,
    command: Command,
    jobs: &mut Jobs,
    notes: &mut Notes,
) {
    let is = |index: usize, name: &[u8]| {
        let word = commands.text(command, index).unwrap_or_default();
        word.eq_ignore_ascii_case(name)
    };
    let count = commands.words(command).len();
    let at = (1..count).find(|&index| {
        is(index, b"config")
            && is(index.saturating_add(1), b"set")
            && is(index.saturating_add(2), b"dir")
    });
    let folder =
        at.and_then(|at| word(commands, command, at.saturating_add(3)));
    if let Some(folder) = folder {
        jobs.say(Field::JobTrait, Trait::ServerConfigured.name());
        let activity = Activity::Update;
        if !inside(folder, activity, commands, command, jobs, notes) {
            jobs.unsay();
        }
    }
}

fn of(
    commands: &mut Commands,
    command: Command,
    jobs: &mut Jobs,
    notes: &mut Notes,
) {
    let mut index = 1_usize;
    while let Some(text) = commands.text(command, index) {
        let is_file = text.starts_with(b"of=");
        let file = word(commands, command, index).filter(|_| is_file);
        index = index.saturating_add(1);
        if let Some(file) = file {
            let (file, activity) = (file.after(3), Activity::Update);
            tell(file, None, activity, commands, command, jobs, notes);
        }
    }
}

/// The line that a script of sed puts into a file: `1i\ x`, `$a x`, `/y/a x`.
fn added_line(commands: &Commands, command: Command) -> Option<Piece> {
    let words = commands.words(command).iter().skip(1);
    words.map(|word| word.text).find_map(|script| {
        let text = commands.arena.get(script);
        let address = match text {
            [b'$', ..] => 1,
            [b'/', rest @ ..] => memchr::memchr(b'/', rest)?.saturating_add(2),
            _ => text.iter().take_while(|byte| byte.is_ascii_digit()).count(),
        };
        let [b'i' | b'a' | b'c', rest @ ..] = text.get(address..)? else {
            return None;
        };
        let is_between =
            |byte: &&u8| matches!(byte, b'\\' | b' ' | b'\t' | b'\n');
        let between = rest.iter().take_while(is_between).count();
        let start = address.saturating_add(1).saturating_add(between);
        (between > 0 && start < text.len()).then(|| script.after(start))
    })
}

/// Files that a script of sed writes: `w/etc/crontab`, `s/a/b/w /etc/crontab`.
fn script_writes(
    commands: &mut Commands,
    command: Command,
    jobs: &mut Jobs,
    notes: &mut Notes,
) {
    let mut index = 1_usize;
    while let Some(script) = word(commands, command, index) {
        index = index.saturating_add(1);
        let text = commands.arena.get(script);
        let mut ways = [b"w/".as_slice(), b"w /"].into_iter();
        let found = ways.find_map(|way| {
            let at = memchr::memmem::find(text, way)?;
            let before = at.checked_sub(1).and_then(|at| text.get(at));
            let is_command = before.is_none_or(|byte| {
                matches!(byte, b'/' | b';' | b'$' | b'g' | b' ' | b'{' | b'}')
                    || byte.is_ascii_digit()
            });
            let start = at.saturating_add(way.len()).saturating_sub(1);
            is_command.then_some(start)
        });
        if let Some(start) = found {
            let file = script.after(start);
            let end = commands.arena.get(file).iter();
            let end = end.take_while(|byte| !b"\n;}".contains(byte)).count();
            let activity = Activity::Update;
            tell(
                file.until(end),
                None,
                activity,
                commands,
                command,
                jobs,
                notes,
            );
        }
    }
}

/// Paths in the texts of a program: from a slash to what no path has; only
/// behind `>`, or all.
fn text(
    is_redirected: bool,
    commands: &mut Commands,
    command: Command,
    jobs: &mut Jobs,
    notes: &mut Notes,
) {
    let mut index = 1_usize;
    while let Some(mut rest) = word(commands, command, index) {
        index = index.saturating_add(1);
        while let Some(at) = memchr::memchr(b'/', commands.arena.get(rest)) {
            let path = rest.after(at);
            let before = commands.arena.get(rest.until(at)).iter().rev();
            let before =
                before.copied().find(|byte| !b" \t\"'\\".contains(byte));
            let is_written = !is_redirected || before == Some(b'>');
            let is_of_path = |byte: &&u8| {
                byte.is_ascii_alphanumeric()
                    || matches!(byte, b'/' | b'.' | b'_' | b'-' | b'@' | b'~')
            };
            let bytes = commands.arena.get(path).iter();
            let length = bytes.take_while(is_of_path).count();
            let mut file = path.until(length);
            // A program that goes to the folder writes a file in it.
            if is_known_folder(commands.arena.get(file)) {
                let arena = &mut commands.arena;
                let mark = arena.mark();
                arena.extend_from(file);
                arena.extend(b"/*");
                file = arena.since(mark);
            }
            if is_written {
                let activity = Activity::Update;
                tell(file, None, activity, commands, command, jobs, notes);
            }
            rest = path.after(length.max(1));
        }
    }
}

/// Tells the job of a file, if a scheduler reads it.
fn tell(
    file: Piece,
    source: Option<Piece>,
    activity: Activity,
    commands: &mut Commands,
    command: Command,
    jobs: &mut Jobs,
    notes: &mut Notes,
) {
    let mut undone = Notes::default();
    let arena = &mut commands.arena;
    let mut path =
        path::unix(file, command.origin.directory, arena, &mut undone);
    // `cp x /etc/cron.d/` writes `/etc/cron.d/x`.
    let is_folder =
        arena.get(file).ends_with(b"/") || is_known_folder(arena.get(path));
    if is_folder && let Some(source) = source {
        let name = memchr::memrchr(b'/', arena.get(source));
        let name = source.after(name.map_or(0, |at| at.saturating_add(1)));
        let mark = arena.mark();
        arena.extend_from(path);
        arena.push(b'/');
        arena.extend_from(name);
        path = arena.since(mark);
    }
    let Some(known) = file::unix(commands.arena.get(path)) else { return };
    notes.merge(undone);
    // A unit that is a link to nothing, or is empty, is masked.
    let source = source.map(|source| commands.arena.get(source));
    let is_masked =
        known.scheduler == Scheduler::Systemd && source == Some(b"/dev/null");
    let activity = if is_masked { Activity::Disable } else { activity };
    let content = command.origin.input;
    let about = file::About {
        path,
        file: known,
        activity,
        interface: Interface::Shell,
        content,
    };
    file::tell(about, commands, command, jobs);
}

/// Whether a path is that of a folder, as far as that can be told.
fn is_folder(file: Piece, command: Command, arena: &mut Arena) -> bool {
    let notes = &mut Notes::default();
    let path = path::unix(file, command.origin.directory, arena, notes);
    arena.get(file).ends_with(b"/") || is_known_folder(arena.get(path))
}

/// Folders of schedulers, which may be named without a slash at the end.
fn is_known_folder(path: &[u8]) -> bool {
    [
        b"/etc/cron.d".as_slice(),
        b"/etc/cron.hourly",
        b"/etc/cron.daily",
        b"/etc/cron.weekly",
        b"/etc/cron.monthly",
        b"/var/spool/cron/crontabs",
        b"/var/spool/cron",
        b"/etc/systemd/system",
        b"/etc/systemd/user",
        b"/usr/lib/systemd/system",
        b"/Library/LaunchDaemons",
        b"/Library/LaunchAgents",
    ]
    .contains(&path)
}

#[cfg(test)]
mod tests {
    use crate::derive::canonical::command::System;
    use crate::derive::job::process::tests::{told, told_as};

    fn files(line: &str) -> Vec<String> {
        let told = told(line, System::Unix);
        let parts = told.split(['|', '\n']);
        let file = parts.filter_map(|part| part.strip_prefix("File="));
        file.map(str::to_owned).collect()
    }

    #[test]
    fn commands_that_write() {
        for (line, file) in [
            ("sh -c echo x > /etc/cron.d/y", Some("/etc/cron.d/y")),
            ("sh -c echo x >> /etc/crontab", Some("/etc/crontab")),
            ("tee -a /etc/crontab", Some("/etc/crontab")),
            ("cp /tmp/y /etc/cron.d/", Some("/etc/cron.d/y")),
            ("cp /tmp/y /etc/cron.d", Some("/etc/cron.d/y")),
            ("mv x /etc/cron.d/y", Some("/etc/cron.d/y")),
            ("install -m 644 x /etc/cron.d/y", Some("/etc/cron.d/y")),
            ("dd if=x of=/etc/cron.d/y", Some("/etc/cron.d/y")),
            ("sed -i s/a/b/ /etc/crontab", Some("/etc/crontab")),
            ("sed s/a/b/ /etc/crontab", None),
            (
                "python3 -c open('/etc/cron.d/y','w').write('x')",
                Some("/etc/cron.d/y"),
            ),
            ("curl -o /etc/cron.d/y http://x", Some("/etc/cron.d/y")),
            ("wget -O/etc/cron.d/y http://x", Some("/etc/cron.d/y")),
            ("sh -c cd /etc; echo x >> ./crontab", Some("/etc/crontab")),
            ("rm /etc/cron.d/y", Some("/etc/cron.d/y")),
            ("curl -fsSo /etc/cron.d/y http://x", Some("/etc/cron.d/y")),
            ("curl -O --output-dir /etc/cron.d u", Some("/etc/cron.d/*")),
            ("wget -qP /etc/cron.d u", Some("/etc/cron.d/*")),
            ("wget -qO- http://x/etc/cron.d/y", None),
            ("tar xzf a.tgz -C /etc/cron.d", Some("/etc/cron.d/*")),
            ("tar czf a.tgz -C /etc/cron.d .", None),
            ("unzip a.zip -d /etc/cron.d", Some("/etc/cron.d/*")),
            ("openssl enc -d -in a -out /etc/cron.d/y", Some("/etc/cron.d/y")),
            (
                "find / -name a -exec cp {} /etc/cron.d/y ;",
                Some("/etc/cron.d/y"),
            ),
            ("find /etc/cron.d -type f", None),
            (
                "redis-cli -h h CONFIG SET dir /var/spool/cron",
                Some("/var/spool/cron/*"),
            ),
            ("redis-cli config set dir /var/lib/redis", None),
            (
                "cp /srv/y.service /srv/y.timer /etc/systemd/system",
                Some("/etc/systemd/system/y.timer"),
            ),
            ("awk '{print $1}' /etc/crontab", None),
            (
                "awk 'BEGIN{print 1 > \"/etc/cron.d/y\"}'",
                Some("/etc/cron.d/y"),
            ),
            ("perl -ne print /etc/crontab", None),
            ("python3 -c 'print(open(\"/etc/crontab\").read())'", None),
            (
                "python3 -c 'open(\"/etc/crontab\", \"a\")'",
                Some("/etc/crontab"),
            ),
            (
                "socat -u TCP:h:4 OPEN:/etc/cron.d/y,creat",
                Some("/etc/cron.d/y"),
            ),
            ("mount --bind /srv/c /etc/cron.d", Some("/etc/cron.d/c")),
            ("mount /dev/sda1 /etc/cron.d", None),
            ("sh -c exec 3> /etc/cron.d/y", Some("/etc/cron.d/y")),
            (
                "defaults write /Library/LaunchAgents/y RunAtLoad -bool true",
                Some("/Library/LaunchAgents/y.plist"),
            ),
            ("defaults read /Library/LaunchAgents/y", None),
            (
                "plutil -insert RunAtLoad -bool true /Library/LaunchAgents/y.plist",
                Some("/Library/LaunchAgents/y.plist"),
            ),
            ("plutil -p /Library/LaunchAgents/y.plist", None),
            (
                "PlistBuddy -c 'Set :Label x' /Library/LaunchAgents/y.plist",
                Some("/Library/LaunchAgents/y.plist"),
            ),
            (
                "PlistBuddy -c 'Print :Label' /Library/LaunchAgents/y.plist",
                None,
            ),
            ("grep x /etc/crontab", None),
            ("rsync -a --exclude /etc/crontab /etc/ /srv/etc/", None),
            (
                "rsync -a --exclude x /srv/y /etc/cron.d/",
                Some("/etc/cron.d/y"),
            ),
            ("cat /etc/crontab", None),
            (
                "ln -s /x/y.timer /etc/systemd/system/timers.target.wants/y.timer",
                Some("/etc/systemd/system/timers.target.wants/y.timer"),
            ),
        ] {
            let files = files(line);
            let first = files.first().map(String::as_str);
            assert_eq!(first, file, "{line}");
        }
    }

    #[test]
    fn writer_is_told_by_its_file_too() {
        let unix = "/usr/bin/";
        for (line, original, file) in [
            ("foo /etc/cron.d/x", "tee", true),
            ("foo /tmp/x /etc/cron.d/y", "cp", true),
            // Links to what the system has for it.
            ("editor /etc/crontab", "nano", true),
            ("vi /etc/crontab", "vim.basic", true),
            ("tee /etc/cron.d/x", "busybox", true),
            ("tee /etc/cron.d/x", "coreutils", true),
            ("tee /etc/cron.d/x", "cat", true),
            ("foo /etc/cron.d/x", "cat", false),
            ("foo /etc/cron.d/x", "mycp", false),
        ] {
            let original = format!("{unix}{original}");
            let told = told_as(line, Some(&original), System::Unix);
            assert_eq!(told.contains("File=/etc/"), file, "{line}: {told}");
            assert!(!told.contains('['), "{line}: {told}");
        }
        let line = r"foo.exe C:\x.job C:\Windows\Tasks\x.job";
        for (original, is_told) in
            [("XCOPY.EXE", true), ("robocopy.exe", true), ("x.exe", false)]
        {
            let told = told_as(line, Some(original), System::Windows);
            assert_eq!(!told.is_empty(), is_told, "{original}: {told}");
        }
    }

    #[test]
    fn unit_that_is_nothing_is_masked() {
        let timer = "/etc/systemd/system/x.timer";
        for (line, activity) in [
            (format!("ln -sf /dev/null {timer}"), "disable"),
            (format!("cp /dev/null {timer}"), "disable"),
            (format!("ln -s /tmp/x.timer {timer}"), "update"),
            ("ln -s /dev/null /etc/cron.d/x".to_owned(), "update"),
        ] {
            let told = told(&line, System::Unix);
            let expected = format!("Activity={activity}|");
            assert!(told.starts_with(&expected), "{line}: {told}");
        }
    }

    #[test]
    fn lines_that_are_written_are_jobs() {
        assert_eq!(
            told(
                "sh -c echo '* * * * * root /tmp/x -y' > /etc/cron.d/z",
                System::Unix
            ),
            "Activity=update|Scheduler=cron|Interface=shell|Name=z|\
            File=/etc/cron.d/z|Trigger=minute|User=root|Command=/tmp/x|\
            Arguments=-y"
        );
    }
}
