/*!
Values of other sources than Windows' logs, brought into the form that Sysmon
gives them: rules are written for that.

- Paths lose what only the kernel knows: `\Device\HarddiskVolume3\Windows\x`
  becomes `\Windows\x`. The letter of the drive is not known, and a guess could
  match a rule that asks for `C:\`.
- A bare file name gets a separator in front: `cmd.exe` becomes `\cmd.exe`, for
  rules ask for that ending.
- Registry keys begin with `HKLM\` and its kin, and have their value's name.
- A task's path begins with a backslash.
- A command line whose program stands elsewhere gets it.
- What a task starts, where it stands apart, is made a definition.
*/

use crate::bytes;
use crate::event::{EventKind, Field, Platform};

use super::decode::Decoded;
use super::keys::Key;
use super::raw::Values;

/// The raw values of a record, by key.
type Record<'a> = Values<'a, { Key::COUNT }>;

/// The values of an event that is being made.
pub(super) struct Fields<'f, 'a> {
    slots: &'f mut [(Field, Decoded<'a>)],
    count: &'f mut usize,
}

impl<'f, 'a> Fields<'f, 'a> {
    pub(super) fn new(
        slots: &'f mut [(Field, Decoded<'a>)],
        count: &'f mut usize,
    ) -> Fields<'f, 'a> {
        Fields { slots, count }
    }

    fn find(&mut self, field: Field) -> Option<&mut Decoded<'a>> {
        let slots = self.slots.get_mut(..*self.count)?;
        let slot = slots.iter_mut().rev().find(|slot| slot.0 == field)?;
        Some(&mut slot.1)
    }

    /// Changes a value, if there is one.
    fn change(
        &mut self,
        field: Field,
        change: impl FnOnce(Decoded<'a>) -> Decoded<'a>,
    ) {
        if let Some(value) = self.find(field) {
            *value = change(*value);
        }
    }

    fn set(&mut self, field: Field, value: Decoded<'a>) {
        if let Some(there) = self.find(field) {
            *there = value;
            return;
        }
        debug_assert!(*self.count < self.slots.len(), "too many values");
        if let Some(slot) = self.slots.get_mut(*self.count) {
            *slot = (field, value);
            *self.count = self.count.saturating_add(1);
        }
    }
}

/// The platform that a record tells: by its member for that, or where that
/// is no system that is known here by how its paths are written, or else the
/// first that such events are of.
pub(super) fn platform(
    record: &Record<'_>,
    kind: EventKind,
) -> Option<Platform> {
    let scratch = &mut [0; 64];
    let os = record.get(Key::Os as usize);
    if let Some(system) = os.and_then(|os| system(os.short(scratch))) {
        return Some(system);
    }
    let paths = [
        Key::TargetFilename,
        Key::JobFile,
        Key::Image,
        Key::ProgramName,
        Key::ParentImage,
        Key::ImageLoaded,
        Key::CurrentDirectory,
    ];
    for path in paths.into_iter().filter_map(|key| record.get(key as usize)) {
        // JSON may have the slash escaped.
        let unescaped = path.bytes.strip_prefix(b"\\").unwrap_or(path.bytes);
        if unescaped.starts_with(b"/") {
            let is = |start: &&[u8]| unescaped.starts_with(start);
            let is_macos = PLACES_OF_MACOS.iter().any(is);
            return Some(match is_macos {
                true => Platform::Macos,
                false => Platform::Linux,
            });
        }
        if matches!(path.bytes, [b'\\', b'\\', ..] | [_, b':', b'\\', ..]) {
            return Some(Platform::Windows);
        }
    }
    kind.platforms().first().copied()
}

/// The system of a name: `linux`, `Windows 11`, `AGENT_OS_MAC`.
fn system(name: &[u8]) -> Option<Platform> {
    let begins = |text: &[u8], systems: &[(&[u8], Platform)]| {
        let mut known = systems.iter();
        let found =
            known.find(|(system, _)| bytes::starts_with(text, system, false));
        found.map(|(_, platform)| *platform)
    };
    // Behind its vendor's name, or what the writer puts before all of them.
    let words = || name.split(|byte| !byte.is_ascii_alphanumeric());
    let named = SYSTEMS.get(..FULL_NAMES).unwrap_or_default();
    begins(name, &SYSTEMS)
        .or_else(|| words().find_map(|word| begins(word, named)))
}

/// How many of [`SYSTEMS`] are names that no other word begins with.
const FULL_NAMES: usize = 4;

/// How names of systems begin.
const SYSTEMS: [(&[u8], Platform); 25] = [
    (b"win", Platform::Windows),
    (b"lin", Platform::Linux),
    (b"mac", Platform::Macos),
    (b"darwin", Platform::Macos),
    (b"osx", Platform::Macos),
    (b"os x", Platform::Macos),
    // OCSF's numbers.
    (b"100", Platform::Windows),
    (b"200", Platform::Linux),
    (b"300", Platform::Macos),
    // Distributions, and families of them.
    (b"debian", Platform::Linux),
    (b"ubuntu", Platform::Linux),
    (b"red", Platform::Linux),
    (b"rhel", Platform::Linux),
    (b"centos", Platform::Linux),
    (b"fedora", Platform::Linux),
    (b"rocky", Platform::Linux),
    (b"alma", Platform::Linux),
    (b"ol", Platform::Linux),
    (b"oracle", Platform::Linux),
    (b"amzn", Platform::Linux),
    (b"amazon", Platform::Linux),
    (b"suse", Platform::Linux),
    (b"sles", Platform::Linux),
    (b"opensuse", Platform::Linux),
    (b"arch", Platform::Linux),
];

/// How paths begin that only macOS has.
const PLACES_OF_MACOS: [&[u8]; 5] = [
    b"/Applications/",
    b"/System/",
    b"/Library/",
    b"/Users/",
    b"/usr/libexec/xpcproxy",
];

/// Brings the values of an event into form.
pub(super) fn bring<'a>(
    record: &Record<'a>,
    platform: Platform,
    fields: &mut Fields<'_, 'a>,
    buffer: &mut Vec<u8>,
) {
    let is_windows = platform == Platform::Windows;
    let separator = if is_windows { b'\\' } else { b'/' };
    let get = |key: Key, buffer: &mut Vec<u8>| {
        Some(Decoded::from_raw(record.get(key as usize)?, buffer))
    };
    for (field, key) in [
        (Field::TargetFilename, Key::FileName),
        (Field::Image, Key::ProgramName),
        (Field::TargetObject, Key::ValueName),
        (Field::TargetObject, Key::AuditedValue),
    ] {
        if let Some(name) = get(key, buffer) {
            let path = fields.find(field).copied();
            fields.set(field, join(path, separator, name, buffer));
        }
    }
    for (field, key) in [
        (Field::CommandLine, Key::Arguments),
        (Field::ParentCommandLine, Key::ParentArguments),
    ] {
        if fields.find(field).is_none()
            && let Some(arguments) = get(key, buffer)
        {
            fields.set(field, arguments);
        }
    }
    if let Some(minute) = get(Key::ScheduleMinute, buffer) {
        let others = [
            Key::ScheduleHour,
            Key::ScheduleDay,
            Key::ScheduleMonth,
            Key::ScheduleWeekday,
        ];
        let others = others.map(|key| get(key, buffer));
        // `@reboot` and its kin stand apart, and these are empty then.
        if !minute.resolve(buffer).is_empty() {
            let schedule = made(buffer, |buffer| {
                push(minute, buffer);
                for field in others.into_iter().flatten() {
                    buffer.push(b' ');
                    push(field, buffer);
                }
            });
            fields.set(Field::Schedule, schedule);
        }
    }
    fields.change(Field::TargetFilename, |file| {
        let is_url = file.resolve(buffer).starts_with(b"file:///");
        behind(file, if is_url { 7 } else { 0 })
    });
    if let (None, Some(image), Some(arguments)) = (
        fields.find(Field::CommandLine).copied(),
        fields.find(Field::Image).copied(),
        get(Key::ArgumentText, buffer),
    ) {
        let line = match arguments.resolve(buffer) {
            b"" => image,
            _ => made(buffer, |buffer| {
                push(image, buffer);
                buffer.push(b' ');
                push(arguments, buffer);
            }),
        };
        fields.set(Field::CommandLine, line);
    }
    // SentinelOne puts a blank in front.
    fields.change(Field::CommandLine, |line| {
        let text = line.resolve(buffer);
        let blanks = text.len().saturating_sub(text.trim_ascii_start().len());
        behind(line, blanks)
    });
    if is_windows {
        fields.change(Field::TargetObject, |key| registry_key(key, buffer));
        let kind = get(Key::DetailsType, buffer)
            .or_else(|| get(Key::NewValueType, buffer));
        if let Some(name) = kind {
            let name = name.resolve(buffer);
            // Windows audits it under a number of its own.
            if bytes::find(name, b"DWORD", 0, false).is_some()
                || name == b"%%1876"
            {
                fields.change(Field::Details, |value| dword(value, buffer));
            }
        }
        if let (None, Some(command)) = (
            fields.find(Field::TaskContent).copied(),
            get(Key::TaskCommand, buffer),
        ) {
            let arguments = get(Key::TaskArguments, buffer);
            let task = task(command, arguments, buffer);
            fields.set(Field::TaskContent, task);
        }
        fields.change(Field::TaskName, |name| under_root(name, buffer));
        for field in PATHS {
            fields.change(field, |value| path(value, buffer));
        }
    }
    for field in [Field::Image, Field::ParentImage] {
        fields.change(field, |value| bare(value, separator, buffer));
    }
}

/// Fields that hold paths, or begin with one.
const PATHS: [Field; 6] = [
    Field::Image,
    Field::CommandLine,
    Field::ParentImage,
    Field::TargetFilename,
    Field::SourceFilename,
    Field::ImageLoaded,
];

/// A value that is written into the buffer.
fn made<'a>(
    buffer: &mut Vec<u8>,
    write: impl FnOnce(&mut Vec<u8>),
) -> Decoded<'a> {
    let start = buffer.len();
    write(buffer);
    Decoded::Buffer(start, buffer.len())
}

fn push(value: Decoded<'_>, buffer: &mut Vec<u8>) {
    match value {
        Decoded::Record(bytes) => buffer.extend_from_slice(bytes),
        Decoded::Buffer(start, end) => buffer.extend_from_within(start..end),
    }
}

/// What is left of a value behind so many bytes.
fn behind(value: Decoded<'_>, count: usize) -> Decoded<'_> {
    match value {
        Decoded::Record(bytes) => {
            Decoded::Record(bytes.get(count..).unwrap_or_default())
        }
        Decoded::Buffer(start, end) => {
            Decoded::Buffer(start.saturating_add(count).min(end), end)
        }
    }
}

/// A value with another beginning in place of its first bytes.
fn replaced<'a>(
    value: Decoded<'a>,
    count: usize,
    beginning: &[u8],
    buffer: &mut Vec<u8>,
) -> Decoded<'a> {
    made(buffer, |buffer| {
        buffer.extend_from_slice(beginning);
        push(behind(value, count), buffer);
    })
}

/// A path with a name behind it, unless it ends in that.
fn join<'a>(
    path: Option<Decoded<'a>>,
    separator: u8,
    name: Decoded<'a>,
    buffer: &mut Vec<u8>,
) -> Decoded<'a> {
    let Some(path) = path else { return name };
    let (path_text, name_text) = (path.resolve(buffer), name.resolve(buffer));
    // The name may be the whole path.
    if separator == b'/' && name_text.starts_with(b"/") {
        return name;
    }
    let last = bytes::name(path_text);
    if name_text.is_empty() || bytes::equals(last, name_text, false) {
        return path;
    }
    let has_separator = path_text.ends_with(&[separator]);
    made(buffer, |buffer| {
        push(path, buffer);
        if !has_separator {
            buffer.push(separator);
        }
        push(name, buffer);
    })
}

/// A path without what only the kernel knows.
fn path<'a>(value: Decoded<'a>, buffer: &mut Vec<u8>) -> Decoded<'a> {
    let text = value.resolve(buffer);
    if text.first() != Some(&b'\\') {
        return value;
    }
    let begins = |with: &[u8]| bytes::starts_with(text, with, false);
    let volume = br"\Device\HarddiskVolume";
    if begins(volume) {
        let rest = text.get(volume.len()..).unwrap_or_default();
        let digits =
            rest.iter().take_while(|byte| byte.is_ascii_digit()).count();
        return match rest.get(digits) {
            Some(b'\\') => behind(value, volume.len().saturating_add(digits)),
            _ => value,
        };
    }
    let replacement = KERNELS_NAMES.iter().find(|(name, _)| begins(name));
    match replacement {
        Some((name, b"")) => behind(value, name.len()),
        Some((name, other)) => replaced(value, name.len(), other, buffer),
        None => value,
    }
}

/// How paths begin that the kernel writes, and how programs write that.
const KERNELS_NAMES: [(&[u8], &[u8]); 6] = [
    (br"\Device\Mup\", br"\\"),
    (br"\??\UNC\", br"\\"),
    (br"\\?\UNC\", br"\\"),
    (br"\??\", b""),
    (br"\\?\", b""),
    (br"\SystemRoot\", br"C:\Windows\"),
];

/// A file name without a folder gets a separator in front.
fn bare<'a>(
    value: Decoded<'a>,
    separator: u8,
    buffer: &mut Vec<u8>,
) -> Decoded<'a> {
    let text = value.resolve(buffer);
    if text.is_empty() || memchr::memchr2(b'\\', b'/', text).is_some() {
        return value;
    }
    replaced(value, 0, &[separator], buffer)
}

/// A task's path begins at the root of the scheduler's tree.
fn under_root<'a>(value: Decoded<'a>, buffer: &mut Vec<u8>) -> Decoded<'a> {
    match value.resolve(buffer).first() {
        None | Some(b'\\') => value,
        _ => replaced(value, 0, b"\\", buffer),
    }
}

/// A registry key under the names that Sysmon gives its root and the current
/// control set.
fn registry_key<'a>(value: Decoded<'a>, buffer: &mut Vec<u8>) -> Decoded<'a> {
    let text = value.resolve(buffer);
    let begins = |with: &[u8]| bytes::starts_with(text, with, false);
    let root = ROOTS.iter().find(|(name, _)| begins(name));
    let (name, root) = root.copied().unwrap_or_default();
    let rest = text.get(name.len()..).unwrap_or_default();
    let set = br"SYSTEM\ControlSet001\";
    if root == br"HKLM\" && bytes::starts_with(rest, set, false) {
        let count = name.len().saturating_add(set.len());
        let current = br"HKLM\System\CurrentControlSet\";
        return replaced(value, count, current, buffer);
    }
    if name == root {
        return value;
    }
    replaced(value, name.len(), root, buffer)
}

/// Names of the registry's roots, and Sysmon's for them.
const ROOTS: [(&[u8], &[u8]); 11] = [
    (br"HKLM\", br"HKLM\"),
    (br"HKEY_LOCAL_MACHINE\", br"HKLM\"),
    (br"\REGISTRY\MACHINE\", br"HKLM\"),
    (br"REGISTRY\MACHINE\", br"HKLM\"),
    (br"MACHINE\", br"HKLM\"),
    (br"HKEY_USERS\", br"HKU\"),
    (br"\REGISTRY\USER\", br"HKU\"),
    (br"REGISTRY\USER\", br"HKU\"),
    (br"USER\", br"HKU\"),
    (br"HKEY_CURRENT_USER\", br"HKCU\"),
    (br"HKEY_CLASSES_ROOT\", br"HKCR\"),
];

/// A number of 32 bits as Sysmon writes it: `DWORD (0x00000001)`.
fn dword<'a>(value: Decoded<'a>, buffer: &mut Vec<u8>) -> Decoded<'a> {
    let text = value.resolve(buffer).trim_ascii();
    let (digits, radix) = match text {
        [b'0', b'x' | b'X', hex @ ..] => (hex, 16),
        decimal => (decimal, 10),
    };
    let digits = str::from_utf8(digits).ok();
    let number =
        digits.and_then(|digits| u32::from_str_radix(digits, radix).ok());
    let Some(number) = number else { return value };
    made(buffer, |buffer| {
        buffer.extend_from_slice(b"DWORD (0x");
        for shift in [28, 24, 20, 16, 12, 8, 4, 0] {
            let digit = (number >> shift & 0xF) as u8;
            let first = if digit < 10 { b'0' } else { b'a' - 10 };
            buffer.push(first.saturating_add(digit));
        }
        buffer.push(b')');
    })
}

/// The part of a task's definition that says what it starts.
fn task<'a>(
    command: Decoded<'a>,
    arguments: Option<Decoded<'a>>,
    buffer: &mut Vec<u8>,
) -> Decoded<'a> {
    made(buffer, |buffer| {
        buffer.extend_from_slice(b"<Task><Actions><Exec><Command>");
        push_escaped(command, buffer);
        buffer.extend_from_slice(b"</Command>");
        if let Some(arguments) = arguments {
            buffer.extend_from_slice(b"<Arguments>");
            push_escaped(arguments, buffer);
            buffer.extend_from_slice(b"</Arguments>");
        }
        buffer.extend_from_slice(b"</Exec></Actions></Task>");
    })
}

/// Writes a value as an element's text.
fn push_escaped(value: Decoded<'_>, buffer: &mut Vec<u8>) {
    let mut at = 0;
    loop {
        let byte = value.resolve(buffer).get(at).copied();
        match byte {
            None => return,
            Some(b'&') => buffer.extend_from_slice(b"&amp;"),
            Some(b'<') => buffer.extend_from_slice(b"&lt;"),
            Some(b'>') => buffer.extend_from_slice(b"&gt;"),
            Some(byte) => buffer.push(byte),
        }
        at = at.saturating_add(1);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn plain(
        change: fn(Decoded<'static>, &mut Vec<u8>) -> Decoded<'static>,
        value: &'static str,
    ) -> String {
        let mut buffer = b"before".to_vec();
        let borrowed = change(Decoded::Record(value.as_bytes()), &mut buffer);
        let borrowed = borrowed.resolve(&buffer).to_vec();
        let at = buffer.len();
        buffer.extend_from_slice(value.as_bytes());
        let copied = Decoded::Buffer(at, buffer.len());
        let copied = change(copied, &mut buffer);
        assert_eq!(copied.resolve(&buffer), borrowed);
        String::from_utf8(borrowed).unwrap()
    }

    #[test]
    fn systems_are_told_by_any_of_their_names() {
        for (name, expected) in [
            ("windows", Some(Platform::Windows)),
            ("AGENT_OS_WINDOWS", Some(Platform::Windows)),
            ("Microsoft Windows Server 2022", Some(Platform::Windows)),
            ("Amazon Linux 2", Some(Platform::Linux)),
            ("Debian GNU/Linux", Some(Platform::Linux)),
            ("Kali Linux", Some(Platform::Linux)),
            ("AGENT_OS_MAC", Some(Platform::Macos)),
            ("Apple macOS", Some(Platform::Macos)),
            ("OS X", Some(Platform::Macos)),
            ("300", Some(Platform::Macos)),
            ("FreeBSD", None),
            ("unknown", None),
            ("", None),
        ] {
            assert_eq!(system(name.as_bytes()), expected, "{name}");
        }
    }

    #[test]
    fn paths_lose_what_only_the_kernel_knows() {
        for (value, expected) in [
            (r"\Device\HarddiskVolume3\Windows\a.exe", r"\Windows\a.exe"),
            (r"\device\harddiskvolume12\a", r"\a"),
            (r"\Device\HarddiskVolume3", r"\Device\HarddiskVolume3"),
            (
                r"\Device\HarddiskVolumeShadowCopy1\a",
                r"\Device\HarddiskVolumeShadowCopy1\a",
            ),
            (r"\Device\Mup\srv\share\a", r"\\srv\share\a"),
            (r"\??\C:\a", r"C:\a"),
            (r"\\?\C:\a", r"C:\a"),
            (r"\\?\UNC\srv\a", r"\\srv\a"),
            (r"\SystemRoot\System32\a", r"C:\Windows\System32\a"),
            (r"C:\a", r"C:\a"),
            ("", ""),
        ] {
            assert_eq!(plain(path, value), expected);
        }
    }

    #[test]
    fn registry_keys_have_sysmons_roots() {
        for (value, expected) in [
            (r"HKEY_LOCAL_MACHINE\SOFTWARE\a", r"HKLM\SOFTWARE\a"),
            (r"\REGISTRY\MACHINE\SOFTWARE\a", r"HKLM\SOFTWARE\a"),
            (
                r"MACHINE\SYSTEM\ControlSet001\a",
                r"HKLM\System\CurrentControlSet\a",
            ),
            (
                r"HKLM\SYSTEM\ControlSet001\a",
                r"HKLM\System\CurrentControlSet\a",
            ),
            (r"HKLM\SOFTWARE\a", r"HKLM\SOFTWARE\a"),
            (r"\REGISTRY\USER\S-1\a", r"HKU\S-1\a"),
            (r"else\a", r"else\a"),
        ] {
            assert_eq!(plain(registry_key, value), expected);
        }
    }

    #[test]
    fn numbers_are_written_as_sysmon_does() {
        for (value, expected) in [
            ("0", "DWORD (0x00000000)"),
            ("0xFf", "DWORD (0x000000ff)"),
            ("4294967295", "DWORD (0xffffffff)"),
            ("4294967296", "4294967296"),
            ("a", "a"),
        ] {
            assert_eq!(plain(dword, value), expected);
        }
    }

    #[test]
    fn a_task_is_made_of_what_it_starts() {
        let start = |command, buffer: &mut Vec<u8>| {
            task(command, Some(Decoded::Record(b"a & b")), buffer)
        };
        assert_eq!(
            plain(start, "c<d>"),
            "<Task><Actions><Exec><Command>c&lt;d&gt;</Command><Arguments>a &amp; b</Arguments></Exec></Actions></Task>"
        );
    }
}
