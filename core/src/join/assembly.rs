/*!
The event that audit records make together.
*/

use core::ops::Range;

use super::effect::Effect;
use super::owner::Owner;
use super::path::absolute;
use super::processes::Processes;
use crate::bytes;
use crate::event::{
    Event, EventData, EventKind, FileCreation, FileDeletion, FileLink,
    FileModification, FileRename, ProcessCreation, Value,
};
use crate::record::{AuditDetails, AuditPiece, SyscallArgument};
use crate::time::Timestamp;

/// Takes joined events, with the numbers of the records that they were joined
/// from.
pub(super) type Joined<'j> = dyn FnMut(&[u64], &Event<'_>) + 'j;

/// What the records of one audit event say.
#[derive(Debug, Default)]
pub(super) struct Assembly {
    /// The id, the host, and values of the event's records.
    text: Vec<u8>,
    id: Range<usize>,
    host: Range<usize>,
    /// Hash of the host.
    host_hash: u64,
    time: Option<Timestamp>,
    /// Numbers of its raw records in the stream.
    pub(super) records: Vec<u64>,
    has_call: bool,
    call: Call,
    paths: Vec<NamedPath>,
    arguments: Vec<Arguments>,
    title: Option<Range<usize>>,
    cwd: Option<Range<usize>>,
    /// Where paths are made absolute.
    path: Vec<u8>,
}

/// What SYSCALL says.
#[derive(Debug, Default)]
struct Call {
    effect: Effect,
    /// The arguments that have the directories of the first path and of the
    /// new one.
    directories: [Option<usize>; 2],
    has_failed: bool,
    exe: Option<Range<usize>>,
    uid: Option<Range<usize>>,
    uid_name: Option<Range<usize>>,
    process_id: Option<Range<usize>>,
    parent_process_id: Option<Range<usize>>,
    arguments: [Option<SyscallArgument>; 3],
}

/// A PATH record.
#[derive(Clone, Debug)]
struct NamedPath {
    item: i64,
    name: Option<Range<usize>>,
    role: Role,
    is_directory: bool,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Role {
    Created,
    Deleted,
    Normal,
    /// The text of a symbolic link.
    Unknown,
    Other,
}

/// An EXECVE record.
#[derive(Clone, Debug)]
struct Arguments {
    record: u64,
    first: (u32, u32),
    text: Option<Range<usize>>,
}

impl Assembly {
    /// Begins an event, in the place of the one before.
    pub(super) fn begin(&mut self, owner: Owner<'_>, host: u64) {
        self.text.clear();
        self.id = append(&mut self.text, owner.id);
        self.host = append(&mut self.text, owner.host);
        self.host_hash = host;
        self.time = owner.time;
        self.records.clear();
        self.has_call = false;
        self.call = Call::default();
        self.paths.clear();
        self.arguments.clear();
        self.title = None;
        self.cwd = None;
    }

    pub(super) fn is_of(&self, owner: Owner<'_>) -> bool {
        self.get(&self.id) == owner.id && self.get(&self.host) == owner.host
    }

    fn get(&self, range: &Range<usize>) -> &[u8] {
        let text = self.text.get(range.clone());
        debug_assert!(text.is_some(), "no text at {range:?}");
        text.unwrap_or_default()
    }

    fn value(&self, range: &Option<Range<usize>>) -> Value<'_> {
        range.as_ref().map(|range| self.get(range))
    }

    /// Takes what a record says. Of SYSCALL, CWD and PROCTITLE an event has
    /// one: the first counts.
    pub(super) fn take(&mut self, piece: &AuditPiece<'_>, record: u64) {
        // One raw record may hold several of an event's.
        if self.records.last() != Some(&record) {
            self.records.push(record);
        }
        let text = &mut self.text;
        let mut copy =
            |value: Value<'_>| value.map(|value| append(text, value));
        match piece.kind {
            EventKind::AuditSyscall if !self.has_call => {
                let call = piece.call();
                let (effect, directories) = Effect::of(call.name);
                self.has_call = true;
                self.call = Call {
                    effect,
                    directories,
                    has_failed: call.success == Some(b"no"),
                    exe: copy(call.exe),
                    uid: copy(call.uid),
                    uid_name: copy(call.uid_name),
                    process_id: copy(call.process_id),
                    parent_process_id: copy(call.parent_process_id),
                    arguments: piece.details.arguments,
                };
            }
            EventKind::AuditExecve => {
                let AuditDetails { first, .. } = piece.details;
                let text = copy(piece.value());
                self.arguments.push(Arguments { record, first, text });
            }
            EventKind::AuditPath => {
                let path = piece.path();
                let role = match path.nametype.unwrap_or_default() {
                    b"CREATE" => Role::Created,
                    b"DELETE" => Role::Deleted,
                    b"NORMAL" => Role::Normal,
                    b"UNKNOWN" => Role::Unknown,
                    _ => Role::Other,
                };
                let item = path.item.and_then(bytes::number);
                self.paths.push(NamedPath {
                    item: item.unwrap_or(i64::MAX),
                    name: copy(path.name),
                    role,
                    is_directory: path.mode.is_some_and(is_directory),
                });
            }
            EventKind::AuditProctitle if self.title.is_none() => {
                self.title = copy(piece.value());
            }
            EventKind::AuditCwd if self.cwd.is_none() => {
                self.cwd = copy(piece.value());
            }
            _ => {}
        }
    }

    /// Hands over the events that the records make together, and the numbers
    /// of the records.
    pub(super) fn give(
        &mut self,
        processes: &mut Processes,
        sink: &mut Joined<'_>,
    ) {
        if self.call.has_failed {
            return;
        }
        if !self.arguments.is_empty() || self.call.effect == Effect::Runs {
            self.process(processes, sink);
        } else {
            self.files(sink);
        }
    }

    fn event<'a>(&'a self, data: impl Into<EventData<'a>>) -> Event<'a> {
        let mut event = Event::linux(data);
        event.time = self.time;
        let host = self.get(&self.host);
        event.host = (!host.is_empty()).then_some(host);
        let uid = self.value(&self.call.uid);
        // The one user whose name is the same on every host.
        let root = || uid.filter(|uid| *uid == b"0").map(|_| &b"root"[..]);
        event.user = self.value(&self.call.uid_name).or_else(root);
        event.user_sid = uid;
        event
    }

    /// The new process.
    fn process(&mut self, processes: &mut Processes, sink: &mut Joined<'_>) {
        let command_line = self.command_line();
        let program = self.call.exe.clone().or_else(|| {
            let first = self.paths.iter().find(|path| path.item == 0);
            let name = first?.name.clone();
            let cwd = self.cwd.clone();
            name.map(|name| self.absolute(&name, cwd))
        });
        let parent_process_id = self.value(&self.call.parent_process_id);
        let parent =
            parent_process_id.and_then(|id| processes.get(self.host_hash, id));
        let event = self.event(ProcessCreation {
            image: self.value(&program),
            command_line: self.value(&command_line),
            current_directory: self.value(&self.cwd),
            process_id: self.value(&self.call.process_id),
            parent_process_id,
            parent_image: parent,
            ..ProcessCreation::default()
        });
        sink(&self.records, &event);
        if let (Some(id), Some(image)) =
            (self.value(&self.call.process_id), self.value(&program))
        {
            processes.insert(self.host_hash, id, image);
        }
    }

    /// The arguments of all EXECVE records; where there are none, the title.
    fn command_line(&mut self) -> Option<Range<usize>> {
        let Assembly { text, arguments, .. } = self;
        match arguments.as_mut_slice() {
            [] => return self.title.clone(),
            [only] => return only.text.clone(),
            several => several.sort_unstable_by_key(|arguments| {
                (arguments.first, arguments.record)
            }),
        }
        let start = text.len();
        for record in arguments {
            let (_, part) = record.first;
            if text.len() > start && part == 0 {
                text.push(b' ');
            }
            if let Some(range) = record.text.clone()
                && range.end <= text.len()
            {
                text.extend_from_within(range);
            }
        }
        Some(bytes::range(start, text.len().saturating_sub(start)))
    }

    /// Makes a path absolute, seen from a directory.
    fn absolute(
        &mut self,
        name: &Range<usize>,
        directory: Option<Range<usize>>,
    ) -> Range<usize> {
        // Out of the text that it is appended to.
        let mut made = core::mem::take(&mut self.path);
        let start = made.len();
        let directory = self.value(&directory);
        let range = absolute(directory, self.get(name), &mut made);
        let path = made.get(range).unwrap_or_default();
        let range = append(&mut self.text, path);
        made.truncate(start);
        self.path = made;
        range
    }

    /// What happened to files.
    fn files(&mut self, sink: &mut Joined<'_>) {
        match self.call.effect {
            Effect::Renames => {
                self.pair(Role::Deleted, EventKind::FileRename, sink)
            }
            Effect::Links => {
                self.pair(Role::Normal, EventKind::FileLink, sink)
            }
            Effect::LinksSymbolically => {
                self.pair(Role::Unknown, EventKind::FileLink, sink);
            }
            Effect::None => {}
            _ => self.each_file(sink),
        }
    }

    /// The directory of a path: the working directory, unless an argument of
    /// the call says that it is another. That one has a number and no name.
    fn directory(&self, argument: Option<usize>) -> Option<Range<usize>> {
        let argument = argument.and_then(|argument| {
            self.call.arguments.get(argument).copied().flatten()
        });
        let is_cwd = argument.is_none_or(|argument| argument.is_cwd);
        self.cwd.clone().filter(|_| is_cwd)
    }

    fn each_file(&mut self, sink: &mut Joined<'_>) {
        let writes = match self.call.effect {
            Effect::Writes => true,
            Effect::Opens(flags) => {
                let flags = self.call.arguments.get(flags).copied().flatten();
                flags.is_some_and(|flags| flags.writes)
            }
            _ => false,
        };
        let [directory, _] = self.call.directories;
        let directory = self.directory(directory);
        for index in 0..self.paths.len() {
            let Some(path) = self.paths.get(index) else { return };
            let Some(name) = path.name.clone() else { continue };
            if path.is_directory {
                continue;
            }
            let role = path.role;
            if role == Role::Normal && !writes {
                continue;
            }
            let target = self.absolute(&name, directory.clone());
            let target_filename = Some(self.get(&target));
            let image = self.value(&self.call.exe);
            let process_id = self.value(&self.call.process_id);
            let event = match role {
                Role::Created => self.event(FileCreation {
                    target_filename,
                    image,
                    process_id,
                }),
                Role::Deleted => self.event(FileDeletion {
                    target_filename,
                    image,
                    process_id,
                }),
                Role::Normal => self.event(FileModification {
                    target_filename,
                    image,
                    process_id,
                }),
                Role::Unknown | Role::Other => continue,
            };
            sink(&self.records, &event);
        }
    }

    /// An event of two paths: of the one that is created, and of the one that
    /// was there.
    fn pair(&mut self, source: Role, kind: EventKind, sink: &mut Joined<'_>) {
        let first = |role: Role| {
            let of_role = self.paths.iter().filter(|path| path.role == role);
            of_role.min_by_key(|path| path.item)?.name.clone()
        };
        let (Some(target), source) = (first(Role::Created), first(source))
        else {
            return;
        };
        let [source_directory, directory] = self.call.directories;
        let target = self.absolute(&target, self.directory(directory));
        let source_directory = match self.call.effect {
            // What the link holds is seen from where it is.
            Effect::LinksSymbolically => {
                let path = self.get(&target);
                let end =
                    memchr::memrchr(b'/', path).map_or(0, |at| at.max(1));
                Some(bytes::range(target.start, end.min(path.len())))
            }
            _ => self.directory(source_directory),
        };
        let source =
            source.map(|name| self.absolute(&name, source_directory.clone()));
        let target_filename = Some(self.get(&target));
        let source_filename = self.value(&source);
        let image = self.value(&self.call.exe);
        let process_id = self.value(&self.call.process_id);
        let event = match kind {
            EventKind::FileRename => self.event(FileRename {
                target_filename,
                source_filename,
                image,
                process_id,
            }),
            _ => self.event(FileLink {
                target_filename,
                source_filename,
                image,
                process_id,
            }),
        };
        sink(&self.records, &event);
    }
}

fn append(text: &mut Vec<u8>, value: &[u8]) -> Range<usize> {
    let start = text.len();
    text.extend_from_slice(value);
    bytes::range(start, value.len())
}

/// Whether a mode, octal or interpreted, is that of a directory.
fn is_directory(mode: &[u8]) -> bool {
    if mode.starts_with(b"dir") {
        return true;
    }
    let mode = core::str::from_utf8(mode).unwrap_or_default();
    let mode = u32::from_str_radix(mode, 8).unwrap_or_default();
    mode & 0o170_000 == 0o040_000
}
