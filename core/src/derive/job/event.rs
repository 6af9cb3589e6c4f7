/*!
An event to the jobs that it speaks of.
*/

use super::facts::{
    Activity, Interface, Jobs, Scheduler, Text, Trigger, task_name,
};
use super::registry::{self, Change};
use super::traits::Trait;
use super::{
    account, action, call, cloud, definition, file, process, scheduled,
};
use crate::derive::canonical::Canonical;
use crate::derive::canonical::argv;
use crate::derive::canonical::command::{Commands, System, words_end};
use crate::derive::canonical::notes::Notes;
use crate::derive::canonical::path;
use crate::derive::canonical::powershell;
use crate::event::{Event, EventKind, Field, Platform};

/// Tells the jobs of an event. Allocates nothing once the memory is warm.
pub(crate) fn read(
    event: &Event<'_>,
    commands: &mut Commands,
    jobs: &mut Jobs,
) {
    commands.clear();
    jobs.clear();
    // Rules look for no job in what a platform does not log.
    if !event.kind().platforms().contains(&event.platform) {
        return;
    }
    let system = System::of(event.platform);
    subject(event, system, commands, jobs);
    tell(event, system, commands, jobs);
    jobs.sum_up(&commands.arena, event.get(Field::ParentImage));
}

fn tell(
    event: &Event<'_>,
    system: System,
    commands: &mut Commands,
    jobs: &mut Jobs,
) {
    match event.kind() {
        EventKind::ProcessCreation => creation(event, system, commands, jobs),
        EventKind::ScriptBlock if commands.canonical == Canonical::Full => {
            script(event, commands, jobs);
        }
        EventKind::TaskRegistered => {
            task(event, Activity::Create, commands, jobs);
        }
        EventKind::TaskUpdated => {
            task(event, Activity::Update, commands, jobs)
        }
        EventKind::TaskDeleted => {
            task(event, Activity::Delete, commands, jobs)
        }
        EventKind::TaskEnabled => {
            task(event, Activity::Enable, commands, jobs)
        }
        EventKind::TaskDisabled => {
            task(event, Activity::Disable, commands, jobs);
        }
        EventKind::TaskScheduler => log_entry(event, commands, jobs),
        EventKind::RegistryEvent => {
            if let Some(object) = event.get(Field::TargetObject) {
                let kind = event.get(Field::EventType).unwrap_or_default();
                registry::read(
                    object,
                    Change::named(kind),
                    event.get(Field::Details),
                    event.get(Field::Image),
                    commands,
                    jobs,
                );
            }
        }
        EventKind::FileCreation
        | EventKind::FileRename
        | EventKind::FileLink => {
            let path = event.get(Field::TargetFilename);
            written(path, Activity::Create, system, commands, jobs);
        }
        EventKind::FileModification => {
            let path = event.get(Field::TargetFilename);
            written(path, Activity::Update, system, commands, jobs);
        }
        EventKind::FileDeletion => {
            let path = event.get(Field::TargetFilename);
            written(path, Activity::Delete, system, commands, jobs);
        }
        EventKind::AuditPath => audit_path(event, commands, jobs),
        EventKind::AuditExecve | EventKind::AuditProctitle
            if commands.canonical == Canonical::Off => {}
        EventKind::AuditExecve => {
            if let Some(line) = event.get(Field::Argv) {
                let notes =
                    process::read(line, None, System::Unix, commands, jobs);
                state(notes, jobs);
            }
        }
        EventKind::AuditProctitle => {
            if let Some(line) = event.get(Field::Proctitle) {
                let notes =
                    process::read(line, None, System::Unix, commands, jobs);
                state(notes, jobs);
            }
        }
        EventKind::ModuleLoad => call::module(event, jobs),
        EventKind::ShareAccess => call::share(event, commands, jobs),
        EventKind::DirectoryChange => call::directory(event, jobs),
        EventKind::RpcCall => call::rpc(event, commands, jobs),
        EventKind::KubernetesApiCall => {
            call::kubernetes(event, commands, jobs);
        }
        EventKind::CloudActivity => azure(event, commands, jobs),
        EventKind::AwsApiCall => cloud::aws(event, commands, jobs),
        EventKind::GcpApiCall => cloud::gcp(event, commands, jobs),
        EventKind::JobRecord => scheduled::read(event, commands, jobs),
        EventKind::ScheduledJob => {
            for &field in EventKind::ScheduledJob.fields() {
                if let Some(value) = event.get(field) {
                    let value = commands.arena.add(value);
                    jobs.write(field, value);
                }
            }
            jobs.end();
        }
        _ => {}
    }
}

/// States who did it, with every job of the event.
fn subject(
    event: &Event<'_>,
    system: System,
    commands: &mut Commands,
    jobs: &mut Jobs,
) {
    if let Some(image) = event.get(Field::Image) {
        let image = commands.arena.add(image);
        let (arena, notes) = (&mut commands.arena, &mut Notes::default());
        let image = path::canonical(image, system, arena, notes);
        jobs.say_of_all(Field::JobWriter, Text::Written(image));
    }
    if let Some(user) = event.get(Field::User) {
        let user = commands.arena.add(user);
        let user = account::text(user, system, &commands.arena);
        jobs.say_of_all(Field::JobSubject, user);
    }
}

/// States what had to be undone, with every job of the event.
fn state(notes: Notes, jobs: &mut Jobs) {
    for what in notes.iter() {
        jobs.say_with_all(Field::Obfuscation, what.name());
    }
}

fn creation(
    event: &Event<'_>,
    system: System,
    commands: &mut Commands,
    jobs: &mut Jobs,
) {
    let Some(line) = event.get(Field::CommandLine) else { return };
    if commands.canonical != Canonical::Off && !is_only_a_word(event, line) {
        // A file of Unix has no header, so its path stands for that.
        let original = match system {
            System::Windows => event.get(Field::OriginalFileName),
            System::Unix => event.get(Field::Image),
        };
        let notes = process::read(line, original, system, commands, jobs);
        state(notes, jobs);
    }
    if let Some(scheduler) = started_by(event, system) {
        jobs.say(Field::JobActivity, Activity::Start.name());
        jobs.say(Field::JobScheduler, scheduler.name());
        jobs.say(Field::JobTrait, Trait::Ran.name());
        if let Some(image) = event.get(Field::Image) {
            let image = commands.arena.add(image);
            jobs.write(Field::JobCommand, image);
            // Where the program is, is said by its path, not by its line.
            let line = commands.arena.add(line);
            let text = commands.arena.get(line);
            let arguments = match system {
                System::Windows => {
                    let behind = line.after(argv::program_end(text));
                    action::single_separators(behind, &mut commands.arena)
                }
                System::Unix => line.after(words_end(text, 1)),
            };
            jobs.write(Field::JobArguments, arguments);
        }
        jobs.end();
    }
}

/// Whether a line of Windows begins with `at`, a common word, and nothing says
/// that the program is meant. No guard could tell these.
fn is_only_a_word(event: &Event<'_>, line: &[u8]) -> bool {
    let first = line.split(u8::is_ascii_whitespace).next();
    let name = path::stem(first.unwrap_or_default());
    let is_at =
        |file: &[u8]| crate::bytes::name(file).eq_ignore_ascii_case(b"at.exe");
    let image = event.get(Field::Image);
    let header = event.get(Field::OriginalFileName);
    event.platform == Platform::Windows
        && name.eq_ignore_ascii_case(b"at")
        && !image.into_iter().chain(header).any(is_at)
}

/// The scheduler that a process was started by.
fn started_by(event: &Event<'_>, system: System) -> Option<Scheduler> {
    let parent = path::stem(event.get(Field::ParentImage)?);
    let line = event.get(Field::ParentCommandLine).unwrap_or_default();
    let is = |name: &[u8]| parent.eq_ignore_ascii_case(name);
    match system {
        System::Windows => {
            let has = |what: &[u8]| {
                crate::bytes::find(line, what, 0, false).is_some()
            };
            let is_service = is(b"svchost") && has(b"schedule")
                || is(b"svchost") && has(b"netsvcs") && !has(b" -s ");
            (is_service || is(b"taskeng") || is(b"taskhostw"))
                .then_some(Scheduler::WindowsTasks)
        }
        System::Unix => Some(match parent {
            b"cron" | b"crond" | b"CRON" => Scheduler::Cron,
            b"anacron" => Scheduler::Anacron,
            b"atd" => Scheduler::At,
            b"incrond" => Scheduler::Incron,
            b"fcron" => Scheduler::Fcron,
            _ => return None,
        }),
    }
}

/// A script block: the text of a script.
fn script(event: &Event<'_>, commands: &mut Commands, jobs: &mut Jobs) {
    let Some(text) = event.get(Field::ScriptBlockText) else { return };
    // A module's own code speaks of no job.
    let is_module = [b"__cmdletization".as_slice(), b"Export-ModuleMember"]
        .iter()
        .any(|mark| memchr::memmem::find(text, mark).is_some());
    if is_module {
        return;
    }
    let piece = commands.arena.add(text);
    let outer = definition::outermost();
    powershell::expand_text(commands, outer, piece);
    let notes = process::read_all(text, None, commands, jobs);
    state(notes, jobs);
}

/// An event of a task, with its definition where the event has it.
fn task(
    event: &Event<'_>,
    activity: Activity,
    commands: &mut Commands,
    jobs: &mut Jobs,
) {
    jobs.say(Field::JobScheduler, Scheduler::WindowsTasks.name());
    jobs.say(Field::JobInterface, Interface::TaskLog.name());
    // Asked for from another host, by what the event says of its client.
    let is = |field: Field, value: &[u8]| event.get(field) == Some(value);
    if is(Field::RpcCallClientLocality, b"0")
        && is(Field::ClientProcessId, b"0")
    {
        jobs.say(Field::JobInterface, Interface::Rpc.name());
        if let Some(host) = event.host {
            let host = commands.arena.add(host);
            let host = super::facts::host(host, &mut commands.arena);
            jobs.write(Field::JobTarget, host);
        }
    }
    by_the_host(event.get(Field::SubjectUserName), jobs);
    let content = event.get(Field::TaskContent);
    let said = content.map(|content| {
        let content = commands.arena.add(content);
        definition::push(content, commands, jobs)
    });
    let said = said.unwrap_or_default();
    let is_off = said.is_disabled && activity == Activity::Create;
    jobs.say(Field::JobActivity, activity.name());
    if is_off {
        jobs.say(Field::JobActivity, Activity::Disable.name());
    }
    let name = event.get(Field::TaskName);
    let name = name.map(|name| commands.arena.add(name)).or(said.name);
    if let Some(name) = name {
        let name = task_name(name, &mut commands.arena);
        jobs.write(Field::JobName, name);
    }
    if let Some(subject) = event.get(Field::SubjectUserName) {
        let subject = commands.arena.add(subject);
        let subject = account::text(subject, System::Windows, &commands.arena);
        if !said.has_user && content.is_some() {
            jobs.push(Field::JobUser, subject);
        }
        if !said.has_author {
            jobs.push(Field::JobAuthor, subject);
        }
    }
    jobs.end();
}

/// States that Windows itself did it: the account of the host, `WS1$`, or
/// SYSTEM.
fn by_the_host(account: Option<&[u8]>, jobs: &mut Jobs) {
    let is_host = account.is_some_and(|name| {
        name.ends_with(b"$")
            || account::known(name, System::Windows) == Some("SYSTEM")
    });
    if is_host {
        jobs.say(Field::JobTrait, Trait::SubjectHost.name());
    }
}

/// An entry of the scheduler's own log.
fn log_entry(event: &Event<'_>, commands: &mut Commands, jobs: &mut Jobs) {
    let (activity, trigger) = match event.event_id.unwrap_or_default() {
        b"106" => (Activity::Create, None),
        b"140" => (Activity::Update, None),
        b"141" => (Activity::Delete, None),
        b"142" => (Activity::Disable, None),
        b"110" | b"129" | b"200" | b"201" => (Activity::Start, None),
        b"107" => (Activity::Start, Some(Trigger::Once)),
        b"108" => (Activity::Start, Some(Trigger::OnEvent)),
        b"118" => (Activity::Start, Some(Trigger::Boot)),
        b"119" => (Activity::Start, Some(Trigger::Logon)),
        _ => return,
    };
    jobs.head(activity, Scheduler::WindowsTasks, Interface::TaskLog);
    if let Some(name) = event.get(Field::TaskName) {
        let name = commands.arena.add(name);
        let name = task_name(name, &mut commands.arena);
        jobs.write(Field::JobName, name);
    }
    by_the_host(event.get(Field::User), jobs);
    if let Some(trigger) = trigger {
        jobs.say(Field::JobTrigger, trigger.name());
    }
    if activity == Activity::Start && event.event_id != Some(b"110") {
        jobs.say(Field::JobTrait, Trait::Ran.name());
    }
    let program = event.get(Field::ActionName).or(event.get(Field::Path));
    if let Some(program) = program.filter(|_| activity == Activity::Start) {
        let program = commands.arena.add(program);
        let (arena, notes) = (&mut commands.arena, &mut Notes::default());
        let program = path::windows(program, arena, notes);
        let none = commands.arena.add(b"");
        jobs.write(Field::JobCommand, program);
        jobs.write(Field::JobArguments, none);
    }
    jobs.end();
}

/// A file that was created, written or removed.
fn written(
    path: Option<&[u8]>,
    activity: Activity,
    system: System,
    commands: &mut Commands,
    jobs: &mut Jobs,
) {
    let Some(path) = path else { return };
    let path = commands.arena.add(path);
    let mut notes = Notes::default();
    let arena = &mut commands.arena;
    let path = path::canonical(path, system, arena, &mut notes);
    let known = match system {
        System::Windows => file::windows(arena.get(path)),
        System::Unix => file::unix(arena.get(path)),
    };
    let Some(file) = known else { return };
    let about = file::About {
        path,
        file,
        activity,
        interface: Interface::File,
        content: None,
    };
    file::tell(about, commands, definition::outermost(), jobs);
    state(notes, jobs);
}

/// A path that a system call named.
fn audit_path(event: &Event<'_>, commands: &mut Commands, jobs: &mut Jobs) {
    let activity = match event.get(Field::Nametype).unwrap_or_default() {
        b"CREATE" => Activity::Create,
        b"DELETE" => Activity::Delete,
        b"NORMAL" => Activity::Update,
        _ => return,
    };
    let path = event.get(Field::Name);
    written(path, activity, System::Unix, commands, jobs);
}

/// Operations of Azure on what it runs by schedule.
fn azure(event: &Event<'_>, commands: &mut Commands, jobs: &mut Jobs) {
    let operation = event.get(Field::OperationName).unwrap_or_default();
    let has =
        |what: &[u8]| crate::bytes::find(operation, what, 0, false).is_some();
    let scheduler = if has(b"/automationaccounts/") {
        Scheduler::AzureAutomation
    } else if has(b"microsoft.logic/workflows/") {
        Scheduler::AzureLogicApps
    } else {
        return;
    };
    let result = event.get(Field::ResultType).unwrap_or_default();
    let is_failed = [b"fail".as_slice(), b"denied", b"cancel"]
        .iter()
        .any(|word| crate::bytes::find(result, word, 0, false).is_some());
    // What is only begun is told again when it is done.
    let is_begun = [b"start".as_slice(), b"started", b"accept", b"accepted"]
        .iter()
        .any(|word| result.eq_ignore_ascii_case(word));
    let ends = |what: &[u8]| crate::bytes::ends_with(operation, what, false);
    let activity = if is_failed || is_begun {
        return;
    } else if ends(b"/delete") {
        Activity::Delete
    } else if ends(b"/enable/action") {
        Activity::Enable
    } else if ends(b"/disable/action") {
        Activity::Disable
    } else if has(b"/jobs/") || has(b"/triggers/run/") {
        Activity::Start
    } else if ends(b"/write") || ends(b"/action") {
        Activity::Update
    } else {
        return;
    };
    jobs.head(activity, scheduler, Interface::Api);
    if let Some(name) = event.get(Field::ResourceId) {
        let name = commands.arena.add(name);
        jobs.write(Field::JobName, name);
    }
    jobs.end();
}
