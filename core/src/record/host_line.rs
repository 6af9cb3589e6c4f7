/*!
Lines that programs of a host write themselves, mostly to syslog: cron and its
kin, systemd, and Santa's log.

The program is told by the tag in the line's header, and what happened by how
its message begins. Who runs a job may choose its command, but neither of
these.
*/

use memchr::memmem;

use crate::event::{EventKind, Generic, Platform};

use super::RecordLayout;
use super::context::{Context, Reading, Sink};
use super::keys::Key;
use super::members;
use super::prefix::COLON;
use super::raw::{Encoding, Raw};
use super::syntax::text::split_at_byte;
use super::windows::{Made, WindowsRecord, Words};
use crate::{Timestamp, bytes};

pub(super) const LAYOUTS: &[RecordLayout] = &[
    RecordLayout {
        name: "cron, at and systemd",
        about: "what cron, crontab, anacron, atd and systemd write to syslog \
                and the journal",
        lost: "what is in a table that was replaced, what a timer starts; the \
               year, in syslog's own header",
        verified: true,
    },
    RecordLayout {
        name: "Santa, text",
        about: "santad's log: `action=EXEC|decision=ALLOW|..`",
        lost: "the parent's path; where one argument ends",
        verified: true,
    },
];

/// Programs whose lines are read.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Program {
    /// cron, under each of its names.
    Cron,
    Crontab,
    Incron,
    Anacron,
    At,
    Systemd,
    Santa,
}

/// Their tags, in lower case.
const PROGRAMS: [(&[u8], Program); 9] = [
    (b"cron", Program::Cron),
    (b"crond", Program::Cron),
    (b"crontab", Program::Crontab),
    (b"incrond", Program::Incron),
    (b"anacron", Program::Anacron),
    (b"atd", Program::At),
    (b"systemd", Program::Systemd),
    (b"santad", Program::Santa),
    (b"com.northpolesec.santa.daemon", Program::Santa),
];

impl Program {
    /// What Sigma calls the log of its lines.
    fn log_source(self) -> (Platform, Generic<'static>) {
        let (platform, service) = match self {
            Program::Cron | Program::Crontab | Program::Anacron => {
                (Platform::Linux, Some("cron"))
            }
            Program::Incron | Program::At | Program::Systemd => {
                (Platform::Linux, None)
            }
            Program::Santa => (Platform::Macos, Some("santa")),
        };
        let product = Some(platform.name().as_bytes());
        let service = service.map(str::as_bytes);
        (platform, Generic { product, category: None, service })
    }
}

/// The tags of a platform's programs whose lines are read.
pub(crate) fn tags_of(
    platform: Platform,
) -> impl Iterator<Item = &'static [u8]> {
    let all = PROGRAMS.iter();
    all.filter(move |(_, program)| program.log_source().0 == platform)
        .map(|(tag, _)| *tag)
}

/// Whether lines of a program are the log that a service is.
pub(crate) fn are_of_service(name: &str) -> bool {
    PROGRAMS.iter().any(|(_, program)| {
        let service = program.log_source().1.service;
        service
            .is_some_and(|known| known.eq_ignore_ascii_case(name.as_bytes()))
    })
}

/// Most bytes of the header of a line: a name of a host may have 255.
const MOST_HEADER: usize = 512;

/// Most bytes of a time and the name of a stream.
const MOST_STAMP: usize = 48;

/// The program of a tag, which may be a path and have a process's id behind
/// it: `/usr/sbin/cron[7]`.
fn program(tag: &[u8]) -> Option<Program> {
    let tag = tag.split(|byte| *byte == b'[').next()?;
    let name = tag.rsplit(|byte| *byte == b'/').next()?;
    // The journal may be asked for the unit instead.
    let name = name.strip_suffix(b".service").unwrap_or(name);
    let mut known = PROGRAMS.iter();
    let known = known.find(|(tag, _)| name.eq_ignore_ascii_case(tag));
    known.map(|(_, program)| *program)
}

/// A line that a program wrote.
pub(super) enum Written<'a> {
    /// One of these programs.
    Known(Line<'a>),
    /// Another one.
    Other,
}

/// A line, taken apart.
pub(super) struct Line<'a> {
    time: Option<&'a [u8]>,
    host: Option<&'a [u8]>,
    program: Program,
    message: &'a [u8],
}

/// Takes a line apart that has the header of a program's.
pub(super) fn split(line: &[u8]) -> Option<Written<'_>> {
    let mut rest = line.trim_ascii_start();
    // Behind what a container's runtime puts before each line.
    if rest.get(10) == Some(&b'T') {
        let head = rest.get(..MOST_STAMP).unwrap_or(rest);
        let at = bytes::find_near(b' ', head).unwrap_or_default();
        let after = rest.get(at..)?;
        let mut marks = [b" stdout F ", b" stderr F "].into_iter();
        rest = marks.find_map(|mark| after.strip_prefix(mark)).unwrap_or(rest);
    }
    // `[2026-11-25T10:00:00.000Z] I santad: action=..`
    if let Some(after) = rest.strip_prefix(b"[") {
        let (time, after) = split_at_byte(header(after), b']')?;
        let tag = after.get(1..)?;
        let (_, tag) = split_at_byte(tag, b' ')?;
        let (tag, _) = split_at_byte(tag, b':')?;
        let Some(program) = program(tag) else {
            return is_date(time).then_some(Written::Other);
        };
        let at = COLON.find(header(rest))?.saturating_add(2);
        let message = rest.get(at..)?;
        let time = Some(time);
        let line = Line { time, host: None, program, message };
        return Some(Written::Known(line));
    }
    if rest.first() == Some(&b'<') {
        let (priority, after) = split_at_byte(header(rest), b'>')?;
        let digits = priority.get(1..)?;
        if digits.is_empty() || !digits.iter().all(u8::is_ascii_digit) {
            return None;
        }
        rest = rest.get(rest.len().min(priority.len().saturating_add(1))..)?;
        if let Some(after) = after.strip_prefix(b"1 ") {
            return split_rfc5424(rest.get(2..)?, after);
        }
    }
    let time;
    (time, rest) = split_time(rest)?;
    let (host, _) = split_at_byte(header(rest), b' ')?;
    rest = rest.get(host.len()..)?.trim_ascii_start();
    // Where a facility stands before the tag: `cron.info crond[7]: `.
    let end = COLON.find(header(rest))?;
    let (tags, message) = rest.split_at_checked(end)?;
    let tag = tags.rsplit(|byte| *byte == b' ').next()?;
    let is_facility = tags.len() == tag.len()
        || tags.iter().filter(|byte| **byte == b' ').count() == 1
            && tags
                .iter()
                .take(tags.len().saturating_sub(tag.len()))
                .any(|byte| *byte == b'.');
    if !is_facility {
        return None;
    }
    let Some(program) = program(tag) else {
        return time.is_none_or(is_date).then_some(Written::Other);
    };
    if let Some(time) = time {
        Timestamp::parse(time).or_else(|| Timestamp::parse_epoch(time))?;
    }
    let message = message.get(2..)?;
    Some(Written::Known(Line { time, host: Some(host), program, message }))
}

/// What stands for the time that a line begins with, where that is in full, and
/// what follows it: `Nov 25 10:00:00 `, a time in one word or two, with the day of
/// the week before it or the zone's name behind, or the seconds since 1970.
fn split_time(line: &[u8]) -> Option<(Option<&[u8]>, &[u8])> {
    if let [b'A'..=b'Z', _, _, b' ', _, _, b' ', _, _, b':', ..] = line {
        // journalctl may write it to the microsecond.
        let after = line.get(15..)?;
        let fraction = after.strip_prefix(b".").map_or(0, |digits| {
            let digits =
                digits.iter().take_while(|byte| byte.is_ascii_digit());
            digits.count().saturating_add(1)
        });
        let rest = after.get(fraction.saturating_add(1)..)?;
        return Some((None, rest));
    }
    // `Wed 2026-11-25 10:00:00 UTC `
    let dated = match line {
        [b'A'..=b'Z', _, _, b' ', b'0'..=b'9', ..] => line.get(4..)?,
        _ => line,
    };
    let (word, after) = split_at_byte(header(dated), b' ')?;
    let mut end = word.len();
    if word.len() == 10 && word.get(4) == Some(&b'-') {
        let (clock, _) = split_at_byte(after, b' ')?;
        end = end.saturating_add(1).saturating_add(clock.len());
    }
    let stamp = dated.get(..end)?;
    if !stamp.first()?.is_ascii_digit() {
        return None;
    }
    let mut rest = dated.get(end..)?.trim_ascii_start();
    if dated.len() < line.len() {
        let (zone, _) = split_at_byte(header(rest), b' ')?;
        rest = rest.get(zone.len()..)?.trim_ascii_start();
    }
    Some((Some(stamp), rest))
}

/// Takes the rest of a line apart behind RFC 5424's version: time, host,
/// program, process, kind of message, structured data, message.
fn split_rfc5424<'a>(line: &'a [u8], head: &'a [u8]) -> Option<Written<'a>> {
    let mut words = head.splitn(6, |byte| *byte == b' ');
    let (time, host, tag) = (words.next()?, words.next()?, words.next()?);
    let Some(program) = program(tag) else {
        return (is_date(time) || time == b"-").then_some(Written::Other);
    };
    let (process, kind) = (words.next()?, words.next()?);
    let before = [time, host, tag, process, kind];
    let before = before.iter().map(|word| word.len().saturating_add(1));
    let rest = line.get(before.sum::<usize>()..)?;
    let message = match rest.strip_prefix(b"-") {
        Some(message) => message,
        None => rest.get(memmem::find(rest, b"] ")?.saturating_add(1)..)?,
    };
    let message = message.trim_ascii_start();
    let message = message.strip_prefix(b"\xEF\xBB\xBF").unwrap_or(message);
    let (time, host) = (Some(time), Some(host));
    Some(Written::Known(Line { time, host, program, message }))
}

/// Whether a time begins with year, month and day, or is a number of seconds.
/// Most lines are of other programs, and of these it is not read.
fn is_date(time: &[u8]) -> bool {
    match time {
        [b'0'..=b'9', _, _, _, b'-', _, _, b'-', ..] => true,
        _ => {
            time.len() >= 10
                && time.iter().all(|b| matches!(b, b'0'..=b'9' | b'.'))
        }
    }
}

fn header(line: &[u8]) -> &[u8] {
    line.get(..MOST_HEADER).unwrap_or(line)
}

/// Whether a line is one of these.
pub(super) fn is_record(line: &[u8]) -> bool {
    matches!(split(line), Some(Written::Known(_)))
}

/// Reads a line, of which `whole` is all.
pub(super) fn read(
    line: &Line<'_>,
    whole: &[u8],
    context: &mut Context<'_>,
    sink: &mut Sink<'_>,
) -> Reading {
    members::with_line(whole, context, sink, &mut |context, sink| {
        let mut values = WindowsRecord::new();
        for (key, value) in
            [(Key::EventTime, line.time), (Key::Computer, line.host)]
        {
            if let Some(value) = value {
                values.set(key, Raw::plain(value));
            }
        }
        let message = line.message.trim_ascii_end();
        tell(line.program, message, values, context, sink)
    })
}

/// Hands over the event that a program's message tells, if it tells one, with
/// the values that are known beside it; `None` for another program.
pub(super) fn read_message<'a>(
    tag: &[u8],
    message: &'a [u8],
    values: WindowsRecord<'a>,
    context: &mut Context<'_>,
    sink: &mut Sink<'_>,
) -> Option<Reading> {
    let program = program(tag)?;
    Some(tell(program, message.trim_ascii(), values, context, sink))
}

fn tell<'a>(
    program: Program,
    message: &'a [u8],
    mut values: WindowsRecord<'a>,
    context: &mut Context<'_>,
    sink: &mut Sink<'_>,
) -> Reading {
    let made = match program {
        Program::Cron => cron(message, "cron", &mut values),
        Program::Crontab => crontab(message, &mut values),
        Program::Incron => cron(message, "incron", &mut values),
        Program::Anacron => anacron(message, &mut values),
        Program::At => at(message, &mut values),
        Program::Systemd => systemd(message, &mut values),
        Program::Santa => santa(message, &mut values),
    };
    let reading = match made {
        Some(made) if context.wanted.contains(made.kind) => {
            values.emit_made(made, None, context, sink)
        }
        _ => Reading::of(false),
    };
    // Rules ask for its log as well. Who tells the log source knows more, and
    // what is an event of a kind of Linux's is one already.
    let is_of_log = context.wants_generic()
        && made.is_none_or(|made| made.kind == EventKind::JobRecord)
        && {
            let told = context.log_source;
            let told =
                told.map(|source| (source.platform(), source.generic()));
            let (platform, data) = told.unwrap_or(program.log_source());
            values.emit_generic(platform, data, None, context, sink)
        };
    match is_of_log {
        true => {
            let events = reading.events.saturating_add(1);
            Reading { events, others: 0, not_understood: 0, ..reading }
        }
        false => reading,
    }
}

fn job(activity: &'static str, scheduler: &'static str) -> Option<Made> {
    let words = Words { activity, scheduler, ..Words::NONE };
    let platform = Some(Platform::Linux);
    Some(Made { kind: EventKind::JobRecord, platform, words })
}

/// What stands before and after a text.
fn split_at<'a>(text: &'a [u8], mark: &[u8]) -> Option<(&'a [u8], &'a [u8])> {
    let (before, rest) = text.split_at_checked(memmem::find(text, mark)?)?;
    Some((before, rest.get(mark.len()..)?))
}

/// `(user) WORD (rest)`: the three. The rest goes to the last bracket, for a
/// command may hold some, and may be cut.
fn bracketed(message: &[u8]) -> Option<(&[u8], &[u8], &[u8])> {
    let (user, rest) = split_at(message.strip_prefix(b"(")?, b") ")?;
    let (word, rest) = split_at(rest, b" (")?;
    let is_word = |byte: &u8| byte.is_ascii_uppercase() || *byte == b' ';
    let rest = rest.strip_suffix(b")").unwrap_or(rest);
    word.iter().all(is_word).then_some((user, word, rest))
}

/// `(user) CMD (command)`, `(user) RELOAD (table)`; busybox: `USER root pid
/// 7 cmd command`.
fn cron<'a>(
    message: &'a [u8],
    scheduler: &'static str,
    values: &mut WindowsRecord<'a>,
) -> Option<Made> {
    if let Some(rest) = message.strip_prefix(b"USER ") {
        let (user, rest) = split_at_byte(rest, b' ')?;
        let (_, command) = split_at(rest, b" cmd ")?;
        values.set(Key::RunAs, Raw::plain(user));
        values.set(Key::CommandLine, Raw::plain(command.trim_ascii()));
        return job("start", scheduler);
    }
    let (user, word, rest) = bracketed(message)?;
    match word {
        b"CMD" => {
            values.set(Key::RunAs, Raw::plain(user));
            values.set(Key::CommandLine, Raw::plain(rest));
            job("start", scheduler)
        }
        b"RELOAD" => {
            if user != b"*system*" {
                values.set(Key::RunAs, Raw::plain(user));
            }
            // One that is relative is below cron's own folder.
            if rest.starts_with(b"/") {
                values.set(Key::JobFile, Raw::plain(rest));
            }
            job("update", scheduler)
        }
        _ => None,
    }
}

/// `(who) REPLACE (whose)`.
fn crontab<'a>(
    message: &'a [u8],
    values: &mut WindowsRecord<'a>,
) -> Option<Made> {
    let (who, word, whose) = bracketed(message)?;
    values.set(Key::AccountName, Raw::plain(who));
    values.set(Key::RunAs, Raw::plain(whose));
    match word {
        b"REPLACE" | b"BEGIN EDIT" => job("update", "cron"),
        b"DELETE" => job("delete", "cron"),
        b"LIST" => job("query", "cron"),
        _ => None,
    }
}

/// ``Job `cron.daily' started``.
fn anacron<'a>(
    message: &'a [u8],
    values: &mut WindowsRecord<'a>,
) -> Option<Made> {
    let (name, rest) = split_at_byte(message.strip_prefix(b"Job `")?, b'\'')?;
    values.set(Key::TaskName, Raw::plain(name));
    match rest.trim_ascii_start().starts_with(b"started") {
        true => job("start", "anacron"),
        false => None,
    }
}

/// `Starting job 7 (a0000701b) for user 'root' (0)`.
fn at<'a>(message: &'a [u8], values: &mut WindowsRecord<'a>) -> Option<Made> {
    let rest = message.strip_prefix(b"Starting job ")?;
    let (name, rest) = split_at_byte(rest, b' ')?;
    values.set(Key::TaskName, Raw::plain(name));
    if let Some((_, user)) = split_at(rest, b"for user '")
        && let Some((user, _)) = split_at_byte(user, b'\'')
    {
        values.set(Key::RunAs, Raw::plain(user));
    }
    job("start", "at")
}

/// `Started x.timer - Description.`, or of older versions with the unit apart
/// (in the journal): timers alone, for a service may be anything. And
/// `Created symlink A → B.`.
fn systemd<'a>(
    message: &'a [u8],
    values: &mut WindowsRecord<'a>,
) -> Option<Made> {
    if let Some(rest) = message.strip_prefix(b"Created symlink ") {
        let arrow = split_at(rest, " \u{2192} ".as_bytes());
        let (link, file) = arrow.or_else(|| split_at(rest, b" -> "))?;
        let file = file.strip_suffix(b".").unwrap_or(file);
        values.set(Key::TargetFilename, Raw::plain(link));
        values.set(Key::SourceFilename, Raw::plain(file));
        let kind = EventKind::FileLink;
        let platform = Some(Platform::Linux);
        return Some(Made { kind, platform, words: Words::NONE });
    }
    let (activity, rest) = match message.strip_prefix(b"Started ") {
        Some(rest) => ("enable", rest),
        None => ("disable", message.strip_prefix(b"Stopped ")?),
    };
    let unit = rest.split(|byte| *byte == b' ').next().unwrap_or_default();
    let unit = unit.strip_suffix(b".").unwrap_or(unit);
    if unit.ends_with(b".timer") {
        values.set(Key::TaskName, Raw::plain(unit));
    }
    let scratch = &mut [0; 64];
    let named = values.get(Key::TaskName);
    let named = named.as_ref().map(|name| name.short(scratch));
    match named.is_some_and(|name| name.ends_with(b".timer")) {
        true => job(activity, "systemd"),
        false => None,
    }
}

/// Santa's members between bars: `action=EXEC|decision=ALLOW|path=..`.
fn santa<'a>(
    message: &'a [u8],
    values: &mut WindowsRecord<'a>,
) -> Option<Made> {
    // The system's own log may have a word before it.
    let at = memmem::find(header(message), b"action=").unwrap_or_default();
    let message = message.get(at..).unwrap_or_default();
    let (mut action, mut is_denied) = (&b""[..], false);
    let mut path = &b""[..];
    for member in message.split(|byte| *byte == b'|') {
        let Some((name, value)) = split_at_byte(member, b'=') else {
            continue;
        };
        let key = match name {
            b"action" => {
                action = value;
                continue;
            }
            b"decision" => {
                is_denied = value == b"DENY";
                continue;
            }
            b"path" => {
                path = value;
                continue;
            }
            b"newpath" => Key::TargetFilename,
            b"args" => Key::CommandLine,
            b"pid" => Key::ProcessId,
            b"ppid" => Key::ParentProcessId,
            b"user" => Key::User,
            b"processpath" => Key::Image,
            _ => continue,
        };
        values.set(key, Raw { bytes: value, encoding: Encoding::Santa });
    }
    let (kind, key) = match action {
        b"EXEC" if !is_denied => (EventKind::ProcessCreation, Key::Image),
        b"RENAME" => (EventKind::FileRename, Key::SourceFilename),
        b"LINK" => (EventKind::FileLink, Key::SourceFilename),
        b"WRITE" => (EventKind::FileModification, Key::TargetFilename),
        b"DELETE" => (EventKind::FileDeletion, Key::TargetFilename),
        _ => return None,
    };
    values.set(key, Raw { bytes: path, encoding: Encoding::Santa });
    let platform = Some(Platform::Macos);
    Some(Made { kind, platform, words: Words::NONE })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::record::Format;
    use crate::record::json_record::tests::{event, events, read_as};

    /// The events of a line, however it is told what the line is.
    fn lines(line: &str) -> Vec<String> {
        let (events, reading) = read_as(Format::Auto, line.as_bytes());
        assert!(reading.is_ok(), "{line}");
        events
    }

    const HEAD: &str = "linux/job_record Computer=h";

    #[test]
    fn cron_and_its_kin_tell_what_they_start_and_what_changed() {
        for (line, expected) in [
            (
                "CRON[8]: (root) CMD (/x (y) > /z)",
                "CommandLine=/x (y) > /z Activity=start Scheduler=cron RunAs=root",
            ),
            // Cut short.
            (
                "/usr/sbin/cron[8]: (ann) CMD (/x",
                "CommandLine=/x Activity=start Scheduler=cron RunAs=ann",
            ),
            (
                "cron.info crond[8]: USER root pid  12 cmd /x -y",
                "CommandLine=/x -y Activity=start Scheduler=cron RunAs=root",
            ),
            (
                "incrond[8]: (root) CMD (/x)",
                "CommandLine=/x Activity=start Scheduler=incron RunAs=root",
            ),
            (
                "crontab[8]: (ann) REPLACE (root)",
                "User=ann Activity=update Scheduler=cron RunAs=root",
            ),
            (
                "crontab[8]: (ann) BEGIN EDIT (ann)",
                "User=ann Activity=update Scheduler=cron RunAs=ann",
            ),
            (
                "crontab[8]: (ann) LIST (ann)",
                "User=ann Activity=query Scheduler=cron RunAs=ann",
            ),
            (
                "crontab[8]: (ann) DELETE (ann)",
                "User=ann Activity=delete Scheduler=cron RunAs=ann",
            ),
            (
                "cron[8]: (*system*) RELOAD (/etc/cron.d/x)",
                "TargetFilename=/etc/cron.d/x Activity=update Scheduler=cron",
            ),
            (
                "cron[8]: (ann) RELOAD (crontabs/ann)",
                "Activity=update Scheduler=cron RunAs=ann",
            ),
            (
                "anacron[8]: Job `cron.daily' started",
                "TaskName=cron.daily Activity=start Scheduler=anacron",
            ),
            (
                "atd[8]: Starting job 7 (a0000701b) for user 'ann' (1000)",
                "TaskName=7 Activity=start Scheduler=at RunAs=ann",
            ),
            (
                "systemd[1]: Started x.timer - Something.",
                "TaskName=x.timer Activity=enable Scheduler=systemd",
            ),
        ] {
            for header in [
                "Nov  5 10:00:00 h",
                "<78>Nov 25 10:00:00 h",
                "Nov 25 10:00:00.123456 h",
            ] {
                let found = lines(&format!("{header} {line}\r"));
                assert_eq!(found, [format!("{HEAD} {expected}")], "{line}");
            }
        }
        let link = "Nov 25 10:00:00 h systemd[1]: Created symlink /a/x.timer \u{2192} /b/x.timer.";
        assert_eq!(
            lines(link),
            [
                "linux/file_link Computer=h TargetFilename=/a/x.timer SourceFilename=/b/x.timer"
            ]
        );
    }

    #[test]
    fn headers_of_syslog_tell_the_time_if_they_have_the_year() {
        let expected = "linux/job_record 2024-02-03T04:05:06Z Computer=h CommandLine=x Activity=start Scheduler=cron RunAs=root";
        for line in [
            "2024-02-03T04:05:06+00:00 h CRON[8]: (root) CMD (x)",
            "2024-02-03 04:05:06 h CRON[8]: (root) CMD (x)",
            // As journalctl writes it, when it is asked to.
            "Sat 2024-02-03 04:05:06 UTC h CRON[8]: (root) CMD (x)",
            "1706933106.000000 h CRON[8]: (root) CMD (x)",
            "Sat 2024-02-03 04:05:06 UTC h cron.service[8]: (root) CMD (x)",
            "<78>1 2024-02-03T04:05:06Z h CRON 8 - - (root) CMD (x)",
            "<78>1 2024-02-03T04:05:06Z h CRON 8 - [a@1 b=\"c\"] (root) CMD (x)",
        ] {
            assert_eq!(lines(line), [expected], "{line}");
        }
    }

    #[test]
    fn other_lines_are_none_of_theirs() {
        for line in [
            "Nov 25 10:00:00 h sshd[8]: (root) CMD (x)",
            "Nov 25 10:00:00 h sshd[8]: CRON[8]: (root) CMD (x)",
            "Nov 25 10:00:00 h a b CRON[8]: (root) CMD (x)",
            "CRON[8]: (root) CMD (x)",
            "Nov 25 10:00:00 h CRON",
            "<78>",
            "<x>Nov 25 10:00:00 h CRON[8]: (root) CMD (x)",
            "[1.5] CRON: x",
            "",
        ] {
            assert!(!is_record(line.as_bytes()), "{line}");
        }
        for line in [
            "CRON[8]: pam_unix(cron:session): session opened for user root",
            "CRON[8]: (root) CMDEND (x)",
            "crontab[8]: (ann) END EDIT (ann)",
            "systemd[1]: Started Something.",
            "anacron[8]: Job `cron.daily' terminated",
            "atd[8]: x",
        ] {
            let line = format!("Nov 25 10:00:00 h {line}");
            assert!(lines(&line).is_empty(), "{line}");
        }
    }

    /// Nobody knows them, but they are lines that some program wrote.
    #[test]
    fn lines_of_other_programs_are_not_understood() {
        for (line, is_written) in [
            ("Nov 25 10:00:00 h sshd[8]: Accepted x", true),
            ("<38>Nov  5 10:00:00 h kernel: [1.5] x", true),
            ("2026-11-25T10:00:00.5+01:00 h sshd[8]: x", true),
            ("<38>1 2026-11-25T10:00:00Z h sshd 8 - - x", true),
            ("2026 is h sshd[8]: x", false),
            ("Nov 25 10:00:00 h nothing", false),
            ("sshd[8]: Accepted x", false),
            ("Dear diary, it is h: x", false),
        ] {
            let (found, reading) = read_as(Format::Auto, line.as_bytes());
            assert!(found.is_empty(), "{line}");
            let not_understood = reading.map(|reading| reading.not_understood);
            let expected = is_written.then_some(1);
            assert_eq!(not_understood.ok(), expected, "{line}");
        }
    }

    #[test]
    fn collectors_keep_the_program_beside_the_message() {
        let expected = "linux/job_record 2024-02-03T04:05:06Z Computer=h CommandLine=/x \"y\" Activity=start Scheduler=cron RunAs=root";
        for record in [
            r#"{"__REALTIME_TIMESTAMP":"1706933106000000","_HOSTNAME":"h","SYSLOG_IDENTIFIER":"CRON","MESSAGE":"(root) CMD (/x \"y\")"}"#,
            r#"{"ISODATE":"2024-02-03T04:05:06Z","HOST":"h","PROGRAM":"CRON","MESSAGE":"(root) CMD (/x \"y\")"}"#,
            r#"{"@timestamp":"2024-02-03T04:05:06Z","host":{"name":"h"},"process":{"name":"CRON"},"message":"(root) CMD (/x \"y\")"}"#,
            r#"{"TimeGenerated":"2024-02-03T04:05:06Z","Computer":"h","ProcessName":"CRON","SyslogMessage":"(root) CMD (/x \"y\")"}"#,
            r#"{"message":"2024-02-03T04:05:06Z h CRON[8]: (root) CMD (/x \"y\")"}"#,
        ] {
            assert_eq!(event(record), expected, "{record}");
        }
        let timer = r#"{"_HOSTNAME":"h","SYSLOG_IDENTIFIER":"systemd","UNIT":"x.timer","MESSAGE":"Started Something."}"#;
        assert_eq!(
            event(timer),
            format!(
                "{HEAD} TaskName=x.timer Activity=enable Scheduler=systemd"
            )
        );
        let service = timer.replace(".timer", ".service");
        let (found, reading) = events(&service);
        assert!(found.is_empty());
        assert_eq!(reading.not_understood, 0);
    }

    #[test]
    fn santa_has_members_between_bars() {
        let line = |rest: &str| {
            format!("[2024-02-03T04:05:06.000Z] I santad: action={rest}")
        };
        let exec = "EXEC|decision=ALLOW|reason=BINARY|path=/usr/bin/crontab|args=a <pipe> b|pid=5|ppid=4|uid=501|user=ann";
        assert_eq!(
            lines(&line(exec)),
            [
                "macos/process_creation 2024-02-03T04:05:06Z User=ann Image=/usr/bin/crontab CommandLine=a | b ProcessId=5 ParentProcessId=4"
            ]
        );
        let denied = exec.replace("ALLOW", "DENY");
        assert!(lines(&line(&denied)).is_empty());
        let files = "path=/a|newpath=/b|pid=5|process=mv|processpath=/bin/mv|user=root";
        for (action, expected) in
            [("RENAME", "macos/file_rename"), ("LINK", "macos/file_link")]
        {
            let found = lines(&line(&format!("{action}|{files}")));
            let expected = format!(
                "{expected} 2024-02-03T04:05:06Z User=root Image=/bin/mv ProcessId=5 TargetFilename=/b SourceFilename=/a"
            );
            assert_eq!(found, [expected]);
        }
        let other = "2024-02-03 04:05:06.000000-0000  localhost santad[99]: action=WRITE|path=/a|processpath=/bin/cp|user=root";
        assert_eq!(
            lines(other),
            [
                "macos/file_modification 2024-02-03T04:05:06Z Computer=localhost User=root Image=/bin/cp TargetFilename=/a"
            ]
        );
    }
}
