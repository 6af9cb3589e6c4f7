/*!
Names that a text gives to programs before it calls them: aliases and lookups
of PowerShell, links and copies on Unix.
*/

use super::powershell::CMDLETS;
use crate::derive::canonical::arena::{Arena, Piece};
use crate::derive::canonical::command::{Command, Commands, System};
use crate::derive::canonical::lower::Lower;
use crate::derive::canonical::notes::Obfuscation;
use crate::derive::canonical::path::stem;
use crate::derive::canonical::shell::glob;
use crate::derive::canonical::tool::Tool;

/// Most names that one text gives.
const MOST_NAMES: usize = 8;

/// The scheduler's tool that a program is without the variables in its name,
/// which the text has not set: `c${z}rontab`, `cr$@ontab`.
fn without_unset(commands: &mut Commands, command: Command) -> Option<Piece> {
    let name = commands.words(command).first()?.text;
    let text = commands.arena.get(name);
    memchr::memchr(b'$', text)?;
    let mut plain = [0_u8; 32];
    let mut count = 0_usize;
    let mut rest = text;
    while let Some((&byte, after)) = rest.split_first() {
        rest = after;
        if byte == b'$' {
            rest = behind_variable(after)?;
            continue;
        }
        *plain.get_mut(count)? = byte;
        count = count.saturating_add(1);
    }
    let plain = plain.get(..count)?;
    let tool = Tool::named(stem(plain), command.origin.system);
    tool.schedules().then(|| commands.arena.add(plain))
}

/// What comes behind the name of a variable.
fn behind_variable(text: &[u8]) -> Option<&[u8]> {
    match text {
        [b'@' | b'*' | b'1'..=b'9', rest @ ..] => Some(rest),
        [b'{', inside @ ..] => {
            let end = memchr::memchr(b'}', inside)?;
            inside.get(end.saturating_add(1)..)
        }
        _ => None,
    }
}

/// Names that were given so far.
#[derive(Debug, Default)]
pub(crate) struct Names {
    /// A name, and what it stands for.
    known: [Option<(Piece, Piece)>; MOST_NAMES],
    /// The cmdlet that a lookup with wildcards has just found.
    found: Option<&'static str>,
}

impl Names {
    /// Takes note of what a command names, and puts the meant program in
    /// place of the name that it is called by; returns what was undone.
    pub(crate) fn resolve(
        &mut self,
        commands: &mut Commands,
        command: Command,
    ) -> Option<Obfuscation> {
        let found = self.found.take();
        let program = commands.text(command, 0)?;
        // `& (gcm x*y) ..`: the lookup stands before the call in the list.
        if let (b"&" | b".", Some(found)) = (program, found) {
            let name = commands.arena.add(found.as_bytes());
            commands.replace(command, 0, name);
            return Some(Obfuscation::WildcardName);
        }
        let known = self.known.iter().flatten();
        let meant = known.clone().find(|(name, _)| {
            let name = commands.arena.get(*name);
            name.eq_ignore_ascii_case(program)
        });
        if let Some(&(_, meant)) = meant {
            commands.replace(command, 0, meant);
            return Some(match command.origin.is_script {
                true => Obfuscation::Expansion,
                false => Obfuscation::Link,
            });
        }
        match command.origin.system {
            System::Unix => {
                if let Some(meant) = without_unset(commands, command) {
                    commands.replace(command, 0, meant);
                    return Some(Obfuscation::Expansion);
                }
                if self.follow(commands, command) {
                    return Some(Obfuscation::Link);
                }
                self.note_link(commands, command);
            }
            System::Windows => self.note_alias(commands, command),
        }
        None
    }

    fn add(&mut self, name: Piece, meant: Piece) {
        if let Some(free) = self.known.iter_mut().find(|one| one.is_none()) {
            *free = Some((name, meant));
        }
    }

    /// `Set-Alias name cmdlet`, and `gcm pattern`.
    fn note_alias(&mut self, commands: &Commands, command: Command) {
        let program =
            Lower::new(commands.text(command, 0).unwrap_or_default());
        let words = commands.words(command).iter().skip(1);
        let mut operands = words.map(|word| word.text).filter(|word| {
            !matches!(commands.arena.get(*word), [b'-', next, ..]
                if next.is_ascii_alphabetic())
        });
        match &*program {
            b"set-alias" | b"sal" | b"new-alias" | b"nal" => {
                if let (Some(name), Some(meant)) =
                    (operands.next(), operands.next())
                {
                    self.add(name, meant);
                }
            }
            b"gcm" | b"get-command" => {
                let pattern = operands.next();
                self.found =
                    pattern.and_then(|one| cmdlet(one, &commands.arena));
            }
            _ => {}
        }
    }

    /// Puts the folder that a link leads to in place of the link, in paths
    /// below it; whether there were any.
    fn follow(&self, commands: &mut Commands, command: Command) -> bool {
        let mut is_any = false;
        for &(name, meant) in self.known.iter().flatten() {
            for index in 1..commands.words(command).len() {
                let arena = &commands.arena;
                let text = commands.text(command, index).unwrap_or_default();
                let below = text.strip_prefix(arena.get(name));
                let Some([b'/', rest @ ..]) = below else { continue };
                let length = rest.len();
                let at = text.len().saturating_sub(length);
                let Some(word) = commands.words(command).get(index) else {
                    continue;
                };
                let rest = word.text.after(at.saturating_sub(1));
                let arena = &mut commands.arena;
                let mark = arena.mark();
                arena.extend_from(meant);
                arena.extend_from(rest);
                let path = arena.since(mark);
                commands.replace(command, index, path);
                is_any = true;
            }
        }
        is_any
    }

    /// `ln -s /usr/bin/crontab x`, `cp /usr/bin/at y`, `ln -s /etc/cron.d z`.
    fn note_link(&mut self, commands: &Commands, command: Command) {
        let program = stem(commands.text(command, 0).unwrap_or_default());
        if !matches!(program, b"ln" | b"cp" | b"install" | b"mv") {
            return;
        }
        let words = commands.words(command).iter().skip(1);
        let mut operands = words
            .map(|word| word.text)
            .filter(|word| commands.arena.get(*word).first() != Some(&b'-'));
        let (Some(from), Some(to)) = (operands.next(), operands.next()) else {
            return;
        };
        let path = commands.arena.get(from);
        let is_folder = program == b"ln" && path.starts_with(b"/");
        if is_folder || Tool::named(stem(path), System::Unix).schedules() {
            self.add(to, from);
        }
    }
}

/// The one cmdlet that fits a pattern, which must say enough by itself.
fn cmdlet(pattern: Piece, arena: &Arena) -> Option<&'static str> {
    let pattern = Lower::new(arena.get(pattern));
    let is_pattern = pattern.iter().any(|byte| matches!(byte, b'*' | b'?'));
    let letters = pattern.iter().filter(|byte| byte.is_ascii_alphabetic());
    if !is_pattern || letters.count() < 3 {
        return None;
    }
    let mut fitting =
        CMDLETS.iter().copied().filter(|name| glob(name.as_bytes(), &pattern));
    let found = fitting.next()?;
    fitting.next().is_none().then_some(found)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn patterns_fit_one_cmdlet_or_none() {
        let mut arena = Arena::default();
        for (pattern, expected) in [
            ("N*-Sch*kAction", Some("new-scheduledtaskaction")),
            ("sch*ks.exe", Some("schtasks.exe")),
            ("Register-Scheduled?ask", Some("register-scheduledtask")),
            ("*", None),
            ("*task*", None),
            ("x*", None),
            ("register-scheduledtask", None),
        ] {
            let piece = arena.add(pattern.as_bytes());
            assert_eq!(cmdlet(piece, &arena), expected, "{pattern}");
        }
    }
}
