/*!
The facts that are told of jobs, and the list of them for one event.
*/

use crate::derive::canonical::arena::{Arena, Piece};
use crate::derive::canonical::command::MOST_NESTING;

/// Declares [`JobField`], with the names of its fields.
macro_rules! fields {
    ($($(#[$doc:meta])* $field:ident = $name:literal,)*) => {
        /// A fact about a scheduled job, in the words of OCSF's Scheduled Job
        /// Activity where it has one.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
        #[non_exhaustive]
        pub enum JobField {
            $($(#[$doc])* $field,)*
        }

        impl JobField {
            /// Every field, in declaration order.
            pub const ALL: &'static [JobField] = &[$(JobField::$field,)*];

            /// The name in rules and output.
            pub const fn name(self) -> &'static str {
                match self {
                    $(JobField::$field => $name,)*
                }
            }
        }
    };
}

fields! {
    /// What is done to the job: `create`, `update`, `delete`, `enable`,
    /// `disable`, `start`, `stop`, `query`.
    Activity = "JobActivity",
    /// What runs it: `task_scheduler`, `at`, `cron`, `systemd`, `launchd`,
    /// `kubernetes`, `azure_automation` and others.
    Scheduler = "JobScheduler",
    /// Which way it was told: `schtasks`, `powershell`, `com`, `cim`,
    /// `registry`, `file`, `crontab`, `shell` and others.
    Interface = "JobInterface",
    /// Its name, as the scheduler knows it.
    Name = "JobName",
    /// A program that it starts, its path in one spelling; one value an
    /// action, and one for each command that a shell would start in turn.
    Command = "JobCommand",
    /// That program's arguments; the value of the same index.
    Arguments = "JobArguments",
    /// The account that it runs as; `SYSTEM` in any language.
    User = "JobUser",
    /// `highest` or `limited`.
    RunLevel = "JobRunLevel",
    /// What starts it: `boot`, `logon`, `once`, `minute`, `hourly`, `daily`,
    /// `weekly`, `monthly`, `idle`, `event`, `session`, `registration`,
    /// `calendar`, `interval`, `path_change`.
    Trigger = "JobTrigger",
    /// `true` or `false`.
    Hidden = "JobHidden",
    /// `true` where it shows on the user's desktop: `at /interactive`.
    Interactive = "JobInteractive",
    /// The host that it is on, where another is named; in lower case.
    Target = "JobTarget",
    /// The file with its definition.
    File = "JobFile",
    /// Who wrote the definition, by its own word; else who registered it.
    Author = "JobAuthor",
    /// The program that did it.
    Writer = "JobWriter",
    /// The account that did it.
    Subject = "JobSubject",
    /// What had to be undone to read it: `caret`, `encoded`, `quoted_option`
    /// and others.
    Obfuscation = "Obfuscation",
}

/// Declares names for what a field may say.
macro_rules! words {
    ($(#[$doc:meta])* $name:ident { $($word:ident = $text:literal,)* }) => {
        $(#[$doc])*
        #[derive(Clone, Copy, Debug, PartialEq, Eq)]
        #[allow(missing_docs)]
        pub(crate) enum $name { $($word,)* }

        impl $name {
            /// The word in rules and output.
            pub(crate) const fn name(self) -> &'static str {
                match self { $($name::$word => $text,)* }
            }
        }
    };
}

words! {
    /// What is done to a job.
    Activity {
        Create = "create",
        Update = "update",
        Delete = "delete",
        Enable = "enable",
        Disable = "disable",
        Start = "start",
        Stop = "stop",
        Query = "query",
    }
}

words! {
    /// What runs a job.
    Scheduler {
        WindowsTasks = "task_scheduler",
        At = "at",
        Cron = "cron",
        Anacron = "anacron",
        Incron = "incron",
        Fcron = "fcron",
        Systemd = "systemd",
        Launchd = "launchd",
        Periodic = "periodic",
        Kubernetes = "kubernetes",
        AzureAutomation = "azure_automation",
        AzureLogicApps = "azure_logic_apps",
        AwsEventBridge = "aws_eventbridge",
        GoogleCloud = "gcp_scheduler",
    }
}

words! {
    /// The way in which a scheduler was told.
    Interface {
        Schtasks = "schtasks",
        At = "at",
        PowerShell = "powershell",
        Com = "com",
        Cim = "cim",
        Wmi = "wmi",
        Rpc = "rpc",
        Registry = "registry",
        File = "file",
        Xml = "xml",
        TaskLog = "task_log",
        Crontab = "crontab",
        Shell = "shell",
        Systemctl = "systemctl",
        SystemdRun = "systemd_run",
        Busctl = "busctl",
        Launchctl = "launchctl",
        Kubectl = "kubectl",
        Api = "api",
    }
}

words! {
    /// What starts a job.
    Trigger {
        Boot = "boot",
        Logon = "logon",
        Once = "once",
        Minute = "minute",
        Hourly = "hourly",
        Daily = "daily",
        Weekly = "weekly",
        Monthly = "monthly",
        Idle = "idle",
        OnEvent = "event",
        Session = "session",
        Registration = "registration",
        Calendar = "calendar",
        Interval = "interval",
        PathChange = "path_change",
    }
}

/// The depth whose copy of a text a definition takes: none is deeper.
pub(crate) const DEFINITION_DEPTH: u8 = MOST_NESTING;

/// Most jobs that are told of one event.
pub(crate) const MOST_JOBS: usize = 64;

/// Most values of all jobs of one event.
pub(crate) const MOST_VALUES: usize = 1024;

/// The jobs of one event.
#[derive(Debug, Default)]
pub(crate) struct Jobs {
    values: Vec<(JobField, Text)>,
    /// Where the values of each job end.
    ends: Vec<u32>,
    /// What is so of every job of the event.
    of_all: [Option<(JobField, Text)>; 2],
    /// What is so of every job, told behind them.
    with_all: [Option<(JobField, &'static str)>; 24],
    is_cut: bool,
}

/// A value of a job: a word of ours, or bytes in the arena.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Text {
    /// One of the names above.
    Known(&'static str),
    /// What the event said.
    Written(Piece),
}

impl Text {
    /// The bytes.
    pub(crate) fn resolve(self, arena: &Arena) -> &[u8] {
        match self {
            Text::Known(word) => word.as_bytes(),
            Text::Written(piece) => arena.get(piece),
        }
    }
}

impl Jobs {
    /// Forgets the jobs of an event; keeps the memory.
    pub(crate) fn clear(&mut self) {
        self.values.clear();
        self.ends.clear();
        self.of_all = [None; 2];
        self.with_all = [None; 24];
        self.is_cut = false;
    }

    /// How many jobs there are.
    pub(crate) fn len(&self) -> usize {
        self.ends.len()
    }

    /// The values of a job.
    pub(crate) fn get(&self, index: usize) -> &[(JobField, Text)] {
        let end = |index: usize| self.ends.get(index).copied();
        let start = index.checked_sub(1).map_or(Some(0), end);
        let (Some(start), Some(end)) = (start, end(index)) else { return &[] };
        self.values.get(start as usize..end as usize).unwrap_or_default()
    }

    /// Whether there was more than is kept.
    pub(crate) fn is_cut(&self) -> bool {
        self.is_cut
    }

    /// Bytes of memory held.
    pub(crate) fn memory_usage(&self) -> usize {
        let value = size_of::<(JobField, Text)>();
        let values = self.values.capacity().saturating_mul(value);
        let ends = self.ends.capacity().saturating_mul(size_of::<u32>());
        values.saturating_add(ends)
    }

    /// States a fact of the job that is being told.
    pub(crate) fn say(&mut self, field: JobField, word: &'static str) {
        self.push(field, Text::Known(word));
    }

    /// States a fact of the job that is being told, in bytes of the arena.
    pub(crate) fn write(&mut self, field: JobField, piece: Piece) {
        self.push(field, Text::Written(piece));
    }

    /// States a fact of the job that is being told.
    pub(crate) fn push(&mut self, field: JobField, text: Text) {
        if self.values.len() < MOST_VALUES {
            self.values.push((field, text));
        } else {
            self.is_cut = true;
        }
    }

    /// States a fact of every job that is told from now on.
    pub(crate) fn say_of_all(&mut self, field: JobField, text: Text) {
        let free = self.of_all.iter_mut().find(|slot| slot.is_none());
        debug_assert!(free.is_some(), "more facts of all jobs than are kept");
        if let Some(free) = free {
            *free = Some((field, text));
        }
    }

    /// States a fact of every job of the event.
    pub(crate) fn say_with_all(
        &mut self,
        field: JobField,
        word: &'static str,
    ) {
        let free = self.with_all.iter_mut().find(|slot| slot.is_none());
        debug_assert!(free.is_some(), "more facts of all jobs than are kept");
        if let Some(free) = free {
            *free = Some((field, word));
        }
    }

    /// What is so of every job of the event.
    pub(crate) fn of_all(&self) -> impl Iterator<Item = (JobField, Text)> {
        let said = self.with_all.iter().flatten();
        let said = said.map(|(field, word)| (*field, Text::Known(word)));
        self.of_all.iter().flatten().copied().chain(said)
    }

    /// Ends the job that was told.
    pub(crate) fn end(&mut self) {
        if self.ends.len() >= MOST_JOBS {
            self.is_cut = true;
            let kept = self.ends.last().copied().unwrap_or_default();
            self.values.truncate(kept as usize);
            return;
        }
        let end = u32::try_from(self.values.len()).unwrap_or(u32::MAX);
        self.ends.push(end);
    }
}

/// A host's name as jobs give it: without the backslashes before it, in lower
/// case.
pub(crate) fn host(name: Piece, arena: &mut Arena) -> Piece {
    let text = arena.get(name);
    let before = text.iter().take_while(|byte| **byte == b'\\').count();
    let name = name.after(before);
    arena.lower(name)
}

/// A task's name as the scheduler knows it: a path that begins at its root.
pub(crate) fn task_name(name: Piece, arena: &mut Arena) -> Piece {
    if arena.get(name).first() == Some(&b'\\') || arena.get(name) == b"*" {
        return name;
    }
    let mark = arena.mark();
    arena.push(b'\\');
    arena.extend_from(name);
    arena.since(mark)
}
#[cfg(test)]
impl Jobs {
    /// The values of a job, with bars between them.
    pub(crate) fn shown(&self, index: usize, arena: &Arena) -> String {
        let values = self.get(index).iter().map(|(field, text)| {
            let text = text.resolve(arena);
            format!("{field:?}={}", String::from_utf8_lossy(text))
        });
        values.collect::<Vec<_>>().join("|")
    }
}
