/*!
The facts that are told of jobs, and the list of them for one event.
*/

pub(crate) use super::scheduler::Scheduler;
use super::traits::{self, Traits};
use super::words::words;
use crate::derive::canonical::arena::{Arena, Piece};
use crate::derive::canonical::command::MOST_NESTING;
use crate::event::Field;

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
        Always = "always",
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
    values: Vec<(Field, Text)>,
    /// Where the values of each job end.
    ends: Vec<u32>,
    /// What those amount to.
    traits: Vec<Traits>,
    /// What is so of every job of the event.
    of_all: [Option<(Field, Text)>; 2],
    /// What is so of every job, told behind them.
    with_all: [Option<(Field, &'static str)>; 24],
    /// The host that jobs are on, of which no fact says another.
    host: Option<Piece>,
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
        self.traits.clear();
        self.of_all = [None; 2];
        self.with_all = [None; 24];
        self.host = None;
        self.is_cut = false;
    }

    /// Takes all the memory that it may ever need.
    pub(crate) fn reserve(&mut self) {
        self.values.reserve(MOST_VALUES);
        self.ends.reserve(MOST_JOBS);
        self.traits.reserve(MOST_JOBS);
    }

    /// How many jobs there are.
    pub(crate) fn len(&self) -> usize {
        self.ends.len()
    }

    /// The values of a job.
    pub(crate) fn get(&self, index: usize) -> &[(Field, Text)] {
        let end = |index: usize| self.ends.get(index).copied();
        let start = index.checked_sub(1).map_or(Some(0), end);
        let (Some(start), Some(end)) = (start, end(index)) else { return &[] };
        self.values.get(start as usize..end as usize).unwrap_or_default()
    }

    /// Tells what the values of each job amount to, once all are told.
    pub(crate) fn sum_up(&mut self, arena: &Arena, parent: Option<&[u8]>) {
        for index in 0..self.len() {
            let values = self.get(index).iter().copied().chain(self.of_all());
            let values =
                values.map(|(field, text)| (field, text.resolve(arena)));
            let traits = traits::of(values, parent);
            self.traits.push(traits);
        }
    }

    /// What the values of a job amount to.
    pub(crate) fn traits(&self, index: usize) -> Traits {
        self.traits.get(index).copied().unwrap_or_default()
    }

    /// Whether there was more than is kept.
    pub(crate) fn is_cut(&self) -> bool {
        self.is_cut
    }

    /// Bytes of memory held.
    pub(crate) fn memory_usage(&self) -> usize {
        let value = size_of::<(Field, Text)>();
        let values = self.values.capacity().saturating_mul(value);
        let ends = self.ends.capacity().saturating_mul(size_of::<u32>());
        let traits = self.traits.capacity();
        let traits = traits.saturating_mul(size_of::<Traits>());
        values.saturating_add(ends).saturating_add(traits)
    }

    /// States a fact of the job that is being told.
    pub(crate) fn say(&mut self, field: Field, word: &'static str) {
        self.push(field, Text::Known(word));
    }

    /// States a fact of the job that is being told, in bytes of the arena.
    pub(crate) fn write(&mut self, field: Field, piece: Piece) {
        self.push(field, Text::Written(piece));
    }

    /// States a fact of the job that is being told.
    pub(crate) fn push(&mut self, field: Field, text: Text) {
        if self.values.len() < MOST_VALUES {
            self.values.push((field, text));
        } else {
            self.is_cut = true;
        }
    }

    /// States what is done to a job, of which scheduler, and by which way.
    pub(crate) fn head(
        &mut self,
        activity: Activity,
        scheduler: Scheduler,
        interface: Interface,
    ) {
        self.say(Field::JobActivity, activity.name());
        self.say(Field::JobScheduler, scheduler.name());
        self.say(Field::JobInterface, interface.name());
    }

    /// Takes back what was stated of a job that turned out to be none.
    pub(crate) fn unsay(&mut self) {
        let kept = self.ends.last().copied().unwrap_or_default();
        self.values.truncate(kept as usize);
    }

    /// States a fact of every job that is told from now on.
    pub(crate) fn say_of_all(&mut self, field: Field, text: Text) {
        let free = self.of_all.iter_mut().find(|slot| slot.is_none());
        debug_assert!(free.is_some(), "more facts of all jobs than are kept");
        if let Some(free) = free {
            *free = Some((field, text));
        }
    }

    /// States a fact of every job of the event.
    pub(crate) fn say_with_all(&mut self, field: Field, word: &'static str) {
        let free = self.with_all.iter_mut().find(|slot| slot.is_none());
        debug_assert!(free.is_some(), "more facts of all jobs than are kept");
        if let Some(free) = free {
            *free = Some((field, word));
        }
    }

    /// What is so of every job of the event.
    pub(crate) fn of_all(&self) -> impl Iterator<Item = (Field, Text)> {
        let said = self.with_all.iter().flatten();
        let said = said.map(|(field, word)| (*field, Text::Known(word)));
        self.of_all.iter().flatten().copied().chain(said)
    }

    /// States on which host jobs are that are told from now on and name none.
    pub(crate) fn are_on(&mut self, host: Option<Piece>) {
        self.host = host;
    }

    /// Ends the job that was told.
    pub(crate) fn end(&mut self) {
        if let Some(host) = self.host {
            let start = self.ends.last().copied().unwrap_or_default();
            let told = self.values.get(start as usize..).unwrap_or_default();
            let names_one =
                |(field, _): &(Field, Text)| *field == Field::JobTarget;
            if !told.iter().any(names_one) {
                self.write(Field::JobTarget, host);
            }
        }
        if self.ends.len() >= MOST_JOBS {
            self.is_cut = true;
            self.unsay();
            return;
        }
        let end = u32::try_from(self.values.len()).unwrap_or(u32::MAX);
        self.ends.push(end);
    }
}

/// A host's name as jobs give it: without the backslashes before it, or who
/// goes there, in lower case.
pub(crate) fn host(name: Piece, arena: &mut Arena) -> Piece {
    let text = arena.get(name);
    let slashes = text.iter().take_while(|byte| **byte == b'\\').count();
    let user = memchr::memrchr(b'@', text);
    let before = user.map_or(slashes, |at| at.saturating_add(1));
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
            let name = field.name();
            let name = name.strip_prefix("Job").unwrap_or(name);
            format!("{name}={}", String::from_utf8_lossy(text))
        });
        values.collect::<Vec<_>>().join("|")
    }
}
