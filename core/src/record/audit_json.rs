/*!
Audit events as JSON: Laurel, auditbeat, auoms.

All records of an event are in one object, and each is an event here. The
object's values were gathered by the one walk there is; here the events are
made of them.
*/

use core::mem;
use std::io::Write;

use memchr::memchr;

use crate::Timestamp;
use crate::event::{
    AuditCwd, AuditExecve, AuditPath, AuditProctitle, AuditSyscall, Event,
    EventKind, Value as Field,
};

use super::audit_details::{
    AUDIT_KINDS, AuditDetails, SyscallArgument, name_and_number,
};
use super::audit_peek::split_id;
use super::auditd::{
    self, Events, Frame, PathLists, account, blank_nuls, is_auoms, resolve,
};
use super::context::{Context, Reading};
use super::decode::{Decoded, elements, plain, shrink};
use super::keys::AuditKey;
use super::raw::{Raw, Values};
use super::syntax::json::{self, Cursor, Value};
use super::syscalls;

/// The values of all records of an audit event.
pub(crate) type AuditValues<'a> = Values<'a, { AuditKey::COUNT }>;

/// An audit event.
pub(crate) struct AuditEvent<'a>(pub(crate) AuditValues<'a>);

impl<'a> AuditEvent<'a> {
    /// Hands over the events of its records.
    pub(crate) fn read(
        &self,
        context: &mut Context<'_>,
        sink: &mut Events<'_>,
    ) -> Reading {
        if let Some(list) = self.get(AuditKey::Messages) {
            return self.messages(list, context, sink);
        }
        let mut events = 0_u32;
        if AUDIT_KINDS.iter().any(|&kind| context.wanted.contains(kind)) {
            self.emit(context, &mut |event: &Event<'_>| {
                events = events.saturating_add(1);
                sink(event);
            });
        }
        let others = u32::from(events == 0);
        Reading { events, others, ..Reading::default() }
    }

    /// Hands over the events of records that stand in a list as the kernel
    /// writes them, but for their time and serial, which the event has once.
    fn messages(
        &self,
        list: Raw<'a>,
        context: &mut Context<'_>,
        sink: &mut Events<'_>,
    ) -> Reading {
        let mut reading = Reading::default();
        let text = |key| self.get(key).map_or(&b""[..], |raw| raw.bytes);
        let time = text(AuditKey::MessageTime);
        let serial = text(AuditKey::Serial);
        let mut line = mem::take(context.scratch);
        let mut cursor = Cursor::new(list.bytes);
        let is_list = matches!(cursor.value(), Ok(Value::Array));
        while is_list && let Ok(true) = cursor.element() {
            let Ok(message) = cursor.value() else { break };
            let (mut kind, mut data) = (None, None);
            while message == Value::Object
                && let Ok(Some(member)) = cursor.member()
            {
                match member {
                    b"type" => kind = plain(&mut cursor),
                    b"data" => data = plain(&mut cursor),
                    _ => {}
                }
            }
            if message == Value::Array && cursor.close(message).is_err() {
                break;
            }
            let (Some(kind), Some(data)) = (kind, data) else { continue };
            line.clear();
            line.extend_from_slice(b"type=");
            line.extend_from_slice(kind.bytes);
            line.extend_from_slice(b" msg=audit(");
            line.extend_from_slice(time);
            line.push(b':');
            line.extend_from_slice(serial);
            line.extend_from_slice(b"): ");
            if let Decoded::Record(data) = Decoded::from_raw(data, &mut line) {
                line.extend_from_slice(data);
            }
            let details = context.details;
            let read = auditd::read(&line, context, &mut |_, event| {
                if let Some(details) = details {
                    let is_whole = true;
                    details.set(AuditDetails { is_whole, ..details.get() });
                }
                sink(event);
            });
            let broken = Reading { not_understood: 1, ..Reading::of(false) };
            reading.add(read.unwrap_or(broken));
        }
        *context.scratch = line;
        if reading.events == 0 && reading.others == 0 {
            reading.others = 1;
        }
        reading
    }

    /// Hands over the record's events, in the order in which the kernel
    /// writes its records.
    fn emit(&self, context: &mut Context<'_>, sink: &mut Events<'_>) {
        let kind = self.get(AuditKey::Type);
        if kind.is_some_and(|kind| !is_auoms(kind.bytes)) {
            return;
        }
        if let Some(details) = context.details {
            details.set(AuditDetails {
                arguments: [AuditKey::A0, AuditKey::A1, AuditKey::A2]
                    .map(|key| SyscallArgument::read(self.get(key)?.bytes)),
                is_whole: true,
                ..AuditDetails::default()
            });
        }
        let wanted = context.wanted;
        let buffer = &mut *context.buffer;
        buffer.clear();
        let time = self.time();
        let id = self.id(time, buffer);
        let host = self.value(AuditKey::Host, buffer);
        let head = Head { time, id, host };
        let start = buffer.len();
        if wanted.contains(EventKind::AuditSyscall) {
            self.syscall(&head, buffer, sink);
            buffer.truncate(start);
        }
        if wanted.contains(EventKind::AuditExecve) {
            let argv = self
                .join(AuditKey::ArgumentList, b' ', buffer)
                .or_else(|| self.members(AuditKey::ArgumentMembers, buffer))
                .or_else(|| self.value(AuditKey::Arguments, buffer));
            if argv.is_some() {
                let frame = head.frame(buffer);
                let argv = resolve(argv, buffer);
                let data = AuditExecve { audit_id: frame.id, argv };
                sink(&frame.event(data, None));
            }
            buffer.truncate(start);
        }
        if wanted.contains(EventKind::AuditPath) {
            self.paths(&head, buffer, sink);
            if let Some(name) = self.value(AuditKey::Path, buffer) {
                let frame = head.frame(buffer);
                let name = Some(name.resolve(buffer));
                let audit_id = frame.id;
                let data = AuditPath { audit_id, name, ..Default::default() };
                sink(&frame.event(data, None));
            }
            self.path_lists(&head, buffer, context.scratch, sink);
            buffer.truncate(start);
        }
        if wanted.contains(EventKind::AuditProctitle) {
            let title = self
                .join(AuditKey::TitleList, b' ', buffer)
                .or_else(|| self.value(AuditKey::Title, buffer));
            if let Some(title) = title {
                let title = blank_nuls(title, buffer);
                let frame = head.frame(buffer);
                let proctitle = Some(title.resolve(buffer));
                let data = AuditProctitle { audit_id: frame.id, proctitle };
                sink(&frame.event(data, None));
            }
            buffer.truncate(start);
        }
        if wanted.contains(EventKind::AuditCwd) {
            let cwd = self.value(AuditKey::Cwd, buffer);
            if cwd.is_some() {
                let frame = head.frame(buffer);
                let cwd = resolve(cwd, buffer);
                let data = AuditCwd { audit_id: frame.id, cwd };
                sink(&frame.event(data, None));
            }
        }
    }

    fn get(&self, key: AuditKey) -> Option<Raw<'a>> {
        self.0.get(key as usize)
    }

    fn syscall(
        &self,
        head: &Head<'a>,
        buffer: &mut Vec<u8>,
        sink: &mut Events<'_>,
    ) {
        let mut decoded = [None; AuditKey::COUNT];
        for key in OF_SYSCALL {
            if let Some(slot) = decoded.get_mut(key as usize) {
                *slot = self.value(key, buffer);
            }
        }
        let keys = self.join(AuditKey::Keys, 1, buffer);
        let buffer = &*buffer;
        let text = |key: AuditKey| {
            let decoded = decoded.get(key as usize).copied().flatten();
            resolve(decoded, buffer)
        };
        let syscall = text(AuditKey::Syscall);
        let syscall_name = text(AuditKey::SyscallName);
        if syscall.or(syscall_name).is_none() {
            return;
        }
        // Numbers where the record was not interpreted.
        let (name, syscall) = name_and_number(syscall);
        let (uid_interpreted, uid) = name_and_number(text(AuditKey::Uid));
        let (auid_interpreted, auid) = name_and_number(text(AuditKey::Auid));
        let arch = text(AuditKey::Arch);
        let arch = arch.map(|arch| arch.strip_prefix(b"0x").unwrap_or(arch));
        let known = || syscalls::name(arch?, syscall?);
        let uid_name = text(AuditKey::UidName).or(uid_interpreted);
        let auid_name = text(AuditKey::AuidName).or(auid_interpreted);
        let frame = head.frame(buffer);
        let data = AuditSyscall {
            audit_id: frame.id,
            arch,
            syscall,
            syscall_name: syscall_name.or(name).or_else(known),
            success: text(AuditKey::Success).and_then(yes_or_no),
            comm: text(AuditKey::Comm),
            exe: text(AuditKey::Exe),
            uid,
            uid_name,
            auid,
            auid_name,
            process_id: text(AuditKey::Pid),
            parent_process_id: text(AuditKey::ParentPid),
            key: text(AuditKey::Key).or(resolve(keys, buffer)),
        };
        sink(&frame.event(data, account(auid_name, uid_name)));
    }

    fn paths(
        &self,
        head: &Head<'a>,
        buffer: &mut Vec<u8>,
        sink: &mut Events<'_>,
    ) {
        let start = buffer.len();
        let Some(mut cursor) = self.list(AuditKey::Paths) else { return };
        while let Ok(true) = cursor.element() {
            let Ok(opened) = cursor.value() else { return };
            match opened {
                Value::Object => {}
                Value::Array => {
                    let _ = cursor.close(opened);
                    continue;
                }
                _ => continue,
            }
            let [mut name, mut nametype, mut item, mut mode, mut ouid] =
                [None; 5];
            while let Ok(Some(member)) = cursor.member() {
                let scratch = &mut [0; 64];
                let value = match json::unescape_short(member, scratch)
                    .unwrap_or_default()
                {
                    b"name" => &mut name,
                    b"nametype" | b"objtype" => &mut nametype,
                    b"item" => &mut item,
                    b"mode" => &mut mode,
                    b"ouid" => &mut ouid,
                    _ => continue,
                };
                let raw = plain(&mut cursor);
                *value = raw.map(|raw| self.decode(raw, buffer));
            }
            let mode = mode.map(|mode| kernel_octal(mode, buffer));
            let frame = head.frame(buffer);
            let data = AuditPath {
                audit_id: frame.id,
                name: resolve(name, buffer),
                nametype: resolve(nametype, buffer),
                item: resolve(item, buffer),
                mode: resolve(mode, buffer),
                ouid: resolve(ouid, buffer),
            };
            sink(&frame.event(data, None));
            buffer.truncate(start);
        }
    }

    /// The paths in auoms' lists.
    fn path_lists(
        &self,
        head: &Head<'a>,
        buffer: &mut Vec<u8>,
        scratch: &mut Vec<u8>,
        sink: &mut Events<'_>,
    ) {
        let lists = [
            AuditKey::PathNames,
            AuditKey::PathTypes,
            AuditKey::PathModes,
            AuditKey::PathOwners,
        ]
        .map(|key| self.value(key, buffer));
        let [names, nametypes, modes, ouids] =
            lists.map(|list| resolve(list, buffer).unwrap_or_default());
        let lists = PathLists { names, nametypes, modes, ouids };
        lists.emit(&head.frame(buffer), scratch, sink);
    }

    /// When it happened.
    fn time(&self) -> Option<Timestamp> {
        if let Some(id) = self.get(AuditKey::Id) {
            let (time, _) = split_id(id.bytes)?;
            return Timestamp::parse_unix(time);
        }
        let time = self.get(AuditKey::Time)?;
        Timestamp::parse(time.short(&mut [0; 64]))
    }

    /// Time and serial as the kernel writes them.
    fn id(
        &self,
        time: Option<Timestamp>,
        buffer: &mut Vec<u8>,
    ) -> Option<Decoded<'a>> {
        if let Some(id) = self.value(AuditKey::Id, buffer) {
            return Some(id);
        }
        let serial = self.get(AuditKey::Serial)?;
        let millis = time?.ticks().div_euclid(10_000);
        let start = buffer.len();
        let (seconds, millis) =
            (millis.div_euclid(1000), millis.rem_euclid(1000));
        // Writing to memory cannot fail.
        let _ = write!(buffer, "{seconds}.{millis:03}:");
        buffer.extend_from_slice(serial.bytes);
        Some(Decoded::Buffer(start, buffer.len()))
    }

    /// A plain value, unless it stands for none.
    fn value(
        &self,
        key: AuditKey,
        buffer: &mut Vec<u8>,
    ) -> Option<Decoded<'a>> {
        let raw = self.get(key)?;
        (raw.bytes != b"(null)").then(|| self.decode(raw, buffer))
    }

    /// The elements of a list, joined.
    fn join(
        &self,
        key: AuditKey,
        between: u8,
        buffer: &mut Vec<u8>,
    ) -> Option<Decoded<'a>> {
        let list = self.get(key)?;
        let start = buffer.len();
        for (index, element) in elements(list.bytes).enumerate() {
            if index > 0 {
                buffer.push(between);
            }
            if let Decoded::Record(text) = self.decode(element, buffer) {
                buffer.extend_from_slice(text);
            }
        }
        Some(Decoded::Buffer(start, buffer.len()))
    }

    /// The members of an object, joined by blanks.
    fn members(
        &self,
        key: AuditKey,
        buffer: &mut Vec<u8>,
    ) -> Option<Decoded<'a>> {
        let mut cursor = self.list(key)?;
        let start = buffer.len();
        while let Ok(Some(_)) = cursor.member() {
            let Some(value) = plain(&mut cursor) else { continue };
            if buffer.len() > start {
                buffer.push(b' ');
            }
            if let Decoded::Record(text) = self.decode(value, buffer) {
                buffer.extend_from_slice(text);
            }
        }
        Some(Decoded::Buffer(start, buffer.len()))
    }

    /// A list, or an object, opened. That it is well-formed is known.
    fn list(&self, key: AuditKey) -> Option<Cursor<'a>> {
        let mut cursor = Cursor::new(self.get(key)?.bytes);
        cursor.value().ok()?;
        Some(cursor)
    }

    fn decode(&self, raw: Raw<'a>, buffer: &mut Vec<u8>) -> Decoded<'a> {
        let is_laurel = self.get(AuditKey::Id).is_some();
        if !is_laurel || memchr(b'%', raw.bytes).is_none() {
            return Decoded::from_raw(raw, buffer);
        }
        let start = buffer.len();
        if let Decoded::Record(text) = Decoded::from_raw(raw, buffer) {
            buffer.extend_from_slice(text);
        }
        decode_percent(buffer, start);
        Decoded::Buffer(start, buffer.len())
    }
}

/// The values that a system call is made of.
const OF_SYSCALL: [AuditKey; 13] = [
    AuditKey::Arch,
    AuditKey::Syscall,
    AuditKey::SyscallName,
    AuditKey::Success,
    AuditKey::Comm,
    AuditKey::Exe,
    AuditKey::Uid,
    AuditKey::UidName,
    AuditKey::Auid,
    AuditKey::AuidName,
    AuditKey::Pid,
    AuditKey::ParentPid,
    AuditKey::Key,
];

/// What all events of a record share, while the buffer grows.
struct Head<'a> {
    time: Option<Timestamp>,
    id: Option<Decoded<'a>>,
    host: Option<Decoded<'a>>,
}

impl<'a> Head<'a> {
    fn frame<'b>(&self, buffer: &'b [u8]) -> Frame<'b>
    where
        'a: 'b,
    {
        Frame {
            time: self.time,
            id: resolve(self.id, buffer),
            host: resolve(self.host, buffer),
        }
    }
}

/// A result as the kernel has it.
fn yes_or_no(result: &[u8]) -> Field<'_> {
    match result {
        b"success" => Some(b"yes"),
        b"fail" | b"failure" => Some(b"no"),
        b"unknown" => None,
        _ => Some(result),
    }
}

/// An octal number with the kernel's prefix in place of `0o`.
fn kernel_octal<'a>(value: Decoded<'a>, buffer: &mut Vec<u8>) -> Decoded<'a> {
    match value {
        Decoded::Record([b'0', b'o', digits @ ..]) => {
            let start = buffer.len();
            buffer.push(b'0');
            buffer.extend_from_slice(digits);
            Decoded::Buffer(start, buffer.len())
        }
        Decoded::Record(_) => value,
        Decoded::Buffer(start, end) => match buffer.get_mut(start..end) {
            Some([b'0', letter @ b'o', ..]) => {
                *letter = b'0';
                Decoded::Buffer(start.saturating_add(1), end)
            }
            _ => value,
        },
    }
}

/// Decodes `%2b` and the like in the buffer from `start` on.
fn decode_percent(buffer: &mut Vec<u8>, start: usize) {
    let hex = |digit: u8| {
        let digit = char::from(digit).to_digit(16)?;
        u8::try_from(digit).ok()
    };
    shrink(buffer, start, |byte, rest| {
        let [high, low] = match (byte, rest) {
            (b'%', [high, low, ..]) => [*high, *low].map(hex),
            _ => [None; 2],
        };
        match (high, low) {
            (Some(high), Some(low)) => (high << 4 | low, 3),
            _ => (byte, 1),
        }
    });
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::event::EventKinds;
    use crate::record::json_record::tests::{events, read_as};
    use crate::record::{Format, Reader};

    const LAUREL: &str = r#"{"ID":"1700000000.042:77","NODE":"web1","SYSCALL":{"arch":"0xc000003e","syscall":59,"success":"yes","exit":0,"items":2,"ppid":31,"pid":32,"auid":1000,"uid":0,"gid":0,"euid":0,"tty":"(none)","ses":3,"comm":"sh","exe":"/opt/100%25/a%20b","subj":"unconfined","key":"one%01two","ARCH":"x86_64","SYSCALL":"execve","AUID":"ann","UID":"root","ARGV":["0x5","0x0"],"PPID":{"EVENT_ID":"1.2:3","comm":"cron","exe":"/usr/sbin/cron"}},"EXECVE":{"argc":3,"ARGV":["sh","-c","echo \"1%2b1\" > /x",null,7]},"CWD":{"cwd":"/srv"},"PATH":[{"item":0,"name":"/bin/sh","inode":5,"mode":"0o100755","ouid":0,"nametype":"NORMAL","cap_fe":0,"OUID":"root"},{"item":1,"name":"/etc/cron.d/%e4","mode":"0o10644","ouid":7,"objtype":"CREATE"},null,[1],{}],"PROCTITLE":{"ARGV":["sh","-c","echo"]}}"#;

    #[test]
    fn laurel() {
        let head = "2023-11-14T22:13:20.042Z Computer=web1";
        let id = "audit_id=1700000000.042:77";
        let expected = [
            format!(
                "linux/audit_syscall {head} User=ann ProcessId=32 ParentProcessId=31 {id} arch=c000003e syscall=59 SYSCALL=execve success=yes comm=sh exe=/opt/100%/a b uid=0 UID=root auid=1000 AUID=ann key=one\u{1}two"
            ),
            format!(
                r#"linux/audit_execve {head} {id} argv=sh -c echo "1+1" > /x  7"#
            ),
            format!(
                "linux/audit_path {head} {id} name=/bin/sh nametype=NORMAL item=0 mode=0100755 ouid=0"
            ),
            format!(
                "linux/audit_path {head} {id} name=/etc/cron.d/\u{FFFD} nametype=CREATE item=1 mode=010644 ouid=7"
            ),
            format!("linux/audit_path {head} {id}"),
            format!("linux/audit_proctitle {head} {id} proctitle=sh -c echo"),
            format!("linux/audit_cwd {head} {id} cwd=/srv"),
        ];
        let (events, reading) = events(LAUREL);
        assert_eq!(events, expected);
        assert_eq!(reading, Reading { events: 7, ..Reading::default() });
    }

    #[test]
    fn laurel_otherwise_configured() {
        let one = |inside: &str| {
            let record = format!(r#"{{"ID":"1.2:3",{inside}}}"#);
            let (mut events, reading) = events(&record);
            assert_eq!(reading.others, 0, "{record}");
            assert_eq!(events.len(), 1, "{record}");
            events.remove(0).split_off("linux/audit_".len())
        };
        let head = "1970-01-01T00:00:01.2Z";
        for (inside, expected) in [
            // The name of the call from its number.
            (
                r#""SYSCALL":{"arch":"0xc00000b7","syscall":38,"success":"no","uid":5,"key":null}"#,
                format!(
                    "syscall {head} audit_id=1.2:3 arch=c00000b7 syscall=38 SYSCALL=renameat success=no uid=5"
                ),
            ),
            (
                r#""EXECVE":{"argc":2,"ARGV_STR":"sh -c x%0ay"}"#,
                format!("execve {head} audit_id=1.2:3 argv=sh -c x\ny"),
            ),
            (
                r#""PROCTITLE":{"proctitle":"a%00b%00"}"#,
                format!("proctitle {head} audit_id=1.2:3 proctitle=a b"),
            ),
            (
                r#""CWD":{"cwd":"/100%/%zz%2"}"#,
                format!("cwd {head} audit_id=1.2:3 cwd=/100%/%zz%2"),
            ),
        ] {
            assert_eq!(one(inside), expected);
        }
    }

    #[test]
    fn laurel_with_escapes() {
        let plain = r#"{"ID":"1.2:3","SYSCALL":{"syscall":82,"exe":"/bin/x"},"PATH":[{"name":"/etc/crontab","mode":"0o100644"}]}"#;
        let escaped = r#"{"\u0049D":"1.2:3","SYSC\u0041LL":{"syscall":82,"\u0065xe":"/bin/x"},"\u0050ATH":[{"nam\u0065":"/etc/crontab","mode":"\u0030o100644"}]}"#;
        assert_eq!(events(escaped), events(plain));
        assert_eq!(events(plain).0.len(), 2);
    }

    #[test]
    fn auditbeat() {
        let head = "2023-11-14T22:13:20.04Z Computer=web1";
        let id = "audit_id=1700000000.040:8972";
        let expected = [
            format!(
                "linux/audit_syscall {head} User=ann ProcessId=43 ParentProcessId=27 {id} arch=x86_64 SYSCALL=rename success=yes comm=crontab exe=/usr/bin/crontab uid=0 UID=root auid=1000 AUID=ann key=cron"
            ),
            format!(r"linux/audit_execve {head} {id} argv=crontab C:\x"),
            format!(
                "linux/audit_path {head} {id} name=/var/spool/cron/x nametype=CREATE item=3 mode=0100600 ouid=0"
            ),
            format!("linux/audit_proctitle {head} {id} proctitle=crontab -e"),
            format!("linux/audit_cwd {head} {id} cwd=/root"),
        ];
        let nested = r#"{"@timestamp":"2023-11-14T22:13:20.040Z","auditd":{"data":{"a0":"55","arch":"x86_64","exit":"0","syscall":"rename","tty":"pts0"},"message_type":"syscall","paths":[{"item":"3","mode":"0100600","name":"/var/spool/cron/x","nametype":"CREATE","ouid":"0"}],"result":"success","sequence":8972,"summary":{"actor":{"primary":"ann"}}},"event":{"action":"renamed","category":["process"],"module":"auditd","outcome":"success"},"file":{"path":"/var/spool/cron/x"},"host":{"name":"web1"},"process":{"args":["crontab","C:\\x"],"executable":"/usr/bin/crontab","name":"crontab","pid":43,"parent":{"pid":27,"name":"sh"},"title":"crontab -e","working_directory":"/root"},"tags":["cron"],"user":{"audit":{"id":"1000","name":"ann"},"effective":{"id":"0"},"id":"0","name":"root"}}"#;
        assert_eq!(events(nested).0, expected);
        let wrapped = format!(r#"{{"_index":"x","_source":{nested}}}"#);
        assert_eq!(events(&wrapped).0, expected);
        let dotted = r#"{"@timestamp":"2023-11-14T22:13:20.040Z","auditd.data.arch":"x86_64","auditd.data.syscall":"rename","auditd.paths":[{"item":3,"mode":"0100600","name":"/var/spool/cron/x","nametype":"CREATE","ouid":"0"}],"auditd.sequence":"8972","event.module":"auditd","event.outcome":"success","host.name":"web1","process.args":["crontab","C:\\x"],"process.executable":"/usr/bin/crontab","process.name":"crontab","process.pid":43,"process.parent.pid":27,"process.title":"crontab -e","process.working_directory":"/root","tags":["cron"],"user.audit.id":1000,"user.audit.name":"ann","user.id":"0","user.name":"root"}"#;
        assert_eq!(events(dotted).0, expected);
    }

    #[test]
    fn coalesced() {
        let record = r#"{"test_name":"x","event":{"@timestamp":"2023-11-14T22:13:20.042Z","sequence":9,"category":"audit-rule","record_type":"syscall","result":"fail","tags":["a","b"],"user":{"ids":{"auid":"unset","uid":"38"},"names":{"uid":"ntp"}},"process":{"pid":"5","ppid":"1","title":"x -y","name":"x","exe":"/x","cwd":"/"},"file":{"path":"/etc/a"},"data":{"arch":"aarch64","syscall":"openat"},"ecs":{"user":{"effective":{"id":"1"}}}}}"#;
        let head = "2023-11-14T22:13:20.042Z";
        let id = "audit_id=1700000000.042:9";
        assert_eq!(
            events(record).0,
            [
                format!(
                    "linux/audit_syscall {head} User=ntp ProcessId=5 ParentProcessId=1 {id} arch=aarch64 SYSCALL=openat success=no comm=x exe=/x uid=38 UID=ntp AUID=unset key=a\u{1}b"
                ),
                format!("linux/audit_proctitle {head} {id} proctitle=x -y"),
                format!("linux/audit_cwd {head} {id} cwd=/"),
            ]
        );
        // A record of a program that made no system call.
        let record = r#"{"@timestamp":"2023-11-14T22:13:20Z","record_type":"cred_acq","result":"unknown","process":{"pid":"5","name":"atd","exe":"/usr/sbin/atd"}}"#;
        let reading = Reading::of(false);
        assert_eq!(events(record), (vec![], reading));
    }

    /// Each place in which a value may stand, by itself.
    #[test]
    fn places_of_values() {
        let beat = |inside: &str| {
            format!(
                r#"{{"auditd":{{"data":{{"syscall":"rename"}},"sequence":1}},"event":{{"module":"auditd"}},{inside}}}"#
            )
        };
        let auoms = |inside: &str| {
            format!(r#"{{"RecordType":"AUOMS_SYSCALL",{inside}}}"#)
        };
        for (record, expected) in [
            (beat(r#""user":{"auid":"7"}"#), "auid=7"),
            (beat(r#""user":{"ids":{"auid":"7"}}"#), "auid=7"),
            (beat(r#""user":{"audit":{"id":"7"}}"#), "auid=7"),
            (beat(r#""user":{"name_map":{"auid":"ann"}}"#), "AUID=ann"),
            (beat(r#""user":{"uid":"8"}"#), "uid=8"),
            (beat(r#""user":{"ids":{"uid":"8"}}"#), "uid=8"),
            (beat(r#""process":{"ppid":"9"}"#), "ParentProcessId=9"),
            (beat(r#""auditd.result":"fail""#), "success=no"),
            (beat(r#""result":"fail""#), "success=no"),
            (beat(r#""result":{"outcome":"failure"}"#), "success=no"),
            (auoms(r#""syscall":"x","proctitle":"a -b""#), "proctitle=a -b"),
            (
                r#"{"ID":"1.2:3","SYSCALL":{"syscall":9999,"SYSCALL":"new"}}"#
                    .to_owned(),
                "SYSCALL=new",
            ),
        ] {
            let found = events(&record).0.join("\n");
            assert!(found.contains(expected), "{record}\n{found}");
        }
    }

    #[test]
    fn auoms() {
        let element = r#"{"RecordTypeCode":14688,"RecordType":"AUOMS_EXECVE","arch":"x86_64","syscall":"execve","success":"yes","ppid":"26","pid":"27","audit_user":"unset","auid":"4294967295","user":"root","uid":"0","comm":"sh","exe":"/bin/sh","key":"auoms,execve","key_r":"61","proctitle":"(null)","cwd":"/","name":"/bin/sh","path_name":LIST,"path_nametype":"[\"NORMAL\"]","path_mode":"[\"0100755\",\"0100644\"]","path_ouid":"[\"0\",\"5\"]","cmdline":"sh -c \"x\""}"#;
        let head = "2023-11-14T22:13:20.392Z";
        let expected = [
            format!(
                "0: linux/audit_syscall {head} User=root ProcessId=27 ParentProcessId=26 arch=x86_64 SYSCALL=execve success=yes comm=sh exe=/bin/sh uid=0 UID=root auid=4294967295 AUID=unset key=auoms,execve"
            ),
            format!(r#"0: linux/audit_execve {head} argv=sh -c "x""#),
            format!(
                r#"0: linux/audit_path {head} name=/a "b" nametype=NORMAL item=0 mode=0100755 ouid=0"#
            ),
            format!(
                "0: linux/audit_path {head} name=/c item=1 mode=0100644 ouid=5"
            ),
            format!("0: linux/audit_cwd {head} cwd=/"),
        ];
        for list in
            [r#""[\"/a \\\"b\\\"\",\"/c\"]""#, r#" [ "/a \"b\"" , "/c" ] "#]
        {
            let element = element.replace("LIST", list);
            let record = format!(
                r#"{{"MessageType":"AUOMS_EVENT","Timestamp":"1700000000.392","SerialNumber":26,"records":[{element}]}}"#
            );
            assert_eq!(events(&record).0, expected, "{list}");
        }
        for other in ["USER_LOGIN", "AUOMS_PROCESS_INVENTORY"] {
            let record = element
                .replace("AUOMS_EXECVE", other)
                .replace("LIST", r#""[]""#);
            let reading = Reading::of(false);
            assert_eq!(events(&record), (vec![], reading));
        }
    }

    #[test]
    fn wanted() {
        for kind in [
            EventKind::AuditSyscall,
            EventKind::AuditExecve,
            EventKind::AuditPath,
            EventKind::AuditProctitle,
            EventKind::AuditCwd,
        ] {
            let mut reader = Reader::wanting(EventKinds::NONE.with(kind));
            let mut events = 0;
            let reading = reader
                .read(Format::Json, LAUREL.as_bytes(), |item, event| {
                    assert_eq!((item, event.kind()), (None, kind));
                    assert_eq!(event.host, Some(b"web1".as_slice()));
                    events += 1;
                })
                .unwrap();
            assert_eq!(reading, Reading { events, ..Reading::default() });
        }
        let mut reader = Reader::wanting(EventKinds::NONE);
        let reading =
            reader.read(Format::Json, LAUREL.as_bytes(), |_, _| panic!());
        assert_eq!(reading, Ok(Reading::of(false)));
    }

    #[test]
    fn broken_records() {
        let auoms = r#"{"RecordType":"AUOMS_SYSCALL","syscall":"rename","path_name":"[\"/a\",\"\\\\\"]","path_mode":["1"]}"#;
        let mistyped = r#"{"ID":5,"NODE":[],"SYSCALL":"x","EXECVE":[{"ARGV":1}],"PATH":{"name":1},"PROCTITLE":{"ARGV":[[],{}]},"CWD":null,"auditd":{"paths":[[{}],5],"data":[]},"user":[{}],"process":{"args":"x"},"tags":[null]}"#;
        for record in [LAUREL, auoms, mistyped] {
            let record = record.as_bytes();
            assert!(read_as(Format::Json, record).1.is_ok());
            for at in 0..record.len() {
                let (events, read) = read_as(Format::Json, &record[..at]);
                assert!(read.is_err() && events.is_empty(), "cut at {at}");
                let mut changed = record.to_vec();
                for byte in *b"\0\"\\{}[],:%x0\xFF" {
                    changed[at] = byte;
                    let _ = read_as(Format::Json, &changed);
                }
            }
        }
    }
}
