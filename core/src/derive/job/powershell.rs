/*!
PowerShell's own ways to a job: cmdlets, COM, CIM and WMI.

A script builds a job from parts: an action, a trigger, a principal, then the
call that registers them. [`Parts`] keeps what the parts say until a call
takes it: parts that stand in the call itself, and those in variables that the
call names.
*/

use super::facts::{
    Activity, Interface, Jobs, Scheduler, Text, Trigger, host, task_name,
};
use super::registry::{self, Change};
use super::traits::Trait;
use super::{account, action, write};
use crate::derive::canonical::arena::{Arena, Piece};
use crate::derive::canonical::command::{Command, Commands, System};
use crate::derive::canonical::lower::Lower;
use crate::derive::canonical::notes::Notes;
use crate::derive::canonical::script_host::names_scheduler;
use crate::event::Field;

/// Most facts that parts state before a call takes them.
const MOST_FACTS: usize = 64;

/// Most sessions with other hosts that are kept of one script.
const MOST_SESSIONS: usize = 8;

/// What the parts of jobs in one script say.
#[derive(Debug)]
pub(crate) struct Parts {
    /// The variable that a part is in, and what it says.
    facts: [(Option<Piece>, Field, Option<Text>); MOST_FACTS],
    count: usize,
    /// Whether the scheduler's COM object was made.
    has_com: bool,
    /// Whether the scheduler's CIM class was named.
    has_cim: bool,
    target: Option<Piece>,
    /// Sessions with other hosts: the variables that they are in, the hosts.
    sessions: [Option<(Piece, Piece)>; MOST_SESSIONS],
    /// The name of the task, or of the folder of tasks, that was got last.
    got: Option<Piece>,
    /// Whether a call took parts; parts that none takes are told at the end.
    is_told: bool,
}

impl Default for Parts {
    fn default() -> Parts {
        Parts {
            facts: [(None, Field::JobActivity, None); MOST_FACTS],
            count: 0,
            has_com: false,
            has_cim: false,
            target: None,
            sessions: [None; MOST_SESSIONS],
            got: None,
            is_told: false,
        }
    }
}

impl Parts {
    fn add(&mut self, variable: Option<Piece>, field: Field, text: Text) {
        if let Some(free) = self.facts.get_mut(self.count) {
            *free = (variable, field, Some(text));
            self.count = self.count.saturating_add(1);
        }
    }

    fn say(
        &mut self,
        variable: Option<Piece>,
        field: Field,
        word: &'static str,
    ) {
        self.add(variable, field, Text::Known(word));
    }

    /// States the parts that a call takes: those in no variable, and those
    /// in variables that it names.
    fn tell(&mut self, commands: &Commands, call: Command, jobs: &mut Jobs) {
        for (variable, field, text) in self.facts.iter_mut().take(self.count) {
            let is_named = variable.is_none_or(|variable| {
                let name = commands.arena.get(variable);
                names(commands, call, name)
            });
            if is_named && let Some(text) = *text {
                jobs.push(*field, text);
            }
        }
        // Parts in the call itself are its own.
        let taken = self.facts.iter_mut().take(self.count);
        for (_, _, text) in taken.filter(|(variable, ..)| variable.is_none()) {
            *text = None;
        }
        self.is_told = true;
    }

    /// Puts what a command takes into the variable of its result:
    /// `$task = New-ScheduledTask -Action $a`.
    fn gather(&mut self, commands: &Commands, command: Command) {
        let Some(whole) = command.origin.assigned else { return };
        for (variable, ..) in self.facts.iter_mut().take(self.count) {
            let is_taken = variable.is_none_or(|variable| {
                names(commands, command, commands.arena.get(variable))
            });
            if is_taken {
                *variable = Some(whole);
            }
        }
    }

    /// Tells what parts say that no call took.
    pub(crate) fn finish(&mut self, jobs: &mut Jobs) {
        let has_facts = self.count > 0;
        if !self.is_told && has_facts {
            jobs.say(Field::JobScheduler, Scheduler::WindowsTasks.name());
            jobs.say(Field::JobInterface, self.interface().name());
            for (_, field, text) in self.facts.iter().take(self.count) {
                if let Some(text) = text {
                    jobs.push(*field, *text);
                }
            }
            jobs.end();
        }
        *self = Parts::default();
    }

    /// Takes note of `$s = New-CimSession host`.
    fn note_session(&mut self, commands: &Commands, command: Command) {
        let host = parameter(commands, command, "computername", 2)
            .or_else(|| parameter(commands, command, "cn", 2))
            .or_else(|| positional(commands, command));
        let free = self.sessions.iter_mut().find(|slot| slot.is_none());
        if let Some(free) = free {
            *free = command.origin.assigned.zip(host);
        }
    }

    /// The host that the value of a parameter stands for: its name, a
    /// session in a variable, or one that is made in brackets.
    fn host(&self, value: Piece, arena: &mut Arena) -> Piece {
        let text = arena.get(value);
        if let [b'$', name @ ..] = text {
            let mut known = self.sessions.iter().flatten();
            let session = known.find(|(variable, _)| {
                arena.get(*variable).eq_ignore_ascii_case(name)
            });
            return host(session.map_or(value, |(_, host)| *host), arena);
        }
        let makes = [b"new-cimsession".as_slice(), b"new-pssession"]
            .iter()
            .any(|name| crate::bytes::find(text, name, 0, false).is_some());
        if !makes {
            return host(value, arena);
        }
        // The first word behind the cmdlet that is no parameter.
        let is_end =
            |byte: &u8| byte.is_ascii_whitespace() || b"()'\"".contains(byte);
        let mut words =
            text.split(is_end).filter(|word| !matches!(word, [] | [b'-', ..]));
        let named = words.nth(1).unwrap_or_default();
        let Some(at) = memchr::memmem::find(text, named) else {
            return host(value, arena);
        };
        host(value.after(at).until(named.len()), arena)
    }

    fn interface(&self) -> Interface {
        match (self.has_com, self.has_cim) {
            (true, _) => Interface::Com,
            (_, true) => Interface::Cim,
            _ => Interface::PowerShell,
        }
    }
}

/// Whether a command's words name a variable.
fn names(commands: &Commands, command: Command, variable: &[u8]) -> bool {
    commands.words(command).iter().any(|word| {
        let text = commands.arena.get(word.text);
        memchr::memchr_iter(b'$', text).any(|at| {
            let rest = text.get(at.saturating_add(1)..).unwrap_or_default();
            let end = rest.iter().position(|byte| {
                !byte.is_ascii_alphanumeric() && *byte != b'_'
            });
            let name = rest.get(..end.unwrap_or(rest.len()));
            name.is_some_and(|name| name.eq_ignore_ascii_case(variable))
        })
    })
}

/// Cmdlets that do something to a job.
const CALLS: [(&str, Activity); 21] = [
    ("register-scheduledtask", Activity::Create),
    ("register-clusteredscheduledtask", Activity::Create),
    ("set-scheduledtask", Activity::Update),
    ("set-clusteredscheduledtask", Activity::Update),
    ("enable-scheduledtask", Activity::Enable),
    ("disable-scheduledtask", Activity::Disable),
    ("start-scheduledtask", Activity::Start),
    ("stop-scheduledtask", Activity::Stop),
    ("unregister-scheduledtask", Activity::Delete),
    ("unregister-clusteredscheduledtask", Activity::Delete),
    ("get-scheduledtask", Activity::Query),
    ("get-scheduledtaskinfo", Activity::Query),
    ("get-clusteredscheduledtask", Activity::Query),
    ("export-scheduledtask", Activity::Query),
    ("register-scheduledjob", Activity::Create),
    ("set-scheduledjob", Activity::Update),
    ("enable-scheduledjob", Activity::Enable),
    ("disable-scheduledjob", Activity::Disable),
    ("unregister-scheduledjob", Activity::Delete),
    ("get-scheduledjob", Activity::Query),
    ("add-jobtrigger", Activity::Update),
];

/// Cmdlets that a text may look up by a pattern, and tools that it may start
/// so.
pub(crate) const CMDLETS: [&str; 30] = [
    "register-scheduledtask",
    "register-clusteredscheduledtask",
    "set-scheduledtask",
    "set-clusteredscheduledtask",
    "enable-scheduledtask",
    "disable-scheduledtask",
    "start-scheduledtask",
    "stop-scheduledtask",
    "unregister-scheduledtask",
    "unregister-clusteredscheduledtask",
    "get-scheduledtask",
    "get-scheduledtaskinfo",
    "get-clusteredscheduledtask",
    "export-scheduledtask",
    "register-scheduledjob",
    "set-scheduledjob",
    "enable-scheduledjob",
    "disable-scheduledjob",
    "unregister-scheduledjob",
    "get-scheduledjob",
    "new-scheduledtask",
    "new-scheduledtaskaction",
    "new-scheduledtasktrigger",
    "new-scheduledtaskprincipal",
    "new-scheduledtasksettingsset",
    "new-jobtrigger",
    "new-scheduledjoboption",
    "invoke-cimmethod",
    "invoke-wmimethod",
    "schtasks.exe",
];

/// Reads one command of a script.
pub(crate) fn read(
    commands: &mut Commands,
    command: Command,
    parts: &mut Parts,
    jobs: &mut Jobs,
    notes: &mut Notes,
) {
    let program = commands.text(command, 0).unwrap_or_default();
    // `ScheduledTasks\Register-ScheduledTask` is module-qualified.
    let slash = memchr::memrchr(b'\\', program);
    let program = program.get(slash.map_or(0, |at| at.saturating_add(1))..);
    let name = Lower::new(program.unwrap_or_default());
    if let Some(method) = name.strip_prefix(b".") {
        object(method, commands, command, parts, jobs);
        return;
    }
    if let Some((_, activity)) =
        CALLS.iter().find(|(call, _)| call.as_bytes() == &*name)
    {
        let is_job = name.ends_with(b"job") || name.ends_with(b"jobtrigger");
        call(*activity, is_job, commands, command, parts, jobs);
        return;
    }
    match &*name {
        b"new-scheduledtask" => parts.gather(commands, command),
        b"new-scheduledtaskaction" => new_action(commands, command, parts),
        b"new-scheduledtasktrigger" | b"new-jobtrigger" => {
            new_trigger(commands, command, parts);
        }
        b"new-scheduledtaskprincipal" => {
            new_principal(commands, command, parts);
        }
        b"new-scheduledtasksettingsset" | b"new-scheduledjoboption" => {
            new_settings(commands, command, parts);
        }
        b"new-object" => new_object(commands, command, parts),
        b"new-cimsession" | b"new-pssession" => {
            parts.note_session(commands, command);
        }
        b"invoke-cimmethod" | b"invoke-wmimethod" | b"icim" | b"iwmi"
        | b"get-cimclass" | b"get-wmiobject" | b"gwmi" => {
            class(commands, command, parts, jobs);
        }
        b"remove-itemproperty"
        | b"rp"
        | b"set-itemproperty"
        | b"sp"
        | b"new-itemproperty"
        | b"remove-item"
        | b"ri"
        | b"new-item"
        | b"ni" => key_changed(&name, commands, command, jobs),
        b"where-object" | b"where" | b"?" => chosen(commands, command, parts),
        _ => write::read(commands, command, None, jobs, notes),
    }
}

/// Tasks that are chosen by their names: `? {$_.TaskName -like '*x*'}`.
fn chosen(commands: &mut Commands, command: Command, parts: &mut Parts) {
    let text = commands.joined(command, 1);
    let bytes = commands.arena.get(text);
    let named = [b"taskname".as_slice(), b"taskpath"]
        .iter()
        .find_map(|name| crate::bytes::find(bytes, name, 0, false));
    let Some(named) = named else { return };
    let rest = text.after(named);
    let bytes = commands.arena.get(rest);
    let Some(start) = memchr::memchr2(b'\'', b'"', bytes) else { return };
    let inside = rest.after(start.saturating_add(1));
    let bytes = commands.arena.get(inside);
    if let Some(end) = memchr::memchr2(b'\'', b'"', bytes) {
        parts.got = Some(inside.until(end));
    }
}

/// A cmdlet that changes the registry: its drives are hives.
fn key_changed(
    name: &[u8],
    commands: &mut Commands,
    command: Command,
    jobs: &mut Jobs,
) {
    let path = parameter(commands, command, "path", 2)
        .or_else(|| parameter(commands, command, "literalpath", 2))
        .or_else(|| positional(commands, command));
    let Some(path) = path else { return };
    let is_value =
        name.ends_with(b"property") || matches!(name, b"rp" | b"sp");
    let change = match name.first() {
        Some(b'r') => Change::Deleted,
        Some(b's') => Change::Set,
        _ if is_value => Change::Set,
        _ => Change::Created,
    };
    let value = parameter(commands, command, "name", 1);
    let details = parameter(commands, command, "value", 1);
    let arena = &mut commands.arena;
    let mark = arena.mark();
    arena.extend_from(path);
    if let Some(value) = value.filter(|_| is_value) {
        arena.push(b'\\');
        arena.extend_from(value);
    }
    let object = arena.since(mark);
    registry::change(object, change, details, false, commands, jobs);
}

/// The value of a parameter, by its name or a beginning of it.
fn parameter(
    commands: &Commands,
    command: Command,
    full: &str,
    least: usize,
) -> Option<Piece> {
    let words = commands.words(command);
    let at = words.iter().position(|word| {
        let text = commands.arena.get(word.text);
        let Some(name) = text.strip_prefix(b"-") else { return false };
        let colon = memchr::memchr(b':', name).unwrap_or(name.len());
        let name = name.get(..colon).unwrap_or_default();
        name.len() >= least
            && full
                .as_bytes()
                .get(..name.len())
                .is_some_and(|head| head.eq_ignore_ascii_case(name))
    })?;
    let word = words.get(at)?.text;
    let colon = memchr::memchr(b':', commands.arena.get(word));
    match colon {
        Some(colon) => {
            let value = word.after(colon.saturating_add(1));
            if value.is_empty() {
                words.get(at.saturating_add(1)).map(|word| word.text)
            } else {
                Some(value)
            }
        }
        None => words.get(at.saturating_add(1)).map(|word| word.text),
    }
}

/// Whether a switch is given.
fn has_switch(
    commands: &Commands,
    command: Command,
    full: &str,
    least: usize,
) -> bool {
    commands.words(command).iter().any(|word| {
        let text = commands.arena.get(word.text);
        let name = text.strip_prefix(b"-").unwrap_or_default();
        let colon = memchr::memchr(b':', name).unwrap_or(name.len());
        let (name, value) = name.split_at_checked(colon).unwrap_or_default();
        name.len() >= least
            && !value.eq_ignore_ascii_case(b":$false")
            && full
                .as_bytes()
                .get(..name.len())
                .is_some_and(|head| head.eq_ignore_ascii_case(name))
    })
}

/// The first word behind the program that is no parameter.
fn positional(commands: &Commands, command: Command) -> Option<Piece> {
    let first = commands.words(command).get(1)?.text;
    let text = commands.arena.get(first);
    let is_value =
        !matches!(text, [b'-', next, ..] if next.is_ascii_alphabetic());
    is_value.then_some(first)
}

/// A call of a cmdlet that does something to a job.
fn call(
    activity: Activity,
    is_job: bool,
    commands: &mut Commands,
    command: Command,
    parts: &mut Parts,
    jobs: &mut Jobs,
) {
    jobs.head(activity, Scheduler::WindowsTasks, Interface::PowerShell);
    if is_job {
        jobs.say(Field::JobTrait, Trait::ScheduledJobCmdlet.name());
    }
    let (name, least) = if is_job { ("name", 1) } else { ("taskname", 5) };
    let name = parameter(commands, command, name, least)
        .or_else(|| positional(commands, command));
    let folder = parameter(commands, command, "taskpath", 5);
    let name = match name {
        Some(name) => Some(joined(folder, name, commands)),
        // What is got by one call is what another does something to.
        None => folder.or(parts.got),
    };
    if activity == Activity::Query {
        parts.got = name;
    }
    if let Some(name) = name {
        jobs.write(Field::JobName, name);
    }
    for target in ["cimsession", "computername"] {
        let value = parameter(commands, command, target, 2);
        if let Some(value) = value {
            let value = parts.host(value, &mut commands.arena);
            jobs.write(Field::JobTarget, value);
        }
    }
    if matches!(activity, Activity::Query | Activity::Delete) {
        jobs.end();
        return;
    }
    if let Some(user) = parameter(commands, command, "user", 2) {
        account::push(user, System::Windows, &commands.arena, jobs);
    }
    if let Some(level) = parameter(commands, command, "runlevel", 2) {
        run_level(level, &commands.arena, jobs);
    }
    if let Some(xml) = parameter(commands, command, "xml", 1) {
        jobs.say(Field::JobInterface, Interface::Xml.name());
        if let Some(file) = file_of(xml, &commands.arena) {
            jobs.write(Field::JobFile, file);
        }
        super::definition::push(xml, commands, jobs);
    }
    if is_job {
        if let Some(text) = parameter(commands, command, "scriptblock", 7) {
            jobs.say(Field::JobCommand, "powershell");
            jobs.write(Field::JobArguments, text);
        } else if let Some(file) = parameter(commands, command, "filepath", 2)
        {
            jobs.say(Field::JobCommand, "powershell");
            jobs.write(Field::JobArguments, file);
        }
        if has_switch(commands, command, "runelevated", 4) {
            jobs.say(Field::JobRunLevel, "highest");
        }
    }
    parts.tell(commands, command, jobs);
    jobs.end();
}

/// A task's path: its folder and its name.
fn joined(
    folder: Option<Piece>,
    name: Piece,
    commands: &mut Commands,
) -> Piece {
    let Some(folder) = folder else {
        return task_name(name, &mut commands.arena);
    };
    let arena = &mut commands.arena;
    let mark = arena.mark();
    if arena.get(folder).first() != Some(&b'\\') {
        arena.push(b'\\');
    }
    arena.extend_from(folder);
    if arena.last_since(mark) != Some(b'\\') {
        arena.push(b'\\');
    }
    arena.extend_from(name);
    arena.since(mark)
}

fn run_level(level: Piece, arena: &Arena, jobs: &mut Jobs) {
    let level = arena.get(level);
    let is = |name: &[u8]| level.eq_ignore_ascii_case(name);
    if is(b"highest") || is(b"1") {
        jobs.say(Field::JobRunLevel, "highest");
    } else if is(b"limited") || is(b"0") {
        jobs.say(Field::JobRunLevel, "limited");
    }
}

/// The file that a text is read from: `(Get-Content x | Out-String)`.
fn file_of(text: Piece, arena: &Arena) -> Option<Piece> {
    let bytes = arena.get(text);
    let at = [b"get-content".as_slice(), b"gc ", b"readalltext(", b"type "]
        .iter()
        .find_map(|name| {
            let at = crate::bytes::find(bytes, name, 0, false)?;
            Some(at.saturating_add(name.len()))
        })?;
    let rest = bytes.get(at..)?;
    let is_before = |byte: &&u8| matches!(byte, b' ' | b'"' | b'\'' | b'(');
    let mut start = rest.iter().take_while(is_before).count();
    // `-Path x`.
    if rest.get(start) == Some(&b'-') {
        let behind = rest.get(start..)?;
        let word = behind.iter().take_while(|byte| **byte != b' ').count();
        let blank = behind.get(word..)?.iter().take_while(is_before).count();
        start = start.saturating_add(word).saturating_add(blank);
    }
    let end = rest
        .get(start..)?
        .iter()
        .take_while(|byte| !matches!(byte, b' ' | b'"' | b'\'' | b')' | b'|'));
    let end = end.count();
    (end > 0).then(|| text.after(at.saturating_add(start)).until(end))
}

/// What an action runs.
fn new_action(commands: &mut Commands, command: Command, parts: &mut Parts) {
    let execute = parameter(commands, command, "execute", 1)
        .or_else(|| positional(commands, command));
    // The second position is the argument's: `cmd.exe '/c x'`.
    let second = commands.words(command).get(2).filter(|second| {
        let text = commands.arena.get(second.text);
        positional(commands, command).is_some() && !text.starts_with(b"-")
    });
    let argument = parameter(commands, command, "argument", 2)
        .or(second.map(|second| second.text));
    let Some(execute) = execute else { return };
    for (program, arguments) in
        action::expanded(commands, execute, argument, command)
            .into_iter()
            .flatten()
    {
        let variable = command.origin.assigned;
        parts.add(variable, Field::JobCommand, Text::Written(program));
        parts.add(variable, Field::JobArguments, Text::Written(arguments));
    }
}

/// When a trigger is.
fn new_trigger(commands: &mut Commands, command: Command, parts: &mut Parts) {
    let variable = command.origin.assigned;
    for (name, least, trigger) in [
        ("once", 1_usize, Trigger::Once),
        ("daily", 2, Trigger::Daily),
        ("weekly", 1, Trigger::Weekly),
        ("atstartup", 3, Trigger::Boot),
        ("atlogon", 3, Trigger::Logon),
    ] {
        if has_switch(commands, command, name, least) {
            parts.say(variable, Field::JobTrigger, trigger.name());
        }
    }
    if has_switch(commands, command, "repetitioninterval", 12) {
        parts.say(variable, Field::JobTrigger, Trigger::Minute.name());
    }
}

/// Whom it runs as.
fn new_principal(
    commands: &mut Commands,
    command: Command,
    parts: &mut Parts,
) {
    let variable = command.origin.assigned;
    let user = parameter(commands, command, "userid", 1)
        .or_else(|| parameter(commands, command, "groupid", 1))
        .or_else(|| positional(commands, command));
    if let Some(user) = user {
        let text = account::text(user, System::Windows, &commands.arena);
        parts.add(variable, Field::JobUser, text);
    }
    let level = parameter(commands, command, "runlevel", 1);
    let level = level.map(|level| commands.arena.get(level));
    if level.is_some_and(|level| level.eq_ignore_ascii_case(b"highest")) {
        parts.say(variable, Field::JobRunLevel, "highest");
    }
}

fn new_settings(commands: &mut Commands, command: Command, parts: &mut Parts) {
    let variable = command.origin.assigned;
    if has_switch(commands, command, "hidden", 2)
        || has_switch(commands, command, "hideintaskscheduler", 3)
    {
        parts.say(variable, Field::JobHidden, "true");
    }
    if has_switch(commands, command, "runelevated", 4) {
        parts.say(variable, Field::JobRunLevel, "highest");
    }
}

fn new_object(commands: &mut Commands, command: Command, parts: &mut Parts) {
    let words = commands.words(command).iter();
    parts.has_com |= words
        .clone()
        .any(|word| names_scheduler(commands.arena.get(word.text)));
}

/// A method or property of an object.
fn object(
    method: &[u8],
    commands: &mut Commands,
    command: Command,
    parts: &mut Parts,
    jobs: &mut Jobs,
) {
    let words = commands.words(command).iter();
    let is_class = |text: &[u8]| {
        names_scheduler(text)
            || crate::bytes::find(text, b"ps_scheduledtask", 0, false)
                .is_some()
    };
    let names_class =
        words.clone().any(|word| is_class(commands.arena.get(word.text)));
    if matches!(method, b"gettypefromclsid" | b"gettypefromprogid")
        && names_class
    {
        parts.has_com = true;
        return;
    }
    if method == b"create" && of_class(commands, command, jobs) {
        return;
    }
    if !parts.has_com && !parts.has_cim {
        return;
    }
    let argument = |commands: &Commands, index: usize| -> Option<Piece> {
        commands.words(command).get(index).map(|word| word.text)
    };
    let first = argument(commands, 1);
    let number = first.map(|first| commands.arena.get(first));
    let number = number.and_then(|text| str::from_utf8(text).ok());
    let number = number.and_then(|text| text.trim().parse::<u32>().ok());
    match method {
        b"connect" => {
            let is_text = first.is_some_and(|first| {
                !matches!(commands.arena.get(first), [] | [b'$', ..])
            });
            parts.target = first.filter(|_| is_text);
        }
        b"triggers.create" => {
            if let Some(trigger) = number.and_then(com_trigger) {
                parts.say(None, Field::JobTrigger, trigger.name());
            }
        }
        b"path=" => {
            if let Some(program) = first {
                parts.add(None, Field::JobCommand, Text::Written(program));
            }
        }
        b"arguments=" => {
            if let Some(text) = first {
                parts.add(None, Field::JobArguments, Text::Written(text));
            }
        }
        b"runlevel=" if number == Some(1) => {
            parts.say(None, Field::JobRunLevel, "highest");
        }
        b"hidden=" => {
            let value = first.map(|first| commands.arena.get(first));
            let is_true = value.is_some_and(|value| {
                value.eq_ignore_ascii_case(b"$true") || value == b"1"
            });
            if is_true {
                parts.say(None, Field::JobHidden, "true");
            }
        }
        b"userid=" => {
            if let Some(user) = first {
                let arena = &commands.arena;
                let text = account::text(user, System::Windows, arena);
                parts.add(None, Field::JobUser, text);
            }
        }
        b"registertaskdefinition" | b"registertask" => {
            register(method, commands, command, parts, jobs);
        }
        b"deletetask" => com(Activity::Delete, first, commands, parts, jobs),
        b"gettask" | b"gettasks" | b"getfolder" | b"getfolders" => {}
        b"run" | b"runex" => com(Activity::Start, None, commands, parts, jobs),
        b"stop" => com(Activity::Stop, None, commands, parts, jobs),
        _ => {}
    }
}

fn com_trigger(number: u32) -> Option<Trigger> {
    Some(match number {
        0 => Trigger::OnEvent,
        1 => Trigger::Once,
        2 => Trigger::Daily,
        3 => Trigger::Weekly,
        4 | 5 => Trigger::Monthly,
        6 => Trigger::Idle,
        7 => Trigger::Registration,
        8 => Trigger::Boot,
        9 => Trigger::Logon,
        11 => Trigger::Session,
        _ => return None,
    })
}

/// A call that registers a task by COM.
fn register(
    method: &[u8],
    commands: &mut Commands,
    command: Command,
    parts: &mut Parts,
    jobs: &mut Jobs,
) {
    let argument = |commands: &Commands, index: usize| -> Option<Piece> {
        commands.words(command).get(index).map(|word| word.text)
    };
    let flags = argument(commands, 3);
    let is_update =
        flags.is_some_and(|flags| commands.arena.get(flags) == b"4");
    let activity = if is_update { Activity::Update } else { Activity::Create };
    jobs.head(activity, Scheduler::WindowsTasks, Interface::Com);
    if let Some(name) = argument(commands, 1) {
        let name = task_name(name, &mut commands.arena);
        jobs.write(Field::JobName, name);
    }
    if let Some(target) = parts.target {
        let target = host(target, &mut commands.arena);
        jobs.write(Field::JobTarget, target);
    }
    let user = argument(commands, 4)
        .filter(|user| !matches!(commands.arena.get(*user), [] | [b'$', ..]));
    if let Some(user) = user {
        account::push(user, System::Windows, &commands.arena, jobs);
    }
    if method == b"registertask" {
        jobs.say(Field::JobInterface, Interface::Xml.name());
        if let Some(xml) = argument(commands, 2) {
            super::definition::push(xml, commands, jobs);
        }
    }
    parts.tell(commands, command, jobs);
    jobs.end();
}

fn com(
    activity: Activity,
    name: Option<Piece>,
    commands: &mut Commands,
    parts: &mut Parts,
    jobs: &mut Jobs,
) {
    parts.is_told = true;
    jobs.head(activity, Scheduler::WindowsTasks, Interface::Com);
    if let Some(name) = name {
        let name = task_name(name, &mut commands.arena);
        jobs.write(Field::JobName, name);
    }
    if let Some(target) = parts.target {
        let target = host(target, &mut commands.arena);
        jobs.write(Field::JobTarget, target);
    }
    jobs.end();
}

/// A call by CIM or WMI: `PS_ScheduledTask`, `Win32_ScheduledJob`,
/// `Win32_Process`.
fn class(
    commands: &mut Commands,
    command: Command,
    parts: &mut Parts,
    jobs: &mut Jobs,
) {
    let has = |commands: &Commands, name: &[u8]| {
        commands.words(command).iter().any(|word| {
            let text = commands.arena.get(word.text);
            crate::bytes::find(text, name, 0, false).is_some()
        })
    };
    if has(commands, b"ps_scheduledtask")
        || has(commands, br"microsoft\windows\taskscheduler")
    {
        parts.has_cim = true;
        cim(commands, command, parts, jobs);
    } else if has(commands, b"win32_scheduledjob") {
        scheduled_job(commands, command, jobs);
    } else if has(commands, b"win32_process") && has(commands, b"create") {
        let line = parameter(commands, command, "commandline", 3)
            .or_else(|| parameter(commands, command, "argumentlist", 2));
        let target = parameter(commands, command, "computername", 3)
            .or_else(|| parameter(commands, command, "cimsession", 4));
        let target =
            target.map(|target| parts.host(target, &mut commands.arena));
        let mut outer = command;
        outer.origin.host = target.or(outer.origin.host);
        if let Some(line) = line {
            commands.add_inner_line(outer, line);
        }
    }
}

/// `Create` of a class of WMI, which is the first word: `\\\\host\root\cimv2:
/// Win32_ScheduledJob`; whether it is one that starts something.
fn of_class(
    commands: &mut Commands,
    command: Command,
    jobs: &mut Jobs,
) -> bool {
    let words = commands.words(command);
    let (Some(class), line) = (words.get(1), words.get(2)) else {
        return false;
    };
    let (class, line) = (class.text, line.map(|line| line.text));
    let text = commands.arena.get(class);
    let has = |name: &[u8]| crate::bytes::find(text, name, 0, false).is_some();
    let (is_job, is_process) =
        (has(b"win32_scheduledjob"), has(b"win32_process"));
    let on = text.strip_prefix(br"\\").map(|rest| {
        let end = memchr::memchr(b'\\', rest).unwrap_or(rest.len());
        class.after(2).until(end)
    });
    let on = on.filter(|on| commands.arena.get(*on) != b".");
    let mut outer = command;
    outer.origin.host = on.or(outer.origin.host);
    if is_job {
        jobs.head(Activity::Create, Scheduler::At, Interface::Wmi);
        if let Some(on) = on {
            let on = host(on, &mut commands.arena);
            jobs.write(Field::JobTarget, on);
        }
        if let Some(line) = line {
            action::push_line(commands, line, outer, jobs);
        }
        jobs.end();
    } else if let Some(line) = line.filter(|_| is_process) {
        commands.add_inner_line(outer, line);
    }
    is_job || is_process
}

/// A method of the scheduler's CIM class.
fn cim(
    commands: &mut Commands,
    command: Command,
    parts: &mut Parts,
    jobs: &mut Jobs,
) {
    let method = parameter(commands, command, "methodname", 1)
        .or_else(|| parameter(commands, command, "name", 2));
    let Some(method) = method else { return };
    let method = Lower::new(commands.arena.get(method));
    let begins = |name: &[u8]| method.starts_with(name);
    let activity = if begins(b"register") {
        Activity::Create
    } else if begins(b"set") {
        Activity::Update
    } else if begins(b"delete") {
        Activity::Delete
    } else if begins(b"enable") {
        Activity::Enable
    } else if begins(b"disable") {
        Activity::Disable
    } else if begins(b"start") {
        Activity::Start
    } else if begins(b"stop") || begins(b"end") {
        Activity::Stop
    } else if begins(b"get") || begins(b"export") {
        Activity::Query
    } else {
        return;
    };
    jobs.head(activity, Scheduler::WindowsTasks, Interface::Cim);
    let name = parameter(commands, command, "taskname", 5);
    let folder = parameter(commands, command, "taskpath", 5);
    if let Some(name) = name {
        let name = joined(folder, name, commands);
        jobs.write(Field::JobName, name);
    }
    let target = parameter(commands, command, "computername", 3)
        .or_else(|| parameter(commands, command, "cimsession", 4));
    if let Some(target) = target {
        let target = parts.host(target, &mut commands.arena);
        jobs.write(Field::JobTarget, target);
    }
    if let Some(user) = parameter(commands, command, "user", 4) {
        account::push(user, System::Windows, &commands.arena, jobs);
    }
    if let Some(xml) = parameter(commands, command, "xml", 3) {
        jobs.say(Field::JobInterface, Interface::Xml.name());
        super::definition::push(xml, commands, jobs);
    }
    parts.tell(commands, command, jobs);
    jobs.end();
}

/// `Win32_ScheduledJob.Create(command, ..)`.
fn scheduled_job(commands: &mut Commands, command: Command, jobs: &mut Jobs) {
    let line = parameter(commands, command, "argumentlist", 2)
        .or_else(|| parameter(commands, command, "command", 4));
    jobs.head(Activity::Create, Scheduler::At, Interface::Wmi);
    let target = parameter(commands, command, "computername", 3);
    if let Some(target) = target {
        let target = host(target, &mut commands.arena);
        jobs.write(Field::JobTarget, target);
    }
    if let Some(line) = line {
        action::push_line(commands, line, command, jobs);
    }
    jobs.end();
}
