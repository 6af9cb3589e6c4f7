/*!
Which program a process is, whatever it is called.
*/

use super::arena::Arena;
use super::argv::Word;
use super::command::{Command, Commands, System};
use super::path::stem;
use super::wrappers;

/// A program that schedules, or that starts other programs.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Tool {
    /// `schtasks`.
    Schtasks,
    /// `at` of Windows.
    AtWindows,
    /// `at`, `batch`, `atq`, `atrm` of Unix.
    At,
    /// `crontab` and its kin.
    Crontab,
    /// `systemctl`.
    Systemctl,
    /// `systemd-run`.
    SystemdRun,
    /// `busctl`, `gdbus`, `dbus-send`.
    Bus,
    /// `launchctl`.
    Launchctl,
    /// `kubectl`, `oc`.
    Kubectl,
    /// `reg`.
    Reg,
    /// `wmic`.
    Wmic,
    /// `powershell`, `pwsh`.
    PowerShell,
    /// `cmd`.
    Cmd,
    /// `sh` and its kin.
    Shell,
    /// `aws`, `az`, `gcloud`.
    Cloud,
    /// A program that starts the one named behind it.
    Wrapper,
    /// What runs a program in a language that is not read: `python -c`.
    Interpreter,
    /// Any other.
    Other,
}

impl Tool {
    /// The tool that a file's name, without its ending, is that of.
    pub(crate) fn named(name: &[u8], system: System) -> Tool {
        let mut lower = [0_u8; 24];
        let Some(lower) = lower.get_mut(..name.len()) else {
            return Tool::Other;
        };
        lower.copy_from_slice(name);
        lower.make_ascii_lowercase();
        match (system, &*lower) {
            (System::Windows, b"schtasks" | b"sctasks") => Tool::Schtasks,
            (System::Windows, b"at") => Tool::AtWindows,
            (System::Unix, b"at" | b"batch" | b"atq" | b"atrm") => Tool::At,
            (
                System::Unix,
                b"crontab" | b"fcrontab" | b"incrontab" | b"crond-edit",
            ) => Tool::Crontab,
            (System::Unix, b"systemctl") => Tool::Systemctl,
            (System::Unix, b"systemd-run") => Tool::SystemdRun,
            (System::Unix, b"busctl" | b"gdbus" | b"dbus-send") => Tool::Bus,
            (System::Unix, b"launchctl") => Tool::Launchctl,
            (
                _,
                b"kubectl" | b"oc" | b"k3s" | b"k0s" | b"microk8s"
                | b"microk8s.kubectl" | b"minikube",
            ) => Tool::Kubectl,
            // And by the files that their programs are started from.
            (_, b"aws" | b"az" | b"gcloud" | b"azure.cli" | b"gcloud.py") => {
                Tool::Cloud
            }
            (System::Windows, b"reg") => Tool::Reg,
            (System::Windows, b"wmic") => Tool::Wmic,
            (System::Windows, b"powershell" | b"pwsh" | b"powershell_ise") => {
                Tool::PowerShell
            }
            (System::Windows, b"cmd") => Tool::Cmd,
            (
                _,
                b"sh" | b"bash" | b"dash" | b"zsh" | b"ksh" | b"ash" | b"mksh"
                | b"rbash" | b"yash",
            ) => Tool::Shell,
            (
                System::Windows,
                b"conhost" | b"forfiles" | b"pcalua" | b"rundll32" | b"start"
                | b"call" | b"runas" | b"psexec" | b"psexec64"
                | b"start-process" | b"saps" | b"winrs" | b"paexec" | b"sudo"
                | b"gsudo" | b"wt" | b"nsudo" | b"nsudolg" | b"nsudolc"
                | b"nircmd" | b"nircmdc" | b"hstart" | b"hstart64"
                | b"advancedrun" | b"powerrun" | b"superuser64" | b"runasti"
                | b"execti" | b"elevate" | b"hidec" | b"runhiddenconsole"
                | b"wsl" | b"ssh" | b"plink" | b"docker" | b"podman"
                | b"nerdctl",
            ) => Tool::Wrapper,
            (System::Unix, name) if wrappers::of(name).is_some() => {
                Tool::Wrapper
            }
            (_, name) if is_interpreter(name) => Tool::Interpreter,
            _ => Tool::Other,
        }
    }

    /// Whether it is the tool of a scheduler.
    pub(crate) fn schedules(self) -> bool {
        matches!(
            self,
            Tool::Schtasks
                | Tool::AtWindows
                | Tool::At
                | Tool::Crontab
                | Tool::Systemctl
                | Tool::SystemdRun
                | Tool::Bus
                | Tool::Launchctl
                | Tool::Kubectl
        )
    }

    /// The tool that a command runs: by the name in the header of its file,
    /// where the event gives that, else by the name it is started under,
    /// else by its options.
    pub(crate) fn of(
        commands: &Commands,
        command: Command,
        original: Option<&[u8]>,
    ) -> Identity {
        let program = commands.text(command, 0).unwrap_or_default();
        let mut named = Tool::named(stem(program), command.origin.system);
        // `cmd/c` needs no blank.
        if named == Tool::Other
            && let Some(slash) = memchr::memchr(b'/', program)
            && let Some(head) = program.get(..slash)
            && command.origin.system == System::Windows
            && Tool::named(stem(head), command.origin.system) == Tool::Cmd
        {
            named = Tool::Cmd;
        }
        let original = original.filter(|_| !command.origin.is_inner);
        match original
            .map(|name| Tool::named(stem(name), command.origin.system))
        {
            Some(Tool::Other) | None => {}
            // A file of Unix has no header: it is its path that is given, and
            // one program may be many, by the name that it is told.
            Some(tool) if command.origin.system == System::Unix => {
                if tool.schedules() && tool != named {
                    return Identity { tool, is_renamed: true };
                }
            }
            Some(tool) => {
                return Identity { tool, is_renamed: tool != named };
            }
        }
        // Another program that is told to start it.
        if named == Tool::Other
            && command.origin.system == System::Windows
            && starts_schtasks(commands, command)
        {
            return Identity { tool: Tool::Wrapper, is_renamed: false };
        }
        if named == Tool::Other
            && original.is_none()
            && command.origin.system == System::Windows
            && let Some(tool) = by_grammar(commands, command)
        {
            return Identity { tool, is_renamed: true };
        }
        Identity { tool: named, is_renamed: false }
    }
}

/// Whether a program, by its name in lower case, runs programs in a language
/// that is not read; with a version behind its name or none.
fn is_interpreter(name: &[u8]) -> bool {
    let version = name.iter().rev();
    let version =
        version.take_while(|byte| byte.is_ascii_digit() || **byte == b'.');
    let end = name.len().saturating_sub(version.count());
    matches!(
        name.get(..end).unwrap_or_default(),
        b"python"
            | b"pythonw"
            | b"py"
            | b"perl"
            | b"ruby"
            | b"php"
            | b"node"
            | b"lua"
            | b"osascript"
            | b"mshta"
            | b"tclsh"
            | b"expect"
            | b"awk"
            | b"gawk"
            | b"mawk"
    )
}

/// What a command runs.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Identity {
    pub(crate) tool: Tool,
    /// Whether it was started under another name than its own.
    pub(crate) is_renamed: bool,
}

/// The tool that only one program's options can be meant for.
fn by_grammar(commands: &Commands, command: Command) -> Option<Tool> {
    let words = commands.words(command).get(1..)?;
    let arena = &commands.arena;
    if is_schtasks_grammar(words, arena) {
        return Some(Tool::Schtasks);
    }
    None
}

/// Whether a program's arguments name schtasks, with what it does to a task
/// behind it. `where schtasks` starts nothing.
fn starts_schtasks(commands: &Commands, command: Command) -> bool {
    let words = commands.words(command).get(1..).unwrap_or_default();
    let arena = &commands.arena;
    let at = words.iter().position(|word| {
        let name = stem(arena.get(word.text));
        Tool::named(name, System::Windows) == Tool::Schtasks
    });
    let behind = at.and_then(|at| words.get(at.saturating_add(1)..));
    behind.is_some_and(|words| is_schtasks_grammar(words, arena))
}

/// What schtasks does to a task that is named. `/query` tells nothing that
/// would be worth a mistake.
const VERBS: [&str; 5] = ["create", "change", "delete", "run", "end"];

/// Whether options are those of schtasks: a verb, and the task's name, which
/// no verb goes without.
fn is_schtasks_grammar(words: &[Word], arena: &Arena) -> bool {
    let (mut has_verb, mut has_name) = (false, false);
    for word in words {
        let Some(option) = option(arena.get(word.text)) else { continue };
        let is = |name: &[u8]| option.eq_ignore_ascii_case(name);
        has_verb |= VERBS.iter().any(|verb| is(verb.as_bytes()));
        has_name |= is(b"tn");
    }
    has_verb && has_name
}

/// What stands behind the `/` or `-` of an option.
pub(crate) fn option(word: &[u8]) -> Option<&[u8]> {
    match word {
        [b'/' | b'-', name @ ..] if !name.is_empty() => Some(name),
        _ => None,
    }
}
