/*!
What a person wants of one event: the job in a line, what is odd about it, one
severity.

One act has many sides, and a detection speaks of each: that a task was
created, that it runs as SYSTEM, that it starts something which anybody can
replace. A [`Verdict`] weighs them together, so that one event is one alert.

# How it is weighed

Each detection of the pack `behaviours` has a weight: 0 that a scheduler was
used, 1 a weak sign, 2 a medium one, 3 a strong one. The weights of all that
match an event are added, each detection once:

| sum | severity |
|---|---|
| nothing but 0 | informational |
| 1 | low |
| from 2 | medium |
| from 3, with a weight of at least 2 among them | high |
| certain pairs, listed in [`CRITICAL`] | critical |

Weak signs alone never make more than medium. They weigh nothing where the job
is as expected: all that it starts is a plain program under Program Files or in
a folder of the system, or an installer there sets it up. A rule without a
weight that a user brought counts at its own severity, if that is higher. A
published detection does so only where no detection with a weight runs: these
alarm on more than half of what administrators and installers do. Beside the
pack `behaviours`, what only they match is low.
*/

use core::fmt::{self, Write};
use core::hash::Hasher;

use siphasher::sip128::{Hasher128, SipHasher13};

use crate::derive::{Job, MOST_JOBS};
use crate::detector::{Match, Matches};
use crate::event::{Event, Field};
use crate::finding::shown;
use crate::rule::{Detection, Severity};

/// Pairs of detections that are critical together: one of the first list
/// with one of the second.
pub const CRITICAL: &[(&[&str], &[&str])] = &[
    (
        &[
            "task_concealed_in_registry",
            "task_cache_written_directly",
            "task_file_planted",
        ],
        &[
            "job_action_encoded",
            "job_action_network",
            "job_action_writable_path",
        ],
    ),
    (
        &["job_on_remote_host", "job_registered_over_network"],
        &["job_action_encoded", "job_by_attack_tool"],
    ),
    (&["scheduler_tool_renamed"], &["job_command_obfuscated"]),
    (
        &["cron_written_by_server"],
        &["job_action_network", "job_action_encoded"],
    ),
];

/// The verdict of one event. Made by [`Matches::verdict`].
///
/// Shown, it is one line that names the job and what is odd about it.
///
/// # Example
///
/// ```
/// use t1053::event::{Event, ProcessCreation};
/// use t1053::rule::Severity;
/// use t1053::{Detector, Scratch};
///
/// let detector = Detector::new();
/// let mut scratch = Scratch::new(&detector);
/// let event = Event::windows(ProcessCreation {
///     image: Some(br"C:\Windows\System32\schtasks.exe"),
///     command_line: Some(
///         br"schtasks /create /tn Up /tr C:\Users\Public\p.exe /ru SYSTEM /sc minute",
///     ),
///     ..Default::default()
/// });
/// let verdict = detector.evaluate(&event, &mut scratch).verdict().unwrap();
/// assert_eq!(verdict.severity(), Severity::High);
/// assert_eq!(
///     verdict.to_string(),
///     r"high: creates task \Up, C:\Users\Public\p.exe as SYSTEM every minute [writable path, runs as system, trigger persistent]",
/// );
/// ```
#[derive(Clone, Debug)]
pub struct Verdict<'a> {
    matches: Matches<'a>,
    severity: Severity,
    is_expected: bool,
    /// The job that weighs the most.
    job: Option<Job<'a>>,
}

impl<'a> Matches<'a> {
    /// What all of these together mean; `None` where there are none.
    ///
    /// Costs a look at each match; allocates nothing.
    pub fn verdict(&self) -> Option<Verdict<'a>> {
        let first = self.clone().next()?;
        let mut scale = Scale::default();
        for found in self.clone() {
            scale.add(&found);
        }
        let is_critical = CRITICAL.iter().any(|(first, second)| {
            let has = |slugs: &[&str]| {
                self.clone().any(|found| {
                    slugs.contains(&found.detection().slug.as_ref())
                })
            };
            has(first) && has(second)
        });
        let severity = match is_critical {
            true => Severity::Critical,
            false => scale.severity(self.weighs()),
        };
        Some(Verdict {
            job: heaviest(self).or_else(|| first.job()),
            matches: self.clone(),
            severity,
            is_expected: scale.is_expected,
        })
    }
}

/// Weights, added up.
#[derive(Default)]
struct Scale {
    sum: u32,
    most: u8,
    /// Whether anything has a weight.
    is_weighed: bool,
    /// Whether weak signs were left out.
    is_expected: bool,
    /// The highest severity of a user's rules without a weight.
    own: Option<Severity>,
    /// The highest severity of published detections.
    published: Option<Severity>,
}

impl Scale {
    fn add(&mut self, found: &Match<'_>) {
        let detection = found.detection();
        let severity = Some(detection.severity);
        let Some(weight) = detection.weight else {
            match detection.pack {
                Some(_) => self.published = self.published.max(severity),
                None => self.own = self.own.max(severity),
            }
            return;
        };
        self.is_weighed = true;
        let is_expected = weight == 1 && found.jobs().all(is_expected);
        if is_expected {
            self.is_expected = true;
            return;
        }
        self.sum = self.sum.saturating_add(u32::from(weight));
        self.most = self.most.max(weight);
    }

    fn severity(&self, weighs: bool) -> Severity {
        let weighed = match (self.sum, self.most) {
            (0, _) => Severity::Informational,
            (1, _) => Severity::Low,
            (3.., 2..) => Severity::High,
            _ => Severity::Medium,
        };
        let weighed = self.is_weighed.then_some(weighed);
        // Where detections with a weight run and none spoke, the event has
        // been understood, and is of no more than interest.
        let other = match (self.is_weighed, weighs) {
            (true, _) => None,
            (false, true) => self.published.map(|_| Severity::Low),
            (false, false) => self.published,
        };
        let all = [weighed, other, self.own].into_iter().flatten();
        all.max().unwrap_or(Severity::Informational)
    }
}

/// Whether a job is what vendors' programs and installers set up.
fn is_expected(job: Job<'_>) -> bool {
    job.all(Field::JobTrait).any(|word| word.starts_with(b"expected_"))
}

/// The job that the most weight speaks of; of equal ones the first that is
/// more than looked at.
fn heaviest<'a>(matches: &Matches<'a>) -> Option<Job<'a>> {
    let mut weights: [Option<(u32, Job<'a>)>; MOST_JOBS] = [None; MOST_JOBS];
    for found in matches.clone() {
        let weight = u32::from(found.detection().weight.unwrap_or(0));
        for job in found.jobs() {
            let slot = weights.get_mut(job.index());
            debug_assert!(slot.is_some(), "more jobs than are kept");
            if let Some(slot) = slot {
                let sum = slot.map_or(0, |(sum, _)| sum);
                *slot = Some((sum.saturating_add(weight), job));
            }
        }
    }
    // The last of equal ones is the greatest, so it is looked for from behind.
    let spoken_of = weights.into_iter().rev().flatten();
    // What is only looked at is got for what is done to it.
    let changes =
        |job: &Job<'_>| job.value(Field::JobActivity) != Some(b"query");
    let heaviest =
        spoken_of.max_by_key(|(weight, job)| (*weight, changes(job)));
    heaviest.map(|(_, job)| job)
}

impl<'a> Verdict<'a> {
    /// How severe the event is.
    pub fn severity(&self) -> Severity {
        self.severity
    }

    /// The matches behind it.
    pub fn matches(&self) -> Matches<'a> {
        self.matches.clone()
    }

    /// The event that it is about.
    pub fn event(&self) -> &'a Event<'a> {
        self.matches.event()
    }

    /// What is odd: the detections that match and say more than that a
    /// scheduler was used, in the detector's order.
    pub fn traits(&self) -> impl Iterator<Item = &'a Detection> + use<'a> {
        let detections = self.matches().map(|found| found.detection());
        detections.filter(|detection| detection.weight.unwrap_or(0) > 0)
    }

    /// The job that weighs the most; `None` where no job is spoken of.
    pub fn job(&self) -> Option<Job<'a>> {
        self.job
    }

    /// Every job that a match speaks of.
    pub fn jobs(&self) -> impl Iterator<Item = Job<'a>> + use<'a> {
        self.matches.jobs()
    }

    /// The first value of a field: of a job's field, what is said of the job
    /// that weighs the most; of any other, what the event has or a match
    /// looks at.
    pub fn value(&self, field: Field) -> Option<&'a [u8]> {
        let of_job = self.job.and_then(|job| job.value(field));
        let mut matches = self.matches();
        of_job.or_else(|| matches.find_map(|found| found.value(field)))
    }

    /// Whether weak signs were left out, since the job is what vendors'
    /// programs and installers set up.
    pub fn is_expected(&self) -> bool {
        self.is_expected
    }

    /// An id that is the same for the same event, in every language, whether
    /// it was typed or scanned: 128 bits of SipHash-1-3 with a key of zeros.
    ///
    /// Hashed are, each with its length before it as eight bytes of least
    /// significance first: the host in lower case, the time as 100 ns ticks
    /// since 1970 (eight bytes; empty where unknown), the kind's name, the
    /// [id](Event::record_id) that the log gives the event, or the serial of
    /// the kernel's audit (empty where unknown), and the name and value of
    /// each fact of each job that a match speaks of.
    pub fn id(&self) -> [u8; 16] {
        let mut hasher = SipHasher13::new();
        let mut write = |bytes: &[u8]| {
            hasher.write(&(bytes.len() as u64).to_le_bytes());
            hasher.write(bytes);
        };
        let event = self.event();
        // A host's name is short; a longer one counts as far as this goes.
        let mut host = [0; 256];
        let name = event.host.unwrap_or_default();
        let length = name.len().min(host.len());
        for (to, from) in host.iter_mut().zip(name) {
            *to = from.to_ascii_lowercase();
        }
        write(host.get(..length).unwrap_or_default());
        let time = event.time.map(|time| time.ticks().to_le_bytes());
        write(time.as_ref().map_or(&[][..], |ticks| &ticks[..]));
        write(event.kind().name().as_bytes());
        write(record_id(event));
        for job in self.jobs() {
            for (field, value) in job.values() {
                write(field.name().as_bytes());
                write(value);
            }
        }
        hasher.finish128().as_bytes()
    }
}

/// What the log of an event knows it by; of the kernel's audit the serial,
/// since programs write the time before it in their own ways.
fn record_id<'a>(event: &Event<'a>) -> &'a [u8] {
    let audit_id = event.get(Field::AuditId);
    let serial =
        audit_id.and_then(|id| id.rsplit(|byte| *byte == b':').next());
    event.record_id.or(serial).unwrap_or_default()
}

/// What is done to a job, as a sentence has it.
fn verb(activity: &[u8]) -> &'static str {
    match activity {
        b"create" => "creates",
        b"update" => "changes",
        b"delete" => "deletes",
        b"enable" => "enables",
        b"disable" => "disables",
        b"start" => "starts",
        b"stop" => "stops",
        b"query" => "lists",
        _ => "touches",
    }
}

/// What a scheduler's job is called.
fn noun(scheduler: &[u8]) -> &'static str {
    match scheduler {
        b"task_scheduler" => "task",
        b"at" => "at job",
        b"systemd" => "timer",
        b"launchd" => "launchd job",
        b"periodic" => "periodic script",
        b"kubernetes" => "Kubernetes job",
        b"cron" | b"anacron" | b"incron" | b"fcron" => "cron job",
        b"azure_automation" => "Azure runbook",
        b"azure_logic_apps" => "Azure logic app",
        b"aws_eventbridge" => "EventBridge schedule",
        b"gcp_scheduler" => "Cloud Scheduler job",
        _ => "job",
    }
}

/// When a job runs.
fn when(trigger: &[u8]) -> &'static str {
    match trigger {
        b"boot" => "at boot",
        b"logon" => "at logon",
        b"once" => "once",
        b"minute" => "every minute",
        b"hourly" => "hourly",
        b"daily" => "daily",
        b"weekly" => "weekly",
        b"monthly" => "monthly",
        b"idle" => "when idle",
        b"event" => "on an event",
        b"session" => "on a session's change",
        b"registration" => "at once",
        b"interval" => "at intervals",
        b"path_change" => "when a path changes",
        b"always" => "always",
        _ => "by calendar",
    }
}

/// A detection's slug as a few words.
fn write_words(f: &mut fmt::Formatter<'_>, slug: &str) -> fmt::Result {
    let heads = ["job_action_", "job_", "task_", "scheduler_"];
    let rest = heads.iter().find_map(|head| slug.strip_prefix(head));
    for character in rest.unwrap_or(slug).chars() {
        f.write_char(if character == '_' { ' ' } else { character })?;
    }
    Ok(())
}

impl fmt::Display for Verdict<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: ", self.severity)?;
        let Some(job) = self.job else {
            let loudest =
                self.matches().max_by_key(|found| found.detection().severity);
            let message = loudest.map(|found| found.message());
            return message.map_or(Ok(()), |message| message.fmt(f));
        };
        let said = |field| job.value(field).unwrap_or_default();
        f.write_str(verb(said(Field::JobActivity)))?;
        write!(f, " {}", noun(said(Field::JobScheduler)))?;
        let name = said(Field::JobName);
        if !name.is_empty() {
            f.write_char(' ')?;
            shown(f, name)?;
        }
        if let Some(host) = job.value(Field::JobTarget) {
            f.write_str(" on ")?;
            shown(f, host)?;
        }
        if let Some(command) = job.value(Field::JobCommand) {
            f.write_str(", ")?;
            write_masked(f, command)?;
        }
        if let Some(user) = job.value(Field::JobUser) {
            f.write_str(" as ")?;
            shown(f, user)?;
        }
        if let Some(trigger) = job.value(Field::JobTrigger) {
            write!(f, " {}", when(trigger))?;
        }
        for (index, detection) in self.traits().enumerate() {
            f.write_str(if index == 0 { " [" } else { ", " })?;
            write_words(f, &detection.slug)?;
        }
        if self.traits().next().is_some() {
            f.write_char(']')?;
        }
        if self.is_expected {
            f.write_str(" (expected of its vendor)")?;
        }
        Ok(())
    }
}

/// Writes a program without the password of an address: `https://***@host`.
fn write_masked(f: &mut fmt::Formatter<'_>, text: &[u8]) -> fmt::Result {
    let scheme = memchr::memmem::find(text, b"://");
    let Some(start) = scheme.map(|at| at.saturating_add(3)) else {
        return shown(f, text);
    };
    let (scheme, rest) = text.split_at_checked(start).unwrap_or_default();
    let host = rest.split(|byte| *byte == b'/').next().unwrap_or_default();
    let Some(at) = memchr::memchr(b'@', host) else { return shown(f, text) };
    shown(f, scheme)?;
    f.write_str("***")?;
    shown(f, rest.get(at..).unwrap_or_default())
}
