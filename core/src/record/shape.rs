/*!
What a shape of JSON records is: the language that the files in
[`shapes`](super::shapes) are written in.

A shape says what tells it, which member is which value, what kinds of event
it gives, and which texts the filter may rely on. Members are named by their
paths, `process.parent.executable`. A path holds in whatever way a record
spells it: nested, flat with dots (`"process.parent.executable"`), or half of
each; an array is what its elements are. A step `*` stands for any name that
does not begin with `#` or `@`, and `*text` for one that ends in the text.
*/

use crate::event::{EventKind, Platform};

use super::keys::{AuditKey, Key};
use super::raw::Rank;
use super::windows::{Head, Words};

/// A shape: records that are told apart from all others, and read alike.
pub(crate) struct Shape {
    /// What has to hold of a record for it to be of this shape. What an event
    /// is told by beyond that is for [`Reads`].
    pub(crate) tells: Tell,
    pub(crate) reads: Reads,
    /// The kinds of event it gives, with what the filter may rely on; those
    /// of rules say that themselves.
    pub(crate) gives: &'static [Gives],
    pub(crate) family: Family,
    /// The layouts that records of the shape come in. Those of a family
    /// stand with its first shape.
    pub(crate) layouts: &'static [&'static Layout],
}

/// Shapes whose members mean the same, so that a record may mix them: what
/// collectors make of a record another one takes further.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Family {
    /// Told in the terms of Windows' logs.
    Windows,
    /// All records of an event of the kernel's audit in one object.
    Audit,
    /// Members that mean nothing to any other shape.
    Own,
}

/// What becomes of a record of a shape.
pub(crate) enum Reads {
    /// One event, of the kind that its log and id tell; none when they tell
    /// none.
    Log,
    /// One event, of the kind that its values in Windows' terms tell; none
    /// when they tell none.
    Told(fn(&Head<'_>) -> Option<(Platform, EventKind)>),
    /// One event, of the kind that the first rule that holds says; none when
    /// no rule does. Its values are brought into the form that Sysmon gives
    /// them ([`sysmon_form`](super::sysmon_form)).
    Rules(&'static [Rule]),
    /// The events of an audit event.
    Audit,
    /// The event of an auditd line that stands without its head.
    AuditLine,
    /// The event of a line whose program stands beside it.
    HostLine,
}

/// What makes an event of a record.
pub(crate) struct Rule {
    pub(crate) tell: Tell,
    pub(crate) kind: EventKind,
    /// Where it was; `None` where that differs from record to record and is
    /// told by [`Key::Os`], or by how paths are written.
    pub(crate) platform: Option<Platform>,
    pub(crate) words: Words,
}

/// An event of a kind, on the platform that the record tells.
pub(crate) const fn when(tell: Tell, kind: EventKind) -> Rule {
    Rule { tell, kind, platform: None, words: Words::NONE }
}

/// An event of a kind on a platform.
pub(crate) const fn on(
    platform: Platform,
    tell: Tell,
    kind: EventKind,
) -> Rule {
    Rule { platform: Some(platform), ..when(tell, kind) }
}

/// An event of the registry's.
pub(crate) const fn registry(tell: Tell, event_type: &'static str) -> Rule {
    let kind = EventKind::RegistryEvent;
    let words = Words { event_type, ..Words::NONE };
    Rule { words, ..on(Platform::Windows, tell, kind) }
}

/// An event of a job of macOS' launchd.
pub(crate) const fn launchd(tell: Tell, activity: &'static str) -> Rule {
    let platform = Some(Platform::Macos);
    Rule { platform, ..job(tell, activity, "launchd") }
}

/// An event of a job.
pub(crate) const fn job(
    tell: Tell,
    activity: &'static str,
    scheduler: &'static str,
) -> Rule {
    let words = Words { activity, scheduler, ..Words::NONE };
    Rule { words, ..when(tell, EventKind::JobRecord) }
}

/// What has to hold of a record. The filter looks for the texts of the part
/// that tells most or, where those are short or may be escaped, for the name
/// of its member.
pub(crate) enum Tell {
    /// The member is there, whatever it holds.
    Has(&'static str),
    /// The member is a text or a number, and no list.
    Text(&'static str),
    /// The member is one of these texts.
    Is(&'static str, &'static [&'static str]),
    /// The member, or an element of the list that it is, is one of these
    /// texts.
    Among(&'static str, &'static [&'static str]),
    /// The member begins with one of these texts.
    Begins(&'static str, &'static [&'static str]),
    /// The member ends in one of these texts.
    Ends(&'static str, &'static [&'static str]),
    /// The member is how a file is opened, and that is for writing: the names
    /// of flags (`O_WRONLY|O_CREAT`), or their number.
    Writes(&'static str),
    /// The member is not there.
    Lacks(&'static str),
    /// That does not hold.
    Not(&'static Tell),
    All(&'static [Tell]),
    Any(&'static [Tell]),
}

/// A kind of event that a shape gives.
pub(crate) struct Gives {
    pub(crate) kind: EventKind,
    pub(crate) platform: Platform,
    /// Texts of which at least one stands unescaped in every record that
    /// holds such an event. With none given, the filter relies on the
    /// literals that rules look for.
    pub(crate) marks: &'static [Mark],
}

/// A text, and whether its case counts.
pub(crate) type Mark = (&'static str, bool);

impl Gives {
    pub(crate) const fn new(
        kind: EventKind,
        platform: Platform,
        marks: &'static [Mark],
    ) -> Gives {
        Gives { kind, platform, marks }
    }
}

/// A layout of records: what one collector, or several of a kin, make.
pub(crate) struct Layout {
    /// What it is called; empty for members that several share.
    pub(crate) name: &'static str,
    /// What it is, in a line.
    pub(crate) about: &'static str,
    /// What of the event is lost in it; empty for nothing.
    pub(crate) lost: &'static str,
    /// Whether it was verified on public records or source code.
    pub(crate) verified: bool,
    pub(crate) members: &'static [Member],
}

/// Members that several layouts share.
pub(crate) const fn shared(members: &'static [Member]) -> Layout {
    Layout { name: "", about: "", lost: "", verified: true, members }
}

/// What a member of a record is.
pub(crate) enum Member {
    /// A value.
    Value { path: &'static str, target: Target, rank: Rank, form: Form },
    /// An object that has the members of another one, or with no path those
    /// of the record.
    Like { path: &'static str, other: &'static str },
    /// A list of objects that hold a name and a value each: members of
    /// another object, in disguise. What begins with neither is an object
    /// like others.
    Pairs { path: &'static str, of: &'static str },
    /// Members whose names begin with the path's last step, and go on as the
    /// names of the members of another object.
    Prefix { path: &'static str, other: &'static str },
    /// An object that holds values under Windows' own names for them.
    Data { path: &'static str, form: Form },
    /// A list of records.
    Records { path: &'static str },
    /// A list of tables, whose rows are records.
    Tables { path: &'static str },
    /// A text that is an object, whose members are those of the path.
    Text { path: &'static str },
}

/// What the value of a member is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Target {
    Event(Key),
    Audit(AuditKey),
}

/// How a value is written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Form {
    /// A string, number or boolean; the last one of a list.
    Text,
    /// Text whose backslashes are doubled, as Wazuh writes it.
    Doubled,
    /// A list, kept as it is for whoever takes it. Where a list's first
    /// element is an object whose members are known, it is none.
    List,
    /// Such a list, or a string that holds one.
    ListOrText,
    /// A whole number, which may have `.0` behind it where it went through a
    /// table of floating-point numbers.
    Whole,
    /// A log's name behind `WinEventLog:` or `XmlWinEventLog:`.
    EventLog,
    /// A list, of which the first element counts, or a text.
    First,
    /// The arguments of a program: joined by blanks, nothing quoted.
    Arguments,
    /// A list of the numbers of bytes, or a text.
    Bytes,
    /// Texts that are joined by bars, of which the last counts.
    LastPart,
    /// Such arguments, or an object with a member for each: `{"1":"ls"}`.
    ArgumentMembers,
    /// Such a list of arguments, each in base64.
    Base64Arguments,
    /// JSON, kept as it is; or a text.
    Json,
}

/// A value where the event itself has it.
pub(crate) const fn own(path: &'static str, key: Key) -> Member {
    value(path, key, Rank::Own, form_of(key))
}

/// A value where a collector moves or copies it to.
pub(crate) const fn copied(path: &'static str, key: Key) -> Member {
    value(path, key, Rank::Copied, form_of(key))
}

/// A value where a collector puts what it makes of the event.
pub(crate) const fn hint(path: &'static str, key: Key) -> Member {
    value(path, key, Rank::Hint, form_of(key))
}

/// How a value is written if nothing else is said.
const fn form_of(key: Key) -> Form {
    match key {
        Key::EventId => Form::Whole,
        _ => Form::Text,
    }
}

pub(crate) const fn value(
    path: &'static str,
    key: Key,
    rank: Rank,
    form: Form,
) -> Member {
    Member::Value { path, target: Target::Event(key), rank, form }
}

/// A value of an audit event.
pub(crate) const fn audit(path: &'static str, key: AuditKey) -> Member {
    audit_in(path, key, Form::Text)
}

pub(crate) const fn audit_in(
    path: &'static str,
    key: AuditKey,
    form: Form,
) -> Member {
    Member::Value { path, target: Target::Audit(key), rank: Rank::Own, form }
}

pub(crate) const fn like(path: &'static str, other: &'static str) -> Member {
    Member::Like { path, other }
}

pub(crate) const fn prefix(path: &'static str, other: &'static str) -> Member {
    Member::Prefix { path, other }
}

pub(crate) const fn pairs(path: &'static str, of: &'static str) -> Member {
    Member::Pairs { path, of }
}

pub(crate) const fn data(path: &'static str, form: Form) -> Member {
    Member::Data { path, form }
}

pub(crate) const fn records(path: &'static str) -> Member {
    Member::Records { path }
}

pub(crate) const fn tables(path: &'static str) -> Member {
    Member::Tables { path }
}

pub(crate) const fn text(path: &'static str) -> Member {
    Member::Text { path }
}
