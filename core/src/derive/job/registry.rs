/*!
The registry, where Windows keeps its tasks.
*/

use super::action;
use super::definition::outermost;
use super::facts::{Activity, Interface, Jobs, Scheduler, Trigger};
use super::traits::Trait;
use crate::derive::canonical::arena::Piece;
use crate::derive::canonical::command::Commands;
use crate::event::Field;

/// The key below which tasks stand, whatever the hive is called.
const CACHE: &[u8] =
    br"\microsoft\windows nt\currentversion\schedule\taskcache\";

/// Where the interval of `at` is switched on.
const ENABLE_AT: &[u8] = br"\currentversion\schedule\configuration\enableat";

/// Commands that the compatibility telemetry starts by schedule.
const TELEMETRY: &[u8] = br"\appcompatflags\telemetrycontroller\";

/// What was done to a key or value.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Change {
    Created,
    Set,
    Deleted,
    Other,
}

impl Change {
    /// By Sysmon's name of it.
    pub(crate) fn named(name: &[u8]) -> Change {
        match name {
            b"CreateKey" => Change::Created,
            b"SetValue" => Change::Set,
            b"DeleteKey" | b"DeleteValue" => Change::Deleted,
            _ => Change::Other,
        }
    }
}

/// The programs by which the scheduler itself, and Windows' setup, write.
const OWN_WRITERS: [&str; 8] = [
    r"\system32\svchost.exe",
    r"\tiworker.exe",
    r"\mousocoreworker.exe",
    r"\services.exe",
    r"\ngen.exe",
    r"\ngentask.exe",
    r"\trustedinstaller.exe",
    r"\setuphost.exe",
];

/// Tells the job that a change of the registry speaks of.
pub(crate) fn read(
    object: &[u8],
    change: Change,
    details: Option<&[u8]>,
    writer: Option<&[u8]>,
    commands: &mut Commands,
    jobs: &mut Jobs,
) {
    let object = commands.arena.add(object);
    let details = details.map(|details| commands.arena.add(details));
    let is_own = writer.is_some_and(|writer| {
        OWN_WRITERS
            .iter()
            .any(|own| crate::bytes::ends_with(writer, own.as_bytes(), false))
    });
    self::change(object, change, details, is_own, commands, jobs);
}

/// Tells the job that a change of a key or value speaks of, which may be
/// Windows' own doing.
pub(crate) fn change(
    object: Piece,
    change: Change,
    details: Option<Piece>,
    is_own: bool,
    commands: &mut Commands,
    jobs: &mut Jobs,
) {
    let find = |commands: &Commands, place: &[u8]| {
        crate::bytes::find(commands.arena.get(object), place, 0, false)
    };
    let interface =
        if is_own { Interface::TaskLog } else { Interface::Registry };
    if let Some(at) = find(commands, CACHE) {
        let below = object.after(at.saturating_add(CACHE.len()));
        cache(below, change, details, interface, commands, jobs);
    } else if find(commands, ENABLE_AT).is_some() {
        let is_off = details.is_some_and(|details| {
            let details = commands.arena.get(details);
            details.ends_with(b"(0x00000000)") || details == b"0"
        });
        if is_off || change == Change::Deleted {
            return;
        }
        jobs.head(Activity::Enable, Scheduler::At, Interface::Registry);
        jobs.end();
    } else if change == Change::Set && is_environment(commands, object) {
        // A task that runs elevated starts a program by this variable, which
        // its user may set.
        jobs.head(
            Activity::Update,
            Scheduler::WindowsTasks,
            Interface::Registry,
        );
        jobs.say(Field::JobRunLevel, "highest");
        jobs.say(Field::JobTrait, Trait::EnvironmentChanged.name());
        if let Some(line) = details {
            action::push_line(commands, line, outermost(), jobs);
        }
        jobs.end();
    } else if find(commands, TELEMETRY).is_some() {
        let text = commands.arena.get(object);
        let is_command = crate::bytes::ends_with(text, br"\command", false);
        if let (true, Some(line)) = (is_command, details) {
            jobs.head(
                Activity::Update,
                Scheduler::WindowsTasks,
                Interface::Registry,
            );
            jobs.say(Field::JobTrait, Trait::RegistryTelemetry.name());
            action::push_line(commands, line, outermost(), jobs);
            jobs.end();
        }
    }
}

/// Whether a value is one of a user's environment that Windows' own tasks
/// begin the path of a program with.
fn is_environment(commands: &Commands, object: Piece) -> bool {
    let object = commands.arena.get(object);
    let is = |ending: &[u8]| crate::bytes::ends_with(object, ending, false);
    let begins = |hive: &[u8]| crate::bytes::starts_with(object, hive, false);
    let is_users = begins(b"hkcu")
        || begins(b"hku\\")
        || begins(b"hkey_current_user")
        || begins(b"hkey_users")
        || begins(br"\registry\user");
    is_users
        && (is(br"\environment\windir") || is(br"\environment\systemroot"))
}

/// Below `TaskCache`: `Tree\path`, `Tasks\{id}`, and lists by trigger.
fn cache(
    below: Piece,
    change: Change,
    details: Option<Piece>,
    interface: Interface,
    commands: &mut Commands,
    jobs: &mut Jobs,
) {
    let text = commands.arena.get(below);
    let slash = memchr::memchr(b'\\', text).unwrap_or(text.len());
    let (list, rest) = text.split_at_checked(slash).unwrap_or_default();
    let is = |name: &[u8]| list.eq_ignore_ascii_case(name);
    let last = memchr::memrchr(b'\\', rest);
    let value = last.and_then(|at| rest.get(at.saturating_add(1)..));
    let value = value.unwrap_or_default();
    let named = |name: &[u8]| value.eq_ignore_ascii_case(name);
    let is_zero = details.is_some_and(|details| {
        let details = commands.arena.get(details);
        details.ends_with(b"(0x00000000)") || details == b"0"
    });
    let path = below.after(slash);
    let of_value = path.until(last.unwrap_or(0));
    let mut tell = |activity: Option<Activity>, hidden: bool, name: Piece| {
        if let Some(activity) = activity {
            jobs.say(Field::JobActivity, activity.name());
        }
        jobs.say(Field::JobScheduler, Scheduler::WindowsTasks.name());
        jobs.say(Field::JobInterface, interface.name());
        if !name.is_empty() {
            jobs.write(Field::JobName, name);
        }
        if hidden {
            jobs.say(Field::JobHidden, "true");
        }
        jobs.end();
    };
    if is(b"tree") {
        let is_value = named(b"sd") || named(b"id") || named(b"index");
        match change {
            Change::Deleted if named(b"sd") || named(b"index") => {
                tell(Some(Activity::Update), true, of_value);
            }
            // The scheduler itself sets the descriptor of each new task.
            Change::Set
                if named(b"sd") && interface == Interface::Registry
                    || named(b"index") && is_zero =>
            {
                tell(Some(Activity::Update), true, of_value);
            }
            Change::Set if named(b"id") => {
                tell(Some(Activity::Create), false, of_value);
            }
            Change::Created => tell(Some(Activity::Create), false, path),
            Change::Deleted if !is_value => {
                tell(Some(Activity::Delete), false, path);
            }
            _ => {}
        }
    } else if is(b"tasks") {
        let none = path.until(0);
        match change {
            Change::Set if named(b"path") || named(b"uri") => {
                tell(Some(Activity::Update), false, details.unwrap_or(none));
            }
            Change::Set
                if named(b"actions")
                    || named(b"triggers")
                    || named(b"dynamicinfo")
                    || named(b"hash")
                    || named(b"author") =>
            {
                tell(Some(Activity::Update), false, none);
            }
            Change::Created => tell(Some(Activity::Create), false, none),
            Change::Deleted if !value.contains(&b'}') => {}
            Change::Deleted => tell(Some(Activity::Delete), false, none),
            _ => {}
        }
    } else {
        let trigger =
            [(b"boot".as_slice(), Trigger::Boot), (b"logon", Trigger::Logon)]
                .iter()
                .find(|(name, _)| is(name))
                .map(|(_, trigger)| *trigger);
        if let (Some(trigger), Change::Created) = (trigger, change) {
            jobs.head(Activity::Create, Scheduler::WindowsTasks, interface);
            jobs.say(Field::JobTrigger, trigger.name());
            jobs.end();
        }
    }
}
