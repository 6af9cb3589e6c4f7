/*!
What the values of a job amount to: places that anybody can write to, programs
that run what they are given, names that pass for others.

Rules compare words instead of lists of names and paths, so that what is a
"writable place" stands in one place. A word is said of a job if it is so of
any of its actions.
*/

use super::encoded::{fetches_for_shell, is_encoded};
use super::scheduler::Scheduler;
use super::task_name::{KNOWN, Named, PROTECTIVE, has_word, is_random};
use super::vendor::{
    DEFENDER, is_hand, is_harmful, is_installer, is_shared_program, is_system,
    is_user_program, is_vendor, runs_task_library,
};
use super::words::{Text, has_any, is_any, words};
use crate::bytes;
use crate::derive::canonical::path::stem;
use crate::event::Field;

words! {
    /// A word about a job.
    Trait {
        CommandWritablePath = "command_writable_path",
        CommandVendorPath = "command_vendor_path",
        CommandUserVendorPath = "command_user_vendor_path",
        CommandInterpreter = "command_interpreter",
        CommandProgramText = "command_program_text",
        CommandBareShell = "command_bare_shell",
        CommandReadsPipe = "command_reads_pipe",
        CommandProxyBinary = "command_proxy_binary",
        CommandNetwork = "command_network",
        CommandReverseShell = "command_reverse_shell",
        CommandRunsDownload = "command_runs_download",
        CommandEncoded = "command_encoded",
        CommandHiddenWindow = "command_hidden_window",
        CommandReboot = "command_reboot",
        CommandComHandler = "command_com_handler",
        CommandUacBypass = "command_uac_bypass",
        CommandRedirectsToTemp = "command_redirects_to_temp",
        NameLookalike = "name_lookalike",
        NameRandom = "name_random",
        NameProtective = "name_protective",
        NameAll = "name_all",
        FileWritablePath = "file_writable_path",
        FileNetwork = "file_network",
        FileNotXml = "file_not_xml",
        FileInstaller = "file_installer",
        FileAccessList = "file_access_list",
        FileGroupPolicy = "file_group_policy",
        FileLegacyTask = "file_legacy_task",
        FileTask = "file_task",
        FileTimerLink = "file_timer_link",
        FileSchedulerSpool = "file_scheduler_spool",
        WriterShell = "writer_shell",
        WriterInterpreter = "writer_interpreter",
        WriterTool = "writer_tool",
        WriterEditor = "writer_editor",
        WriterServer = "writer_server",
        WriterOffice = "writer_office",
        WriterScriptHost = "writer_script_host",
        WriterWritablePath = "writer_writable_path",
        WriterVendorPath = "writer_vendor_path",
        WriterSystemPath = "writer_system_path",
        WriterInstaller = "writer_installer",
        WriterTaskService = "writer_task_service",
        ParentShell = "parent_shell",
        ParentOffice = "parent_office",
        ParentBrowser = "parent_browser",
        ParentScriptHost = "parent_script_host",
        ParentServer = "parent_server",
        ParentManagement = "parent_management",
        ParentConfigurationManager = "parent_configuration_manager",
        ParentVendorPath = "parent_vendor_path",
        ParentInstaller = "parent_installer",
        ParentWritablePath = "parent_writable_path",
        StartMidnight = "start_midnight",
        ExpectedVendorPath = "expected_vendor_path",
        ExpectedWindowsTask = "expected_windows_task",
        ExpectedSharedProgram = "expected_shared_program",
        ExpectedInstaller = "expected_installer",
        Ran = "ran",
        TableEdited = "table_edited",
        TableFromInput = "table_from_input",
        ScheduledJobCmdlet = "scheduled_job_cmdlet",
        AttackTool = "attack_tool",
        ServerConfigured = "server_configured",
        RegistryTelemetry = "registry_telemetry",
        EnvironmentChanged = "environment_changed",
        LibraryLoaded = "library_loaded",
        PipeWritten = "pipe_written",
        SubjectHost = "subject_host",
        AuthorPerson = "author_person",
        AuthorServiceAccount = "author_service_account",
        AuthorSystem = "author_system",
        PodPrivileged = "pod_privileged",
        PodHostPath = "pod_host_path",
        PodHostNamespace = "pod_host_namespace",
        PodRuntimeSocket = "pod_runtime_socket",
        PodControlPlane = "pod_control_plane",
    }
}

/// Words that are said of a job.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Traits(u128);

// A bit each.
const _: () = assert!(Trait::ALL.len() <= 128);

impl Traits {
    fn add(&mut self, what: Trait) {
        self.0 |= 1_u128.wrapping_shl(what as u32);
    }

    fn add_if(&mut self, holds: bool, what: Trait) {
        if holds {
            self.add(what);
        }
    }

    fn remove_if(&mut self, holds: bool, what: Trait) {
        if holds {
            self.0 &= !1_u128.wrapping_shl(what as u32);
        }
    }

    pub(crate) fn has(self, what: Trait) -> bool {
        self.0 & 1_u128.wrapping_shl(what as u32) != 0
    }

    /// The words.
    pub(crate) fn iter(self) -> impl Iterator<Item = Trait> {
        let all = Trait::ALL.iter().copied();
        all.filter(move |what| self.has(*what))
    }
}

/// Places of Windows that every user can write to, as a part of a path.
const WINDOWS_WRITABLE: [&str; 22] = [
    r"\users\public\",
    r"\programdata\",
    r"\perflogs\",
    r"\windows\temp\",
    r"\windows\tasks\",
    r"\windows\tracing\",
    r"\windows\debug\wia\",
    r"\windows\system32\tasks\",
    r"\spool\drivers\color\",
    r"\crypto\rsa\machinekeys\",
    r"\$recycle.bin\",
    r"\appdata\",
    r"\downloads\",
    r"\desktop\",
    r"c:\temp\",
    r"c:\tmp\",
    r"c:\intel\",
    "%temp%",
    "%tmp%",
    "%public%",
    "%appdata%",
    "%programdata%",
];

/// The same, below a user's folder.
const USERS_WRITABLE: [&str; 4] =
    [r"\documents\", r"\music\", r"\pictures\", r"\videos\"];

/// Places of Unix that every user can write to.
const UNIX_WRITABLE: [&str; 4] =
    ["/tmp/", "/var/tmp/", "/dev/shm/", "/Users/Shared/"];

/// Folders of a user's home that downloads go to.
const UNIX_DOWNLOADS: [&str; 2] = ["/Downloads/", "/Desktop/"];

/// Whether a text names a place that every user can write to.
fn is_writable(text: &Text<'_>) -> bool {
    if bytes::starts_with(text.bytes, DEFENDER.as_bytes(), false) {
        return false;
    }
    text.has_any(&WINDOWS_WRITABLE)
        || text.has(r"\users\") && text.has_any(&USERS_WRITABLE)
        || text.has_any(&["$env:temp", "$env:public", "$env:appdata"])
        || text.has_any(&["$env:tmp", "$env:programdata", "%localappdata%"])
        || UNIX_WRITABLE.iter().any(|place| names_place(text, place))
        || text.has_any(&UNIX_DOWNLOADS)
        || has_hidden_folder(text.bytes)
}

/// Whether arguments name a place that every user can write to, other than to
/// write there.
fn is_writable_word(arguments: &Text<'_>) -> bool {
    let Some(at) = memchr::memchr(b'>', arguments.bytes) else {
        return is_writable(arguments);
    };
    let parts = arguments.bytes.split_at_checked(at);
    let (before, rest) = parts.unwrap_or_default();
    let target = {
        let is_part = |byte: &u8| b">& \t\"".contains(byte);
        let start = rest.iter().position(|byte| !is_part(byte));
        start.and_then(|start| rest.get(start..)).unwrap_or_default()
    };
    let end = target
        .iter()
        .position(|byte| byte.is_ascii_whitespace() || b";|&)".contains(byte));
    let behind = end.and_then(|end| target.get(end..)).unwrap_or_default();
    is_writable(&Text::new(before)) || is_writable(&Text::new(behind))
}

/// Whether a place of Unix begins a path, so that `/srv/tmp/` is none.
fn names_place(text: &Text<'_>, place: &str) -> bool {
    if !text.may_have(place) {
        return false;
    }
    let text = text.bytes;
    let mut from = 0;
    while let Some(at) = bytes::find(text, place.as_bytes(), from, true) {
        let before = at.checked_sub(1).and_then(|at| text.get(at));
        let continues = before.is_some_and(|byte| {
            byte.is_ascii_alphanumeric() || matches!(byte, b'_' | b'.' | b'-')
        });
        if !continues {
            return true;
        }
        from = at.saturating_add(1);
    }
    false
}

/// Whether a path of Unix has a folder that does not show, other than those
/// that every home has.
fn has_hidden_folder(text: &[u8]) -> bool {
    const USUAL: [&str; 8] =
        ["config", "local", "cache", "cargo", "rustup", "nvm", "npm", "pyenv"];
    let mut from = 0;
    while let Some(at) = bytes::find(text, b"/.", from, true) {
        from = at.saturating_add(2);
        let name = text.get(from..).unwrap_or_default();
        let end = name.iter().position(|byte| {
            matches!(byte, b'/' | b' ' | b'"' | b'\'' | b';')
        });
        let folder = end.filter(|end| name.get(*end) == Some(&b'/'));
        let Some(folder) = folder.and_then(|end| name.get(..end)) else {
            continue;
        };
        let is_name = folder.first().is_some_and(u8::is_ascii_alphanumeric);
        if is_name && !is_any(folder, &USUAL) {
            return true;
        }
    }
    false
}

/// Whether a program is a file at a user's home that does not show.
fn is_hidden_at_home(path: &[u8]) -> bool {
    let name = memchr::memrchr(b'/', path).and_then(|at| path.get(at..));
    let is_hidden = matches!(name, Some([b'/', b'.', first, ..])
        if first.is_ascii_alphanumeric());
    is_hidden && (path.starts_with(b"/home/") || path.starts_with(b"/Users/"))
}

const SHELLS: [&str; 12] = [
    "cmd",
    "powershell",
    "pwsh",
    "sh",
    "bash",
    "dash",
    "zsh",
    "ksh",
    "ash",
    "mksh",
    "fish",
    "tcsh",
];

const INTERPRETERS: [&str; 12] = [
    "wscript",
    "cscript",
    "mshta",
    "python",
    "perl",
    "ruby",
    "php",
    "node",
    "lua",
    "osascript",
    "java",
    "pythonw",
];

/// Endings of files that an interpreter runs.
const SCRIPTS: [&str; 12] = [
    ".bat", ".cmd", ".ps1", ".vbs", ".vbe", ".js", ".jse", ".wsf", ".hta",
    ".sh", ".py", ".pl",
];

const PROXY_BINARIES: [&str; 24] = [
    "mshta",
    "regsvr32",
    "rundll32",
    "installutil",
    "msbuild",
    "regasm",
    "regsvcs",
    "cmstp",
    "certutil",
    "bitsadmin",
    "odbcconf",
    "forfiles",
    "conhost",
    "pcalua",
    "hh",
    "wmic",
    "mavinject",
    "presentationhost",
    "msxsl",
    "scrcons",
    "ieexec",
    "msdt",
    "control",
    "verclsid",
];

fn is_shell(name: &[u8]) -> bool {
    is_any(name, &SHELLS)
}

/// Whether a program is one of some, with a version behind its name or none.
fn is_named(name: &[u8], names: &[&str]) -> bool {
    let end = name
        .iter()
        .rposition(|byte| !byte.is_ascii_digit() && *byte != b'.')
        .map_or(0, |at| at.saturating_add(1));
    is_any(name, names)
        || name.get(..end).is_some_and(|name| is_any(name, names))
}

fn is_interpreter(name: &[u8]) -> bool {
    is_shell(name) || is_named(name, &INTERPRETERS)
}

/// Whether a program starts what it is told, or what reaches it from outside:
/// that it is a vendor's says nothing of what it starts.
fn starts_for_others(path: &[u8]) -> bool {
    let name = stem(path);
    is_interpreter(name)
        || is_named(name, &SERVERS)
        || is_any(name, &OFFICE)
        || is_any(name, &BROWSERS)
        || is_hand(path)
}

/// Whether a program below Program Files sets up no more than what is its
/// vendor's.
fn sets_up_its_own(path: &[u8]) -> bool {
    is_vendor(path) && !starts_for_others(path)
}

/// Whether a program is one of a vendor or of Windows that does only what it
/// was made for.
fn is_in_place(path: &Text<'_>, arguments: &[u8]) -> bool {
    sets_up_its_own(path.bytes)
        || is_system(path.bytes)
            && !is_writable(path)
            && !is_harmful(path.bytes, arguments)
}

fn is_script(path: &[u8]) -> bool {
    let path = path.trim_ascii_end();
    let path = path.strip_suffix(b"\"").unwrap_or(path);
    let mut endings = SCRIPTS.iter();
    endings.any(|ending| bytes::ends_with(path, ending.as_bytes(), false))
}

/// A URL, another host's share, an address, or what opens a connection.
fn is_network(text: &Text<'_>) -> bool {
    text.has_any(&[
        "http://",
        "https://",
        "ftp://",
        "hxxp",
        r"http:\\",
        r"https:\\",
        "/dev/tcp/",
        "/dev/udp/",
        "davwwwroot",
        "downloadstring",
        "downloadfile",
        "net.webclient",
    ]) || has_share(text.bytes)
        || has_address(text.bytes)
}

/// Whether a text names a share: `\\host\`.
fn has_share(text: &[u8]) -> bool {
    let mut from = 0;
    while let Some(at) = bytes::find(text, br"\\", from, true) {
        from = at.saturating_add(2);
        let before = at.checked_sub(1).and_then(|at| text.get(at));
        let begins = before.is_none_or(|byte| {
            byte.is_ascii_whitespace() || b"\"'=(,;@".contains(byte)
        });
        let host = text.get(from..).unwrap_or_default();
        let end = host.iter().position(|byte| *byte == b'\\');
        let host = end.and_then(|end| host.get(..end)).unwrap_or_default();
        let is_host = !host.is_empty()
            && host.iter().all(|byte| {
                byte.is_ascii_alphanumeric() || b"-._$@%".contains(byte)
            })
            && host.iter().any(u8::is_ascii_alphanumeric);
        if begins && is_host {
            return true;
        }
    }
    false
}

/// Whether a text has an address of IPv4 in it, other than the host's own.
fn has_address(text: &[u8]) -> bool {
    let words = text.split(|byte| !byte.is_ascii_digit() && *byte != b'.');
    words.filter(|word| word.len() >= 7).any(|word| {
        let mut count = 0_usize;
        let is_part = |part: &[u8]| {
            (1..=3).contains(&part.len())
                && bytes::number(part).is_some_and(|number| number < 256)
        };
        let all = word.split(|byte| *byte == b'.').all(|part| {
            count = count.saturating_add(1);
            is_part(part)
        });
        all && count == 4
            && !word.starts_with(b"127.")
            && !word.starts_with(b"0.")
    })
}

/// Options by which a window does not show.
fn hides_window(name: &[u8], arguments: &Text<'_>) -> bool {
    if arguments.has_any(&["--headless", "start /min"]) {
        return true;
    }
    let mut words = arguments
        .bytes
        .split(u8::is_ascii_whitespace)
        .filter(|word| !word.is_empty());
    let is_powershell = is_any(name, &["powershell", "pwsh"]);
    while let Some(word) = words.next() {
        let option = word.strip_prefix(b"-").or(word.strip_prefix(b"/"));
        let whole = b"windowstyle".as_slice();
        let is_it = option.is_some_and(|option| {
            !option.is_empty()
                && whole
                    .get(..option.len())
                    .is_some_and(|head| head.eq_ignore_ascii_case(option))
        });
        if is_it && is_powershell {
            let value = words.next().unwrap_or_default();
            let value = value.strip_prefix(b"\"").unwrap_or(value);
            let first = value.first().map(u8::to_ascii_lowercase);
            return matches!(first, Some(b'h' | b'1'));
        }
    }
    false
}

const UAC_CONSOLES: [&str; 6] = [
    "compmgmt.msc",
    "eventvwr.msc",
    "azman.msc",
    "perfmon.msc",
    "wf.msc",
    "mscfile",
];

/// Whether output goes to a file of Temp to be fetched, as `atexec` has it:
/// `> C:\Windows\Temp\HtmDVYZs.tmp 2>&1`.
fn redirects_to_temp(arguments: &Text<'_>) -> bool {
    const ENDING: &[u8] = b".tmp";
    if !arguments.has("2>&1") {
        return false;
    }
    let arguments = arguments.bytes;
    let Some(at) = memchr::memchr(b'>', arguments) else { return false };
    let target = arguments.get(at..).unwrap_or_default();
    let Some(end) = bytes::find(target, ENDING, 0, false) else {
        return false;
    };
    let target = target.get(..end).unwrap_or_default();
    let name = memchr::memrchr(b'\\', target);
    let name = name.map_or(0, |at| at.saturating_add(1));
    let name = target.get(name..).unwrap_or_default();
    let is_made_up = name.iter().all(u8::is_ascii_alphabetic)
        && name.iter().skip(1).any(u8::is_ascii_uppercase)
        && name.iter().any(u8::is_ascii_lowercase)
        || !has_word(name);
    has_any(target, &[r"\temp\", r"%temp%"]) && is_made_up
}

/// What speaks for an action.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Alibi {
    None,
    /// A plain program where vendors and Windows keep theirs.
    InPlace,
    /// What only tasks of Windows' own run: its classes, its libraries.
    Windows,
    /// A vendor's known program, in a place that users may write to.
    Shared,
}

/// Where a job is, as far as it matters to what it may reach.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
enum Place {
    Cron,
    Systemd,
    Kubernetes,
    GoogleCloud,
    #[default]
    Other,
}

impl Place {
    fn of(scheduler: &[u8]) -> Place {
        let is = |one: Scheduler| one.name().as_bytes() == scheduler;
        if is(Scheduler::Cron) || is(Scheduler::Anacron) {
            Place::Cron
        } else if is(Scheduler::Systemd) {
            Place::Systemd
        } else if is(Scheduler::Kubernetes) {
            Place::Kubernetes
        } else if is(Scheduler::GoogleCloud) {
            Place::GoogleCloud
        } else {
            Place::Other
        }
    }
}

/// Whether all that a text reaches is the cluster's or the cloud's own: a
/// service by its name, a function of Google's. That is what such jobs are
/// for.
fn is_own(text: &[u8], place: Place) -> bool {
    const GOOGLE: [&str; 4] =
        [".googleapis.com", ".run.app", ".cloudfunctions.net", ".appspot.com"];
    let is_own_host = |host: &[u8]| match place {
        Place::Kubernetes => {
            !host.contains(&b'.')
                || host.ends_with(b".svc")
                || host.ends_with(b".cluster.local")
        }
        Place::GoogleCloud => {
            GOOGLE.iter().any(|own| host.ends_with(own.as_bytes()))
        }
        Place::Cron | Place::Systemd | Place::Other => false,
    };
    let mut from = 0;
    while let Some(at) = bytes::find(text, b"://", from, true) {
        from = at.saturating_add(3);
        let rest = text.get(from..).unwrap_or_default();
        let end = rest
            .iter()
            .position(|byte| b"/:?\"' )".contains(byte))
            .unwrap_or(rest.len());
        if !rest.get(..end).is_some_and(is_own_host) {
            return false;
        }
    }
    from > 0 && !has_share(text) && !has_address(text)
}

/// Words about an action; returns what speaks for it.
fn of_action(
    command: &[u8],
    arguments: &[u8],
    place: Place,
    traits: &mut Traits,
) -> Alibi {
    use Trait as T;
    let name = stem(command);
    let [command_text, text] = [command, arguments].map(Text::new);
    let is_interpreter = is_interpreter(name);
    let is_proxy = is_any(name, &PROXY_BINARIES)
        || is_any(name, &["msiexec"]) && is_network(&text);
    let is_run_by_other = is_interpreter || is_proxy;
    let names_writable = is_writable_word(&text);
    let is_writable_path = is_writable(&command_text)
        || is_hidden_at_home(command)
        || names_writable;
    let is_excused = !is_run_by_other
        && !is_script(command)
        && is_user_program(command)
        && !names_writable;
    traits.add_if(is_writable_path && !is_excused, T::CommandWritablePath);
    traits.add_if(is_writable_path && is_excused, T::CommandUserVendorPath);
    traits.add_if(is_vendor(command), T::CommandVendorPath);
    traits.add_if(is_interpreter || is_script(command), T::CommandInterpreter);
    let has_text = is_interpreter
        && text.has_any(&["-c ", "-e ", "-command", "/c", "-enc"]);
    traits.add_if(has_text, T::CommandProgramText);
    traits.add_if(
        is_shell(name) && arguments.trim_ascii().is_empty(),
        T::CommandBareShell,
    );
    traits.add_if(is_proxy, T::CommandProxyBinary);
    let connects = is_any(name, &["nc", "ncat", "netcat", "socat"]);
    traits.add_if(
        connects
            || [command_text, text]
                .iter()
                .any(|text| is_network(text) && !is_own(text.bytes, place)),
        T::CommandNetwork,
    );
    let is_given_shell =
        connects && text.has_any(&["-e ", "-c ", "exec:", "system:", "/bin/"]);
    traits.add_if(
        is_given_shell || text.has_any(&["/dev/tcp/", "/dev/udp/"]),
        T::CommandReverseShell,
    );
    traits.add_if(is_encoded(name, &text), T::CommandEncoded);
    traits.add_if(fetches_for_shell(&text), T::CommandRunsDownload);
    traits.add_if(hides_window(name, &text), T::CommandHiddenWindow);
    let restarts = is_any(name, &["shutdown"])
        && text.has_any(&["/r", "-r", "--reboot"])
        || is_any(name, &["reboot", "init 6"]);
    traits.add_if(restarts, T::CommandReboot);
    traits.add_if(
        bytes::starts_with(command, b"com:", false),
        T::CommandComHandler,
    );
    let texts = [command_text, text];
    let opens_console = texts.iter().any(|text| text.has_any(&UAC_CONSOLES));
    traits.add_if(opens_console, T::CommandUacBypass);
    traits.add_if(redirects_to_temp(&text), T::CommandRedirectsToTemp);
    match () {
        () if runs_task_library(command, arguments)
            || bytes::starts_with(command, b"com:", false) =>
        {
            Alibi::Windows
        }
        () if is_run_by_other => Alibi::None,
        () if is_in_place(&command_text, arguments) && !is_writable_path => {
            Alibi::InPlace
        }
        () if is_shared_program(command) && !names_writable => Alibi::Shared,
        () => Alibi::None,
    }
}

fn of_name(name: &[u8], traits: &mut Traits) {
    use Trait as T;
    traits.add_if(name == b"*" || name == br"\*", T::NameAll);
    let bare = name.strip_prefix(b"\\").unwrap_or(name);
    let begins = |text: &[u8], known: &str| {
        bytes::starts_with(text, known.as_bytes(), false)
    };
    let is_known =
        KNOWN.iter().any(|known| begins(bare, known) || begins(name, known));
    traits.add_if(is_known, T::NameLookalike);
    traits.add_if(has_any(name, &PROTECTIVE), T::NameProtective);
    traits.add_if(is_random(bare), T::NameRandom);
}

fn of_file(file: &[u8], traits: &mut Traits) {
    use Trait as T;
    let text = Text::new(file);
    traits.add_if(is_writable(&text), T::FileWritablePath);
    traits.add_if(is_network(&text), T::FileNetwork);
    traits.add_if(!bytes::ends_with(file, b".xml", false), T::FileNotXml);
    traits.add_if(text.has(r"\windows\installer\"), T::FileInstaller);
    let name =
        bytes::after(file, memchr::memrchr(b'/', file).unwrap_or(usize::MAX));
    let lists = [
        "cron.allow",
        "cron.deny",
        "at.allow",
        "at.deny",
        "fcron.allow",
        "fcron.deny",
        "incron.allow",
        "incron.deny",
        "allow",
        "deny",
    ];
    traits.add_if(is_any(name, &lists), T::FileAccessList);
    traits.add_if(
        text.has(r"\scheduledtasks\scheduledtasks.xml"),
        T::FileGroupPolicy,
    );
    traits.add_if(
        bytes::ends_with(file, b".job", false) && text.has(r"\windows\tasks\"),
        T::FileLegacyTask,
    );
    traits.add_if(
        text.has_any(&[
            r"\windows\system32\tasks\",
            r"\windows\syswow64\tasks\",
            r"\windows\sysnative\tasks\",
        ]),
        T::FileTask,
    );
    traits.add_if(
        text.has_any(&[
            "timers.target.wants/",
            ".requires/",
            ".timer.d/",
            ".path.d/",
            "-generators/",
            ".wants/",
        ]),
        T::FileTimerLink,
    );
    traits.add_if(
        text.has_any(&["/spool/cron/", "/spool/at/", "/var/at/", "/tabs/"]),
        T::FileSchedulerSpool,
    );
}

const TOOLS: [&str; 33] = [
    "cp", "mv", "tee", "dd", "ln", "sed", "gsed", "awk", "gawk", "mawk",
    "wget", "curl", "tar", "rsync", "unzip", "busybox", "openssl", "socat",
    "nc", "ncat", "xxd", "find", "install", "touch", "truncate", "patch",
    "git", "scp", "cat", "echo", "printf", "base64", "link",
];

const EDITORS: [&str; 12] = [
    "vi",
    "vim",
    "nvim",
    "vim.basic",
    "vim.tiny",
    "nano",
    "emacs",
    "ed",
    "ex",
    "pico",
    "mcedit",
    "editor",
];

const SERVERS: [&str; 22] = [
    "redis-server",
    "redis",
    "postgres",
    "mysqld",
    "mariadbd",
    "mongod",
    "httpd",
    "apache2",
    "nginx",
    "php-fpm",
    "php-cgi",
    "memcached",
    "java",
    "tomcat",
    "w3wp",
    "sqlservr",
    "beam.smp",
    "caddy",
    "lighttpd",
    "gunicorn",
    "uwsgi",
    "valkey-server",
];

const OFFICE: [&str; 10] = [
    "winword", "excel", "powerpnt", "outlook", "msaccess", "mspub", "onenote",
    "visio", "eqnedt32", "wordpad",
];

const BROWSERS: [&str; 8] = [
    "chrome", "firefox", "msedge", "iexplore", "brave", "opera", "vivaldi",
    "safari",
];

const SCRIPT_HOSTS: [&str; 4] = ["wscript", "cscript", "mshta", "scrcons"];

/// Folders of configuration managers and panels, which bring interpreters of
/// their own. Only root writes there.
const MANAGERS: [&str; 6] = [
    "/opt/puppetlabs/",
    "/opt/chef/",
    "/opt/cinc/",
    "/opt/saltstack/",
    "/usr/local/cpanel/",
    "/usr/local/psa/",
];

fn is_of_manager(path: &[u8]) -> bool {
    MANAGERS.iter().any(|place| path.starts_with(place.as_bytes()))
}

const CONFIGURATION_MANAGERS: [&str; 14] = [
    "puppet",
    "chef-client",
    "ansible",
    "salt-minion",
    "salt-call",
    "cfagent",
    "cf-agent",
    "dpkg",
    "rpm",
    "apt",
    "yum",
    "dnf",
    "zypper",
    "pacman",
];

fn of_writer(path: &[u8], traits: &mut Traits) {
    use Trait as T;
    let name = stem(path);
    traits.add_if(is_shell(name), T::WriterShell);
    traits.add_if(
        !is_shell(name)
            && is_named(name, &INTERPRETERS)
            && !path.starts_with(b"/opt/")
            && !is_of_manager(path),
        T::WriterInterpreter,
    );
    traits.add_if(is_named(name, &TOOLS), T::WriterTool);
    traits.add_if(is_any(name, &EDITORS), T::WriterEditor);
    traits.add_if(is_named(name, &SERVERS), T::WriterServer);
    traits.add_if(is_any(name, &OFFICE), T::WriterOffice);
    traits.add_if(is_any(name, &SCRIPT_HOSTS), T::WriterScriptHost);
    let is_writable = is_writable(&Text::new(path));
    traits
        .add_if(is_writable && !is_user_program(path), T::WriterWritablePath);
    traits.add_if(sets_up_its_own(path), T::WriterVendorPath);
    traits.add_if(is_system(path) && !is_writable, T::WriterSystemPath);
    traits.add_if(is_installer(path), T::WriterInstaller);
    traits.add_if(
        bytes::ends_with(path, br"\windows\system32\svchost.exe", false),
        T::WriterTaskService,
    );
}

fn of_parent(path: &[u8], traits: &mut Traits) {
    use Trait as T;
    let name = stem(path);
    traits.add_if(is_interpreter(name), T::ParentShell);
    traits.add_if(is_any(name, &OFFICE), T::ParentOffice);
    traits.add_if(is_any(name, &BROWSERS), T::ParentBrowser);
    traits.add_if(is_any(name, &SCRIPT_HOSTS), T::ParentScriptHost);
    traits.add_if(is_named(name, &SERVERS), T::ParentServer);
    traits.add_if(is_any(name, &["wmiprvse"]), T::ParentManagement);
    traits.add_if(
        is_named(name, &CONFIGURATION_MANAGERS) || is_of_manager(path),
        T::ParentConfigurationManager,
    );
    traits.add_if(sets_up_its_own(path), T::ParentVendorPath);
    traits.add_if(is_installer(path), T::ParentInstaller);
    traits.add_if(is_writable(&Text::new(path)), T::ParentWritablePath);
}

/// The words that are said of a job, by its values and by the parent of the
/// process that did it.
pub(crate) fn of<'a>(
    values: impl Iterator<Item = (Field, &'a [u8])>,
    parent: Option<&[u8]>,
) -> Traits {
    let mut traits = Traits::default();
    let mut command: Option<&[u8]> = None;
    let (mut actions, mut in_place, mut shared) = (0_usize, 0_usize, 0_usize);
    let mut of_windows = 0_usize;
    let mut names = Named::default();
    let mut by_host = false;
    let mut reads_pipe = false;
    let mut place = Place::default();
    let mut action =
        |command: &[u8], arguments: &[u8], place, traits: &mut _| {
            actions = actions.saturating_add(1);
            let alibi = of_action(command, arguments, place, traits);
            let is = |known| usize::from(alibi == known);
            in_place = in_place.saturating_add(is(Alibi::InPlace));
            shared = shared.saturating_add(is(Alibi::Shared));
            of_windows = of_windows.saturating_add(is(Alibi::Windows));
        };
    for (field, value) in values {
        match field {
            Field::JobCommand => {
                if let Some(command) = command.replace(value) {
                    action(command, b"", place, &mut traits);
                }
            }
            Field::JobArguments => {
                let command = command.take().unwrap_or_default();
                action(command, value, place, &mut traits);
            }
            Field::JobTrait => {
                let is = |word: Trait| value == word.name().as_bytes();
                reads_pipe |= is(Trait::CommandReadsPipe);
                by_host |= is(Trait::SubjectHost);
            }
            Field::JobScheduler => place = Place::of(value),
            Field::JobName => {
                of_name(value, &mut traits);
                names = Named::of(value);
            }
            Field::JobFile => of_file(value, &mut traits),
            Field::JobWriter => of_writer(value, &mut traits),
            _ => {}
        }
    }
    if let Some(command) = command {
        action(command, b"", place, &mut traits);
    }
    // Nearly every line of a table, and what nearly every timer starts, is a
    // script: of those it says something that an interpreter runs where the
    // line itself tells what to do.
    let is_told_in_line = reads_pipe
        || [
            Trait::CommandProgramText,
            Trait::CommandBareShell,
            Trait::CommandWritablePath,
            Trait::CommandNetwork,
            Trait::CommandEncoded,
        ]
        .iter()
        .any(|word| traits.has(*word));
    traits.remove_if(
        matches!(place, Place::Cron | Place::Systemd) && !is_told_in_line,
        Trait::CommandInterpreter,
    );
    // `curl .. | sh`: a shell that is told by another command what to do.
    traits.remove_if(reads_pipe, Trait::CommandBareShell);
    traits
        .add_if(actions > 0 && actions == in_place, Trait::ExpectedVendorPath);
    // Windows sets up and services its own tasks, and nobody else in its name:
    // that takes SYSTEM. What they start is Windows' own.
    let are_own = match actions {
        0 => names == Named::Serviced,
        count => {
            names != Named::Other
                && count == in_place.saturating_add(of_windows)
        }
    };
    traits.add_if(by_host && are_own, Trait::ExpectedWindowsTask);
    let are_known = actions == in_place.saturating_add(shared);
    traits.add_if(are_known && shared > 0, Trait::ExpectedSharedProgram);
    if let Some(parent) = parent {
        of_parent(parent, &mut traits);
    }
    let installers = [
        Trait::WriterVendorPath,
        Trait::WriterInstaller,
        Trait::ParentVendorPath,
        Trait::ParentInstaller,
    ];
    traits.add_if(
        installers.iter().any(|word| traits.has(*word)),
        Trait::ExpectedInstaller,
    );
    traits
}
