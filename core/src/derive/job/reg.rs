/*!
`reg`: what is done to the registry by hand.
*/

use super::facts::{Activity, Interface, Jobs, Scheduler};
use super::registry::{self, Change};
use crate::bytes;
use crate::derive::canonical::arena::Piece;
use crate::derive::canonical::command::{Command, Commands};
use crate::derive::canonical::notes::Notes;
use crate::derive::canonical::tool::option;
use crate::derive::canonical::unicode;
use crate::event::Field;

/// Tells the job that a call of reg speaks of.
pub(crate) fn read(
    commands: &mut Commands,
    command: Command,
    jobs: &mut Jobs,
    notes: &mut Notes,
) {
    notes.merge(unicode::fold_words(commands, command));
    let verb = commands.text(command, 1).unwrap_or_default();
    let is = |name: &[u8]| verb.eq_ignore_ascii_case(name);
    let change = if is(b"add") {
        Change::Set
    } else if is(b"delete") {
        Change::Deleted
    } else if is(b"copy") || is(b"restore") || is(b"load") {
        Change::Created
    } else {
        if is(b"import") {
            import(commands, command, jobs);
        }
        return;
    };
    // Of `copy`, the second key is the one that is written.
    let at = if is(b"copy") { 3 } else { 2 };
    let words = commands.words(command);
    let Some(key) = words.get(at).map(|word| word.text) else { return };
    let (mut value, mut data, mut is_all) = (None, None, false);
    let mut rest = words.iter().skip(3);
    while let Some(word) = rest.next() {
        let Some(name) = option(commands.arena.get(word.text)) else {
            continue;
        };
        let is = |known: &[u8]| name.eq_ignore_ascii_case(known);
        if is(b"v") {
            value = rest.next().map(|word| word.text);
        } else if is(b"d") {
            data = rest.next().map(|word| word.text);
        } else if is(b"va") {
            is_all = true;
        }
    }
    let change = match (value, change) {
        // A key alone is made, not set.
        (None, Change::Set) => Change::Created,
        _ => change,
    };
    let object = named(commands, key, value, is_all);
    registry::change(object, change, data, false, commands, jobs);
}

/// The path of a value: of its key, and its name. `/va` is all values, the
/// security descriptor among them.
fn named(
    commands: &mut Commands,
    key: Piece,
    value: Option<Piece>,
    is_all: bool,
) -> Piece {
    let arena = &mut commands.arena;
    let mark = arena.mark();
    arena.extend_from(key);
    if arena.last_since(mark) != Some(b'\\') && (value.is_some() || is_all) {
        arena.push(b'\\');
    }
    match value {
        Some(value) => arena.extend_from(value),
        None if is_all => arena.extend(b"SD"),
        None => {}
    }
    arena.since(mark)
}

/// `reg import FILE`: a job only where the file's name says so.
fn import(commands: &mut Commands, command: Command, jobs: &mut Jobs) {
    let Some(file) = commands.words(command).get(2) else { return };
    let file = file.text;
    let name = commands.arena.get(file);
    let says = |what: &[u8]| bytes::find(name, what, 0, false).is_some();
    if says(b"taskcache") || says(b"schedul") {
        jobs.head(
            Activity::Update,
            Scheduler::WindowsTasks,
            Interface::Registry,
        );
        jobs.write(Field::JobFile, file);
        jobs.end();
    }
}

#[cfg(test)]
mod tests {
    use crate::derive::canonical::command::System;
    use crate::derive::job::process::tests::told;

    const KEY: &str = r"HKLM\SOFTWARE\Microsoft\Windows NT\CurrentVersion\Schedule\TaskCache\Tree\x";

    #[test]
    fn descriptors_and_keys_of_tasks() {
        const HEAD: &str = "Scheduler=task_scheduler|Interface=registry";
        for (words, expected) in [
            (
                format!(r#"delete "{KEY}" /v SD /f"#),
                format!(r"Activity=update|{HEAD}|Name=\x|Hidden=true"),
            ),
            (
                format!(r#"add "{KEY}" /v Index /t REG_DWORD /d 0 /f"#),
                format!(r"Activity=update|{HEAD}|Name=\x|Hidden=true"),
            ),
            (
                format!(r#"delete "{KEY}" \u{{fe63}}v SD \u{{fe63}}f"#)
                    .replace("\\u{fe63}", "\u{fe63}"),
                format!(
                    "Activity=update|{HEAD}|Name=\\x|Hidden=true\n[look_alike]"
                ),
            ),
            (format!(r#"query "{KEY}" /v SD"#), String::new()),
            (r"add HKCU\Software\x /v y /d z".to_owned(), String::new()),
        ] {
            let line = format!("reg {words}");
            assert_eq!(told(&line, System::Windows), expected, "{line}");
        }
    }
}
