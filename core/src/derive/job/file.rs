/*!
Files that schedulers read, by their paths.

Paths are canonical. What stands under another root (a container's, an
image's, that of a host which is mounted) counts too, so a path is searched
for the places and not compared from its beginning.
*/

use super::facts::{Activity, Interface, Jobs, Scheduler, Trigger};
use super::{property_list, systemd, table};
use crate::bytes;
use crate::derive::canonical::arena::Piece;
use crate::derive::canonical::command::{Command, Commands};
use crate::event::Field;

/// What a scheduler reads a file for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Purpose {
    /// It defines jobs.
    Definition,
    /// It says who may use the scheduler.
    Access,
}

/// A file that a scheduler reads.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct ScheduleFile {
    pub(crate) scheduler: Scheduler,
    pub(crate) purpose: Purpose,
    /// When the jobs of the folder run.
    pub(crate) trigger: Option<Trigger>,
    /// Where the name of the job begins in the path.
    pub(crate) name: usize,
    /// Where the path begins below a root that is not the host's.
    pub(crate) root: usize,
}

/// Files of cron and its kin, and folders, which end with a slash; the
/// narrower before the wider.
const UNIX: [(&str, Scheduler); 27] = {
    use Scheduler::{
        Anacron, At, Cron, Fcron, Incron, Kubernetes, Launchd, Periodic,
    };
    [
        ("/etc/crontab", Cron),
        ("/etc/cron.", Cron),
        ("/etc/crontabs/", Cron),
        ("/var/spool/cron/atjobs/", At),
        ("/var/spool/cron/", Cron),
        ("/var/cron/tabs/", Cron),
        ("/usr/lib/cron/tabs/", Cron),
        ("/usr/local/etc/cron.d/", Cron),
        ("/var/at/tabs/", Cron),
        ("/etc/anacrontab", Anacron),
        ("/var/spool/at/", At),
        ("/var/spool/atjobs/", At),
        ("/var/at/jobs/", At),
        ("/etc/incron.d/", Incron),
        ("/var/spool/incron/", Incron),
        ("/etc/fcrontab", Fcron),
        ("/var/spool/fcron/", Fcron),
        ("/usr/local/etc/fcron", Fcron),
        ("/etc/periodic/", Periodic),
        ("/usr/local/etc/periodic/", Periodic),
        ("/etc/periodic.conf", Periodic),
        ("/etc/daily.local", Periodic),
        ("/etc/weekly.local", Periodic),
        ("/etc/monthly.local", Periodic),
        ("/Library/LaunchDaemons/", Launchd),
        ("/Library/LaunchAgents/", Launchd),
        ("/etc/kubernetes/manifests/", Kubernetes),
    ]
};

/// What only looks like a definition: output, stamps, marks of packages; and
/// the second name that a job of at has while it runs, with `=` in the place
/// of its queue's letter.
const NO_JOBS: [&str; 9] = [
    "/var/spool/cron/atspool/",
    "/var/spool/at/spool/",
    "/var/spool/at/.SEQ",
    "/var/spool/cron/atjobs/.SEQ",
    "/atjobs/=",
    "/var/spool/at/=",
    "/var/at/jobs/=",
    "/var/spool/anacron/",
    "/.placeholder",
];

/// The names of files that say who may use a scheduler.
const ACCESS: [(&str, Scheduler); 8] = [
    ("cron.allow", Scheduler::Cron),
    ("cron.deny", Scheduler::Cron),
    ("at.allow", Scheduler::At),
    ("at.deny", Scheduler::At),
    ("fcron.allow", Scheduler::Fcron),
    ("fcron.deny", Scheduler::Fcron),
    ("incron.allow", Scheduler::Incron),
    ("incron.deny", Scheduler::Incron),
];

/// The folders that access files stand in.
const ACCESS_FOLDERS: [&str; 5] =
    ["/etc/", "/etc/cron.d/", "/var/at/", "/var/cron/", "/usr/lib/cron/"];

/// Folders that the contents of packages are put together in. No scheduler
/// looks below.
const STAGES: [&str; 13] = [
    "/debian",
    "/BUILDROOT",
    "/buildroot",
    "/pkg",
    "/fakeroot",
    "/DEBIAN",
    // And copies: of a backup, of a repository.
    "/backup",
    "/backups",
    "/build",
    "/repo",
    "/git",
    "/src",
    "/staging",
];

/// What a canonical path of Unix is to a scheduler.
pub(crate) fn unix(path: &[u8]) -> Option<ScheduleFile> {
    if NO_JOBS.iter().any(|no| find(path, no.as_bytes()).is_some()) {
        return None;
    }
    let file =
        access(path).or_else(|| systemd(path)).or_else(|| listed(path))?;
    let root = path.get(..file.root).unwrap_or_default();
    let is_staged = STAGES.iter().any(|stage| {
        find(root, stage.as_bytes()).is_some_and(|at| {
            let behind = root.get(at.saturating_add(stage.len())..);
            // The root ends where the path of the file begins: at its slash.
            matches!(behind, Some([] | [b'/', ..]))
        })
    });
    // A user's folder has no scheduler's but that user's own agents, and the
    // roots of containers.
    let is_of_user = root.starts_with(b"/home/") || root.starts_with(b"~/");
    let is_stray = is_of_user
        && file.scheduler != Scheduler::Launchd
        && root_of(root).is_none();
    (!is_staged && !is_stray).then_some(file)
}

/// Whether a path of Unix is that of a file that does not show in a folder's
/// list, and is no other's twin.
pub(crate) fn is_hidden(path: &[u8]) -> bool {
    let name = path.get(last_name(path)..).unwrap_or_default();
    matches!(name, [b'.', _, ..]) && !name.ends_with(b".swp")
}

fn find(path: &[u8], place: &[u8]) -> Option<usize> {
    memchr::memmem::find(path, place)
}

fn last_name(path: &[u8]) -> usize {
    memchr::memrchr(b'/', path).map_or(0, |at| at.saturating_add(1))
}

fn access(path: &[u8]) -> Option<ScheduleFile> {
    let at = last_name(path);
    let (folder, name) = path.split_at_checked(at)?;
    let known = ACCESS.iter().find(|(known, _)| known.as_bytes() == name);
    let plain =
        matches!(name, b"allow" | b"deny") && folder.ends_with(b"/var/cron/");
    let scheduler = match known {
        Some((_, scheduler)) => *scheduler,
        None if plain => Scheduler::Cron,
        None => return None,
    };
    ACCESS_FOLDERS
        .iter()
        .any(|known| folder.ends_with(known.as_bytes()))
        .then_some(ScheduleFile {
            scheduler,
            purpose: Purpose::Access,
            trigger: None,
            name: at,
            root: 0,
        })
}

fn listed(path: &[u8]) -> Option<ScheduleFile> {
    UNIX.iter().find_map(|(place, scheduler)| {
        // File systems of macOS take a name in any case.
        let is_cased = !place.starts_with("/Library/");
        let root = bytes::find(path, place.as_bytes(), 0, is_cased)?;
        let behind = root.saturating_add(place.len());
        let rest = path.get(behind..)?;
        let is_folder = place.ends_with('/') || place.ends_with('.');
        let is_it = match (is_folder, rest) {
            (true, [_, ..]) => true,
            // A twin that is renamed into place: `crontab.dpkg-new`.
            (false, [] | [b'.' | b'~' | b'-', ..]) => true,
            _ => false,
        };
        // `/etc/cron.` is a folder of that name only.
        let is_word = !place.ends_with('.') || rest.contains(&b'/');
        (is_it && is_word).then_some(ScheduleFile {
            scheduler: *scheduler,
            purpose: Purpose::Definition,
            trigger: folder_trigger(rest, place),
            name: last_name(path),
            root,
        })
    })
}

/// When the scripts of a folder like `cron.daily` run.
fn folder_trigger(rest: &[u8], place: &str) -> Option<Trigger> {
    if !matches!(place, "/etc/cron." | "/etc/periodic/") {
        return None;
    }
    let known = [
        (b"hourly".as_slice(), Trigger::Hourly),
        (b"daily", Trigger::Daily),
        (b"weekly", Trigger::Weekly),
        (b"monthly", Trigger::Monthly),
        (b"15min", Trigger::Minute),
    ];
    let found = known.iter().find(|(word, _)| rest.starts_with(word));
    found.map(|(_, trigger)| *trigger)
}

/// Units of systemd that schedule: timers, paths, what is dropped into them,
/// links that enable them, and generators.
fn systemd(path: &[u8]) -> Option<ScheduleFile> {
    let at = find(path, b"/systemd/")?;
    let below = path.get(at..)?;
    let is_place = [
        b"/systemd/system".as_slice(),
        b"/systemd/user",
        b"/systemd/transient",
        b"/systemd/generator",
    ]
    .iter()
    .any(|place| below.starts_with(place));
    let name = last_name(path);
    let unit = path.get(name..)?;
    let is_unit =
        |name: &[u8]| name.ends_with(b".timer") || name.ends_with(b".path");
    let twin = memchr::memmem::rfind(unit, b".timer.")
        .or_else(|| memchr::memmem::rfind(unit, b".path."));
    let is_twin = twin.is_some();
    let is_part = [
        b".timer.d/".as_slice(),
        b".path.d/",
        b"/timers.target.wants/",
        b"/timers.target.requires/",
        b"-generators/",
    ]
    .iter()
    .any(|part| find(below, part).is_some());
    let before = path.get(..at).unwrap_or_default();
    let roots =
        [b"/usr/local/lib".as_slice(), b"/usr/lib", b"/lib", b"/etc", b"/run"];
    let folder = roots.iter().find(|folder| before.ends_with(folder));
    let root = folder.map_or(0, |folder| at.saturating_sub(folder.len()));
    (is_place && (is_unit(unit) || is_twin || is_part)).then_some(
        ScheduleFile {
            scheduler: Scheduler::Systemd,
            purpose: Purpose::Definition,
            trigger: None,
            name,
            root,
        },
    )
}

/// Folders of Windows whose files are tasks, in lower case.
const WINDOWS: [(&str, Scheduler); 4] = [
    (r"\windows\system32\tasks\", Scheduler::WindowsTasks),
    (r"\windows\syswow64\tasks\", Scheduler::WindowsTasks),
    (r"\windows\sysnative\tasks\", Scheduler::WindowsTasks),
    (r"\windows\tasks\", Scheduler::At),
];

/// What a canonical path of Windows is to a scheduler.
pub(crate) fn windows(path: &[u8]) -> Option<ScheduleFile> {
    let found = |place: &str| {
        let place = place.as_bytes();
        path.windows(place.len())
            .position(|part| part.eq_ignore_ascii_case(place))
            .map(|at| at.saturating_add(place.len()))
    };
    let definition = |scheduler, name| ScheduleFile {
        scheduler,
        purpose: Purpose::Definition,
        trigger: None,
        name,
        root: 0,
    };
    for (place, scheduler) in WINDOWS {
        let Some(name) = found(place) else { continue };
        let rest = path.get(name..)?;
        let is_old = scheduler == Scheduler::At;
        let ends = |ending: &[u8]| {
            rest.len().checked_sub(ending.len()).is_some_and(|at| {
                rest.get(at..)
                    .is_some_and(|end| end.eq_ignore_ascii_case(ending))
            })
        };
        if !rest.is_empty() && (!is_old || ends(b".job")) {
            // The backslash belongs to the name of a task.
            let name = if is_old { name } else { name.saturating_sub(1) };
            return Some(definition(scheduler, name));
        }
    }
    let group_policy =
        found(r"\preferences\scheduledtasks\scheduledtasks.xml");
    group_policy.map(|end| definition(Scheduler::WindowsTasks, end))
}

/// What is told of a file that a scheduler reads.
pub(crate) struct About {
    /// Its canonical path.
    pub(crate) path: Piece,
    /// What it is.
    pub(crate) file: ScheduleFile,
    /// What was done to it.
    pub(crate) activity: Activity,
    /// Which way.
    pub(crate) interface: Interface,
    /// What was written to it, where that is known.
    pub(crate) content: Option<Piece>,
}

/// What is so of every job of a file.
struct Known<'a> {
    about: &'a About,
    /// What the job is called where its file says so.
    label: Option<Piece>,
    target: Option<&'static str>,
    /// Whether it does not show in its folder.
    is_hidden: bool,
}

/// Tells the job of a file, or those that its lines define where they are
/// known.
pub(crate) fn tell(
    about: About,
    commands: &mut Commands,
    outer: Command,
    jobs: &mut Jobs,
) {
    let is_table = about.file.purpose == Purpose::Definition
        && about.file.trigger.is_none()
        && matches!(
            about.file.scheduler,
            Scheduler::Cron
                | Scheduler::Anacron
                | Scheduler::Incron
                | Scheduler::Fcron
        );
    let path = commands.arena.get(about.path);
    // Tables of the system name the user that a line runs as.
    let has_user = find(path, b"/etc/crontab").is_some()
        || find(path, b"/etc/cron.d/").is_some();
    let root = commands.arena.get(about.path.until(about.file.root));
    let mut known = Known {
        label: None,
        target: root_of(root),
        // Others pass over files that do not show.
        is_hidden: about.file.scheduler == Scheduler::Launchd
            && is_hidden(path),
        about: &about,
    };
    let told = jobs.len();
    if let Some(lines) = about.content.filter(|_| is_table) {
        table::read(lines, has_user, commands, outer, jobs, &mut |jobs| {
            known.say(jobs);
        });
    }
    if jobs.len() == told {
        let list = match (about.file.scheduler, about.content) {
            (Scheduler::Launchd, Some(list)) => {
                let path = commands.arena.get(about.path);
                let is_daemon = find(path, b"/LaunchDaemons/").is_some();
                let at_load =
                    if is_daemon { Trigger::Boot } else { Trigger::Logon };
                Some(property_list::read(list, at_load, commands))
            }
            _ => None,
        };
        known.label = list.and_then(|list| list.label);
        known.say(jobs);
        if let Some(list) = list {
            list.tell(outer, commands, jobs);
        }
        if let (Scheduler::Systemd, Some(unit)) =
            (about.file.scheduler, about.content)
        {
            systemd::triggers(unit, &commands.arena, jobs);
        }
        jobs.end();
    }
}

/// Whose the root is that a path stands under, other than the host's own.
fn root_of(root: &[u8]) -> Option<&'static str> {
    let has = |what: &str| find(root, what.as_bytes()).is_some();
    let of_container = [
        "/merged",
        "/overlay",
        "/containers/",
        "/rootfs",
        "/snapshots/",
        "/kubelet/",
    ];
    if of_container.into_iter().any(has) {
        return Some("container");
    }
    (root.starts_with(b"/host") || root.starts_with(b"/mnt")).then_some("host")
}

impl Known<'_> {
    fn say(&self, jobs: &mut Jobs) {
        let About { file, activity, interface, path, .. } = *self.about;
        jobs.head(activity, file.scheduler, interface);
        // A list of users is no job, so it has no name of one.
        if file.purpose == Purpose::Definition {
            let name = path.after(file.name);
            jobs.write(Field::JobName, self.label.unwrap_or(name));
        }
        jobs.write(Field::JobFile, path);
        if self.is_hidden {
            jobs.say(Field::JobHidden, "true");
        }
        if let Some(target) = self.target {
            jobs.say(Field::JobTarget, target);
        }
        if let Some(trigger) = file.trigger {
            jobs.say(Field::JobTrigger, trigger.name());
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn files_are_known_by_their_paths() {
        for (path, expected) in [
            ("/etc/crontab", Some(Scheduler::Cron)),
            ("/etc/crontab.dpkg-new", Some(Scheduler::Cron)),
            ("/etc/crontabx", None),
            ("/etc/cron.d/x", Some(Scheduler::Cron)),
            ("/etc/cron.d", None),
            ("/etc/cron.hourly/x", Some(Scheduler::Cron)),
            ("/var/spool/cron/crontabs/root", Some(Scheduler::Cron)),
            ("/var/spool/cron/root", Some(Scheduler::Cron)),
            ("/var/spool/cron/atjobs/a1", Some(Scheduler::At)),
            ("/var/spool/cron/atjobs/=1", None),
            ("/var/spool/cron/atspool/a1", None),
            ("/var/spool/anacron/cron.daily", None),
            ("/etc/cron.daily/.placeholder", None),
            ("/etc/cron.allow", Some(Scheduler::Cron)),
            ("/etc/at.deny", Some(Scheduler::At)),
            ("/srv/at.deny", None),
            ("/var/lib/x/merged/etc/cron.d/x", Some(Scheduler::Cron)),
            ("/etc/systemd/system/x.timer", Some(Scheduler::Systemd)),
            ("/etc/systemd/system/x.service", None),
            (
                "/etc/systemd/system/timers.target.wants/x.timer",
                Some(Scheduler::Systemd),
            ),
            ("/etc/systemd/system/x.timer.d/a.conf", Some(Scheduler::Systemd)),
            ("/home/*/.config/systemd/user/x.timer", Some(Scheduler::Systemd)),
            ("/home/*/x.timer", None),
            ("/Library/LaunchDaemons/x.plist", Some(Scheduler::Launchd)),
            (
                "/Users/ann/Library/LaunchAgents/x.plist",
                Some(Scheduler::Launchd),
            ),
            ("/tmp/cron.d/x", None),
            ("/build/x/debian/x/etc/cron.d/x", None),
            ("/build/x/debian/x/usr/lib/systemd/system/x.timer", None),
            ("/home/*/rpmbuild/BUILDROOT/x-1/etc/cron.daily/x", None),
            ("/srv/debian-root/etc/cron.d/x", Some(Scheduler::Cron)),
            ("/backup/web/etc/cron.d/x", None),
            ("/srv/backup/etc/crontab", None),
            ("/srv/backup-tool/etc/crontab", Some(Scheduler::Cron)),
            ("/home/ann/tree/etc/cron.d/x", None),
            (
                "/home/ann/.local/share/overlay/1/merged/etc/cron.d/x",
                Some(Scheduler::Cron),
            ),
            ("/Users/ann/Library/Launchagents/x", Some(Scheduler::Launchd)),
        ] {
            let found = unix(path.as_bytes()).map(|file| file.scheduler);
            assert_eq!(found, expected, "{path}");
        }
        for (path, expected) in [
            (r"C:\Windows\System32\Tasks\a\b", Some(r"\a\b")),
            (r"C:\Windows\Tasks\x.job", Some("x.job")),
            (r"C:\Windows\Tasks\x.exe", None),
            (r"C:\Users\x\Tasks\y", None),
        ] {
            let found = windows(path.as_bytes());
            let name = found.and_then(|file| path.get(file.name..));
            assert_eq!(name, expected, "{path}");
        }
    }
}
