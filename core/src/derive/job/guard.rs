/*!
What an event must hold to speak of a job.

A command line that is to be understood takes far longer than one that is to
be searched, and nearly none speaks of a job. So for each kind of event there
is a predicate over its direct fields that holds of every event of which the
readers here tell a job, and of few others. Gates and the filter of raw
records take their literals from it.

A text that hides what it says names no scheduler. Of those the guards ask for
what hides it: the interpreter that undoes it, and a character that it takes.
*/

use crate::derive::canonical::Canonical;
use crate::event::{EventKind, EventKinds, Field, Platform};
use crate::rule::{Operation, Predicate, Test};

/// What holds of every event of a kind that speaks of a job; `None` where
/// none does.
pub(crate) fn guard(
    platform: Platform,
    kind: EventKind,
    canonical: Canonical,
) -> Option<Predicate> {
    let is_windows = platform == Platform::Windows;
    if !kind.platforms().contains(&platform) {
        return None;
    }
    Some(match (kind, canonical) {
        (EventKind::ScriptBlock, Canonical::Off | Canonical::Argv)
        | (
            EventKind::AuditExecve | EventKind::AuditProctitle,
            Canonical::Off,
        ) => return None,
        (EventKind::ProcessCreation, Canonical::Off) => match is_windows {
            true => started_by_a_scheduler(),
            false => started_by_cron(),
        },
        (EventKind::ProcessCreation, Canonical::Argv) => match is_windows {
            true => windows_words(),
            false => unix_words(),
        },
        _ => return full(is_windows, kind),
    })
}

/// The guard of events whose texts are all read.
fn full(is_windows: bool, kind: EventKind) -> Option<Predicate> {
    Some(match kind {
        EventKind::ProcessCreation if is_windows => windows_process(),
        EventKind::ProcessCreation => unix_process(),
        EventKind::ScriptBlock => script(Field::ScriptBlockText),
        EventKind::RegistryEvent => any([
            contains(Field::TargetObject, "schedule"),
            contains(Field::TargetObject, "telemetrycontroller"),
            contains(Field::TargetObject, r"\environment\windir"),
            contains(Field::TargetObject, r"\environment\systemroot"),
        ]),
        EventKind::FileCreation
        | EventKind::FileModification
        | EventKind::FileDeletion
        | EventKind::FileRename
        | EventKind::FileLink => match is_windows {
            true => windows_file(Field::TargetFilename),
            false => unix_file(Field::TargetFilename),
        },
        EventKind::AuditPath => unix_file(Field::Name),
        EventKind::AuditExecve => unix_line(Field::Argv),
        EventKind::AuditProctitle => unix_line(Field::Proctitle),
        EventKind::ModuleLoad => any([
            contains(Field::ImageLoaded, "taskschd.dll"),
            contains(Field::ImageLoaded, "mstask.dll"),
        ]),
        EventKind::ShareAccess => any([
            contains(Field::RelativeTargetName, "atsvc"),
            contains(Field::RelativeTargetName, "scheduledtasks"),
        ]),
        EventKind::DirectoryChange => contains(
            Field::AttributeValue,
            "aadced64-746c-4633-a97c-d61349046527",
        ),
        EventKind::RpcCall => any([
            contains(Field::InterfaceUuid, "86d35949-83c9"),
            contains(Field::InterfaceUuid, "378e52b0-c0a9"),
            contains(Field::InterfaceUuid, "1ff70682-0a51"),
        ]),
        EventKind::CloudActivity => any([
            contains(Field::OperationName, "automationaccounts"),
            contains(Field::OperationName, "workflows"),
        ]),
        EventKind::KubernetesApiCall => any([
            contains(Field::ObjectRefResource, "jobs"),
            contains(Field::RequestUri, "jobs"),
        ]),
        EventKind::AwsApiCall => any([
            contains(Field::EventSource, "scheduler"),
            contains(Field::EventSource, "events"),
        ]),
        EventKind::GcpApiCall => any([
            contains(Field::MethodName, "scheduler"),
            contains(Field::MethodName, "io.k8s.batch."),
        ]),
        EventKind::TaskRegistered
        | EventKind::TaskDeleted
        | EventKind::TaskEnabled
        | EventKind::TaskDisabled
        | EventKind::TaskUpdated
        | EventKind::TaskScheduler
        | EventKind::JobRecord
        | EventKind::ScheduledJob => Predicate::ALWAYS,
        _ => return None,
    })
}

/// The kinds of event that rules look at which ask for some kinds: of rules
/// about jobs, all that may speak of one.
pub(crate) fn kinds(asked: EventKinds, canonical: Canonical) -> EventKinds {
    let mut kinds = asked;
    if asked.contains(EventKind::ScheduledJob) {
        for &kind in EventKind::ALL {
            let mut platforms = kind.platforms().iter();
            if platforms
                .any(|platform| guard(*platform, kind, canonical).is_some())
            {
                kinds = kinds.with(kind);
            }
        }
    }
    kinds
}

fn contains(field: Field, text: &'static str) -> Predicate {
    Predicate::Test(Test::new(field, Operation::Contains, text.into()))
}

fn named(field: Field, text: &'static str) -> Predicate {
    Predicate::Test(Test::new(field, Operation::Name, text.into()))
}

fn any(parts: impl IntoIterator<Item = Predicate>) -> Predicate {
    Predicate::Any(parts.into_iter().collect())
}

fn all(parts: impl IntoIterator<Item = Predicate>) -> Predicate {
    Predicate::All(parts.into_iter().collect())
}

/// A text that contains one of some.
fn contains_any(field: Field, texts: &[&'static str]) -> Predicate {
    any(texts.iter().map(|text| contains(field, text)))
}

/// A line that begins with a word, of a process whose file is not told.
fn called(names: &[&'static str]) -> Predicate {
    let test = |field, operation, text| {
        Predicate::Test(Test::new(field, operation, text))
    };
    let begins = names.iter().map(|name| {
        test(Field::CommandLine, Operation::StartsWith, (*name).into())
    });
    all([test(Field::Image, Operation::Null, "".into()), any(begins)])
}

/// A program by the last part of its path.
fn image(names: &[&'static str]) -> Predicate {
    any(names.iter().map(|name| named(Field::Image, name)))
}

/// Names and numbers of the scheduler's interfaces, and paths of what it
/// reads, in scripts and command lines of Windows.
const WINDOWS_NAMES: [&str; 11] = [
    // ScheduledTask, Schedule.Service, \Schedule\TaskCache,
    // ScheduledJob, ScheduledTasks.xml.
    "schedul",
    // schtasks, and the word that a tool of attackers takes.
    "schtask",
    "sctasks",
    r"\tasks\",
    "0f87369f",
    "148bd52a",
    "telemetrycontroller",
    "taskcache",
    "sp_add_job",
    "sp_start_job",
    "crontab",
];

/// What a script of PowerShell holds that puts such a name together.
const POWERSHELL_FOLDS: [&str; 12] = [
    "-join",
    "-f",
    "replace",
    "[char",
    "frombase64",
    "`",
    "gcm",
    "get-command",
    "iex",
    "+",
    "gal ",
    "invoke",
];

fn script(field: Field) -> Predicate {
    let folds = POWERSHELL_FOLDS.iter().chain(&WINDOWS_NAMES);
    any(folds.map(|text| contains(field, text)))
}

/// What the words of a command line say.
fn windows_words() -> Predicate {
    let line = Field::CommandLine;
    let header = Field::OriginalFileName;
    any([
        contains_any(line, &WINDOWS_NAMES),
        any(["schtasks.exe", "sctasks.exe", "at.exe", "wmic.exe", "reg.exe"]
            .iter()
            .flat_map(|name| {
                [named(Field::Image, name), named(header, name)]
            })),
        contains_any(
            line,
            &[
                "sharpersist",
                "ghosttask",
                " job ",
                "addcomputertask",
                "addusertask",
                "-gpo-id",
                "/taskname:",
                "atexec",
            ],
        ),
        // `host add name program arguments user daily`.
        all([
            contains(line, " add "),
            contains_any(line, &[" logon", " daily", " weekly", " second"]),
        ]),
        // Another name than its own: its options. The verbs alone are in the
        // messages of many records, and the end of the name's is not.
        all([
            contains_any(
                line,
                &[
                    "/create", "-create", "/change", "-change", "/delete",
                    "-delete", "/run", "-run", "/end", "-end",
                ],
            ),
            contains_any(
                line,
                &["/tn ", "-tn ", "/tn\"", "-tn\"", "/tn\t", "-tn\t"],
            ),
        ]),
        contains(line, "kubectl"),
        // What starts programs of Unix, under its name.
        contains_any(
            line,
            &[
                "wsl ", "wsl.exe", "wsl\t", "ssh ", "ssh.exe", "plink",
                "docker", "podman", "nerdctl",
            ],
        ),
        all([
            contains(line, "environment"),
            contains_any(line, &["windir", "systemroot"]),
        ]),
        cloud_tool(line),
        started_by_a_scheduler(),
    ])
}

/// What texts that a shell is told to run say, which may hide what they name.
fn windows_process() -> Predicate {
    let line = Field::CommandLine;
    let header = Field::OriginalFileName;
    any([
        windows_words(),
        all([
            any([
                image(&["powershell.exe", "pwsh.exe"]),
                contains_any(line, &["powershell", "pwsh"]),
                contains_any(header, &["powershell", "pwsh"]),
            ]),
            any([
                contains_any(line, &POWERSHELL_FOLDS),
                contains_any(line, &["-e", "/e", "–e", "—e", "―e"]),
            ]),
        ]),
        all([
            any([image(&["cmd.exe"]), named(header, "cmd.exe")]),
            contains_any(line, &["^", "%", "!", "\"", "for ", "at "]),
        ]),
        shell_with_an_option(line),
    ])
}

/// What may stand before a program's name in a command line.
const BEFORE: [&str; 16] = [
    r"\", "/", "\"", "'", " ", "\t", "&", "|", ";", "(", ",", "=", ":", "@",
    "<", ">",
];

/// A shell of Unix with an option, on Windows. What may stand before a short
/// name is told, as its end alone is in the hashes of each process: `IMPHASH=`.
fn shell_with_an_option(line: Field) -> Predicate {
    let test = |operation, text: String| {
        Predicate::Test(Test::new(line, operation, text.into()))
    };
    let short = ["sh", "ash"].into_iter().flat_map(|name| {
        let behind = BEFORE.iter().map(move |before| {
            test(Operation::Contains, format!("{before}{name} -"))
        });
        behind.chain([test(Operation::StartsWith, format!("{name} -"))])
    });
    let long = [
        "bash -",
        "dash -",
        "yash -",
        "zsh -",
        "ksh -",
        "sh.exe -",
        "sh.exe\" -",
    ];
    any([contains_any(line, &long), any(short)])
}

/// A cloud's own command line.
fn cloud_tool(line: Field) -> Predicate {
    all([
        contains_any(line, &["aws", "gcloud", "az"]),
        contains_any(
            line,
            &[
                "scheduler",
                "-rule",
                "-targets",
                "automation",
                "logic workflow",
            ],
        ),
    ])
}

/// A process that the task scheduler started.
fn started_by_a_scheduler() -> Predicate {
    let parent = |name| named(Field::ParentImage, name);
    any([
        parent("taskeng.exe"),
        parent("taskhostw.exe"),
        all([
            parent("svchost.exe"),
            contains_any(Field::ParentCommandLine, &["schedule", "netsvcs"]),
        ]),
    ])
}

/// Names of schedulers, their tools and what they read, on Unix.
const UNIX_NAMES: [&str; 12] = [
    "cron",
    "systemd",
    "systemctl",
    ".timer",
    ".path",
    "launch",
    "periodic",
    "busctl",
    "gdbus",
    "dbus-send",
    "kube",
    "jobs",
];

/// What the words of a command line say.
fn unix_words() -> Predicate {
    let tools = [
        "at",
        "batch",
        "atq",
        "atrm",
        "crontab",
        "systemctl",
        "systemd-run",
        "busybox",
        "oc",
        "kubectl",
        "k3s",
        "microk8s",
    ];
    any([
        contains_any(Field::CommandLine, &UNIX_NAMES),
        contains_any(Field::CommandLine, &["/at/", "/at.", "atjobs"]),
        contains_any(
            Field::CommandLine,
            &["daily.local", "weekly.local", "monthly.local"],
        ),
        image(&tools),
        started_by_cron(),
        contains_any(
            Field::CommandLine,
            &[
                "/at ", " at ", "'at ", "\"at ", "/batch ", " batch", " atq",
                "'batch", "\"batch", "atrm",
            ],
        ),
        called(&["at ", "batch", "atq", "atrm"]),
        cloud_tool(Field::CommandLine),
        contains_any(Field::CommandLine, &["atexec", "-gpo-id"]),
    ])
}

/// A process that a scheduler started.
fn started_by_cron() -> Predicate {
    let parents =
        ["cron", "crond", "CRON", "anacron", "atd", "incrond", "fcron"];
    any(parents.iter().map(|name| named(Field::ParentImage, name)))
}

/// What texts that a shell is told to run say, which may hide what they name.
fn unix_process() -> Predicate {
    let shells = ["sh", "bash", "dash", "zsh", "ksh", "ash", "mksh", "su"];
    any([
        unix_words(),
        all([image(&shells), contains(Field::CommandLine, " -")]),
        contains_any(Field::CommandLine, &["sh -c", "sh -"]),
    ])
}

fn unix_line(field: Field) -> Predicate {
    any([
        contains_any(field, &UNIX_NAMES),
        contains_any(field, &["/at/", "/at.", "atjobs", "at "]),
        contains_any(field, &["batch", "atrm", "atq"]),
        contains_any(field, &["daily.local", "weekly.local", "monthly.local"]),
        contains(field, "sh -"),
        cloud_tool(field),
        contains_any(field, &["atexec", "-gpo-id"]),
    ])
}

fn windows_file(field: Field) -> Predicate {
    contains_any(field, &[r"\tasks\", ".job", "scheduledtasks.xml"])
}

/// Longer texts than the paths need, where what stands between slashes is too
/// short to be rare: `/at/` would be looked for as `at`.
fn unix_file(field: Field) -> Predicate {
    contains_any(
        field,
        &[
            "cron",
            "/spool/",
            "/at/jobs",
            "/at/tabs",
            "at.allow",
            "at.deny",
            "/var/at/allow",
            "/var/at/deny",
            ".timer",
            "systemd/",
            "-generators",
            "/Launch",
            "periodic",
            "daily.local",
            "weekly.local",
            "monthly.local",
            "/manifests/",
        ],
    )
}

#[cfg(test)]
mod tests {
    use core::ops::ControlFlow;
    use std::collections::BTreeMap;

    use super::*;
    use crate::filter::Handling;
    use crate::record::{Format, Opening};
    use crate::rule::{Detection, Logic, Rule, Selection};
    use crate::{Detector, DetectorBuilder, Report, Scanner};

    /// Of the events of a kind: all, those whose records pass the filter,
    /// those that pass the guard, and those that speak of a job.
    #[derive(Default)]
    struct Share {
        events: u64,
        filter: u64,
        guard: u64,
        jobs: u64,
    }

    fn rule(
        slug: &'static str,
        platform: Platform,
        kind: EventKind,
        predicate: Predicate,
    ) -> Rule {
        let kinds = vec![kind].into();
        Rule {
            detection: Detection::new(slug, slug, platform),
            logic: Logic::Single(Selection { kinds, predicate }),
        }
    }

    /// A detector that tells of each event, whether it passes its guard, and
    /// whether it speaks of a job, in this order.
    fn detector() -> Detector {
        let mut rules = Vec::new();
        // Not of jobs, which are what the others are asked for.
        let kinds = EventKind::ALL.iter().copied();
        for kind in kinds.filter(|kind| *kind != EventKind::ScheduledJob) {
            for &platform in kind.platforms() {
                let Some(guard) = guard(platform, kind, Canonical::Full)
                else {
                    continue;
                };
                let name = |what: &str| -> &'static str {
                    format!("{what} {platform} {kind}").leak()
                };
                let always = Predicate::ALWAYS;
                rules.push(rule(name("all"), platform, kind, always));
                rules.push(rule(name("guard"), platform, kind, guard));
            }
        }
        let field = Field::JobScheduler;
        let exists = Test::new(field, Operation::Exists, "".into());
        let (kind, is_there) =
            (EventKind::ScheduledJob, Predicate::Test(exists));
        rules.push(rule("job", Platform::Any, kind, is_there));
        let builder = Detector::builder().without_builtin();
        let builder = rules.into_iter().fold(builder, DetectorBuilder::rule);
        builder.build().unwrap()
    }

    /// Of all events of the corpus, the share that must be read, and that must
    /// be understood, where few speak of jobs. By hand: `cargo test --release
    /// -p t1053 --lib guard -- --ignored --nocapture`.
    #[test]
    #[ignore = "a measurement, which needs a corpus"]
    fn shares_of_events_that_pass() {
        let detector = detector();
        let filter = Detector::new().filter(false);
        let mut shares = BTreeMap::<(String, String), Share>::new();
        for file in testkit::corpus_files() {
            let bytes = std::fs::read(&file).unwrap();
            let builder = Scanner::builder(&detector).filter(false);
            let mut scanner = builder.join(false).build().unwrap();
            let mut passed = None;
            let mut take = |report: Report<'_>| {
                let Report::Match(it) = report else {
                    return ControlFlow::Continue(());
                };
                let (found, place) = (&it.found, (it.record, it.item));
                let event = found.event();
                let detection = found.detection();
                // What is asked of a kind is so whatever its platform.
                let platforms = [event.platform, Platform::Any];
                if !platforms.contains(&detection.platform) {
                    return ControlFlow::Continue(());
                }
                let of = [event.platform.name(), event.kind().name()];
                let of = of.map(str::to_owned).into();
                let share = shares.entry(of).or_default();
                match detection.slug.split(' ').next() {
                    Some("all") => {
                        share.events += 1;
                        let record = it.source.bytes;
                        let opening = Opening::of(Format::Auto, record);
                        let judged = filter.judge(record, opening, false);
                        share.filter +=
                            u64::from(judged != Handling::PassOver);
                    }
                    Some("guard") => {
                        share.guard += 1;
                        passed = Some(place);
                    }
                    _ => {
                        share.jobs += 1;
                        let record = String::from_utf8_lossy(it.source.bytes);
                        assert_eq!(passed, Some(place), "{record}");
                    }
                }
                ControlFlow::Continue(())
            };
            let _ = scanner.feed(&bytes, &mut take);
            let _ = scanner.finish(&mut take);
        }
        println!("| | events | filter | guard | jobs |");
        println!("|---|---|---|---|---|");
        for ((platform, kind), share) in shares {
            let Share { events, filter, guard, jobs } = share;
            let percent = |part: u64| part as f64 * 100.0 / events as f64;
            let [filter, guard, jobs] = [filter, guard, jobs].map(percent);
            println!(
                "| {platform}, {kind} | {events} | {filter:.1} % | \
                 {guard:.1} % | {jobs:.1} % |",
            );
        }
    }
}
