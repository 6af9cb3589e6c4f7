/*!
The commands that a text would really start.

A command line often starts another: a shell's text, what stands behind
`sudo`, the program that `cmd /c` is told to run. [`Commands`] is the list of
all of them, the outermost first; layers append what they find, and whoever
reads the list sees each command as the program would, quotes and wrappers
undone.
*/

use core::mem;
use core::ops::Range;

use super::Canonical;
use super::arena::{Arena, Piece};
use super::argv::{Quotes, Word, split_blanks, split_windows, unix_word};
use super::notes::Notes;
use crate::event::Platform;

/// Most commands that are kept of one event.
pub(crate) const MOST_COMMANDS: usize = 256;

/// How deep commands in commands are followed.
pub(crate) const MOST_NESTING: u8 = 6;

/// Words of all commands of one event, but of a hostile one.
const USUAL_WORDS: usize = 4096;

/// Bytes of a text that are read; what follows is not looked at, and
/// [`Notes`] says so.
pub(crate) const MOST_READ: usize = 32 * 1024;

/// Steps of matching patterns at every place of a value, for all texts of one
/// event together: about a millisecond.
pub(crate) const MOST_STEPS: usize = 1 << 20;

/// The rules that a command line is written by.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum System {
    /// Options begin with `/` or `-`, paths have `\`, case does not count.
    Windows,
    /// Everything else.
    Unix,
}

impl System {
    /// That of events of a platform.
    pub(crate) fn of(platform: Platform) -> System {
        match platform {
            Platform::Windows => System::Windows,
            _ => System::Unix,
        }
    }
}

/// A command: words, the first of them the program.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Command {
    start: u32,
    end: u32,
    pub(crate) origin: Origin,
}

/// What is known of a command besides its words.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Origin {
    pub(crate) system: System,
    /// How many commands it stands in.
    pub(crate) depth: u8,
    /// What had to be undone to see it.
    pub(crate) notes: Notes,
    /// What it is given as standard input, where that is a constant.
    pub(crate) input: Option<Piece>,
    /// The file that its standard input is, where the text says so.
    pub(crate) source: Option<Piece>,
    /// What a file holds that it names, where the text wrote it before.
    pub(crate) written: Option<Piece>,
    /// Whether it reads what another command writes.
    pub(crate) is_piped: bool,
    /// Whether it runs inside of another: a shell's text, a wrapper's
    /// argument. Its program is then not the event's own.
    pub(crate) is_inner: bool,
    /// The line that it was split from, if it was. Shells read their texts
    /// in it: words have lost their quotes, or on Unix where they end.
    pub(crate) line: Option<Piece>,
    /// The directory that it runs in, where the text says so.
    pub(crate) directory: Option<Piece>,
    /// The host that it runs on, where the text says that it is another.
    pub(crate) host: Option<Piece>,
    /// The variable that its result is assigned to, in lower case.
    pub(crate) assigned: Option<Piece>,
    /// Whether it is a statement of PowerShell.
    pub(crate) is_script: bool,
}

/// The commands of one event, and the memory that they stand in.
#[derive(Debug, Default)]
pub(crate) struct Commands {
    pub(crate) arena: Arena,
    words: Vec<Word>,
    commands: Vec<Command>,
    /// Words of a command that is being read, below them those of the
    /// commands that it stands in.
    stack: Vec<Word>,
    /// A copy of a line that stands in the arena, while it is split.
    line: Vec<u8>,
    /// Copies of texts that stand in the arena, while they are read; one for
    /// each depth.
    texts: [Vec<u8>; MOST_NESTING as usize + 1],
    /// Steps that were taken of [`MOST_STEPS`].
    steps: usize,
    is_cut: bool,
    /// How far lines are taken apart.
    pub(crate) canonical: Canonical,
}

impl Commands {
    /// None yet; lines are to be taken apart as far as said.
    pub(crate) fn new(canonical: Canonical) -> Commands {
        Commands { canonical, ..Commands::default() }
    }

    /// Forgets the commands of an event; keeps the memory.
    pub(crate) fn clear(&mut self) {
        self.arena.clear();
        self.words.clear();
        self.commands.clear();
        self.steps = 0;
        self.is_cut = false;
    }

    /// Counts steps before they are taken; false where there are no more so
    /// many left for the event.
    pub(crate) fn may_take(&mut self, steps: usize) -> bool {
        let all = self.steps.saturating_add(steps);
        if all > MOST_STEPS {
            self.is_cut = true;
            return false;
        }
        self.steps = all;
        true
    }

    /// How many steps were taken.
    #[cfg(test)]
    pub(crate) fn steps(&self) -> usize {
        self.steps
    }

    /// How many commands there are.
    pub(crate) fn len(&self) -> usize {
        self.commands.len()
    }

    /// A command by its place.
    pub(crate) fn get(&self, index: usize) -> Option<Command> {
        self.commands.get(index).copied()
    }

    /// Whether there was more than is kept.
    pub(crate) fn is_cut(&self) -> bool {
        self.is_cut || self.arena.is_cut()
    }

    /// The words of a command.
    pub(crate) fn words(&self, command: Command) -> &[Word] {
        let range = command.start as usize..command.end as usize;
        self.words.get(range).unwrap_or_default()
    }

    /// A word of a command, as the program sees it.
    pub(crate) fn text(
        &self,
        command: Command,
        index: usize,
    ) -> Option<&[u8]> {
        let word = self.words(command).get(index)?;
        Some(self.arena.get(word.text))
    }

    /// Puts another text in the place of a command's word.
    pub(crate) fn replace(
        &mut self,
        command: Command,
        index: usize,
        text: Piece,
    ) {
        let at = (command.start as usize).saturating_add(index);
        if let Some(word) = self.words.get_mut(at)
            && at < command.end as usize
        {
            word.text = text;
        }
    }

    /// Splits a line and appends it as a command.
    pub(crate) fn add_line(&mut self, line: &[u8], system: System) {
        self.is_cut |= line.len() > MOST_READ;
        let line = line.get(..MOST_READ).unwrap_or(line);
        let start = self.begin();
        self.split(line, system);
        let line = Some(self.arena.add(line));
        self.finish(start, Origin { line, ..Origin::outermost(system) });
    }

    /// Splits a text that another command starts, and appends it.
    pub(crate) fn add_inner_line(&mut self, outer: Command, line: Piece) {
        self.add_line_piece(line, outer.origin.system, Origin::within(outer));
    }

    /// Splits a text of the arena, and appends it as a command.
    pub(crate) fn add_line_piece(
        &mut self,
        line: Piece,
        system: System,
        origin: Origin,
    ) {
        // The splitters write into the arena that the line stands in.
        let mut copy = mem::take(&mut self.line);
        copy.clear();
        let text = self.arena.get(line);
        self.is_cut |= text.len() > MOST_READ;
        copy.extend_from_slice(text.get(..MOST_READ).unwrap_or(text));
        let start = self.begin();
        self.split(&copy, system);
        self.line = copy;
        self.finish(start, Origin { line: Some(line), ..origin });
    }

    fn split(&mut self, line: &[u8], system: System) {
        let (arena, words) = (&mut self.arena, &mut self.words);
        match system {
            System::Windows => split_windows(line, arena, words),
            System::Unix => split_blanks(line, arena, words),
        }
    }

    /// States that the commands from one on run on another host.
    pub(crate) fn run_on(&mut self, host: Piece, from: usize) {
        for command in self.commands.iter_mut().skip(from) {
            command.origin.host.get_or_insert(host);
        }
    }

    /// Forgets the commands from one on. Their words stay: values may point
    /// at them.
    pub(crate) fn forget(&mut self, from: usize) {
        self.commands.truncate(from);
    }

    /// The words of a command from one on, with a blank between them.
    // Called in many places, which the library would grow by.
    #[inline(never)]
    pub(crate) fn joined(&mut self, command: Command, from: usize) -> Piece {
        let mark = self.arena.mark();
        let start = (command.start as usize).saturating_add(from);
        for index in start..command.end as usize {
            let Some(word) = self.words.get(index).copied() else { break };
            if index > start {
                self.arena.push(b' ');
            }
            self.arena.extend_from(word.text);
        }
        self.arena.since(mark)
    }

    /// Begins a command that is made word by word.
    pub(crate) fn begin(&self) -> WordMark {
        WordMark(self.words.len())
    }

    /// Appends a word to the command that is being made.
    #[cfg(test)]
    pub(crate) fn push_word(&mut self, text: Piece, quotes: Quotes) {
        self.words.push(Word { text, quotes });
    }

    /// Ends a command. One without words is none.
    pub(crate) fn finish(&mut self, mark: WordMark, origin: Origin) {
        self.add(mark.0..self.words.len(), origin);
    }

    /// Appends the words of a command from one on as a command of its own:
    /// what stands behind a wrapper.
    pub(crate) fn add_tail(&mut self, command: Command, from: usize) {
        let start = (command.start as usize).saturating_add(from);
        let is_unix = command.origin.system == System::Unix;
        // What a shell behind the wrapper is told is the rest of the line.
        let line = command.origin.line.filter(|_| is_unix);
        let line =
            line.map(|line| line.after(words_end(self.arena.get(line), from)));
        let origin = Origin { line, ..Origin::within(command) };
        self.add(start..command.end as usize, origin);
    }

    /// Appends so many words of a command from one on as a command of its own.
    // As `joined`.
    #[inline(never)]
    pub(crate) fn add_part(
        &mut self,
        command: Command,
        from: usize,
        count: usize,
    ) {
        let start = (command.start as usize).saturating_add(from);
        let end = start.saturating_add(count).min(command.end as usize);
        self.add(start..end, Origin::within(command));
    }

    fn add(&mut self, words: Range<usize>, origin: Origin) {
        if words.is_empty() {
            return;
        }
        if self.commands.len() >= MOST_COMMANDS || origin.depth > MOST_NESTING
        {
            self.is_cut = true;
            return;
        }
        // Words are bounded by the bytes of the arena.
        let [start, end] = [words.start, words.end]
            .map(|place| u32::try_from(place).unwrap_or(u32::MAX));
        self.commands.push(Command { start, end, origin });
    }

    /// How many words are on the stack.
    pub(crate) fn stacked(&self) -> usize {
        self.stack.len()
    }

    /// A word on the stack.
    pub(crate) fn stacked_word(&self, index: usize) -> Option<Word> {
        self.stack.get(index).copied()
    }

    /// Puts a word on the stack.
    pub(crate) fn stack(&mut self, word: Word) {
        // Each takes a byte of a text that is bounded, but for empty ones.
        if self.stack.len() < MOST_READ {
            self.stack.push(word);
        } else {
            self.is_cut = true;
        }
    }

    /// Puts another text in the place of a word on the stack.
    pub(crate) fn restack(&mut self, index: usize, text: Piece) {
        if let Some(word) = self.stack.get_mut(index) {
            word.text = text;
        }
    }

    /// Puts a word under those from one on.
    pub(crate) fn stack_under(&mut self, base: usize, text: Piece) {
        if base <= self.stack.len() {
            self.stack.insert(base, Word { text, quotes: Quotes::None });
        }
    }

    /// Takes the words from one on off the stack.
    pub(crate) fn unstack(&mut self, base: usize) {
        self.stack.truncate(base);
    }

    /// Takes so many words from one on off the stack, and keeps those above.
    pub(crate) fn unstack_first(&mut self, base: usize, count: usize) {
        let end = base.saturating_add(count).min(self.stack.len());
        if base < end {
            self.stack.drain(base..end);
        }
    }

    /// Makes the words on the stack, from one on, a command.
    pub(crate) fn finish_stacked(&mut self, base: usize, origin: Origin) {
        let start = self.begin();
        let words = self.stack.get(base..).unwrap_or_default();
        self.words.extend_from_slice(words);
        self.stack.truncate(base);
        self.finish(start, origin);
    }

    /// The words on the stack from one on, with a blank between them.
    pub(crate) fn join_stacked(&mut self, base: usize) -> Piece {
        let mark = self.arena.mark();
        for index in base..self.stack.len() {
            let Some(word) = self.stack.get(index).copied() else { break };
            if index > base {
                self.arena.push(b' ');
            }
            self.arena.extend_from(word.text);
        }
        self.arena.since(mark)
    }

    /// Says that there was more than is read.
    pub(crate) fn cut(&mut self) {
        self.is_cut = true;
    }

    /// A copy of a text of the arena, to be read while the arena is written
    /// to; `None` when it stands too deep in others. To be given back.
    pub(crate) fn borrow_text(
        &mut self,
        text: Piece,
        depth: u8,
    ) -> Option<Vec<u8>> {
        let Some(slot) = self.texts.get_mut(usize::from(depth)) else {
            self.is_cut = true;
            return None;
        };
        let mut copy = mem::take(slot);
        copy.clear();
        let text = self.arena.get(text);
        self.is_cut |= text.len() > MOST_READ;
        copy.extend_from_slice(text.get(..MOST_READ).unwrap_or(text));
        Some(copy)
    }

    /// Gives the memory of a copy back.
    pub(crate) fn return_text(&mut self, copy: Vec<u8>, depth: u8) {
        if let Some(slot) = self.texts.get_mut(usize::from(depth)) {
            *slot = copy;
        }
    }

    /// Takes the memory that all but hostile texts are read in: of those some
    /// make the lists of words grow, once.
    pub(crate) fn reserve(&mut self) {
        self.arena.reserve();
        self.words.reserve(USUAL_WORDS);
        self.stack.reserve(USUAL_WORDS);
        self.commands.reserve(MOST_COMMANDS);
        self.line.reserve(MOST_READ);
        self.texts.iter_mut().for_each(|text| text.reserve(MOST_READ));
    }

    /// Bytes of memory held.
    pub(crate) fn memory_usage(&self) -> usize {
        let words = [self.words.capacity(), self.stack.capacity()];
        let words = words.into_iter().fold(0, usize::saturating_add);
        let words = words.saturating_mul(size_of::<Word>());
        let commands =
            self.commands.capacity().saturating_mul(size_of::<Command>());
        let lists = words.saturating_add(commands);
        let bytes = self.arena.memory_usage();
        let texts = self.texts.iter().map(Vec::capacity);
        let texts = texts.fold(self.line.capacity(), usize::saturating_add);
        lists.saturating_add(bytes).saturating_add(texts)
    }
}

#[cfg(test)]
impl Commands {
    /// The words of a command, with bars between them.
    pub(crate) fn shown(&self, command: Command) -> String {
        let words = self.words(command).iter().map(|word| {
            let text = self.arena.get(word.text);
            String::from_utf8_lossy(text).into_owned()
        });
        words.collect::<Vec<_>>().join("|")
    }

    /// All commands but the first one, whose inside they are.
    pub(crate) fn inner(&self) -> impl Iterator<Item = Command> {
        (1..).map_while(|index| self.get(index))
    }
}

/// Where a line of Unix goes on behind so many words.
pub(crate) fn words_end(line: &[u8], count: usize) -> usize {
    let mut at = 0_usize;
    for _ in 0..count {
        at = unix_word(line, at).map_or(line.len(), |word| word.end);
    }
    at
}

/// Where a command that is being made begins.
#[derive(Clone, Copy, Debug)]
pub(crate) struct WordMark(usize);

impl Command {
    /// What commands stand in that are in no other.
    pub(crate) fn nowhere(origin: Origin) -> Command {
        Command { start: 0, end: 0, origin }
    }
}

impl Origin {
    /// Of the command line of the event itself.
    pub(crate) fn outermost(system: System) -> Origin {
        Origin {
            system,
            depth: 0,
            notes: Notes::default(),
            input: None,
            source: None,
            written: None,
            is_piped: false,
            is_inner: false,
            line: None,
            directory: None,
            host: None,
            assigned: None,
            is_script: false,
        }
    }

    /// Of a command that another one starts.
    pub(crate) fn within(outer: Command) -> Origin {
        let Origin {
            system,
            depth,
            notes,
            input,
            source,
            written,
            is_piped,
            directory,
            host,
            ..
        } = outer.origin;
        Origin {
            depth: depth.saturating_add(1),
            notes,
            input,
            source,
            written,
            is_piped,
            is_inner: true,
            directory,
            host,
            ..Origin::outermost(system)
        }
    }
}
