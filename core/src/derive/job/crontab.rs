/*!
`crontab`, `fcrontab`, `incrontab`: a user's table is replaced, listed or
removed.
*/

use super::facts::{Activity, Interface, Jobs, Scheduler, Text};
use super::options::{self, Grammar, Item};
use super::traits::Trait;
use super::{account, table};
use crate::derive::canonical::arena::Piece;
use crate::derive::canonical::command::{Command, Commands, System};
use crate::derive::canonical::notes::Notes;
use crate::derive::canonical::path::{self, stem};
use crate::event::Field;

const GRAMMAR: Grammar =
    Grammar { letters: b"ucsTx", names: &["user"], stops: false };

/// Tells the job that a call of crontab speaks of.
pub(crate) fn read(
    commands: &mut Commands,
    command: Command,
    jobs: &mut Jobs,
    notes: &mut Notes,
) {
    let program = stem(commands.text(command, 0).unwrap_or_default());
    let scheduler = match program {
        b"fcrontab" => Scheduler::Fcron,
        b"incrontab" => Scheduler::Incron,
        _ => Scheduler::Cron,
    };
    let (mut user, mut file, mut activity) = (None, None, None);
    let (mut is_test, mut is_edited) = (false, false);
    options::read(commands, command, GRAMMAR, &mut |item| {
        match item {
            Item::Letter(b'u', value) => user = value,
            Item::Letter(b'l', _) => activity = Some(Activity::Query),
            Item::Letter(b'r' | b'd', _) => activity = Some(Activity::Delete),
            Item::Letter(b'e', _) => {
                is_edited = true;
                activity = Some(Activity::Update);
            }
            // A table is only checked, or nothing is but the version told,
            // or how to call crontab.
            Item::Letter(b'T' | b'V' | b'h', _) => is_test = true,
            Item::Long(name, _) => {
                let name = commands.arena.get(name);
                is_test |= matches!(name, b"help" | b"version");
            }
            Item::Operand(word, _) => file = file.or(Some(word)),
            _ => {}
        }
        true
    });
    if is_test {
        return;
    }
    let is_replaced = activity.is_none();
    let activity = activity.unwrap_or(Activity::Update);
    let named = file.filter(|file| !is_input(commands.arena.get(*file)));
    let named = named.or(command.origin.source);
    let named = named.map(|file| {
        path::unix(file, command.origin.directory, &mut commands.arena, notes)
    });
    let known = Known {
        activity,
        scheduler,
        user: user
            .map(|user| account::text(user, System::Unix, &commands.arena)),
        file: named.filter(|_| is_replaced),
        is_edited,
        // A file that the same text wrote is no more than that.
        is_from_input: is_replaced
            && (named.is_none() || command.origin.written.is_some()),
    };
    let told = jobs.len();
    let lines = match file {
        Some(_) => command.origin.written.or(command.origin.input),
        None => command.origin.input,
    };
    let lines = lines.filter(|_| is_replaced);
    if let Some(lines) = lines {
        table::read(lines, false, commands, command, jobs, &mut |jobs| {
            known.say(jobs);
        });
    }
    if jobs.len() == told {
        known.say(jobs);
        jobs.end();
    }
}

/// Standard input, by any of its names.
fn is_input(file: &[u8]) -> bool {
    file == b"-"
        || file == b"/dev/stdin"
        || file.starts_with(b"/dev/fd/")
        || file.starts_with(b"/proc/self/fd/")
}

/// What every line of a replaced table has.
struct Known {
    activity: Activity,
    scheduler: Scheduler,
    user: Option<Text>,
    file: Option<Piece>,
    is_edited: bool,
    is_from_input: bool,
}

impl Known {
    fn say(&self, jobs: &mut Jobs) {
        jobs.head(self.activity, self.scheduler, Interface::Crontab);
        if self.is_edited {
            jobs.say(Field::JobTrait, Trait::TableEdited.name());
        }
        if self.is_from_input {
            jobs.say(Field::JobTrait, Trait::TableFromInput.name());
        }
        if let Some(user) = self.user {
            jobs.push(Field::JobUser, user);
        }
        if let Some(file) = self.file {
            jobs.write(Field::JobFile, file);
        }
    }
}

#[cfg(test)]
mod tests {
    use crate::derive::canonical::command::System;
    use crate::derive::job::process::tests::told;

    #[test]
    fn calls_of_crontab() {
        const HEAD: &str = "Scheduler=cron|Interface=crontab";
        for (line, expected) in [
            ("crontab -l", format!("Activity=query|{HEAD}")),
            ("crontab -u ann -r", format!("Activity=delete|{HEAD}|User=ann")),
            (
                "crontab -uroot x",
                format!("Activity=update|{HEAD}|User=root|File=x"),
            ),
            (
                "crontab /tmp/x -u ann",
                format!("Activity=update|{HEAD}|User=ann|File=/tmp/x"),
            ),
            (
                "crontab",
                format!("Activity=update|{HEAD}|Trait=table_from_input"),
            ),
            (
                "crontab -e",
                format!("Activity=update|{HEAD}|Trait=table_edited"),
            ),
            ("crontab -T x", String::new()),
            ("crontab -h", String::new()),
            ("crontab --version", String::new()),
            (
                "sh -c echo '* * * * * /tmp/x -y' | crontab -",
                format!(
                    "Activity=update|{HEAD}|Trait=table_from_input|Trigger=minute|Command=/tmp/x|Arguments=-y"
                ),
            ),
            (
                "sudo crontab -u ann -l",
                format!("Activity=query|{HEAD}|User=ann"),
            ),
            (
                "sh -c crontab - < /tmp/x",
                format!("Activity=update|{HEAD}|File=/tmp/x"),
            ),
            ("grep crontab x", String::new()),
        ] {
            assert_eq!(told(line, System::Unix), expected, "{line}");
        }
    }
}
