/*!
One spelling for a path.

The same file has many names: device prefixes, variables, short names, dots,
doubled separators, links that the kernel makes. Rules compare one. Nothing
is looked up, so a name that only the host could resolve stays as it is.
*/

use super::arena::{Arena, Piece};
use super::command::System;
use super::notes::{Notes, Obfuscation};

/// Most components of a path that are told apart. A deeper path keeps the
/// spelling of what is below.
const MOST_COMPONENTS: usize = 64;

/// Variables whose value is the same on every Windows, but for the user's
/// name, which becomes `*`.
const WINDOWS_VARIABLES: [(&str, &str); 21] = [
    ("systemroot", r"C:\Windows"),
    ("windir", r"C:\Windows"),
    ("systemdrive", "C:"),
    ("homedrive", "C:"),
    ("programdata", r"C:\ProgramData"),
    ("allusersprofile", r"C:\ProgramData"),
    ("public", r"C:\Users\Public"),
    ("appdata", r"C:\Users\*\AppData\Roaming"),
    ("localappdata", r"C:\Users\*\AppData\Local"),
    ("temp", r"C:\Users\*\AppData\Local\Temp"),
    ("tmp", r"C:\Users\*\AppData\Local\Temp"),
    ("userprofile", r"C:\Users\*"),
    ("homepath", r"\Users\*"),
    ("programfiles", r"C:\Program Files"),
    ("programw6432", r"C:\Program Files"),
    ("programfiles(x86)", r"C:\Program Files (x86)"),
    ("commonprogramfiles", r"C:\Program Files\Common Files"),
    ("commonprogramfiles(x86)", r"C:\Program Files (x86)\Common Files"),
    ("comspec", r"C:\Windows\System32\cmd.exe"),
    ("os", "Windows_NT"),
    ("pathext", ".COM;.EXE;.BAT;.CMD;.VBS;.VBE;.JS;.JSE;.WSF;.WSH;.MSC"),
];

/// The value of a variable of Windows, its name in any case; `None` for one
/// that differs from host to host.
pub(crate) fn windows_variable(name: &[u8]) -> Option<&'static [u8]> {
    let found = WINDOWS_VARIABLES
        .iter()
        .find(|(known, _)| known.as_bytes().eq_ignore_ascii_case(name));
    found.map(|(_, value)| value.as_bytes())
}

/// Short names that stand for one folder on every Windows.
const SHORT_NAMES: [(&str, &str); 5] = [
    ("progra~1", "Program Files"),
    ("progra~2", "Program Files (x86)"),
    ("progra~3", "ProgramData"),
    ("docume~1", "Documents and Settings"),
    ("appdat~1", "AppData"),
];

/// Writes a path in one spelling, as its system has them.
pub(crate) fn canonical(
    path: Piece,
    system: System,
    arena: &mut Arena,
    notes: &mut Notes,
) -> Piece {
    match system {
        System::Windows => windows(path, arena, notes),
        System::Unix => unix(path, None, arena, notes),
    }
}

/// Writes a Windows path in one spelling.
///
/// In this order: `%variables%` and `$env:variables` of
/// [`windows_variable`]; `/` to `\`; `\\?\`, `\\.\`, `\??\` and
/// `\Device\HarddiskVolumeN` off; `\\localhost\C$` to `C:`; doubled
/// separators, `.` and `..`; blanks and dots at the end of a component and
/// streams off; short names and the folders' names of old systems.
pub(crate) fn windows(
    path: Piece,
    arena: &mut Arena,
    notes: &mut Notes,
) -> Piece {
    let spelled = windows_once(path, arena, notes);
    // What was taken off may have kept a prefix from being one: `\\?.\C:\x`.
    match Root::prefix(arena.get(spelled)) {
        0 => spelled,
        _ => windows_once(spelled, arena, notes),
    }
}

fn windows_once(path: Piece, arena: &mut Arena, notes: &mut Notes) -> Piece {
    let flat = expand(path, arena);
    let root = Root::of(arena.get(flat));
    let mut components = Components::new(root.length());
    let bytes = arena.get(flat);
    let mut at = root.length();
    for component in bytes.get(at..).unwrap_or_default().split(is_separator) {
        let end = at.saturating_add(component.len());
        components.take(bytes, at..end, notes);
        at = end.saturating_add(1);
    }
    let mark = arena.mark();
    root.write(flat, arena);
    for (index, range) in components.iter().enumerate() {
        if index > 0 || root.is_open() {
            arena.push(b'\\');
        }
        let component = flat.part(range);
        match long_name(arena.get(component)) {
            Some(name) => arena.extend(name),
            None => arena.extend_from(component),
        }
    }
    let written = arena.since(mark);
    rename_old_folders(written, mark, arena)
}

fn is_separator(byte: &u8) -> bool {
    matches!(byte, b'\\' | b'/')
}

fn long_name(component: &[u8]) -> Option<&'static [u8]> {
    let found = SHORT_NAMES
        .iter()
        .find(|(short, _)| short.as_bytes().eq_ignore_ascii_case(component));
    found.map(|(_, long)| long.as_bytes())
}

/// Writes a path with its variables replaced by their values, and without
/// the quotes around it.
fn expand(path: Piece, arena: &mut Arena) -> Piece {
    let mark = arena.mark();
    let mut rest = unquoted(path, arena);
    while !rest.is_empty() {
        let text = arena.get(rest);
        let variable = match text {
            [b'%', after @ ..] => percent_variable(after),
            [b'$', after @ ..] => environment_variable(after),
            _ => None,
        };
        if let Some((value, length)) = variable {
            arena.extend(value);
            rest = rest.after(length.saturating_add(1));
            continue;
        }
        let tail = text.get(1..).unwrap_or_default();
        let next = memchr::memchr2(b'%', b'$', tail);
        let run = next.unwrap_or(tail.len()).saturating_add(1);
        arena.extend_from(rest.until(run));
        rest = rest.after(run);
    }
    arena.since(mark)
}

/// A path without the quotes and blanks around it.
fn unquoted(path: Piece, arena: &Arena) -> Piece {
    let text = arena.get(path);
    let start = text.iter().take_while(|byte| is_around(byte)).count();
    let behind = text.iter().rev().take_while(|byte| is_around(byte)).count();
    let end = text.len().saturating_sub(behind);
    path.until(end).after(start)
}

fn is_around(byte: &u8) -> bool {
    matches!(byte, b'"' | b' ' | b'\t')
}

/// A variable's value, and the length of `name%`.
fn percent_variable(text: &[u8]) -> Option<(&'static [u8], usize)> {
    let end = text.iter().take(32).position(|byte| *byte == b'%')?;
    let value = windows_variable(text.get(..end)?)?;
    Some((value, end.saturating_add(1)))
}

/// A variable's value, and the length of `env:name`, with braces or without.
fn environment_variable(text: &[u8]) -> Option<(&'static [u8], usize)> {
    let is_braced = text.first() == Some(&b'{');
    let inside = text.get(usize::from(is_braced)..)?;
    let (scope, name) = inside.split_at_checked(4)?;
    if !scope.eq_ignore_ascii_case(b"env:") {
        return None;
    }
    let is_of_name = |byte: &&u8| {
        byte.is_ascii_alphanumeric()
            || **byte == b'_'
            || is_braced && matches!(byte, b'(' | b')')
    };
    let length = name.iter().take_while(is_of_name).count();
    let value = windows_variable(name.get(..length)?)?;
    let length = length.saturating_add(4);
    if !is_braced {
        return Some((value, length));
    }
    let is_closed = inside.get(length) == Some(&b'}');
    is_closed.then_some((value, length.saturating_add(2)))
}

/// What a Windows path begins at.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Root {
    /// Nothing: it is relative.
    None,
    /// `\` of the current drive, or what is left of `\Device\..`; so many
    /// bytes of the path are its spelling.
    Separator(usize),
    /// A drive's letter at a place.
    Drive(usize),
    /// `\\` of a share.
    Share(usize),
}

impl Root {
    fn of(path: &[u8]) -> Root {
        let skipped = Root::prefix(path);
        let rest = path.get(skipped..).unwrap_or_default();
        if let [letter, b':', ..] = rest
            && letter.is_ascii_alphabetic()
        {
            return Root::Drive(skipped);
        }
        // `UNC\` behind `\\?\`.
        if skipped > 0
            && let [b'U' | b'u', b'N' | b'n', b'C' | b'c', separator, ..] =
                rest
            && is_separator(separator)
        {
            return Root::share(path, skipped.saturating_add(4));
        }
        match rest {
            _ if skipped > 0 => Root::Separator(skipped),
            [first, second, ..]
                if is_separator(first) && is_separator(second) =>
            {
                Root::share(path, 2)
            }
            [first, ..] if is_separator(first) => Root::Separator(1),
            _ => Root::None,
        }
    }

    /// Length of the prefixes of devices; the separator at the end of one may
    /// begin another.
    fn prefix(path: &[u8]) -> usize {
        let mut length = 0_usize;
        loop {
            let rest = path.get(length.saturating_sub(1)..);
            match Root::one_prefix(rest.unwrap_or_default()) {
                0 => return length,
                more => length = length.saturating_sub(1).saturating_add(more),
            }
        }
    }

    fn one_prefix(path: &[u8]) -> usize {
        let mut head = [0_u8; 22];
        for (copy, byte) in head.iter_mut().zip(path) {
            *copy = if *byte == b'/' { b'\\' } else { *byte };
        }
        let head = head.get(..path.len().min(head.len())).unwrap_or_default();
        for prefix in [br"\\?\".as_slice(), br"\\.\", br"\??\"] {
            if head.starts_with(prefix) {
                return prefix.len();
            }
        }
        let volume = br"\device\harddiskvolume";
        if !head.eq_ignore_ascii_case(volume) {
            return 0;
        }
        let number = path.get(volume.len()..).unwrap_or_default();
        let digits = number.iter().take_while(|byte| byte.is_ascii_digit());
        let digits = digits.count();
        match number.get(digits) {
            Some(byte) if digits > 0 && is_separator(byte) => {
                volume.len().saturating_add(digits).saturating_add(1)
            }
            _ => 0,
        }
    }

    /// A share, or the drive that it is on this host.
    fn share(path: &[u8], start: usize) -> Root {
        let rest = path.get(start..).unwrap_or_default();
        let mut parts = rest.split(is_separator);
        let host = parts.next().unwrap_or_default();
        let share = parts.next().unwrap_or_default();
        let is_local = [b"localhost".as_slice(), b"127.0.0.1", b"::1", b"."]
            .iter()
            .any(|name| name.eq_ignore_ascii_case(host));
        match share {
            [letter, b'$'] if is_local && letter.is_ascii_alphabetic() => {
                let at = start.saturating_add(host.len()).saturating_add(1);
                Root::Drive(at)
            }
            _ => Root::Share(start),
        }
    }

    /// Bytes of the path that are its root.
    fn length(self) -> usize {
        match self {
            Root::None => 0,
            Root::Separator(length) | Root::Share(length) => length,
            Root::Drive(at) => at.saturating_add(2),
        }
    }

    /// Whether a separator follows the root, even before the first component.
    fn is_open(self) -> bool {
        matches!(self, Root::Separator(_) | Root::Drive(_))
    }

    fn write(self, path: Piece, arena: &mut Arena) {
        match self {
            Root::None | Root::Separator(_) => {}
            Root::Share(_) => arena.extend(br"\\"),
            Root::Drive(at) => {
                let letter = arena.get(path).get(at).copied();
                arena.push(letter.unwrap_or(b'C').to_ascii_uppercase());
                arena.push(b':');
            }
        }
    }
}

/// The components that a path comes down to.
struct Components {
    places: [(u32, u32); MOST_COMPONENTS],
    count: usize,
    /// Where the path goes on below its root.
    floor: usize,
}

impl Components {
    fn new(floor: usize) -> Components {
        Components { places: [(0, 0); MOST_COMPONENTS], count: 0, floor }
    }

    /// Takes the component of a Windows path that stands in a range.
    fn take(
        &mut self,
        path: &[u8],
        range: core::ops::Range<usize>,
        notes: &mut Notes,
    ) {
        let mut range = range;
        // Where a path begins, nothing is before its first name.
        if self.count == 0 && self.floor == 0 {
            let component = path.get(range.clone()).unwrap_or_default();
            let around = component.iter().take_while(|byte| is_around(byte));
            range.start = range.start.saturating_add(around.count());
        }
        let component = path.get(range.clone()).unwrap_or_default();
        match component {
            b"" | b"." => self.note_dot(component, range.start, notes),
            b".." => {
                notes.add(Obfuscation::DotSegments);
                self.count = self.count.saturating_sub(1);
            }
            _ => {
                let kept = trimmed(component);
                if kept > 0 {
                    self.push(range.start, range.start.saturating_add(kept));
                }
            }
        }
    }

    fn note_dot(&self, component: &[u8], at: usize, notes: &mut Notes) {
        // `.\x` is how a shell spells a relative path.
        if !component.is_empty() && at > self.floor {
            notes.add(Obfuscation::DotSegments);
        }
    }

    fn push(&mut self, start: usize, end: usize) {
        let place = (
            u32::try_from(start).unwrap_or(u32::MAX),
            u32::try_from(end).unwrap_or(u32::MAX),
        );
        match self.places.get_mut(self.count) {
            Some(free) => {
                *free = place;
                self.count = self.count.saturating_add(1);
            }
            // What is deeper than any real path stays in the last component.
            None => {
                if let Some(last) = self.places.last_mut() {
                    last.1 = place.1;
                }
            }
        }
    }

    fn iter(&self) -> impl Iterator<Item = (u32, u32)> {
        self.places.iter().take(self.count).copied()
    }
}

/// Length of a component without its stream, the blanks and dots at its end,
/// which Windows passes over, and quotes, which no name has.
fn trimmed(component: &[u8]) -> usize {
    let end = component.iter().position(|byte| *byte == b':');
    let mut kept = component.get(..end.unwrap_or(component.len()));
    while let Some([before @ .., b' ' | b'.' | b'"' | b'\t']) = kept {
        kept = Some(before);
    }
    kept.map_or(0, <[u8]>::len)
}

/// `Documents and Settings` and `All Users` are other names of folders that
/// have had others since 2007.
fn rename_old_folders(
    path: Piece,
    mark: super::arena::Mark,
    arena: &mut Arena,
) -> Piece {
    const OLD: [(&[u8], &[u8]); 4] = [
        (br":\Documents and Settings\All Users\", br":\ProgramData\"),
        (br":\Users\All Users\", br":\ProgramData\"),
        (br":\Documents and Settings\", br":\Users\"),
        (br":\Users\Default User\", br":\Users\Default\"),
    ];
    let bytes = arena.get(path);
    let rest = bytes.get(1..).unwrap_or_default();
    let starts = |old: &[u8]| {
        rest.get(..old.len())
            .is_some_and(|head| head.eq_ignore_ascii_case(old))
    };
    let Some((old, new)) = OLD.iter().find(|(old, _)| starts(old)) else {
        return path;
    };
    let drive = path.part((0, 1));
    let below = path.after(old.len().saturating_add(1));
    debug_assert!(arena.since(mark) == path);
    let mark = arena.mark();
    arena.extend_from(drive);
    arena.extend(new);
    arena.extend_from(below);
    arena.since(mark)
}

/// Writes a Unix path in one spelling: absolute where the working directory
/// or the path says so, `//`, `.` and `..` resolved by their letters,
/// `/proc/self/root` and its like and `/private` off, a home directory as
/// `/home/*`, the old places of programs as the new ones.
pub(crate) fn unix(
    path: Piece,
    directory: Option<Piece>,
    arena: &mut Arena,
    notes: &mut Notes,
) -> Piece {
    let flat = absolute(path, directory, arena);
    let bytes = arena.get(flat);
    let is_absolute = bytes.first() == Some(&b'/');
    let mut components = Components::new(usize::from(is_absolute));
    let mut at = 0_usize;
    for component in bytes.split(|byte| *byte == b'/') {
        let end = at.saturating_add(component.len());
        match component {
            b"" => {}
            b"." => components.note_dot(component, at, notes),
            b".." => {
                notes.add(Obfuscation::DotSegments);
                components.count = components.count.saturating_sub(1);
            }
            _ => components.push(at, end),
        }
        at = end.saturating_add(1);
    }
    let skipped = skip_roots(flat, &components, is_absolute, arena, notes);
    let mark = arena.mark();
    if is_absolute {
        let first = components.iter().nth(skipped);
        let first = first.map(|place| flat.part(place));
        let first = first.map(|piece| arena.get(piece)).unwrap_or_default();
        if matches!(first, b"bin" | b"sbin" | b"lib" | b"lib64") {
            arena.extend(b"/usr");
        }
    }
    for (index, place) in components.iter().skip(skipped).enumerate() {
        if is_absolute || index > 0 {
            arena.push(b'/');
        }
        arena.extend_from(flat.part(place));
    }
    if is_absolute && arena.since(mark).is_empty() {
        arena.push(b'/');
    }
    arena.since(mark)
}

/// Writes a path that begins at the root where that can be told.
fn absolute(
    path: Piece,
    directory: Option<Piece>,
    arena: &mut Arena,
) -> Piece {
    let mark = arena.mark();
    let text = arena.get(path);
    if let Some((home, has_user, below)) = home(text) {
        arena.extend(home);
        if has_user {
            arena.extend_from(path.part((1, below)));
        }
        arena.extend_from(path.after(below as usize));
    } else {
        if text.first() != Some(&b'/')
            && let Some(directory) = directory
        {
            arena.extend_from(directory);
            arena.push(b'/');
        }
        arena.extend_from(path);
    }
    arena.since(mark)
}

/// The directory that `~`, `~user` or `$HOME` stand for, whether the user's
/// name goes behind it, and the length of what it is written as.
fn home(path: &[u8]) -> Option<(&'static [u8], bool, u32)> {
    for (name, length) in [(b"$HOME".as_slice(), 5), (b"${HOME}", 7)] {
        if let Some([] | [b'/', ..]) = path.strip_prefix(name) {
            return Some((b"/home/*", false, length));
        }
    }
    let named = path.strip_prefix(b"~")?;
    let end = named.iter().position(|byte| *byte == b'/');
    let user = named.get(..end.unwrap_or(named.len()))?;
    let length = u32::try_from(user.len()).ok()?.checked_add(1)?;
    match user {
        b"" => Some((b"/home/*", false, length)),
        b"root" => Some((b"/root", false, length)),
        _ if user.iter().all(u8::is_ascii_alphanumeric) => {
            Some((b"/home/", true, length))
        }
        _ => None,
    }
}

/// How many components at the front are another name of the root:
/// `/proc/self/root`, `/proc/12/cwd`, `/private` before what macOS keeps
/// there.
fn skip_roots(
    flat: Piece,
    components: &Components,
    is_absolute: bool,
    arena: &Arena,
    notes: &mut Notes,
) -> usize {
    if !is_absolute {
        return 0;
    }
    let component = |index: usize| {
        let place = components.iter().nth(index);
        place.map(|place| arena.get(flat.part(place))).unwrap_or_default()
    };
    let mut skipped = 0_usize;
    loop {
        let next = |further: usize| component(skipped.saturating_add(further));
        let process = next(1);
        let is_process = matches!(process, b"self" | b"thread-self")
            || !process.is_empty() && process.iter().all(u8::is_ascii_digit);
        if next(0) == b"proc"
            && is_process
            && matches!(next(2), b"root" | b"cwd")
        {
            notes.add(Obfuscation::ProcRoot);
            skipped = skipped.saturating_add(3);
        } else if next(0) == b"private"
            && matches!(next(1), b"etc" | b"var" | b"tmp")
        {
            skipped = skipped.saturating_add(1);
        } else {
            return skipped;
        }
    }
}

/// The last component of a path of either system, without the endings that
/// Windows runs unasked.
pub(crate) fn stem(path: &[u8]) -> &[u8] {
    let name = path.rsplit(is_separator).next().unwrap_or(path);
    let name = name.trim_ascii();
    for ending in [b".exe".as_slice(), b".com"] {
        if let Some((stem, last)) =
            name.len().checked_sub(ending.len()).map(|at| name.split_at(at))
            && last.eq_ignore_ascii_case(ending)
            && !stem.is_empty()
        {
            return stem;
        }
    }
    name
}

#[cfg(test)]
mod tests {
    use super::*;

    fn spelled(
        path: &str,
        write: impl Fn(Piece, &mut Arena, &mut Notes) -> Piece,
    ) -> (String, Vec<&'static str>) {
        let mut arena = Arena::default();
        let mut notes = Notes::default();
        let path = arena.add(path.as_bytes());
        let piece = write(path, &mut arena, &mut notes);
        let text = String::from_utf8_lossy(arena.get(piece)).into_owned();
        // Once more changes nothing.
        let again = write(piece, &mut arena, &mut Notes::default());
        assert_eq!(arena.get(again), text.as_bytes());
        (text, notes.iter().map(Obfuscation::name).collect())
    }

    #[test]
    fn windows_paths_have_one_spelling() {
        for (path, expected) in [
            (r"C:\Windows\System32\cmd.exe", r"C:\Windows\System32\cmd.exe"),
            (r"c:/windows//system32\cmd.exe", r"C:\windows\system32\cmd.exe"),
            (r"\\?\C:\a\b", r"C:\a\b"),
            (r"\??\C:\a\b", r"C:\a\b"),
            (r"\\.\C:\a", r"C:\a"),
            (r"//?/C:/a", r"C:\a"),
            (r"\\?\UNC\srv\c$\a", r"\\srv\c$\a"),
            (r"\Device\HarddiskVolume12\Windows\x", r"\Windows\x"),
            (r"\device\harddiskvolume\x", r"\device\harddiskvolume\x"),
            (r"\\localhost\C$\a", r"C:\a"),
            (r"\\127.0.0.1\d$\a", r"D:\a"),
            (r"\\srv\share\a\..\b", r"\\srv\share\b"),
            (r"%SystemRoot%\Tasks\x.job", r"C:\Windows\Tasks\x.job"),
            (r"%windir%\x", r"C:\Windows\x"),
            (r"$env:PUBLIC\x", r"C:\Users\Public\x"),
            (r"${env:ProgramFiles(x86)}\x", r"C:\Program Files (x86)\x"),
            (r"%AppData%\x", r"C:\Users\*\AppData\Roaming\x"),
            (r"%unknown%\x", r"%unknown%\x"),
            (r"100%", r"100%"),
            (r"C:\a. \b...\c.txt:stream", r"C:\a\b\c.txt"),
            (r"C:\PROGRA~1\x", r"C:\Program Files\x"),
            (r"C:\Documents and Settings\All Users\x", r"C:\ProgramData\x"),
            (r"C:\DOCUME~1\ann\x", r"C:\Users\ann\x"),
            (r#""C:\a b\c""#, r"C:\a b\c"),
            (r"C:", r"C:"),
            (r"..\a", r"a"),
            (r"a\b", r"a\b"),
            ("", ""),
        ] {
            assert_eq!(spelled(path, windows).0, expected, "{path}");
        }
    }

    #[test]
    fn dots_are_noted_where_they_are_no_habit() {
        for (path, noted) in [
            (r"C:\a\.\b", true),
            (r"C:\a\..\b", true),
            (r".\b", false),
            (r"C:\a\b", false),
        ] {
            let (_, notes) = spelled(path, windows);
            assert_eq!(notes == ["dot_segments"], noted, "{path}");
        }
    }

    #[test]
    fn unix_paths_have_one_spelling() {
        for (path, directory, expected) in [
            ("/etc//cron.d/./x", None, "/etc/cron.d/x"),
            ("/etc/x/../cron.d/x", None, "/etc/cron.d/x"),
            ("crontab", Some("/etc"), "/etc/crontab"),
            ("./crontab", Some("/etc/"), "/etc/crontab"),
            ("../etc/x", Some("/tmp"), "/etc/x"),
            ("x", None, "x"),
            ("/bin/sh", None, "/usr/bin/sh"),
            ("/usr/bin/sh", None, "/usr/bin/sh"),
            (
                "/lib/systemd/system/x.timer",
                None,
                "/usr/lib/systemd/system/x.timer",
            ),
            ("/proc/self/root/etc/crontab", None, "/etc/crontab"),
            ("/proc/1/cwd/etc/crontab", None, "/etc/crontab"),
            ("/proc/self/root/proc/1/root/x", None, "/x"),
            ("/proc/self/exe", None, "/proc/self/exe"),
            ("/private/var/at/tabs/x", None, "/var/at/tabs/x"),
            ("/private/x", None, "/private/x"),
            ("~/.config/x", None, "/home/*/.config/x"),
            ("~root/x", None, "/root/x"),
            ("~ann/x", None, "/home/ann/x"),
            ("$HOME/x", None, "/home/*/x"),
            ("$HOMES/x", None, "$HOMES/x"),
            ("/", None, "/"),
            ("/..", None, "/"),
            ("", None, ""),
        ] {
            let write = |path: Piece, arena: &mut Arena, notes: &mut Notes| {
                let directory: Option<&str> = directory;
                let directory =
                    directory.map(|text| arena.add(text.as_bytes()));
                unix(path, directory, arena, notes)
            };
            assert_eq!(spelled(path, write).0, expected, "{path}");
        }
    }

    #[test]
    fn deep_paths_keep_what_is_below() {
        let deep = format!("/{}", "a/".repeat(200) + "end");
        let (text, _) = spelled(&deep, |path, arena, notes| {
            unix(path, None, arena, notes)
        });
        assert!(text.ends_with("/end"));
        assert_eq!(text.len(), deep.len());
    }

    #[test]
    fn stems() {
        for (path, expected) in [
            (r"C:\x\SchTasks.EXE", "SchTasks"),
            ("/usr/bin/crontab", "crontab"),
            ("more.com", "more"),
            (".exe", ".exe"),
            ("a.b", "a.b"),
            ("", ""),
        ] {
            assert_eq!(stem(path.as_bytes()), expected.as_bytes(), "{path}");
        }
    }
}
