/*!
The command line of a process to the commands that it holds.
*/

use super::arena::{Arena, Piece};
use super::argv::unix_word;
use super::command::{Command, Commands, MOST_READ, Origin, System};
use super::path::stem;
use super::shell;
use super::tool::Tool;
use crate::record::syntax::xml;

/// Reads a command line as a command, or as those that somebody typed.
pub(crate) fn read(line: &[u8], system: System, commands: &mut Commands) {
    let origin = Origin::outermost(system);
    if system == System::Unix && is_shell_text(line) {
        let text = commands.arena.add(line);
        let outer = Command::nowhere(origin);
        shell::expand_text(commands, outer, text);
        return;
    }
    match unescaped(line, system, &mut commands.arena) {
        Some(line) => commands.add_line_piece(line, system, origin),
        None => commands.add_line(line, system),
    }
}

/// Whether a line is what somebody typed, and not what one program was given:
/// no program but a shell is given a word that joins commands.
fn is_shell_text(line: &[u8]) -> bool {
    let line = line.get(..MOST_READ).unwrap_or(line);
    let first = unix_word(line, 0);
    let first = first.and_then(|word| line.get(word.start..word.end));
    let tool = first.map(|word| Tool::named(stem(word), System::Unix));
    // What these are given may be a text with such words in it.
    let takes_text = matches!(
        tool,
        None | Some(Tool::Shell | Tool::Wrapper | Tool::Interpreter)
    );
    let is_joined = |line: &[u8]| {
        let mut words = line.split(u8::is_ascii_whitespace);
        words.any(|word| matches!(word, b"|" | b"||" | b"&&" | b">" | b">>"))
    };
    !takes_text && is_joined(line)
}

/// A command line that its writer has escaped as the text of an element:
/// some agents hand on what Windows renders as XML. Every `&` begins an
/// escape then, and no bracket stands bare. `cmd` takes `&amp;` for the end
/// of a command and a program `amp`, which nobody has.
fn unescaped(line: &[u8], system: System, arena: &mut Arena) -> Option<Piece> {
    let first = memchr::memchr3(b'&', b'<', b'>', line)?;
    let is_short = line.len() <= MOST_READ;
    if system != System::Windows || !is_short || line.get(first) != Some(&b'&')
    {
        return None;
    }
    const ESCAPES: [&[u8]; 5] =
        [b"&amp;", b"&lt;", b"&gt;", b"&quot;", b"&apos;"];
    let is_escape = |at: usize| {
        let rest = line.get(at..).unwrap_or_default();
        ESCAPES.iter().any(|escape| rest.starts_with(escape))
    };
    let is_whole = memchr::memchr3_iter(b'&', b'<', b'>', line).all(is_escape);
    is_whole.then(|| arena.write_with(|bytes| xml::unescape_into(line, bytes)))
}
