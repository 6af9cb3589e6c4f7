/*!
Lines of cron tables, and of those of its kin, to jobs.
*/

use super::facts::{Jobs, Trigger};
use super::{account, action};
use crate::derive::canonical::arena::{Arena, Piece};
use crate::derive::canonical::command::{Command, Commands, System};
use crate::event::Field;

/// Most lines of a table that are read.
const MOST_LINES: usize = 64;

/// Tells the jobs that the lines of a table define. `head` states what all
/// of them have in common.
pub(crate) fn read(
    lines: Piece,
    has_user: bool,
    commands: &mut Commands,
    outer: Command,
    jobs: &mut Jobs,
    head: &mut dyn FnMut(&mut Jobs),
) {
    let mut rest = lines;
    for _ in 0..MOST_LINES {
        let text = commands.arena.get(rest);
        if text.is_empty() {
            return;
        }
        let length = memchr::memchr(b'\n', text).unwrap_or(text.len());
        let line = rest.until(length);
        rest = rest.after(length.saturating_add(1));
        if let Some(entry) = entry(line, has_user, &commands.arena) {
            head(jobs);
            jobs.say(Field::JobTrigger, entry.trigger.name());
            if let Some(user) = entry.user {
                account::push(user, System::Unix, &commands.arena, jobs);
            }
            action::push_shell(commands, entry.command, outer, jobs);
            jobs.end();
        }
    }
    commands.cut();
}

/// What a line of a table says.
struct Entry {
    trigger: Trigger,
    user: Option<Piece>,
    command: Piece,
}

/// Reads a line; `None` for one that defines no job.
fn entry(line: Piece, has_user: bool, arena: &Arena) -> Option<Entry> {
    let (word, _) = next(line, arena)?;
    let (trigger, mut rest) = match arena.get(word) {
        [b'#', ..] => return None,
        [b'@', name @ ..] => {
            let (_, rest) = next(line, arena)?;
            (named(name)?, rest)
        }
        _ => by_fields(line, arena)?,
    };
    let user = if has_user {
        let (user, behind) = next(rest, arena)?;
        rest = behind;
        Some(user)
    } else {
        None
    };
    let (first, _) = next(rest, arena)?;
    debug_assert!(!first.is_empty());
    Some(Entry { trigger, user, command: command(rest, arena) })
}

/// A line's command without the input behind its first `%`.
fn command(rest: Piece, arena: &Arena) -> Piece {
    let text = arena.get(rest);
    let start = text.iter().take_while(|byte| byte.is_ascii_whitespace());
    let start = start.count();
    let mut end = text.len();
    for at in memchr::memchr_iter(b'%', text) {
        let before = at.checked_sub(1).and_then(|at| text.get(at));
        if before != Some(&b'\\') {
            end = at;
            break;
        }
    }
    rest.until(end).after(start)
}

/// The first word of a text, and what follows it.
fn next(text: Piece, arena: &Arena) -> Option<(Piece, Piece)> {
    let bytes = arena.get(text);
    let blank = |byte: &&u8| matches!(byte, b' ' | b'\t' | b'\r');
    let start = bytes.iter().take_while(blank).count();
    let rest = bytes.get(start..)?;
    let length = rest.iter().take_while(|byte| !blank(byte)).count();
    let text = text.after(start);
    (length > 0).then(|| (text.until(length), text.after(length)))
}

/// When `@name` is.
fn named(name: &[u8]) -> Option<Trigger> {
    Some(match name {
        b"reboot" => Trigger::Boot,
        b"hourly" => Trigger::Hourly,
        b"daily" | b"midnight" => Trigger::Daily,
        b"weekly" => Trigger::Weekly,
        b"monthly" => Trigger::Monthly,
        b"yearly" | b"annually" => Trigger::Calendar,
        b"every_minute" => Trigger::Minute,
        b"every" => Trigger::Interval,
        _ if !name.is_empty() && name.iter().all(u8::is_ascii_digit) => {
            Trigger::Interval
        }
        _ => return None,
    })
}

/// When the five fields of a line say that it is, and what follows them.
fn by_fields(line: Piece, arena: &Arena) -> Option<(Trigger, Piece)> {
    let mut rest = line;
    let mut fields = [b"".as_slice(); 5];
    for field in &mut fields {
        let (word, behind) = next(rest, arena)?;
        *field = arena.get(word);
        rest = behind;
    }
    let [minutes, hours, days, months, weekdays] = fields;
    let minutes = minutes.strip_prefix(b"-").unwrap_or(minutes);
    if ![minutes, hours, days, months, weekdays]
        .iter()
        .all(|field| is_field(field))
    {
        return None;
    }
    let any = |field: &[u8]| field == b"*";
    let every = |field: &[u8]| any(field) || field.starts_with(b"*/");
    let trigger = if !any(months) {
        Trigger::Calendar
    } else if !any(days) {
        Trigger::Monthly
    } else if !any(weekdays) {
        Trigger::Weekly
    } else if !every(hours) {
        Trigger::Daily
    } else if !every(minutes) {
        Trigger::Hourly
    } else {
        Trigger::Minute
    };
    Some((trigger, rest))
}

/// When a schedule of cron, with no command behind it, is.
pub(crate) fn schedule(schedule: Piece, arena: &Arena) -> Option<Trigger> {
    match arena.get(schedule).trim_ascii() {
        [b'@', name @ ..] => named(name),
        _ => by_fields(schedule, arena).map(|(trigger, _)| trigger),
    }
}

/// Whether a word may be a field of a cron line.
fn is_field(word: &[u8]) -> bool {
    let begins = matches!(word.first(), Some(b'*' | b'0'..=b'9' | b'~'))
        || word.get(..3).is_some_and(is_day_or_month);
    begins
        && word.iter().all(|byte| {
            byte.is_ascii_alphanumeric()
                || matches!(byte, b'*' | b'/' | b',' | b'-' | b'~' | b'#')
        })
}

fn is_day_or_month(word: &[u8]) -> bool {
    const NAMES: [&str; 19] = [
        "sun", "mon", "tue", "wed", "thu", "fri", "sat", "jan", "feb", "mar",
        "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec",
    ];
    NAMES.iter().any(|name| word.eq_ignore_ascii_case(name.as_bytes()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines_of_tables() {
        for (line, has_user, expected) in [
            ("* * * * * x -y", false, Some(("minute", "", "x -y"))),
            ("*/5 * * * * x", false, Some(("minute", "", "x"))),
            ("5 * * * * x", false, Some(("hourly", "", "x"))),
            ("5 */2 * * * x", false, Some(("hourly", "", "x"))),
            ("5 4 * * * x", false, Some(("daily", "", "x"))),
            ("5 4 * * mon x", false, Some(("weekly", "", "x"))),
            ("5 4 1 * * x", false, Some(("monthly", "", "x"))),
            ("5 4 1 1 * x", false, Some(("calendar", "", "x"))),
            ("@reboot x", false, Some(("boot", "", "x"))),
            ("* * * * * root x", true, Some(("minute", "root", "x"))),
            ("* * * * * x%input", false, Some(("minute", "", "x"))),
            (r"* * * * * x \% y", false, Some(("minute", "", r"x \% y"))),
            ("# * * * * * x", false, None),
            ("PATH=/bin", false, None),
            ("* * * * *", false, None),
            ("a b c d e f", false, None),
            ("", false, None),
        ] {
            let mut arena = Arena::default();
            let piece = arena.add(line.as_bytes());
            let found = entry(piece, has_user, &arena);
            let text = |piece: Piece| {
                core::str::from_utf8(arena.get(piece)).unwrap().to_owned()
            };
            let found = found.map(|entry| {
                let user = entry.user.map(&text).unwrap_or_default();
                (entry.trigger.name(), user, text(entry.command))
            });
            let expected = expected.map(|(trigger, user, command)| {
                (trigger, user.to_owned(), command.to_owned())
            });
            assert_eq!(found, expected, "{line}");
        }
    }
}
