/*!
auditd lines: raw, enriched or interpreted.

A line is one record of an audit event. The records of an event share the id
in `audit(..)` and may be far apart; each is an event here, and nothing is
joined. Some collectors put all records of an event on one line; then each of
them is an item.

The type decides first, so a record that is not wanted costs little more than
finding its line's end did.
*/

use memchr::{memchr, memchr_iter, memmem, memrchr};

use crate::Timestamp;
use crate::bytes::{self, Phrase};
use crate::event::{
    AuditCwd, AuditExecve, AuditPath, AuditProctitle, AuditSyscall, Event,
    EventData, EventKind, EventKinds, Generic, Value,
};

use super::audit_call::CallHead;
use super::audit_details::{
    AUDIT_KINDS, AuditDetails, Details, SyscallArgument, name_and_number,
};
use super::audit_peek::{audit_body, audit_rest, split_id};
use super::audit_piece::AuditPiece;
use super::context::{Context, Reading, Sink};
use super::decode::Decoded;
use super::error::{RecordError, RecordErrorKind};
use super::member_names::MemberNames;
use super::members::Members;
use super::prefix::{EVENT, MOST_PREFIX, carried_object, ends_header};
use super::syntax::auditd::{
    ENRICHED, Fields, Form, Label, Strings, Text, Written, split,
};
use super::syntax::json;
use super::syscalls;

macro_rules! labels {
    ($($label:ident = $name:literal $rare:literal,)*) => {
        impl Label {
            $(
                pub(super) const $label: Label = Label {
                    name: $name,
                    rare: $rare,
                    byte: $name[$rare],
                };
            )*
        }
    };
}

labels! {
    ARCH = b"arch=" 3,
    SYSCALL = b"syscall=" 1,
    SUCCESS = b"success=" 1,
    A0 = b"a0=" 0,
    A1 = b"a1=" 0,
    A2 = b"a2=" 0,
    ITEMS = b"items=" 3,
    PPID = b"ppid=" 0,
    PID = b"pid=" 0,
    AUID = b"auid=" 1,
    UID = b"uid=" 0,
    COMM = b"comm=" 2,
    EXE = b"exe=" 1,
    KEY = b"key=" 0,
    // Enriched.
    SYSCALL_NAME = b"SYSCALL=" 1,
    AUID_NAME = b"AUID=" 1,
    UID_NAME = b"UID=" 0,
    // auoms.
    AUDIT_USER = b"audit_user=" 5,
    USER = b"user=" 0,
    PATH_NAME = b"path_name=" 4,
    PATH_NAMETYPE = b"path_nametype=" 4,
    PATH_MODE = b"path_mode=" 4,
    PATH_OUID = b"path_ouid=" 4,

    ITEM = b"item=" 3,
    NAME = b"name=" 2,
    MODE = b"mode=" 0,
    OUID = b"ouid=" 1,
    NAMETYPE = b"nametype=" 5,
    // What kernels of Red Hat 7 call it.
    OBJTYPE = b"objtype=" 4,
    CWD = b"cwd=" 1,
    PROCTITLE = b"proctitle=" 0,
}

/// Fields that are text, and in hex where they cannot be quoted. Others may
/// look like that, as arguments of system calls do.
const TEXTS: [&[u8]; 10] = [
    b"acct",
    b"cmd",
    b"comm",
    b"cwd",
    b"data",
    b"exe",
    b"key",
    b"name",
    b"path",
    b"proctitle",
];

const TYPE: Phrase = Phrase::new(b"type=", b'=');
const AUDIT: Phrase = Phrase::new(b"audit", b'u');

/// Whether a record, without leading blanks, looks like one of this format.
pub(crate) fn is_record(record: &[u8]) -> bool {
    if is_separator(record) {
        return true;
    }
    Start::find(record).is_some_and(|start| start.begins_record())
}

/// The kind of event that a line begins with, `Some(None)` when its type is
/// of none; `None` when the line is not an auditd daemon's own: whatever else
/// begins with a type may carry a record of another format.
pub(crate) fn kind_of_line(line: &[u8]) -> Option<Option<EventKind>> {
    let start = Start::new(b"", line.strip_prefix(b"type=")?);
    match Type::of(start.name) {
        Type::Kernel(kind) => start.is_headed().then_some(Some(kind)),
        Type::Auoms => None,
        Type::Other => start.begins_record().then_some(None),
    }
}

/// What `ausearch` writes between events.
fn is_separator(record: &[u8]) -> bool {
    record.starts_with(b"time->") || record.trim_ascii_end() == b"----"
}

/// Reads one record.
pub(crate) fn read(
    record: &[u8],
    context: &mut Context<'_>,
    sink: &mut Sink<'_>,
) -> Result<Reading, RecordError> {
    let line = record.trim_ascii_end();
    let mut reading = Reading::default();
    if is_separator(line.trim_ascii_start()) {
        reading.others = 1;
        return Ok(reading);
    }
    let mut start = Start::find(line).ok_or(error("no record type", 0))?;
    let mut index = 0_u32;
    loop {
        let next = next_start(&start);
        let kind = Type::of(start.name);
        let is_generic =
            matches!(kind, Type::Other) && context.wants_generic();
        match kind.wanted(context.wanted).or(is_generic.then_some(kind)) {
            None => reading.others = reading.others.saturating_add(1),
            Some(kind) => {
                let header = Header::read(&start).ok_or_else(|| {
                    let offset = line.len().saturating_sub(start.after.len());
                    error("no `audit(time:serial):`", offset)
                })?;
                let before =
                    start.after.len().saturating_sub(header.body.len());
                let end = next.as_ref().map(|(end, _)| *end);
                let record = Record {
                    frame: Frame {
                        time: header.time(),
                        id: header.id,
                        host: start.node,
                    },
                    form: header.form,
                    body: end.map_or(header.body, |end| {
                        split(header.body, end.saturating_sub(before)).0
                    }),
                };
                let item = (index > 0 || end.is_some()).then_some(index);
                if let Some(details) = context.details {
                    let is_whole =
                        item.is_some() || header.form == Form::Decoded;
                    details.set(AuditDetails {
                        is_whole,
                        ..AuditDetails::default()
                    });
                }
                let events = match context.names {
                    Some(names) => {
                        let of = (start.name, names);
                        record.emit_with_members(of, kind, context, item, sink)
                    }
                    None => record.emit(kind, context, item, sink),
                };
                let others = u32::from(events == 0);
                reading.events = reading.events.saturating_add(events);
                reading.others = reading.others.saturating_add(others);
            }
        }
        let Some((_, next)) = next else { return Ok(reading) };
        start = Start { node: next.node.or(start.node), ..next };
        index = index.saturating_add(1);
    }
}

/// Reads a line of auditd's own that holds one record, of a kind; hands over
/// what it says. Takes less than [`read`]: what the record is and whose is
/// known.
pub(crate) fn read_line(
    kind: EventKind,
    line: &[u8],
    buffer: &mut Vec<u8>,
    sink: impl FnOnce(&AuditPiece<'_>),
) {
    let line = line.trim_ascii_end();
    let body = || audit_body(audit_rest(line));
    let piece = match kind {
        EventKind::AuditSyscall => {
            CallHead::read(body()).and_then(CallHead::piece)
        }
        EventKind::AuditCwd => {
            AuditPiece::of_directory(quoted_directory(body()))
        }
        EventKind::AuditExecve => quoted_arguments(body(), buffer)
            .map(|details| AuditPiece::of_arguments(buffer, details)),
        _ => None,
    };
    if let Some(piece) = piece {
        return sink(&piece);
    }
    read_any_line(kind, line, buffer, sink);
}

/// The directory of a CWD that holds nothing else, in quotes: a tenth of what
/// reading any fields takes.
fn quoted_directory(body: &[u8]) -> Value<'_> {
    let body = body.strip_prefix(b" ").map(<[u8]>::trim_ascii_start)?;
    let value = body.strip_prefix(b"cwd=\"")?;
    let (value, rest) = split(value, memchr(b'"', value)?);
    (rest == b"\"" && !value.is_empty()).then_some(value)
}

/// Writes the arguments of an EXECVE that has all of them, in order and in
/// quotes, in a buffer: a third of what reading any fields takes.
fn quoted_arguments(
    body: &[u8],
    buffer: &mut Vec<u8>,
) -> Option<AuditDetails> {
    let text = body.trim_ascii_start().strip_prefix(b"argc=")?;
    let (argc, mut rest) = split(text, bytes::find_near(b' ', text)?);
    let argc = u32::try_from(bytes::number(argc)?).ok()?;
    buffer.clear();
    let mut count = 0_u32;
    while !rest.is_empty() {
        let name = rest.strip_prefix(b" a")?;
        let (number, after) = split(name, bytes::find_near(b'=', name)?);
        if bytes::number(number)? != i64::from(count) {
            return None;
        }
        let value = after.strip_prefix(b"=\"")?;
        let (value, after) = split(value, bytes::find_near(b'"', value)?);
        rest = after.get(1..)?;
        if count > 0 {
            buffer.push(b' ');
        }
        buffer.extend_from_slice(value);
        count = count.saturating_add(1);
    }
    let last = count.checked_sub(1).filter(|_| count == argc)?;
    let details = AuditDetails::default();
    Some(AuditDetails { argc: Some(argc), last, ..details })
}

/// The same, whatever the order of its fields.
pub(super) fn read_any_line(
    kind: EventKind,
    line: &[u8],
    buffer: &mut Vec<u8>,
    sink: impl FnOnce(&AuditPiece<'_>),
) {
    let start = line.strip_prefix(b"type=");
    let start = start.map(|after| Start::new(b"", after));
    let header = start.as_ref().and_then(Header::read);
    debug_assert!(header.is_some(), "a line that is none of auditd's own");
    let Some(Header { form, body, .. }) = header else { return };
    let frame = Frame { time: None, id: None, host: None };
    let record = Record { frame, form, body };
    let details = Details::default();
    let mut sink = Some(sink);
    let sink = &mut |event: &Event<'_>| {
        let piece = AuditPiece::of(event, details.get());
        if let (Some(piece), Some(sink)) = (piece, sink.take()) {
            sink(&piece);
        }
    };
    buffer.clear();
    match kind {
        EventKind::AuditSyscall => {
            record.syscall(buffer, Some(&details), sink);
        }
        EventKind::AuditExecve => record.execve(buffer, Some(&details), sink),
        EventKind::AuditPath => record.path(buffer, sink),
        EventKind::AuditProctitle => record.proctitle(buffer, sink),
        _ => record.cwd(buffer, sink),
    }
}

fn error(reason: &'static str, offset: usize) -> RecordError {
    RecordError::new(RecordErrorKind::Auditd(reason), offset)
}

/// The start of a record, up to its type.
#[derive(Clone, Copy)]
struct Start<'a> {
    node: Value<'a>,
    /// The type's name.
    name: &'a [u8],
    /// What follows it on the line.
    after: &'a [u8],
    /// Whether no `audit(..)` is to be expected.
    headless: bool,
}

impl<'a> Start<'a> {
    /// Finds the first record on a line.
    fn find(line: &'a [u8]) -> Option<Start<'a>> {
        if let Some(after) = line.strip_prefix(b"type=") {
            return Some(Start::new(b"", after));
        }
        let head = line.get(..MOST_PREFIX).unwrap_or(line);
        // Most lines of syslog hold neither.
        TYPE.find(head).or_else(|| AUDIT.find(head))?;
        // An event that a syslog line carries may quote a record.
        let event = EVENT.find(head);
        let event = event.or_else(|| carried_object(line));
        let head = event.and_then(|at| head.get(..at)).unwrap_or(head);
        for at in TYPE.each(head) {
            let (before, after) = line.split_at_checked(at)?;
            if ends_header(before) {
                return Some(Start::new(before, after.get(5..)?));
            }
        }
        // As the journal forwards it: `audit[71]: PATH item=0 ..`.
        for at in AUDIT.each(head) {
            let tag = line.get(at..)?.strip_prefix(b"audit")?;
            let end = tag
                .iter()
                .position(|byte| !matches!(byte, b'[' | b']' | b'0'..=b'9'))?;
            let Some(after) = tag.get(end..)?.strip_prefix(b": ") else {
                continue;
            };
            let start = Start::new(b"", after);
            if is_type(start.name) {
                return Some(Start { headless: true, ..start });
            }
        }
        None
    }

    /// A start from what stands before `type=` and after it.
    fn new(before: &'a [u8], after: &'a [u8]) -> Start<'a> {
        let end = after.iter().position(|&byte| byte <= b' ');
        let (name, after) = split(after, end.unwrap_or(after.len()));
        let (_, word) = last_word(before);
        let node = word.strip_prefix(b"node=");
        Start { node, name, after, headless: false }
    }

    /// Whether what follows the type is as in this format.
    fn begins_record(&self) -> bool {
        is_type(self.name) && (self.is_headed() || self.headless)
    }

    fn is_headed(&self) -> bool {
        let after = self.after.trim_ascii_start();
        after.starts_with(b"msg=") || after.starts_with(b"audit(")
    }
}

/// Whether a word may be the name of a record type.
fn is_type(word: &[u8]) -> bool {
    let may = |byte: &u8| matches!(byte, b'A'..=b'Z' | b'0'..=b'9' | b'_' | b'[' | b']');
    word.len() > 2 && word.iter().all(may)
}

/// What stands before the last word of a text, and that word.
fn last_word(text: &[u8]) -> (&[u8], &[u8]) {
    let text = text.trim_ascii_end();
    let mut before = text.iter().rev().take(MOST_PREFIX);
    let length = before.position(|&byte| byte <= b' ');
    split(text, length.map_or(0, |length| text.len().saturating_sub(length)))
}

/// What becomes of a record.
#[derive(Clone, Copy)]
enum Type {
    /// One event.
    Kernel(EventKind),
    /// All events that auoms has joined in one record.
    Auoms,
    /// Nothing.
    Other,
}

impl Type {
    fn of(name: &[u8]) -> Type {
        let name = name
            .strip_prefix(b"UNKNOWN[")
            .and_then(|name| name.strip_suffix(b"]"))
            .unwrap_or(name);
        match name {
            b"SYSCALL" | b"1300" => Type::Kernel(EventKind::AuditSyscall),
            b"PATH" | b"1302" => Type::Kernel(EventKind::AuditPath),
            b"CWD" | b"1307" => Type::Kernel(EventKind::AuditCwd),
            b"EXECVE" | b"1309" => Type::Kernel(EventKind::AuditExecve),
            b"PROCTITLE" | b"1327" => Type::Kernel(EventKind::AuditProctitle),
            _ if is_auoms(name) => Type::Auoms,
            _ => Type::Other,
        }
    }

    /// This type, if any of its events is wanted.
    fn wanted(self, wanted: EventKinds) -> Option<Type> {
        let is_wanted = match self {
            Type::Kernel(kind) => wanted.contains(kind),
            Type::Auoms => {
                AUDIT_KINDS.iter().any(|&kind| wanted.contains(kind))
            }
            Type::Other => false,
        };
        is_wanted.then_some(self)
    }
}

/// Whether a type's name is one that auoms joins kernel records under.
/// Others of its own, such as inventories of running processes, report
/// nothing that was done.
pub(super) fn is_auoms(name: &[u8]) -> bool {
    name.starts_with(b"AUOMS_EXECVE") || name.starts_with(b"AUOMS_SYSCALL")
}

/// What follows the type: `msg=audit(1650675533.683:27): `.
struct Header<'a> {
    /// The text in `audit(..)`.
    id: Value<'a>,
    form: Form,
    /// What follows the header on the line.
    body: &'a [u8],
}

impl<'a> Header<'a> {
    fn read(start: &Start<'a>) -> Option<Header<'a>> {
        let after = start.after.trim_ascii_start();
        if start.headless {
            return Some(Header { id: None, form: Form::Raw, body: after });
        }
        let after = after.strip_prefix(b"msg=").unwrap_or(after);
        let after = after.strip_prefix(b"audit(")?;
        let (id, after) = split(after, memchr(b')', after)?);
        let (time, serial) = split_id(id)?;
        if serial.is_empty() || !serial.iter().all(u8::is_ascii_digit) {
            return None;
        }
        let (form, body) = match after {
            [b')', b':', body @ ..] => (Form::Raw, body),
            // `ausearch` interprets the time as well: what was only passed
            // on with the blank still has its seconds.
            [b')', b' ', b':', body @ ..] => {
                let is_raw = Timestamp::parse_unix(time).is_some();
                (if is_raw { Form::Raw } else { Form::Interpreted }, body)
            }
            _ => return None,
        };
        let form = if is_auoms(start.name) { Form::Decoded } else { form };
        Some(Header { id: Some(id), form, body })
    }

    /// When it happened; a local time is taken as UTC, for want of a zone.
    fn time(&self) -> Option<Timestamp> {
        let (time, _) = split_id(self.id?)?;
        Timestamp::parse_unix(time).or_else(|| Timestamp::parse_us(time))
    }
}

/// Finds the next record of an event on a line: where this one ends, and
/// where that one starts. Text that looks like a record but is not of the
/// event may be part of a value.
fn next_start<'a>(start: &Start<'a>) -> Option<(usize, Start<'a>)> {
    let text = start.after;
    let mut own = None;
    for at in memchr_iter(b'(', text) {
        let (before, inside) = split(text, at);
        let Some(before) = before.strip_suffix(b"audit") else { continue };
        let Some(id) = own else {
            let end = memchr(b')', inside)?;
            own = inside.get(..=end);
            continue;
        };
        if !inside.starts_with(id) {
            continue;
        }
        let before = before.strip_suffix(b"msg=").unwrap_or(before);
        let (before, kind) = last_word(before);
        let Some(name) = kind.strip_prefix(b"type=") else { continue };
        let (_, after) = split(split(text, before.len()).1, kind.len());
        let (rest, word) = last_word(before);
        let node = word.strip_prefix(b"node=");
        let own = if node.is_some() { rest } else { before };
        let next = Start { node, name, after, headless: false };
        return Some((own.trim_ascii_end().len(), next));
    }
    None
}

/// What all events of a record share.
pub(super) struct Frame<'a> {
    pub(super) time: Option<Timestamp>,
    /// Goes into each event's data.
    pub(super) id: Value<'a>,
    pub(super) host: Value<'a>,
}

impl<'a> Frame<'a> {
    pub(super) fn event<'b>(
        &self,
        data: impl Into<EventData<'b>>,
        user: Value<'b>,
    ) -> Event<'b>
    where
        'a: 'b,
    {
        let mut event = Event::linux(data);
        event.time = self.time;
        event.host = self.host;
        event.user = user;
        event
    }
}

/// The account that an event is about: who logged in, else who acts.
pub(super) fn account<'a>(login: Value<'a>, acting: Value<'a>) -> Value<'a> {
    login.filter(|&name| name != b"unset").or(acting)
}

/// A record past its header.
struct Record<'a> {
    frame: Frame<'a>,
    form: Form,
    /// What follows the header.
    body: &'a [u8],
}

impl<'a> Record<'a> {
    /// Hands over the record's events and says how many there were.
    fn emit(
        &self,
        kind: Type,
        context: &mut Context<'_>,
        item: Option<u32>,
        sink: &mut Sink<'_>,
    ) -> u32 {
        let kinds = match &kind {
            Type::Kernel(kind) => core::slice::from_ref(kind),
            Type::Auoms => &AUDIT_KINDS,
            Type::Other => &[EventKind::Generic],
        };
        let mut events = 0_u32;
        let sink = &mut |event: &Event<'_>| {
            events = events.saturating_add(1);
            sink(item, event);
        };
        let details = context.details;
        let buffer = &mut *context.buffer;
        for &kind in kinds {
            if !context.wanted.contains(kind) {
                continue;
            }
            buffer.clear();
            match (kind, self.form) {
                (EventKind::AuditSyscall, _) => {
                    self.syscall(buffer, details, sink);
                }
                (EventKind::AuditExecve, Form::Decoded) => {
                    self.command_line(sink);
                }
                (EventKind::AuditExecve, _) => {
                    self.execve(buffer, details, sink);
                }
                (EventKind::AuditPath, Form::Decoded) => {
                    self.paths(buffer, sink);
                }
                (EventKind::AuditPath, _) => self.path(buffer, sink),
                (EventKind::AuditProctitle, _) => {
                    self.proctitle(buffer, sink);
                }
                (EventKind::AuditCwd, _) => self.cwd(buffer, sink),
                (EventKind::Generic, _) => {
                    let data = Generic {
                        product: Some(b"linux"),
                        service: Some(b"auditd"),
                        ..Generic::default()
                    };
                    sink(&self.frame.event(data, None));
                }
                _ => {}
            }
        }
        events
    }

    /// Hands over its event, with its type's name, and the members that are
    /// asked for.
    #[inline(never)]
    fn emit_with_members(
        &self,
        (name, names): (&'a [u8], &MemberNames),
        kind: Type,
        context: &mut Context<'_>,
        item: Option<u32>,
        sink: &mut Sink<'_>,
    ) -> u32 {
        let buffer = context.members.pop().unwrap_or_default();
        let mut members = Members::new(names, buffer);
        self.members(name, &mut members);
        let mut events = 0;
        let buffer = members.give(sink, |sink| {
            events = self.emit(kind, context, item, sink);
        });
        context.members.push(buffer);
        events
    }

    /// Finds the values of its fields by their own names, and its type. What
    /// a program says in `msg='...'` is fields as well.
    fn members(&self, name: &'a [u8], members: &mut Members<'_, 'a>) {
        let is_execve = matches!(name, b"EXECVE" | b"1309");
        members.decode(b"type", |_| Some(Decoded::Record(name)));
        let mut parts = [self.body, b"", b""];
        if let Some(at) = memmem::find(self.body, b" msg='") {
            let (before, after) = split(self.body, at);
            let inside = split(after, b" msg='".len()).1;
            let end = memrchr(b'\'', inside).unwrap_or(inside.len());
            let (inside, after) = split(inside, end);
            parts = [before, inside, after];
        }
        for part in parts {
            let mut rest = part;
            while let Some(equals) = memchr(b'=', rest) {
                let (before, after) = split(rest, equals);
                let after = after.get(1..).unwrap_or_default();
                let (value, length) = Text::read(after, self.form);
                let (value, enriched) = value.without_enriched();
                rest = split(after, length.saturating_sub(enriched)).1;
                let start = before.iter().rposition(|&byte| byte <= b' ');
                let name = start.map_or(before, |at| bytes::after(before, at));
                let is_argument = is_execve && argument(name).is_some();
                let is_text = is_argument || TEXTS.contains(&name);
                members.decode(name, |buffer| match is_text {
                    true => value.decode(buffer),
                    false => value.plain().map(Decoded::Record),
                });
            }
        }
    }

    fn fields(&self) -> Fields<'a> {
        // What auoms makes of the arguments may hold what looks like fields.
        let end = match self.form {
            Form::Decoded => memmem::find(self.body, COMMAND_LINE),
            _ => None,
        };
        let text = split(self.body, end.unwrap_or(usize::MAX)).0;
        Fields::new(text, self.form)
    }

    fn syscall(
        &self,
        buffer: &mut Vec<u8>,
        details: Option<&Details>,
        sink: &mut Events<'_>,
    ) {
        let mut fields = self.fields();
        let arch = fields.plain(&Label::ARCH);
        let (mut syscall_name, syscall) =
            name_and_number(fields.plain(&Label::SYSCALL));
        let success = fields.plain(&Label::SUCCESS);
        if let Some(details) = details {
            // From a place of their own: what else is found does not depend
            // on whether records are joined.
            let mut others = fields.clone();
            let arguments = [
                others.plain(&Label::A0),
                others.plain(&Label::A1),
                others.plain(&Label::A2),
            ];
            let items = others.plain(&Label::ITEMS).and_then(bytes::number);
            let items = items.and_then(|items| u32::try_from(items).ok());
            let number = arch.zip(syscall);
            let all = details.get();
            let all = match (self.form, number) {
                (Form::Raw, Some((arch, number))) => {
                    let name = syscalls::name(arch, number);
                    let is_known = syscalls::is_known(arch);
                    let is_other = is_known && name.is_none();
                    AuditDetails { name, is_other, ..all }
                }
                _ => {
                    let name = syscall_name.and_then(syscalls::named);
                    AuditDetails { name, ..all }
                }
            };
            let read = |text: Value<'_>| text.and_then(SyscallArgument::read);
            let arguments =
                match syscalls::may_have_files(all.name, all.is_other) {
                    true => arguments.map(read),
                    false => [None; 3],
                };
            details.set(AuditDetails { items, arguments, ..all });
        }
        let parent_process_id = fields.plain(&Label::PPID);
        let process_id = fields.plain(&Label::PID);
        let ((mut auid_name, auid), (mut uid_name, uid)) = match self.form {
            Form::Decoded => (
                (fields.plain(&Label::AUDIT_USER), fields.plain(&Label::AUID)),
                (fields.plain(&Label::USER), fields.plain(&Label::UID)),
            ),
            _ => (
                name_and_number(fields.plain(&Label::AUID)),
                name_and_number(fields.plain(&Label::UID)),
            ),
        };
        // All that is asked for before it, lest a command named like a field
        // is taken for one.
        let comm = fields.decoded(&Label::COMM, buffer);
        let exe = fields.decoded(&Label::EXE, buffer);
        let key = fields.get_last(&Label::KEY);
        let key = key.and_then(|key| key.decode(buffer));
        if self.form == Form::Raw && !fields.is_at_end() {
            syscall_name = fields.plain(&Label::SYSCALL_NAME).or(syscall_name);
            auid_name = fields.plain(&Label::AUID_NAME).or(auid_name);
            uid_name = fields.plain(&Label::UID_NAME).or(uid_name);
        }
        if let (None, Some(arch), Some(number)) = (syscall_name, arch, syscall)
        {
            syscall_name = syscalls::name(arch, number);
        }
        let data = AuditSyscall {
            audit_id: self.frame.id,
            arch,
            syscall,
            syscall_name,
            success,
            comm: resolve(comm, buffer),
            exe: resolve(exe, buffer),
            uid,
            uid_name,
            auid,
            auid_name,
            process_id,
            parent_process_id,
            key: resolve(key, buffer),
        };
        sink(&self.frame.event(data, account(auid_name, uid_name)));
    }

    fn execve(
        &self,
        buffer: &mut Vec<u8>,
        details: Option<&Details>,
        sink: &mut Events<'_>,
    ) {
        let mut span = Span::default();
        let any = match self.form {
            Form::Interpreted => self.interpreted_arguments(buffer, &mut span),
            _ => self.arguments(buffer, &mut span),
        };
        if let Some(details) = details {
            let argc = self.body.trim_ascii_start().strip_prefix(b"argc=");
            let argc = argc.and_then(|text| {
                bytes::number(Text::read(text, Form::Raw).0.bytes)
            });
            details.set(AuditDetails {
                argc: argc.and_then(|argc| u32::try_from(argc).ok()),
                first: span.first.unwrap_or_default(),
                last: span.last,
                in_pieces: span.in_pieces,
                ..details.get()
            });
        }
        let data = AuditExecve {
            audit_id: self.frame.id,
            argv: any.then_some(buffer.as_slice()),
        };
        sink(&self.frame.event(data, None));
    }

    /// Appends the arguments, separated by blanks; parts of one are joined.
    fn arguments(&self, buffer: &mut Vec<u8>, span: &mut Span) -> bool {
        let mut last = None;
        let mut rest = self.body;
        while let Some(equals) = memchr(b'=', rest) {
            let (name, after) = split(rest, equals);
            let after = after.get(1..).unwrap_or_default();
            let (value, length) = Text::read(after, self.form);
            rest = split(after, length).1;
            let name = name.trim_ascii_start();
            let Some((number, part)) = argument(name) else { continue };
            if last.is_some_and(|last| last != number) {
                buffer.push(b' ');
            }
            last = Some(number);
            span.add(number, part);
            value.append(buffer);
        }
        last.is_some()
    }

    /// Appends arguments that may hold blanks and equals signs: only its
    /// number tells that another one begins.
    fn interpreted_arguments(
        &self,
        buffer: &mut Vec<u8>,
        span: &mut Span,
    ) -> bool {
        let mut last = None;
        for word in self.body.split(|&byte| byte == b' ') {
            let equals = memchr(b'=', word).unwrap_or(word.len());
            let (name, value) = split(word, equals);
            let number = argument(name).filter(|&(number, _)| {
                let may_be = |last: u32| last..=last.saturating_add(1);
                last.is_none_or(|last| may_be(last).contains(&number))
            });
            if let (Some((number, part)), Some(value)) =
                (number, value.get(1..))
            {
                span.add(number, part);
                if last.is_some_and(|last| last != number) {
                    buffer.push(b' ');
                }
                buffer.extend_from_slice(value);
                last = Some(number);
            } else if last.is_some() && !is_argument_length(name) {
                buffer.push(b' ');
                buffer.extend_from_slice(word);
            }
        }
        last.is_some()
    }

    /// What auoms makes of the arguments. Quotes in it are not escaped; what
    /// may follow it is known.
    fn command_line(&self, sink: &mut Events<'_>) {
        let Some(text) = bytes::after_phrase(self.body, COMMAND_LINE) else {
            return;
        };
        let end = memmem::rfind(text, b" redactors=");
        let (text, _) = split(text, end.unwrap_or(usize::MAX));
        let inside =
            text.strip_prefix(b"\"").and_then(|text| text.strip_suffix(b"\""));
        let data = AuditExecve {
            audit_id: self.frame.id,
            argv: Some(inside.unwrap_or(text)),
        };
        sink(&self.frame.event(data, None));
    }

    fn path(&self, buffer: &mut Vec<u8>, sink: &mut Events<'_>) {
        let mut fields = self.fields();
        let item = fields.plain(&Label::ITEM);
        let name = fields.decoded(&Label::NAME, buffer);
        let mode = fields.plain(&Label::MODE);
        let ouid = fields.plain(&Label::OUID);
        let nametype = fields
            .get_last(&Label::NAMETYPE)
            .or_else(|| fields.get_last(&Label::OBJTYPE));
        let data = AuditPath {
            audit_id: self.frame.id,
            name: resolve(name, buffer),
            nametype: nametype.and_then(Text::plain),
            item,
            mode,
            ouid,
        };
        sink(&self.frame.event(data, None));
    }

    /// The paths that auoms lists in one record.
    fn paths(&self, buffer: &mut Vec<u8>, sink: &mut Events<'_>) {
        let mut fields = self.fields();
        let mut list =
            |label| fields.get(label).map_or(&b""[..], |list| list.bytes);
        let lists = PathLists {
            names: list(&Label::PATH_NAME),
            nametypes: list(&Label::PATH_NAMETYPE),
            modes: list(&Label::PATH_MODE),
            ouids: list(&Label::PATH_OUID),
        };
        lists.emit(&self.frame, buffer, sink);
    }

    fn proctitle(&self, buffer: &mut Vec<u8>, sink: &mut Events<'_>) {
        let title = self.only(&Label::PROCTITLE, buffer);
        if title.is_none() && self.form == Form::Decoded {
            return;
        }
        let title = title.map(|title| blank_nuls(title, buffer));
        let data = AuditProctitle {
            audit_id: self.frame.id,
            proctitle: resolve(title, buffer),
        };
        sink(&self.frame.event(data, None));
    }

    fn cwd(&self, buffer: &mut Vec<u8>, sink: &mut Events<'_>) {
        let cwd = self.only(&Label::CWD, buffer);
        if cwd.is_none() && self.form == Form::Decoded {
            return;
        }
        let data =
            AuditCwd { audit_id: self.frame.id, cwd: resolve(cwd, buffer) };
        sink(&self.frame.event(data, None));
    }

    /// The value of the only field that a kernel record holds. Where it is
    /// neither quoted nor in hex it runs to the end, blanks and all.
    fn only(
        &self,
        label: &Label,
        buffer: &mut Vec<u8>,
    ) -> Option<Decoded<'a>> {
        if self.form == Form::Decoded {
            return self.fields().decoded(label, buffer);
        }
        let text = self.body.trim_ascii_start();
        let text = text.strip_prefix(label.name)?;
        let text = match self.form {
            Form::Raw if text.starts_with(b"\"") => {
                Text::read(text, self.form).0
            }
            Form::Raw => {
                let end = memchr(ENRICHED, text).unwrap_or(text.len());
                let bytes = split(text, end).0;
                Text { bytes, written: Written::BareOrHex }
            }
            _ => Text { bytes: text, written: Written::Bare },
        };
        text.decode(buffer)
    }
}

/// What auoms says of an event's paths: each list, a JSON array of strings,
/// has an element for each path.
#[derive(Default)]
pub(super) struct PathLists<'a> {
    pub(super) names: &'a [u8],
    pub(super) nametypes: &'a [u8],
    pub(super) modes: &'a [u8],
    pub(super) ouids: &'a [u8],
}

impl PathLists<'_> {
    pub(super) fn emit(
        &self,
        frame: &Frame<'_>,
        buffer: &mut Vec<u8>,
        sink: &mut Events<'_>,
    ) {
        let mut nametypes = Strings(self.nametypes);
        let mut modes = Strings(self.modes);
        let mut ouids = Strings(self.ouids);
        // A system call takes a handful of paths.
        let mut items = b"0123456789".chunks_exact(1);
        for name in Strings(self.names) {
            buffer.clear();
            json::unescape_into(name, buffer);
            let data = AuditPath {
                audit_id: frame.id,
                name: Some(buffer),
                nametype: nametypes.next(),
                item: items.next(),
                mode: modes.next(),
                ouid: ouids.next(),
            };
            sink(&frame.event(data, None));
        }
    }
}

/// Takes the events of a record.
pub(super) type Events<'s> = dyn FnMut(&Event<'_>) + 's;

pub(super) fn resolve<'a>(
    value: Option<Decoded<'a>>,
    buffer: &'a [u8],
) -> Value<'a> {
    value.map(|value| value.resolve(buffer))
}

/// Stands before what auoms makes of the arguments.
const COMMAND_LINE: &[u8] = b" cmdline=";

/// Makes blanks of the NULs between arguments, in the value decoded last.
pub(super) fn blank_nuls<'a>(
    title: Decoded<'a>,
    buffer: &mut Vec<u8>,
) -> Decoded<'a> {
    let Decoded::Buffer(start, _) = title else { return title };
    while buffer.len() > start && buffer.last() == Some(&0) {
        buffer.pop();
    }
    for byte in buffer.iter_mut().skip(start) {
        if *byte == 0 {
            *byte = b' ';
        }
    }
    Decoded::Buffer(start, buffer.len())
}

/// The arguments that a record of EXECVE holds.
#[derive(Default)]
struct Span {
    /// The first one, and the part of it.
    first: Option<(u32, u32)>,
    last: u32,
    in_pieces: bool,
}

impl Span {
    fn add(&mut self, number: u32, part: Option<u32>) {
        self.first.get_or_insert((number, part.unwrap_or(0)));
        self.last = number;
        self.in_pieces |= part.is_some();
    }
}

/// The number of the argument that a field of EXECVE holds, or holds a part
/// of, and of that part: `a1`, `a1[0]`.
fn argument(key: &[u8]) -> Option<(u32, Option<u32>)> {
    let key = key.strip_prefix(b"a")?;
    let digits = key.iter().take_while(|byte| byte.is_ascii_digit()).count();
    let (number, part) = split(key, digits);
    if number.is_empty() || number.len() > 9 {
        return None;
    }
    let number = u32::try_from(bytes::number(number)?).ok()?;
    if part.is_empty() {
        return Some((number, None));
    }
    let part = part.strip_prefix(b"[")?.strip_suffix(b"]")?;
    let part = bytes::number(part).and_then(|part| u32::try_from(part).ok());
    Some((number, Some(part.unwrap_or_default())))
}

/// Whether a field says how long an argument that comes in parts is.
fn is_argument_length(key: &[u8]) -> bool {
    key.strip_suffix(b"_len").is_some_and(|key| argument(key).is_some())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::record::json_record::tests::read_as;
    use crate::record::{Format, Reader};

    /// Only `ausearch` puts a blank before the colon, but for what some
    /// collectors make of raw lines.
    /// Each line, with each byte changed, cut or doubled.
    #[test]
    fn usual_lines_are_what_is_read_of_any_fields() {
        let mut seen = [0_u32; 2];
        let mut compare = |kind: EventKind, line: &[u8]| {
            let line = line.trim_ascii_end();
            let body = audit_body(audit_rest(line));
            let mut buffer = Vec::new();
            let own = match kind {
                EventKind::AuditCwd => {
                    AuditPiece::of_directory(quoted_directory(body))
                }
                _ => quoted_arguments(body, &mut buffer)
                    .map(|details| AuditPiece::of_arguments(&buffer, details)),
            };
            seen[usize::from(own.is_some())] += 1;
            if own.is_some() {
                read_any_line(kind, line, &mut Vec::new(), |piece| {
                    let line = String::from_utf8_lossy(line);
                    assert_eq!(own.as_ref(), Some(piece), "{line}");
                });
            }
        };
        let head = " msg=audit(1700000000.042:77): ";
        for (kind, body) in [
            (EventKind::AuditCwd, " cwd=\"/root/a b\""),
            (EventKind::AuditCwd, "cwd=\"/\""),
            (EventKind::AuditCwd, "cwd=2F61"),
            (EventKind::AuditExecve, "argc=1 a0=\"at\""),
            (EventKind::AuditExecve, "argc=3 a0=\"sh\" a1=\"\" a2=\"b=c d\""),
            (EventKind::AuditExecve, "argc=2 a0=\"sh\" a1=2D63"),
        ] {
            let name = match kind {
                EventKind::AuditCwd => "type=CWD",
                _ => "type=EXECVE",
            };
            let start = name.len() + head.len();
            let line = format!("{name}{head}{body}").into_bytes();
            for at in start..line.len() {
                compare(kind, &line[..at]);
                for byte in *b"\x1d\" =(A0:x_1" {
                    let mut changed = line.clone();
                    changed[at] = byte;
                    compare(kind, &changed);
                    changed.insert(at, line[at]);
                    compare(kind, &changed);
                }
            }
        }
        assert!(seen.iter().all(|count| *count > 50), "{seen:?}");
    }

    #[test]
    fn values_are_raw_where_the_time_is() {
        let line = |header: &str| {
            let title = "2F62696E2F6174002D6C";
            format!("type=PROCTITLE msg=audit({header}) : proctitle={title}")
        };
        let [event] = &events(&line("1700000000.101:502"))[..] else {
            panic!("one event");
        };
        assert!(event.ends_with("/bin/at -l"), "{event}");
        let [event] = &events(&line("11/14/2023 22:13:20.101:502"))[..] else {
            panic!("one event");
        };
        assert!(event.ends_with("2F62696E2F6174002D6C"), "{event}");
    }

    /// The events of a line that consists of nothing else.
    fn events(line: &str) -> Vec<String> {
        let (events, reading) = read_as(Format::Auto, line.as_bytes());
        assert_eq!(reading.unwrap().others, 0, "{line}");
        events
    }

    fn event(line: &str) -> String {
        let mut events = events(line);
        assert_eq!(events.len(), 1, "{line}");
        events.remove(0)
    }

    /// One event, without platform, kind, time and id.
    fn fields(line: &str) -> String {
        let event = event(line);
        let (_, fields) = event.split_once("audit_id=").unwrap();
        fields.split_once(' ').map_or("", |(_, rest)| rest).into()
    }

    fn error(line: &[u8]) -> String {
        let (events, reading) = read_as(Format::Auditd, line);
        assert!(events.is_empty());
        reading.unwrap_err().to_string()
    }

    const SYSCALL: &str = r#"type=SYSCALL msg=audit(1700000000.042:77): arch=c000003e syscall=82 success=yes exit=0 a0=55d0 a1=55d1 a2=0 a3=7ffe items=4 ppid=31 pid=32 auid=1000 uid=0 gid=0 euid=0 suid=0 fsuid=0 egid=105 sgid=105 fsgid=105 tty=pts0 ses=3 comm="crontab" exe="/usr/bin/crontab" subj==unconfined key="cron""#;

    #[test]
    fn syscall() {
        let raw = "linux/audit_syscall 2023-11-14T22:13:20.042Z ProcessId=32 ParentProcessId=31 audit_id=1700000000.042:77 arch=c000003e syscall=82 SYSCALL=rename success=yes comm=crontab exe=/usr/bin/crontab uid=0 auid=1000 key=cron";
        assert_eq!(event(SYSCALL), raw);
        for (values, expected) in [
            (r#"comm="a" key=(null)"#, "comm=a"),
            // Hex: a blank in the name, two keys, and a file that is gone.
            (
                "comm=6120622063 key=6F6E650174776F",
                "comm=a b c key=one\u{1}two",
            ),
            (
                "exe=2F746D702F78202864656C6574656429 key=(null)",
                "exe=/tmp/x (deleted)",
            ),
            // Quoted, odd or in lower case it is no hex.
            (r#"comm="CAFE" exe="ADD""#, "comm=CAFE exe=ADD"),
            ("comm=ADD exe=cafe", "comm=ADD exe=cafe"),
            (
                "arch=40000003 syscall=5",
                "arch=40000003 syscall=5 SYSCALL=open",
            ),
            ("arch=c000003e syscall=41", "arch=c000003e syscall=41"),
            ("syscall=82", "syscall=82"),
            // Red Hat 7 and others without some fields.
            (
                "uid=5 auid=4294967295 pid=3",
                "ProcessId=3 uid=5 auid=4294967295",
            ),
            // Fields in another order.
            (
                r#"key="k" exe="/x" comm="c" uid=1 pid=2 syscall=59 arch=c000003e"#,
                "ProcessId=2 arch=c000003e syscall=59 SYSCALL=execve comm=c exe=/x uid=1 key=k",
            ),
            // An equals sign and a cut in a value.
            (r#"comm="uid=7" exe="/usr/bi"#, "comm=uid=7 exe=/usr/bi"),
            ("comm= exe=", "comm= exe="),
            ("", ""),
        ] {
            let line = format!("type=SYSCALL msg=audit(1.002:3): {values}");
            assert_eq!(
                event(&line).replace(" audit_id=1.002:3", ""),
                format!(
                    "linux/audit_syscall 1970-01-01T00:00:01.002Z {expected}"
                )
                .trim_end(),
                "{values}"
            );
        }
    }

    #[test]
    fn enriched() {
        let names = r#"ARCH=x86_64 SYSCALL=rename AUID="ann" UID="root" GID="root" EUID="root""#;
        let expected = "linux/audit_syscall 2023-11-14T22:13:20.042Z User=ann ProcessId=32 ParentProcessId=31 audit_id=1700000000.042:77 arch=c000003e syscall=82 SYSCALL=rename success=yes comm=crontab exe=/usr/bin/crontab uid=0 UID=root auid=1000 AUID=ann key=cron";
        for glue in ["\u{1d}", "", " "] {
            let line = format!("{SYSCALL}{glue}{names}");
            assert_eq!(event(&line), expected);
            for (key, shown) in [
                ("(null)", ""),
                // The hex runs into a name that begins like hex.
                ("63726F6E", " key=cron"),
            ] {
                let line = line.replace(r#""cron""#, key);
                let expected = expected.replace(" key=cron", shown);
                assert_eq!(event(&line), expected, "{line}");
            }
        }
        // Not logged in: who acts counts. The name stays what it is.
        let line = format!("{SYSCALL}\u{1d}{}", names.replace("ann", "unset"));
        let line = fields(&line);
        assert!(line.ends_with("UID=root auid=1000 AUID=unset key=cron"));
        let line = format!("{SYSCALL}\u{1d}AUID=\"unset\" UID=\"daemon\"");
        assert!(event(&line).contains(" User=daemon "));
    }

    #[test]
    fn execve() {
        for (values, expected) in [
            (r#"argc=2 a0="crontab" a1="-l""#, "argv=crontab -l"),
            (
                r#"argc=3 a0="sh" a1="-c" a2=6563686F2078203E2079"#,
                "argv=sh -c echo x > y",
            ),
            (r#"argc=3 a0="x" a1="" a2="b=c""#, "argv=x  b=c"),
            (r#"argc=1 a0="x"#, "argv=x"),
            // A long argument comes in parts, and the record in several.
            (
                r#"argc=3 a0="x" a1_len=9 a1[0]="abc" a1[1]=6465 a2="z""#,
                "argv=x abcde z",
            ),
            (r#"a1[2]=6667 a2="z""#, "argv=fg z"),
            ("argc=0", ""),
            ("", ""),
        ] {
            let line = format!("type=EXECVE msg=audit(1.2:3): {values}");
            assert_eq!(fields(&line), expected, "{values}");
        }
    }

    #[test]
    fn path() {
        for (values, expected) in [
            (
                r#"item=1 name="/etc/cron.d/x" inode=5 dev=fe:00 mode=0100644 ouid=0 ogid=0 rdev=00:00 nametype=CREATE cap_fp=0 cap_frootid=0"#,
                "name=/etc/cron.d/x nametype=CREATE item=1 mode=0100644 ouid=0",
            ),
            (
                r#"item=1 name="/x" inode=5 dev=fe:00 mode=010600 ouid=7 ogid=0 rdev=00:00 nametype=NORMAL cap_frootid=0OUID="ann" OGID="ann""#,
                "name=/x nametype=NORMAL item=1 mode=010600 ouid=7",
            ),
            // The enriched part right after the type of the name.
            (
                r#"item=0 name="/x" mode=0100644 ouid=7 nametype=DELETEOUID="ann" OGID="ann""#,
                "name=/x nametype=DELETE item=0 mode=0100644 ouid=7",
            ),
            (
                "item=0 name=2F746D702F6120622E73657276696365 nametype=UNKNOWN cap_fp=0",
                "name=/tmp/a b.service nametype=UNKNOWN item=0",
            ),
            (
                "item=2 name=(null) inode=9 objtype=PARENT",
                "nametype=PARENT item=2",
            ),
            (
                "item=0 nametype=NORMAL\u{1d}OUID=\"x\"",
                "nametype=NORMAL item=0",
            ),
            // Not hex: in lower case, and of odd length.
            ("name=2f746d70", "name=2f746d70"),
            ("name=2F746D7", "name=2F746D7"),
            (r#"name="""#, "name="),
            ("name=", "name="),
        ] {
            let line = format!("type=PATH msg=audit(1.2:3): {values}");
            assert_eq!(fields(&line), expected, "{values}");
        }
    }

    #[test]
    fn proctitle_and_cwd() {
        for (values, expected) in [
            ("proctitle=63726F6E746162002D6C", "proctitle=crontab -l"),
            ("proctitle=2F62696E2F7368000000", "proctitle=/bin/sh"),
            ("proctitle=6174\u{1d}ARCH=x86_64", "proctitle=at"),
            (r#"proctitle="/usr/sbin/crond""#, "proctitle=/usr/sbin/crond"),
            ("proctitle=(null)", ""),
            // Cut within a byte, and decoded by someone on the way.
            ("proctitle=63726F6", "proctitle=63726F6"),
            ("proctitle=crontab -u a=b -l", "proctitle=crontab -u a=b -l"),
            ("", ""),
        ] {
            let line = format!("type=PROCTITLE msg=audit(1.2:3): {values}");
            assert_eq!(fields(&line), expected, "{values}");
        }
        for (values, expected) in [
            (r#" cwd="/root""#, "cwd=/root"),
            ("cwd=2F612062", "cwd=/a b"),
            ("cwd=(null)", ""),
        ] {
            let line = format!("type=CWD msg=audit(1.2:3): {values}");
            assert_eq!(fields(&line), expected, "{values}");
        }
    }

    #[test]
    fn interpreted() {
        let line = "type=SYSCALL msg=audit(11/18/2022 14:33:22.294:2760) : arch=x86_64 syscall=rename success=yes exit=0 a0=0x55 a1=0x7f items=4 ppid=10 pid=11 auid=ann uid=root gid=root tty=pts0 ses=3 comm=cafe exe=/opt/my tools/crontab subj=unconfined key=(null) ";
        assert_eq!(
            event(line),
            "linux/audit_syscall 2022-11-18T14:33:22.294Z User=ann ProcessId=11 ParentProcessId=10 audit_id=11/18/2022 14:33:22.294:2760 arch=x86_64 SYSCALL=rename success=yes comm=cafe exe=/opt/my tools/crontab UID=root AUID=ann"
        );
        let record = |kind: &str, values: &str| {
            let line = format!(
                "type={kind} msg=audit(11/18/22 14:33:22.294:2760) : {values} "
            );
            let event = event(&line);
            let (_, rest) = event.split_once("22.294:2760").unwrap();
            rest.trim_start().to_string()
        };
        for (kind, values, expected) in [
            (
                "PROCTITLE",
                "proctitle=systemctl restart a=b.service",
                "proctitle=systemctl restart a=b.service",
            ),
            ("PROCTITLE", "proctitle=CAFE", "proctitle=CAFE"),
            ("CWD", "cwd=/srv/my files", "cwd=/srv/my files"),
            // No sign in this name follows that of a field.
            (
                "PATH",
                "item=0 name=/a == b /c-d=e inode=5 nametype=NORMAL",
                "name=/a == b /c-d=e nametype=NORMAL item=0",
            ),
            (
                "PATH",
                "item=1 name=/etc/cron.d/my job inode=5 mode=file,644 ouid=root nametype=CREATE",
                "name=/etc/cron.d/my job nametype=CREATE item=1 mode=file,644 ouid=root",
            ),
            (
                "PATH",
                "item=0 name=(null) nametype=PARENT",
                "nametype=PARENT item=0",
            ),
            (
                "EXECVE",
                "argc=3 a0=sh a1=-c a2=x=1 a9=2  echo $x > y a3=z",
                "argv=sh -c x=1 a9=2  echo $x > y z",
            ),
            (
                "EXECVE",
                "argc=2 a0=x a1_len=5 a1[0]=ab a1[1]=cde",
                "argv=x abcde",
            ),
            // An id that has no name, and nobody logged in.
            (
                "SYSCALL",
                "auid=unset uid=1234 comm=x",
                "comm=x uid=1234 AUID=unset",
            ),
            // A command that is named like a field does not count as one.
            (
                "SYSCALL",
                "pid=5 uid=daemon comm=x uid=root exe=/x",
                "comm=x exe=/x UID=daemon",
            ),
        ] {
            assert_eq!(record(kind, values), expected, "{values}");
        }
    }

    #[test]
    fn prefixes() {
        let bare = r#"item=0 name="/x" nametype=NORMAL"#;
        let expected = "audit_id=1.2:3 name=/x nametype=NORMAL item=0";
        for (line, host) in [
            (
                "node=web1.example type=PATH msg=audit(1.2:3): ",
                "Computer=web1.example ",
            ),
            (
                "<13>Jan  2 03:04:05 h audisp-syslog[7]: node=web1 type=PATH msg=audit(1.2:3): ",
                "Computer=web1 ",
            ),
            ("type=1302 audit(1.2:3): ", ""),
            ("type=UNKNOWN[1302] msg=audit(1.2:3): ", ""),
            ("audit: type=1302 audit(1.2:3): ", ""),
            (
                "Jan  2 03:04:05 h kernel: [    7.5] audit: type=1302 audit(1.2:3): ",
                "",
            ),
            ("[    7.5] audit: type=1302 audit(1.2:3): ", ""),
            ("Jan  2 03:04:05 h audit[123]: type=1302 audit(1.2:3): ", ""),
            ("  type=PATH msg=audit(1.2:3): ", ""),
        ] {
            let event = event(&format!("{line}{bare}"));
            let end = format!("Z {host}{expected}");
            assert!(event.ends_with(&end), "{event}");
        }
        for line in ["Jan  2 03:04:05 h audit[123]: PATH ", "audit: PATH "] {
            assert_eq!(
                event(&format!("{line}{bare}")),
                "linux/audit_path name=/x nametype=NORMAL item=0"
            );
        }
    }

    #[test]
    fn arguments_have_numbers() {
        for (name, expected) in [
            ("a0", Some((0, None))),
            ("a12[3]", Some((12, Some(3)))),
            ("a999999999", Some((999_999_999, None))),
            ("a1000000000", None),
            ("a", None),
            ("a1_len", None),
            ("a1[", None),
            ("a1]", None),
            ("b1", None),
        ] {
            assert_eq!(argument(name.as_bytes()), expected, "{name}");
        }
    }

    #[test]
    fn joined_on_one_line() {
        let line = r#"node=n type=SYSCALL msg=audit(1.2:3): arch=c000003e syscall=59 comm="sh" key="a" type=EXECVE msg=audit(1.2:3): argc=2 a0="sh" a1="x" type=BPRM_FCAPS msg=audit(1.2:3): fver=0 node=m type=CWD msg=audit(1.2:3):  cwd="/" type=PATH msg=audit(1.2:3): item=0 name="/bin/sh" type=PROCTITLE msg=audit(1.2:3): proctitle=61 (x)"#;
        let (events, reading) = read_as(Format::Auto, line.as_bytes());
        assert_eq!(
            reading,
            Ok(Reading { events: 5, others: 1, ..Reading::default() })
        );
        assert_eq!(
            events,
            [
                "0: linux/audit_syscall 1970-01-01T00:00:01.2Z Computer=n audit_id=1.2:3 arch=c000003e syscall=59 SYSCALL=execve comm=sh key=a",
                "1: linux/audit_execve 1970-01-01T00:00:01.2Z Computer=n audit_id=1.2:3 argv=sh x",
                "3: linux/audit_cwd 1970-01-01T00:00:01.2Z Computer=m audit_id=1.2:3 cwd=/",
                "4: linux/audit_path 1970-01-01T00:00:01.2Z Computer=m audit_id=1.2:3 name=/bin/sh item=0",
                "5: linux/audit_proctitle 1970-01-01T00:00:01.2Z Computer=m audit_id=1.2:3 proctitle=61 (x)",
            ]
        );
        // Text in a value is no record of another event.
        let line = "type=PROCTITLE msg=audit(01/02/2023 03:04:05.006:7) : proctitle=x type=EOE msg=audit(01/02/2023 03:04:05.006:8) : service a restart";
        assert!(event(line).ends_with(": service a restart"));
    }

    #[test]
    fn auoms() {
        let line = r#"type=AUOMS_EXECVE audit(1700000000.042:84138): SchemaVersion="1" arch=x86_64 syscall=execve success=yes exit=0 ppid=1 pid=2 audit_user=unset auid=4294967295 user=tomcat uid=1001 group=tomcat comm="sh" exe="/usr/bin/sh" key=auoms,execve key_r=61756F6D73 cwd="/srv" path_name=["/usr/bin/a \"b\"]","/lib/ld.so"] path_nametype=["NORMAL","CREATE"] path_mode=["0100755","0100644"] path_ouid=["0","7"] argc=3 cmdline="sh -c "uid=0 exe=/bin/no"" redactors= containerid="#;
        let head = "2023-11-14T22:13:20.042Z";
        let id = "audit_id=1700000000.042:84138";
        assert_eq!(
            events(line),
            [
                format!(
                    "linux/audit_syscall {head} User=tomcat ProcessId=2 ParentProcessId=1 {id} arch=x86_64 SYSCALL=execve success=yes comm=sh exe=/usr/bin/sh uid=1001 UID=tomcat auid=4294967295 AUID=unset key=auoms,execve"
                ),
                format!(
                    "linux/audit_execve {head} {id} argv=sh -c \"uid=0 exe=/bin/no\""
                ),
                format!(
                    "linux/audit_path {head} {id} name=/usr/bin/a \"b\"] nametype=NORMAL item=0 mode=0100755 ouid=0"
                ),
                format!(
                    "linux/audit_path {head} {id} name=/lib/ld.so nametype=CREATE item=1 mode=0100644 ouid=7"
                ),
                format!("linux/audit_cwd {head} {id} cwd=/srv"),
            ]
        );
        let wanted = EventKinds::NONE.with(EventKind::AuditCwd);
        let mut kinds = Vec::new();
        let reading = Reader::wanting(wanted)
            .read(Format::Auto, line.as_bytes(), |item, event| {
                kinds.push((item, event.kind()));
            })
            .unwrap();
        assert_eq!(reading, Reading::of(true));
        assert_eq!(kinds, [(None, EventKind::AuditCwd)]);
    }

    #[test]
    fn others() {
        for line in [
            "----",
            "time->Sat Jan  2 03:04:05 2021",
            "type=EOE msg=audit(1.2:3): ",
            "type=UNKNOWN[1329] msg=\u{1}g",
            "type=AVC msg=audit(1.2:3): avc:  denied  { read } for  pid=3 comm=\"crontab\" name=\"root\" tclass=file",
            "type=USER_CMD msg=audit(1.2:3): pid=1 uid=0 msg='cwd=\"/\" cmd=6C73 exe=\"/usr/bin/sudo\" res=success'UID=\"root\" AUID=\"ann\"",
            "type=USER msg=audit(1.2:3): user pid=1 msg='PAM: session open acct=root : exe=\"/usr/sbin/crond\" (hostname=?, res=success)'",
            "type=AUOMS_PROCESS_INVENTORY audit(1.2:3): comm=\"atd\" exe=\"/usr/sbin/atd\" cmdline=\"atd\"",
            "Jan  2 03:04:05 h audit[123]: USER_ACCT pid=1 uid=0",
        ] {
            assert!(is_record(line.as_bytes()), "{line}");
            let (events, reading) = read_as(Format::Auto, line.as_bytes());
            assert!(events.is_empty(), "{line}");
            assert_eq!(reading, Ok(Reading::of(false)), "{line}");
        }
        let mut reader =
            Reader::wanting(EventKinds::NONE.with(EventKind::AuditPath));
        let reading = reader
            .read(Format::Auditd, SYSCALL.as_bytes(), |_, _| panic!())
            .unwrap();
        assert_eq!(reading, Reading::of(false));
    }

    #[test]
    fn no_records() {
        for line in [
            "",
            "type=",
            "type=PATH",
            "type=path msg=audit(1.2:3): ",
            "type=A msg=x",
            "nametype=CREATE msg=audit(1.2:3)",
            "# type=PATH name=x",
            "Jan  2 03:04:05 h audit: backlog limit exceeded",
            "Jan  2 03:04:05 h auditd[7]: starting",
            "LogName=Security type=x",
            "Jan  2 03:04:05 h sysmon: <Event> type=PATH msg=audit(1.2:3): ",
        ] {
            assert!(!is_record(line.as_bytes()), "{line}");
        }
        let header = "auditd: no `audit(time:serial):`";
        for (line, expected) in [
            ("# comment", "auditd: no record type (byte 0)".to_string()),
            ("type=PATH", format!("{header} (byte 9)")),
            ("type=PATH msg=audit(1.2:3", format!("{header} (byte 9)")),
            ("type=PATH msg=audit(1.2:3)", format!("{header} (byte 9)")),
            ("type=PATH msg=audit(1.2): x", format!("{header} (byte 9)")),
            ("type=PATH msg=audit(1.2:x): x", format!("{header} (byte 9)")),
            (
                "node=n type=PATH x=audit(1.2:3):",
                format!("{header} (byte 16)"),
            ),
        ] {
            assert_eq!(error(line.as_bytes()), expected, "{line}");
        }
        // A time of another locale is no reason to drop the record.
        let line = "type=PATH msg=audit(18.11.2022 14:33:22.294:9) : name=/x";
        assert_eq!(
            event(line),
            "linux/audit_path audit_id=18.11.2022 14:33:22.294:9 name=/x"
        );
    }

    #[test]
    fn broken_records() {
        let auoms = r#"type=AUOMS_SYSCALL audit(1.2:3): syscall=openat comm="a" path_name=["\"","/x"] path_mode=["1"] cmdline="x y" redactors="#;
        for record in [
            SYSCALL,
            &format!(
                "{SYSCALL}\u{1d}ARCH=x86_64 SYSCALL=rename AUID=\"a\" UID=\"b\""
            ),
            r#"node=n type=EXECVE msg=audit(1.2:3): argc=2 a0="a" a1_len=3 a1[0]=6162 type=PATH msg=audit(1.2:3): item=0 name="/x" nametype=CREATEOUID="a""#,
            "type=PROCTITLE msg=audit(1.2:3): proctitle=63726F6E746162002D6C",
            "type=PATH msg=audit(11/18/2022 14:33:22.294:2760) : item=0 name=/a b mode=file,644 nametype=CREATE",
            auoms,
        ] {
            let record = record.as_bytes();
            for at in 0..=record.len() {
                let _ = read_as(Format::Auditd, &record[..at]);
                let mut changed = record.to_vec();
                for byte in *b"\0\x1d\" '=()[]{}\\:Aa09\xFF\n" {
                    if let Some(slot) = changed.get_mut(at) {
                        *slot = byte;
                    }
                    let _ = read_as(Format::Auditd, &changed);
                    let _ = read_as(Format::Auto, &changed);
                }
            }
        }
    }

    #[test]
    fn time_is_linear() {
        let hostile = [
            "audit(1.2:3):".repeat(4_000),
            " msg=audit(1.2:3): ".repeat(3_000),
            "type=PATH msg=audit(1.2:3): ".repeat(2_000),
            "a=".repeat(30_000),
            " a1=".repeat(15_000),
            r#"[","#.repeat(20_000),
            r#"path_name=[""#.repeat(5_000),
            "u".repeat(60_000),
            " ".repeat(60_000),
            " a=\"x".repeat(10_000),
        ];
        for kind in ["SYSCALL", "PATH", "EXECVE", "AUOMS_EXECVE"] {
            for form in [":", " :"] {
                for text in &hostile {
                    let line =
                        format!("type={kind} msg=audit(1.2:3){form} {text} x");
                    let mut reader = Reader::new();
                    let line = line.as_bytes();
                    assert!(
                        reader.read(Format::Auditd, line, |_, _| {}).is_ok()
                    );
                }
            }
        }
    }
}
