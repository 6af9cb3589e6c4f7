/*!
`wmic job`: jobs of `at` by an old class of WMI.
*/

use super::action;
use super::facts::{Activity, Interface, Jobs, Scheduler, host};
use crate::bytes;
use crate::derive::canonical::command::{Command, Commands};
use crate::derive::canonical::unicode;
use crate::event::Field;

/// Tells the job that `wmic job call create "line",..` sets up.
pub(crate) fn read(
    commands: &mut Commands,
    command: Command,
    jobs: &mut Jobs,
) {
    unicode::fold_words(commands, command);
    let words = commands.words(command);
    let is = |index: usize, name: &[u8]| {
        let word = words.get(index);
        word.is_some_and(|word| {
            commands.arena.get(word.text).eq_ignore_ascii_case(name)
        })
    };
    let at = (1..words.len()).find(|&index| is(index, b"job"));
    let Some(at) = at else { return };
    let verb = at.saturating_add(2);
    let activity = if is(verb, b"create") {
        Activity::Create
    } else if is(verb, b"delete") || is(at.saturating_add(1), b"delete") {
        Activity::Delete
    } else {
        Activity::Query
    };
    jobs.head(activity, Scheduler::At, Interface::Wmi);
    let node = words.iter().find_map(|word| {
        let text = commands.arena.get(word.text);
        bytes::starts_with(text, b"/node:", false).then_some(word.text)
    });
    let line = words.get(verb.saturating_add(1)).map(|word| word.text);
    if let Some(node) = node {
        let node = host(node.after(b"/node:".len()), &mut commands.arena);
        jobs.write(Field::JobTarget, node);
    }
    if let Some(line) = line.filter(|_| activity == Activity::Create) {
        let text = commands.arena.get(line);
        let end = memchr::memchr(b',', text).unwrap_or(text.len());
        action::push_line(commands, line.until(end), command, jobs);
    }
    jobs.end();
}

#[cfg(test)]
mod tests {
    use crate::derive::canonical::command::System;
    use crate::derive::job::process::tests::told;

    #[test]
    fn calls_of_the_old_class() {
        let line = r#"wmic /node:SRV1 job call create "cmd.exe /c calc.exe",0,0,true,false,********133000.000000-000"#;
        assert_eq!(
            told(line, System::Windows),
            "Activity=create|Scheduler=at|Interface=wmi|Target=srv1|Command=cmd.exe|Arguments=/c calc.exe|Command=calc.exe|Arguments="
        );
        assert_eq!(told("wmic os get name", System::Windows), "");
    }
}
