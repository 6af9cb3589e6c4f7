/*!
`launchctl`.
*/

use super::facts::{Activity, Interface, Jobs, Scheduler};
use super::{action, file};
use crate::derive::canonical::arena::Piece;
use crate::derive::canonical::command::{Command, Commands};
use crate::derive::canonical::notes::Notes;
use crate::derive::canonical::path;
use crate::event::Field;

/// What the subcommands of launchctl do to a job.
const VERBS: [(&str, Activity); 15] = [
    ("load", Activity::Enable),
    ("bootstrap", Activity::Enable),
    ("enable", Activity::Enable),
    ("submit", Activity::Create),
    ("kickstart", Activity::Start),
    ("start", Activity::Start),
    ("disable", Activity::Disable),
    ("unload", Activity::Disable),
    ("bootout", Activity::Disable),
    ("remove", Activity::Disable),
    ("stop", Activity::Stop),
    ("list", Activity::Query),
    ("print", Activity::Query),
    ("blame", Activity::Query),
    ("dumpstate", Activity::Query),
];

/// Tells the jobs that a call of launchctl speaks of.
pub(crate) fn read(
    commands: &mut Commands,
    command: Command,
    jobs: &mut Jobs,
    notes: &mut Notes,
) {
    let verb = commands.text(command, 1).unwrap_or_default();
    let known = VERBS.iter().find(|(name, _)| name.as_bytes() == verb);
    let Some(&(name, activity)) = known else { return };
    if name == "submit" {
        submit(commands, command, jobs, notes);
        return;
    }
    let mut told = false;
    let mut index = 2_usize;
    while let Some(word) = commands.words(command).get(index).copied() {
        index = index.saturating_add(1);
        let text = commands.arena.get(word.text);
        if text.first() == Some(&b'-') {
            // The session and the domain that jobs are loaded into.
            let has_value = matches!(text, b"-S" | b"-D");
            index = index.saturating_add(usize::from(has_value));
            continue;
        }
        let is_file = text.ends_with(b".plist")
            || text.contains(&b'/') && text.starts_with(b"/");
        let behind = memchr::memrchr(b'/', text);
        if is_domain(text) {
            continue;
        }
        told = true;
        head(activity, jobs);
        if is_file {
            let arena = &mut commands.arena;
            let file =
                path::unix(word.text, command.origin.directory, arena, notes);
            jobs.write(Field::JobFile, file);
            if file::is_hidden(commands.arena.get(file)) {
                jobs.say(Field::JobHidden, "true");
            }
        } else {
            let label = behind.map_or(0, |at| at.saturating_add(1));
            jobs.write(Field::JobName, word.text.after(label));
        }
        jobs.end();
    }
    if !told && activity == Activity::Query {
        head(activity, jobs);
        jobs.end();
    }
}

/// Whether a word names a domain, and no job in it: `system`, `gui/501`.
fn is_domain(word: &[u8]) -> bool {
    let mut parts = word.split(|byte| *byte == b'/');
    let domain = parts.next().unwrap_or_default();
    let rest = parts.count();
    match domain {
        b"system" => rest == 0,
        b"gui" | b"user" | b"login" | b"pid" => rest < 2,
        _ => false,
    }
}

fn head(activity: Activity, jobs: &mut Jobs) {
    jobs.head(activity, Scheduler::Launchd, Interface::Launchctl);
}

/// `launchctl submit -l label [-p program] -- command`.
fn submit(
    commands: &mut Commands,
    command: Command,
    jobs: &mut Jobs,
    notes: &mut Notes,
) {
    let mut label: Option<Piece> = None;
    let (mut first, mut program) = (None, None);
    let mut index = 2_usize;
    while let Some(text) = commands.text(command, index) {
        match text {
            b"--" => {
                first = Some(index.saturating_add(1));
                break;
            }
            b"-l" => {
                let value = commands.words(command);
                let value = value.get(index.saturating_add(1));
                label = value.map(|word| word.text);
                index = index.saturating_add(1);
            }
            b"-p" => {
                let value = commands.words(command);
                let value = value.get(index.saturating_add(1));
                program = value.map(|word| word.text);
                index = index.saturating_add(1);
            }
            b"-o" | b"-e" => index = index.saturating_add(1),
            _ => {}
        }
        index = index.saturating_add(1);
    }
    head(Activity::Create, jobs);
    if let Some(label) = label {
        jobs.write(Field::JobName, label);
    }
    match (first, program) {
        (Some(first), _) => {
            action::push_words(commands, command, first, jobs);
        }
        (None, Some(program)) => {
            let program =
                path::unix(program, None, &mut commands.arena, notes);
            let none = commands.arena.add(b"");
            jobs.write(Field::JobCommand, program);
            jobs.write(Field::JobArguments, none);
        }
        (None, None) => {}
    }
    jobs.end();
}

#[cfg(test)]
mod tests {
    use crate::derive::canonical::command::System;
    use crate::derive::job::process::tests::told;

    #[test]
    fn calls_of_launchctl() {
        const HEAD: &str = "Scheduler=launchd|Interface=launchctl";
        for (line, expected) in [
            (
                "launchctl load -w /Library/LaunchDaemons/x.plist",
                format!(
                    "Activity=enable|{HEAD}|File=/Library/LaunchDaemons/x.plist"
                ),
            ),
            (
                "launchctl bootstrap gui/501 ~/Library/LaunchAgents/x.plist",
                format!(
                    "Activity=enable|{HEAD}|File=/home/*/Library/LaunchAgents/x.plist"
                ),
            ),
            (
                "launchctl kickstart -k system/com.example.x",
                format!("Activity=start|{HEAD}|Name=com.example.x"),
            ),
            (
                "launchctl kickstart gui/501/com.example.x",
                format!("Activity=start|{HEAD}|Name=com.example.x"),
            ),
            (
                "launchctl load /Users/ann/Library/LaunchAgents/.x.plist",
                format!(
                    "Activity=enable|{HEAD}|File=/Users/ann/Library/LaunchAgents/.x.plist|Hidden=true"
                ),
            ),
            ("launchctl list", format!("Activity=query|{HEAD}")),
            (
                "launchctl submit -l x -- /bin/sh /tmp/y",
                format!(
                    "Activity=create|{HEAD}|Name=x|Command=/usr/bin/sh|Arguments=/tmp/y"
                ),
            ),
            (
                "launchctl submit -l x -p /tmp/y",
                format!(
                    "Activity=create|{HEAD}|Name=x|Command=/tmp/y|Arguments="
                ),
            ),
            ("launchctl", String::new()),
        ] {
            assert_eq!(told(line, System::Unix), expected, "{line}");
        }
    }
}
