/*!
`at`, of Unix and of Windows.
*/

use super::action;
use super::facts::{Activity, Interface, Jobs, Scheduler, Trigger, host};
use super::options::{self, Grammar, Item};
use crate::derive::canonical::arena::Piece;
use crate::derive::canonical::command::{Command, Commands};
use crate::derive::canonical::notes::Notes;
use crate::derive::canonical::path::{self, stem};
use crate::event::Field;

const GRAMMAR: Grammar =
    Grammar { letters: b"qfto", names: &[], stops: false };

/// Tells the job that a call of `at`, `batch`, `atq` or `atrm` speaks of.
pub(crate) fn read_unix(
    commands: &mut Commands,
    command: Command,
    jobs: &mut Jobs,
    notes: &mut Notes,
) {
    let program = stem(commands.text(command, 0).unwrap_or_default());
    let mut activity = match program {
        b"atq" => Activity::Query,
        b"atrm" => Activity::Delete,
        _ => Activity::Create,
    };
    let is_batch = program == b"batch";
    let (mut file, mut has_time) = (None, is_batch);
    options::read(commands, command, GRAMMAR, &mut |item| {
        match item {
            Item::Letter(b'l' | b'c', _) => activity = Activity::Query,
            Item::Letter(b'r' | b'd', _) => activity = Activity::Delete,
            Item::Letter(b'f', value) => file = value,
            Item::Letter(b't', _) | Item::Operand(..) => has_time = true,
            // It asks for no job.
            Item::Letter(b'V', _) => activity = Activity::Query,
            _ => {}
        }
        true
    });
    // `at now < x` is `at -f x now`.
    let file = file.or(command.origin.source);
    if activity == Activity::Create && !has_time {
        return;
    }
    jobs.head(activity, Scheduler::At, Interface::At);
    if activity == Activity::Create {
        jobs.say(Field::JobTrigger, Trigger::Once.name());
        if let Some(file) = file {
            let arena = &mut commands.arena;
            let file =
                path::unix(file, command.origin.directory, arena, notes);
            jobs.write(Field::JobFile, file);
        }
        if let Some(text) = command.origin.input.filter(|_| file.is_none()) {
            action::push_shell(commands, text, command, jobs);
        }
    }
    jobs.end();
}

/// Whether a word is an option of Windows' `at`: any beginning of its name,
/// of two letters at least.
fn is_option(word: &[u8], name: &[u8]) -> bool {
    let [b'/', option @ ..] = word else { return false };
    let end = option.iter().position(|byte| *byte == b':');
    let option = option.get(..end.unwrap_or(option.len()));
    option.is_some_and(|option| {
        option.len() >= 2
            && name
                .get(..option.len())
                .is_some_and(|head| head.eq_ignore_ascii_case(option))
    })
}

/// Tells the job that a call of Windows' `at` speaks of:
/// `at [\\host] time [options] command`, `at [\\host] [id] /delete`.
pub(crate) fn read_windows(
    commands: &mut Commands,
    command: Command,
    jobs: &mut Jobs,
) {
    let mut index = 1_usize;
    let word = |commands: &Commands, index: usize| -> Option<Piece> {
        commands.words(command).get(index).map(|word| word.text)
    };
    let mut target = None;
    if let Some(name) = word(commands, index)
        && commands.arena.get(name).starts_with(br"\\")
    {
        target = Some(host(name, &mut commands.arena));
        index = index.saturating_add(1);
    }
    let time = word(commands, index);
    let has_time = time.is_some_and(|time| is_time(commands.arena.get(time)));
    let has = |commands: &Commands, name: &[u8]| {
        let mut words = commands.words(command).iter();
        words.any(|word| is_option(commands.arena.get(word.text), name))
    };
    let activity = if has(commands, b"delete") {
        Activity::Delete
    } else if has_time {
        Activity::Create
    } else {
        Activity::Query
    };
    jobs.head(activity, Scheduler::At, Interface::At);
    if let Some(target) = target {
        jobs.write(Field::JobTarget, target);
    }
    if activity == Activity::Create {
        jobs.say(Field::JobUser, "SYSTEM");
        let trigger = if has(commands, b"every") {
            let every = commands.words(command).iter().find(|word| {
                is_option(commands.arena.get(word.text), b"every")
            });
            let every = every.map(|word| commands.arena.get(word.text));
            let is_by_date = every
                .is_some_and(|every| every.iter().any(u8::is_ascii_digit));
            if is_by_date { Trigger::Monthly } else { Trigger::Weekly }
        } else {
            Trigger::Once
        };
        jobs.say(Field::JobTrigger, trigger.name());
        index = index.saturating_add(1);
        // What stands behind the command is the command's.
        while let Some(next) = word(commands, index)
            && commands.arena.get(next).first() == Some(&b'/')
        {
            if is_option(commands.arena.get(next), b"interactive") {
                jobs.say(Field::JobInteractive, "true");
            }
            index = index.saturating_add(1);
        }
        action::push_words(commands, command, index, jobs);
    }
    jobs.end();
}

/// `12:30`, `1:00PM`, `0930`.
fn is_time(word: &[u8]) -> bool {
    let digits = word.iter().filter(|byte| byte.is_ascii_digit()).count();
    let is_of_time =
        |byte: &u8| byte.is_ascii_digit() || matches!(byte, b':' | b'.');
    let end = word.iter().position(|byte| !is_of_time(byte));
    let (_, half) =
        word.split_at_checked(end.unwrap_or(word.len())).unwrap_or_default();
    let is_half = [b"".as_slice(), b"am", b"pm", b"a", b"p"]
        .iter()
        .any(|known| known.eq_ignore_ascii_case(half));
    digits >= 2 && is_half
        || digits > 0 && is_half && (word.contains(&b':') || !half.is_empty())
}

#[cfg(test)]
mod tests {
    use crate::derive::canonical::command::System;
    use crate::derive::job::process::tests::told;

    #[test]
    fn calls_of_at() {
        const HEAD: &str = "Scheduler=at|Interface=at";
        for (line, expected) in [
            (
                "at now + 1 minute",
                format!("Activity=create|{HEAD}|Trigger=once"),
            ),
            (
                "at -f /tmp/x 12:00",
                format!("Activity=create|{HEAD}|Trigger=once|File=/tmp/x"),
            ),
            ("batch", format!("Activity=create|{HEAD}|Trigger=once")),
            ("at -l", format!("Activity=query|{HEAD}")),
            ("atrm 3", format!("Activity=delete|{HEAD}")),
            ("at", String::new()),
            (
                "sh -c at now < /tmp/x",
                format!("Activity=create|{HEAD}|Trigger=once|File=/tmp/x"),
            ),
            (
                "sh -c echo /tmp/x -y | at now",
                format!(
                    "Activity=create|{HEAD}|Trigger=once|Command=/tmp/x|Arguments=-y"
                ),
            ),
        ] {
            assert_eq!(told(line, System::Unix), expected, "{line}");
        }
        for (line, expected) in [
            (
                r"at.exe 13:20 /interactive cmd",
                format!(
                    "Activity=create|{HEAD}|User=SYSTEM|Trigger=once|Interactive=true|Command=cmd|Arguments="
                ),
            ),
            (
                r"at \\SRV 1:00am /ev:m,t c:\x.exe -y",
                format!(
                    r"Activity=create|{HEAD}|Target=srv|User=SYSTEM|Trigger=weekly|Command=C:\x.exe|Arguments=-y"
                ),
            ),
            (r"at \\srv", format!("Activity=query|{HEAD}|Target=srv")),
            ("at 5 /delete", format!("Activity=delete|{HEAD}")),
        ] {
            assert_eq!(told(line, System::Windows), expected, "{line}");
        }
    }
}
