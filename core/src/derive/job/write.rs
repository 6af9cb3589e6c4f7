/*!
Commands that write a file which a scheduler reads.
*/

use super::facts::{Activity, Interface, Jobs};
use super::file;
use crate::derive::canonical::arena::Piece;
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
    /// Paths that stand anywhere in a program's text.
    Text,
    /// Every operand; they are removed.
    Removes,
}

/// Programs that write files.
const PROGRAMS: [(&str, Writes); 36] = [
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
    ("awk", Writes::Text),
    ("gawk", Writes::Text),
    ("wget", Writes::Option(&["-O", "--output-document"])),
    ("curl", Writes::Option(&["-o", "--output"])),
    ("patch", Writes::All),
    ("rm", Writes::Removes),
];

/// Tells the jobs of the files of schedulers that a command writes.
pub(crate) fn read(
    commands: &mut Commands,
    command: Command,
    jobs: &mut Jobs,
    notes: &mut Notes,
) {
    if command.origin.system == System::Windows {
        copied(commands, command, jobs, notes);
        return;
    }
    let program = commands.text(command, 0).unwrap_or_default();
    if program == WRITE {
        if let Some(file) = word(commands, command, 1) {
            tell(file, None, Activity::Update, commands, command, jobs, notes);
        }
        return;
    }
    let name = stem(program);
    let name = match name {
        name if name.starts_with(b"python3.") => b"python3",
        name => name,
    };
    let known = PROGRAMS.iter().find(|(known, _)| known.as_bytes() == name);
    let Some(&(_, writes)) = known else { return };
    match writes {
        Writes::All => each(commands, command, Activity::Update, jobs, notes),
        Writes::Removes => {
            each(commands, command, Activity::Delete, jobs, notes);
        }
        Writes::Last => last(commands, command, jobs, notes),
        Writes::Option(options) => {
            option(options, commands, command, jobs, notes);
        }
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
                each(commands, command, Activity::Update, jobs, notes);
            }
        }
        Writes::Text => text(commands, command, jobs, notes),
    }
}

/// A copy of a definition to where the scheduler, or group policy, reads it.
fn copied(
    commands: &mut Commands,
    command: Command,
    jobs: &mut Jobs,
    notes: &mut Notes,
) {
    let name = Lower::new(stem(commands.text(command, 0).unwrap_or_default()));
    let words = commands.words(command).iter().skip(1);
    let mut operands = words.map(|word| word.text).filter(|word| {
        !matches!(commands.arena.get(*word), [b'/' | b'-', ..])
    });
    let target = match &*name {
        b"copy" | b"xcopy" | b"move" | b"cp" | b"mv" | b"copy-item"
        | b"move-item" | b"cpi" | b"mi" => operands.next_back(),
        b"robocopy" => operands.nth(1),
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
    let mut operands = words
        .iter()
        .skip(1)
        .filter(|word| !is_option(commands.arena.get(word.text)))
        .map(|word| word.text);
    let target = words
        .iter()
        .position(|word| commands.arena.get(word.text) == b"-t")
        .and_then(|at| words.get(at.saturating_add(1)))
        .map(|word| word.text);
    let source = operands.next();
    let last = target.or_else(|| operands.next_back());
    let Some(last) = last else { return };
    tell(last, source, Activity::Update, commands, command, jobs, notes);
}

fn option(
    options: &[&str],
    commands: &mut Commands,
    command: Command,
    jobs: &mut Jobs,
    notes: &mut Notes,
) {
    let mut index = 1_usize;
    while let Some(text) = commands.text(command, index) {
        index = index.saturating_add(1);
        let mut file = None;
        for option in options {
            match text.strip_prefix(option.as_bytes()) {
                Some(b"") => file = word(commands, command, index),
                Some([b'=', ..]) => {
                    let skipped = option.len().saturating_add(1);
                    let word =
                        word(commands, command, index.saturating_sub(1));
                    file = word.map(|word| word.after(skipped));
                }
                Some(_) if option.len() == 2 => {
                    let word =
                        word(commands, command, index.saturating_sub(1));
                    file = word.map(|word| word.after(2));
                }
                _ => {}
            }
        }
        if let Some(file) = file {
            let activity = Activity::Update;
            tell(file, None, activity, commands, command, jobs, notes);
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

/// Paths in the texts of a program: from a slash to what no path has.
fn text(
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
            let activity = Activity::Update;
            tell(file, None, activity, commands, command, jobs, notes);
            rest = path.after(length);
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
    use crate::derive::job::process::tests::told;

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
            ("grep x /etc/crontab", None),
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
