/*!
Calls of clouds' interfaces that set up what runs by schedule: Amazon's
EventBridge (CloudTrail), Google's Cloud Scheduler and its Kubernetes.
*/

use super::call;
use super::facts::{Activity, Interface, Jobs, Scheduler, Trigger};
use super::members;
use super::table;
use crate::derive::canonical::arena::{Arena, Piece};
use crate::derive::canonical::command::Commands;
use crate::event::{Event, Field};

/// What a call says of the job.
#[derive(Default)]
struct Said {
    name: Option<Piece>,
    schedule: Option<Piece>,
    user: Option<Piece>,
    /// What it starts, one a target, and what that is given.
    targets: [(Option<Piece>, Option<Piece>); MOST_TARGETS],
    count: usize,
}

/// Most targets of a rule: EventBridge allows five, and a call may name ten.
const MOST_TARGETS: usize = 10;

impl Said {
    fn target(&mut self, command: Piece) {
        if let Some(slot) = self.targets.get_mut(self.count) {
            slot.0 = Some(command);
            self.count = self.count.saturating_add(1);
        }
    }

    fn input(&mut self, input: Piece) {
        // It comes behind its target, or before the first one.
        let target = self.count.saturating_sub(1);
        if let Some(slot) = self.targets.get_mut(target) {
            slot.1 = Some(input);
        }
    }

    fn tell(
        self,
        activity: Activity,
        scheduler: Scheduler,
        arena: &mut Arena,
        jobs: &mut Jobs,
    ) {
        jobs.head(activity, scheduler, Interface::Api);
        if let Some(name) = self.name {
            jobs.write(Field::JobName, name);
        }
        let trigger = self.schedule.and_then(|text| trigger(text, arena));
        if let Some(trigger) = trigger {
            jobs.say(Field::JobTrigger, trigger.name());
        }
        for (command, input) in self.targets {
            if let Some(command) = command {
                jobs.write(Field::JobCommand, command);
                let input = input.unwrap_or(command.until(0));
                jobs.write(Field::JobArguments, input);
            }
        }
        if let Some(user) = self.user {
            jobs.write(Field::JobUser, user);
        }
        jobs.end();
    }
}

/// When `rate(5 minutes)`, `at(2026-11-25T10:00:00)`, `cron(0 12 * * ? *)` or
/// `*/5 * * * *` is.
pub(crate) fn trigger(schedule: Piece, arena: &mut Arena) -> Option<Trigger> {
    let text = arena.get(schedule);
    let inside = |name: &[u8]| {
        text.strip_prefix(name).and_then(|text| text.strip_suffix(b")"))
    };
    if let Some(rate) = inside(b"rate(") {
        let has = |unit: &[u8]| memchr::memmem::find(rate, unit).is_some();
        return Some(match () {
            () if has(b"minute") => Trigger::Minute,
            () if has(b"hour") => Trigger::Hourly,
            () if has(b"day") => Trigger::Daily,
            () => Trigger::Interval,
        });
    }
    if inside(b"at(").is_some() {
        return Some(Trigger::Once);
    }
    if inside(b"cron(").is_none() {
        return table::schedule(schedule, arena);
    }
    // Six fields, the last of which is the year; `?` for any.
    let start = schedule.after(5);
    let mark = arena.mark();
    let mut blanks = 0_usize;
    for at in 0..start_length(start, arena) {
        let byte = arena.get(start).get(at).copied().unwrap_or(b')');
        blanks = blanks.saturating_add(usize::from(byte == b' '));
        if byte == b')' || blanks == 5 {
            break;
        }
        arena.push(if byte == b'?' { b'*' } else { byte });
    }
    let fields = arena.since(mark);
    Some(table::schedule(fields, arena).unwrap_or(Trigger::Calendar))
}

/// Longest schedule that is looked at.
const MOST_SCHEDULE: usize = 128;

fn start_length(schedule: Piece, arena: &Arena) -> usize {
    arena.get(schedule).len().min(MOST_SCHEDULE)
}

/// Tells the job of a call of Amazon's. One that failed has none, nor has a
/// rule for events without a schedule.
pub(crate) fn aws(
    event: &Event<'_>,
    commands: &mut Commands,
    jobs: &mut Jobs,
) {
    let name = event.get(Field::EventName).unwrap_or_default();
    let activity = match (event.get(Field::EventSource), name) {
        (Some(b"scheduler.amazonaws.com"), b"CreateSchedule") => {
            Activity::Create
        }
        (Some(b"scheduler.amazonaws.com"), b"UpdateSchedule")
        | (
            Some(b"events.amazonaws.com"),
            b"PutRule" | b"PutTargets" | b"RemoveTargets",
        ) => Activity::Update,
        (Some(b"scheduler.amazonaws.com"), b"DeleteSchedule")
        | (Some(b"events.amazonaws.com"), b"DeleteRule") => Activity::Delete,
        (Some(b"events.amazonaws.com"), b"EnableRule") => Activity::Enable,
        (Some(b"events.amazonaws.com"), b"DisableRule") => Activity::Disable,
        _ => return,
    };
    if event.get(Field::ErrorCode).is_some() {
        return;
    }
    let given = event.get(Field::RequestParameters).unwrap_or_default();
    let mut said = Said::default();
    let arena = &mut commands.arena;
    members::read(given, |path, value| {
        let text = |arena: &mut Arena| members::text(value, arena);
        match path {
            b"name" | b"rule" | b"ruleName" => said.name = Some(text(arena)),
            b"scheduleExpression" => said.schedule = Some(text(arena)),
            b"target.arn" | b"targets.arn" => said.target(text(arena)),
            b"target.input" | b"targets.input" => said.input(text(arena)),
            b"target.roleArn" | b"targets.roleArn" | b"roleArn" => {
                said.user = Some(text(arena));
            }
            _ => {}
        }
    });
    if name == b"PutRule" && said.schedule.is_none() {
        return;
    }
    said.tell(activity, Scheduler::AwsEventBridge, arena, jobs);
}

/// Tells the job of a call of Google's. One that failed has none.
pub(crate) fn gcp(
    event: &Event<'_>,
    commands: &mut Commands,
    jobs: &mut Jobs,
) {
    let method = event.get(Field::MethodName).unwrap_or_default();
    let status = event.get(Field::StatusCode).unwrap_or(b"0");
    if status != b"0" {
        return;
    }
    if method.starts_with(b"io.k8s.batch.") {
        call::google_kubernetes(event, commands, jobs);
        return;
    }
    let Some(call) = crate::bytes::after_phrase(method, b".CloudScheduler.")
    else {
        return;
    };
    let activity = match call {
        b"CreateJob" => Activity::Create,
        b"UpdateJob" => Activity::Update,
        b"DeleteJob" => Activity::Delete,
        b"PauseJob" => Activity::Disable,
        b"ResumeJob" => Activity::Enable,
        b"RunJob" => Activity::Start,
        _ => return,
    };
    let mut said = Said::default();
    let arena = &mut commands.arena;
    said.name = event.get(Field::ResourceName).map(|name| arena.add(name));
    let given = event.get(Field::Request).unwrap_or_default();
    members::read(given, |path, value| {
        let path = path.strip_prefix(b"job.").unwrap_or(path);
        let text = |arena: &mut Arena| members::text(value, arena);
        match path {
            b"name" if said.name.is_none() => said.name = Some(text(arena)),
            b"schedule" => said.schedule = Some(text(arena)),
            b"httpTarget.uri"
            | b"pubsubTarget.topicName"
            | b"appEngineHttpTarget.relativeUri" => said.target(text(arena)),
            b"httpTarget.body"
            | b"pubsubTarget.data"
            | b"appEngineHttpTarget.body" => said.input(text(arena)),
            b"httpTarget.oidcToken.serviceAccountEmail"
            | b"httpTarget.oauthToken.serviceAccountEmail" => {
                said.user = Some(text(arena));
            }
            _ => {}
        }
    });
    said.tell(activity, Scheduler::GoogleCloud, arena, jobs);
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::derive::job::event::read;
    use crate::event::{AwsApiCall, GcpApiCall};

    fn told(event: &Event<'_>) -> String {
        let mut commands = Commands::default();
        let mut jobs = Jobs::default();
        read(event, &mut commands, &mut jobs);
        assert!(jobs.len() <= 1);
        match jobs.len() {
            0 => String::new(),
            _ => jobs.shown(0, &commands.arena),
        }
    }

    fn amazon(source: &str, name: &str, given: &str) -> String {
        told(&Event::aws(AwsApiCall {
            event_source: Some(source.as_bytes()),
            event_name: Some(name.as_bytes()),
            request_parameters: Some(given.as_bytes()),
            ..Default::default()
        }))
    }

    #[test]
    fn schedules_and_rules_of_amazon() {
        const HEAD: &str = "Scheduler=aws_eventbridge|Interface=api";
        let given = r#"{"name":"s","scheduleExpression":"rate(5 minutes)","target":{"arn":"arn:x","roleArn":"arn:r","input":"{\"a\":1}"}}"#;
        assert_eq!(
            amazon("scheduler.amazonaws.com", "CreateSchedule", given),
            format!(
                r#"Activity=create|{HEAD}|Name=s|Trigger=minute|Command=arn:x|Arguments={{"a":1}}|User=arn:r"#
            )
        );
        let targets = r#"{"rule":"r","targets":[{"id":"1","arn":"arn:x"},{"arn":"arn:y","input":"z"}]}"#;
        assert_eq!(
            amazon("events.amazonaws.com", "PutTargets", targets),
            format!(
                "Activity=update|{HEAD}|Name=r|Command=arn:x|Arguments=|Command=arn:y|Arguments=z"
            )
        );
        for (schedule, trigger) in [
            ("rate(1 hour)", "hourly"),
            ("rate(1 day)", "daily"),
            ("at(2026-11-25T10:00:00)", "once"),
            ("cron(0 12 * * ? *)", "daily"),
            ("cron(0/5 * * * ? *)", "hourly"),
            ("cron(0 12 ? * MON-FRI *)", "weekly"),
            ("cron(0 12 L * ? *)", "calendar"),
        ] {
            let given =
                format!(r#"{{"name":"r","scheduleExpression":"{schedule}"}}"#);
            let found = amazon("events.amazonaws.com", "PutRule", &given);
            let trigger = format!("Trigger={trigger}");
            assert!(found.ends_with(&trigger), "{schedule}: {found}");
        }
        let pattern = r#"{"name":"r","eventPattern":"{}"}"#;
        assert_eq!(amazon("events.amazonaws.com", "PutRule", pattern), "");
        assert_eq!(amazon("s3.amazonaws.com", "PutRule", given), "");
        let failed = Event::aws(AwsApiCall {
            event_source: Some(b"events.amazonaws.com"),
            event_name: Some(b"DeleteRule"),
            error_code: Some(b"AccessDenied"),
            ..Default::default()
        });
        assert_eq!(told(&failed), "");
    }

    #[test]
    fn jobs_of_google() {
        let call = |method: &str, status: Option<&'static str>| {
            let method =
                format!("google.cloud.scheduler.v1.CloudScheduler.{method}");
            told(&Event::gcp(GcpApiCall {
                method_name: Some(method.as_bytes()),
                resource_name: Some(b"projects/p/locations/l/jobs/j"),
                request: Some(
                    br#"{"job":{"schedule":"*/5 * * * *","httpTarget":{"uri":"https://x.example","body":"eA==","oidcToken":{"serviceAccountEmail":"a@x"}}}}"#,
                ),
                status_code: status.map(str::as_bytes),
                ..Default::default()
            }))
        };
        assert_eq!(
            call("CreateJob", None),
            "Activity=create|Scheduler=gcp_scheduler|Interface=api|Name=projects/p/locations/l/jobs/j|Trigger=minute|Command=https://x.example|Arguments=eA==|User=a@x"
        );
        assert!(call("PauseJob", Some("0")).starts_with("Activity=disable"));
        assert_eq!(call("CreateJob", Some("7")), "");
        assert_eq!(call("ListJobs", None), "");
    }

    #[test]
    fn jobs_of_googles_kubernetes() {
        let call = |method: &str, status: Option<&'static str>| {
            let method = format!("io.k8s.batch.v1.{method}");
            let mut event = Event::gcp(GcpApiCall {
                method_name: Some(method.as_bytes()),
                resource_name: Some(b"batch/v1/namespaces/ns/cronjobs/j"),
                request: Some(
                    br#"{"spec":{"schedule":"*/5 * * * *","jobTemplate":{"spec":{"template":{"spec":{"containers":[{"command":["sh","-c","x"]}]}}}}}}"#,
                ),
                status_code: status.map(str::as_bytes),
                ..Default::default()
            });
            event.user = Some(b"a@x");
            told(&event)
        };
        let created = call("cronjobs.create", None);
        for part in [
            "Activity=create|Scheduler=kubernetes|Interface=api|Name=ns/j",
            "Trigger=minute",
            "Command=sh",
        ] {
            assert!(created.contains(part), "{created}");
        }
        assert!(call("cronjobs.patch", None).starts_with("Activity=update"));
        assert_eq!(call("cronjobs.status.patch", None), "");
        assert_eq!(call("cronjobs.create", Some("7")), "");
    }
}
