/*!
Canonical twins of plain fields, for rules about text; and which program a
process is.

Each is read for itself: a rule that asks for one costs what the text takes to
be understood, some microseconds, for each event that has the plain field.
*/

use super::canonical::command::{Command, Commands, Origin, System};
use super::canonical::notes::Notes;
use super::canonical::path::{self, stem};
use super::canonical::shell::WRITE;
use super::canonical::tool::Tool;
use super::canonical::{self, Canonical, expand, key, line};
use super::derived::{Derivation, Derived};
use super::job::action;
use super::job::names::Names;
use crate::event::{Event, Field};
use crate::rule::{Operation, Predicate, Test};

/// What a process starts.
pub(super) const COMMAND_LINE: Derivation = Derivation {
    fields: &[Field::CanonicalCommandLine],
    // Of a line of `schtasks`; one of a shell takes up to ten times that.
    cost: 1000,
    reads_commands: true,
    derive: command_line,
    guard: is_there,
};

/// What a script does.
pub(super) const SCRIPT: Derivation = Derivation {
    fields: &[Field::CanonicalScript],
    // Of a script of 1 KB.
    cost: 5000,
    reads_commands: true,
    derive: script,
    guard: is_there,
};

/// Where something is.
pub(super) const PATH: Derivation = Derivation {
    fields: &[Field::CanonicalPath],
    cost: 200,
    reads_commands: true,
    derive: path,
    guard: is_there,
};

/// Which program it is.
pub(super) const TOOL: Derivation = Derivation {
    fields: &[Field::Tool],
    cost: 200,
    reads_commands: true,
    derive: tool,
    guard: is_there,
};

/// The canonical twin of a plain field, if it has one.
#[cfg(feature = "sigma")]
pub(super) fn twin(plain: Field) -> Option<Field> {
    let twins = [COMMAND_LINE, SCRIPT, PATH].into_iter();
    let mut twins = twins.flat_map(|twin| twin.fields).copied();
    twins.find(|twin| twin.sources().contains(&plain))
}

/// No letters of a value need stand in the plain text, so nothing is implied
/// but that there is one.
fn is_there(test: &Test) -> Predicate {
    let exists = |field: &Field| {
        Predicate::Test(Test::new(*field, Operation::Exists, "".into()))
    };
    let sources = test.field.sources().iter();
    Predicate::Any(sources.map(exists).collect::<Vec<_>>().into())
}

/// The first that an event has of some fields.
fn first<'a>(event: &Event<'a>, fields: &[Field]) -> Option<&'a [u8]> {
    fields.iter().find_map(|field| event.get(*field))
}

/// The name in the header of a program's file, or what stands for one: files
/// of Unix have none, so it is their path. Sysmon writes `-` for none.
fn header<'a>(event: &Event<'a>, system: System) -> Option<&'a [u8]> {
    let header = match system {
        System::Windows => event.get(Field::OriginalFileName),
        System::Unix => event.get(Field::Image),
    };
    header.filter(|name| !matches!(*name, b"" | b"-" | b"?"))
}

fn command_line(event: &Event<'_>, derived: &mut Derived) {
    let sources = Field::CanonicalCommandLine.sources();
    let Some(text) = first(event, sources) else { return };
    let system = System::of(event.platform);
    let Derived { commands, written, .. } = derived;
    if commands.canonical == Canonical::Off {
        written.push(Field::CanonicalCommandLine, text);
        return;
    }
    commands.clear();
    line::read(text, system, commands);
    expand::all(commands, 0, header(event, system));
    write(Field::CanonicalCommandLine, derived);
}

fn script(event: &Event<'_>, derived: &mut Derived) {
    let Some(text) = event.get(Field::ScriptBlockText) else { return };
    let Derived { commands, written, .. } = derived;
    if commands.canonical != Canonical::Full {
        written.push(Field::CanonicalScript, text);
        return;
    }
    commands.clear();
    let text = commands.arena.add(text);
    let outer = Command::nowhere(Origin::outermost(System::Windows));
    canonical::powershell::expand_text(commands, outer, text);
    expand::all(commands, 0, None);
    write(Field::CanonicalScript, derived);
}

/// Writes each command that was read as a value.
fn write(field: Field, derived: &mut Derived) {
    let Derived { commands, written, .. } = derived;
    let mut names = Names::default();
    let mut index = 0_usize;
    while let Some(command) = commands.get(index) {
        index = index.saturating_add(1);
        names.resolve(commands, command);
        // What a shell writes itself is no command.
        if commands.text(command, 0) == Some(WRITE) {
            continue;
        }
        if command.origin.is_script {
            let text = commands.joined(command, 0);
            written.push(field, commands.arena.get(text));
            continue;
        }
        let started = action::started_by(commands, command);
        let Some((program, arguments)) = started else { continue };
        let has_arguments = commands.words(command).len() > 1;
        let arena = &mut commands.arena;
        let mark = arena.mark();
        arena.extend_from(program);
        if has_arguments {
            arena.push(b' ');
            arena.extend_from(arguments);
        }
        let text = arena.since(mark);
        written.push(field, arena.get(text));
    }
}

fn path(event: &Event<'_>, derived: &mut Derived) {
    let system = System::of(event.platform);
    let Derived { commands, written, .. } = derived;
    commands.clear();
    let arena = &mut commands.arena;
    for &field in Field::CanonicalPath.sources() {
        let Some(path) = event.get(field) else { continue };
        let path = arena.add(path);
        let notes = &mut Notes::default();
        let path = match field {
            Field::TargetObject => key::spelling(path, arena),
            _ => path::canonical(path, system, arena, notes),
        };
        written.push(Field::CanonicalPath, arena.get(path));
    }
}

fn tool(event: &Event<'_>, derived: &mut Derived) {
    let system = System::of(event.platform);
    let header = header(event, system);
    let Derived { commands, written, .. } = derived;
    commands.clear();
    let line = Field::CanonicalCommandLine.sources();
    if let Some(line) = first(event, line) {
        commands.add_line(line, system);
    }
    let name = match commands.get(0) {
        Some(command) => called(commands, command, header),
        None => header.or(event.get(Field::Image)).map(stem),
    };
    let Some(name) = name else { return };
    // The name in the header of `schtasks` is one letter shorter.
    let name = match name.eq_ignore_ascii_case(b"sctasks") {
        true => b"schtasks",
        false => name,
    };
    written.push_lower(Field::Tool, name);
}

/// What the program of a command is called, without its ending.
fn called<'a>(
    commands: &'a Commands,
    command: Command,
    header: Option<&'a [u8]>,
) -> Option<&'a [u8]> {
    let program = commands.text(command, 0).map(stem);
    let is_renamed = Tool::of(commands, command, header).is_renamed;
    match (header, command.origin.system) {
        (Some(header), System::Windows) => Some(stem(header)),
        // No options but those of `schtasks` tell a program.
        (None, System::Windows) if is_renamed => Some(b"schtasks"),
        (Some(header), System::Unix) if is_renamed => Some(stem(header)),
        _ => program,
    }
}
