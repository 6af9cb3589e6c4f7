/*!
The clouds' own command lines: `aws`, `az`, `gcloud`.
*/

use super::cloud::trigger;
use super::facts::{Activity, Interface, Jobs, Scheduler};
use crate::derive::canonical::arena::Piece;
use crate::derive::canonical::command::{Command, Commands};
use crate::derive::canonical::lower::Lower;
use crate::derive::canonical::path::stem;
use crate::event::Field;

/// Words of a call in their order, and what it does.
type Call = (&'static [&'static str], Scheduler, Activity);

const CALLS: [Call; 38] = {
    use Activity::{Create, Delete, Disable, Enable, Query, Start, Update};
    use Scheduler::{
        AwsEventBridge as Aws, AzureAutomation as Automation,
        AzureLogicApps as Logic, GoogleCloud as Google,
    };
    [
        (&["aws", "scheduler", "create-schedule"], Aws, Create),
        (&["aws", "scheduler", "update-schedule"], Aws, Update),
        (&["aws", "scheduler", "delete-schedule"], Aws, Delete),
        (&["aws", "scheduler", "get-schedule"], Aws, Query),
        (&["aws", "scheduler", "list-schedules"], Aws, Query),
        (&["aws", "events", "put-rule"], Aws, Update),
        (&["aws", "events", "put-targets"], Aws, Update),
        (&["aws", "events", "remove-targets"], Aws, Update),
        (&["aws", "events", "delete-rule"], Aws, Delete),
        (&["aws", "events", "enable-rule"], Aws, Enable),
        (&["aws", "events", "disable-rule"], Aws, Disable),
        (&["aws", "events", "list-rules"], Aws, Query),
        (&["aws", "events", "describe-rule"], Aws, Query),
        (&["gcloud", "scheduler", "jobs", "create"], Google, Create),
        (&["gcloud", "scheduler", "jobs", "update"], Google, Update),
        (&["gcloud", "scheduler", "jobs", "delete"], Google, Delete),
        (&["gcloud", "scheduler", "jobs", "pause"], Google, Disable),
        (&["gcloud", "scheduler", "jobs", "resume"], Google, Enable),
        (&["gcloud", "scheduler", "jobs", "run"], Google, Start),
        (&["gcloud", "scheduler", "jobs", "list"], Google, Query),
        (&["gcloud", "scheduler", "jobs", "describe"], Google, Query),
        (&["az", "automation", "schedule", "create"], Automation, Create),
        (&["az", "automation", "schedule", "update"], Automation, Update),
        (&["az", "automation", "schedule", "delete"], Automation, Delete),
        (&["az", "automation", "schedule", "list"], Automation, Query),
        (&["az", "automation", "runbook", "create"], Automation, Create),
        (&["az", "automation", "runbook", "update"], Automation, Update),
        (&["az", "automation", "runbook", "publish"], Automation, Update),
        (
            &["az", "automation", "runbook", "replace-content"],
            Automation,
            Update,
        ),
        (&["az", "automation", "runbook", "start"], Automation, Start),
        (&["az", "automation", "runbook", "delete"], Automation, Delete),
        (&["az", "automation", "runbook", "list"], Automation, Query),
        (&["az", "automation", "job", "list"], Automation, Query),
        (&["az", "logic", "workflow", "create"], Logic, Create),
        (&["az", "logic", "workflow", "update"], Logic, Update),
        (&["az", "logic", "workflow", "delete"], Logic, Delete),
        (&["az", "logic", "workflow", "list"], Logic, Query),
        (&["az", "logic", "workflow", "show"], Logic, Query),
    ]
};

/// Tells the job that a call of a cloud's tool speaks of.
pub(crate) fn read(
    commands: &mut Commands,
    command: Command,
    jobs: &mut Jobs,
) {
    let found = CALLS.iter().find_map(|call| {
        let end = behind_words(call.0, commands, command)?;
        Some((call, end))
    });
    let Some((&(words, scheduler, activity), end)) = found else { return };
    let value = |names: &[&str]| value(names, commands, command);
    let schedule = value(&["--schedule", "--schedule-expression"]);
    // A rule for events, without a schedule, is no job.
    if words.contains(&"put-rule") && schedule.is_none() {
        return;
    }
    let own = match scheduler {
        // `create http NAME`, `delete NAME`.
        Scheduler::GoogleCloud => named(end, activity, commands, command),
        _ => None,
    };
    let name = own.or(value(&["--name", "-n", "--rule"]));
    let starts = value(&["--uri", "--topic", "--relative-url"]);
    let target = value(&["--target", "--targets"]);
    let resource = target.map(|text| resource(text, commands));
    jobs.head(activity, scheduler, Interface::Api);
    if let Some(name) = name {
        jobs.write(Field::JobName, name);
    }
    let schedule = schedule.filter(|_| activity != Activity::Query);
    if let Some(trigger) =
        schedule.and_then(|text| trigger(text, &mut commands.arena))
    {
        jobs.say(Field::JobTrigger, trigger.name());
    }
    if let Some(starts) = starts.or(resource) {
        jobs.write(Field::JobCommand, starts);
        let none = commands.arena.add(b"");
        jobs.write(Field::JobArguments, none);
    }
    jobs.end();
}

/// Whether a call has some words in this order, the program among them, with
/// nothing but options and the names of releases between; where it goes on.
fn behind_words(
    words: &[&str],
    commands: &Commands,
    command: Command,
) -> Option<usize> {
    let program = Lower::new(stem(commands.text(command, 0)?));
    let program = match &*program {
        b"azure.cli" => b"az".as_slice(),
        b"gcloud.py" => b"gcloud",
        program => program,
    };
    let (first, rest) = words.split_first()?;
    if first.as_bytes() != program {
        return None;
    }
    let mut index = 1_usize;
    for wanted in rest {
        loop {
            let word = commands.text(command, index)?;
            index = index.saturating_add(1);
            if word == wanted.as_bytes() {
                break;
            }
            // `gcloud beta scheduler`, `aws --profile x events`.
            let before = commands.text(command, index.saturating_sub(2))?;
            let is_between = matches!(word, [b'-', ..] | b"alpha" | b"beta")
                || before.starts_with(b"--") && !before.contains(&b'=');
            if !is_between {
                return None;
            }
        }
    }
    Some(index)
}

/// The name that a job of Google's is given as a word of its own.
fn named(
    mut index: usize,
    activity: Activity,
    commands: &Commands,
    command: Command,
) -> Option<Piece> {
    if matches!(activity, Activity::Create | Activity::Update) {
        index = index.saturating_add(1);
    }
    let word = commands.words(command).get(index)?.text;
    let is_option = commands.arena.get(word).first() == Some(&b'-');
    (!is_option).then_some(word)
}

/// The value of an option, behind `=` or as the next word.
fn value(
    names: &[&str],
    commands: &Commands,
    command: Command,
) -> Option<Piece> {
    let words = commands.words(command);
    words.iter().enumerate().find_map(|(index, word)| {
        let text = commands.arena.get(word.text);
        names.iter().find_map(|name| {
            match text.strip_prefix(name.as_bytes())? {
                [] => words.get(index.saturating_add(1)).map(|word| word.text),
                [b'=', ..] => {
                    Some(word.text.after(name.len().saturating_add(1)))
                }
                _ => None,
            }
        })
    })
}

/// The resource in `Arn=arn:..,RoleArn=..`, or in the same as JSON.
fn resource(text: Piece, commands: &Commands) -> Piece {
    let bytes = commands.arena.get(text);
    let Some(at) = memchr::memmem::find(bytes, b"arn:") else { return text };
    let resource = text.after(at);
    let rest = commands.arena.get(resource).iter();
    let is_part = |byte: &&u8| !matches!(byte, b',' | b'"' | b' ' | b'}');
    resource.until(rest.take_while(is_part).count())
}

#[cfg(test)]
mod tests {
    use crate::derive::canonical::command::System;
    use crate::derive::job::process::tests::told;

    #[test]
    fn calls_of_clouds_tools() {
        for (line, expected) in [
            (
                "aws --profile p scheduler create-schedule --name n --schedule-expression 'rate(5 minutes)' --target Arn=arn:x,RoleArn=arn:y",
                "Activity=create|Scheduler=aws_eventbridge|Interface=api|Name=n|Trigger=minute|Command=arn:x|Arguments=",
            ),
            (
                "aws events put-rule --name n --schedule-expression=rate(1hour)",
                "Activity=update|Scheduler=aws_eventbridge|Interface=api|Name=n|Trigger=hourly",
            ),
            ("aws events put-rule --name n --event-pattern {}", ""),
            (
                "gcloud beta scheduler jobs create http n --schedule='* * * * *' --uri=https://x",
                "Activity=create|Scheduler=gcp_scheduler|Interface=api|Name=n|Trigger=minute|Command=https://x|Arguments=",
            ),
            (
                "gcloud scheduler jobs run n --location l",
                "Activity=start|Scheduler=gcp_scheduler|Interface=api|Name=n",
            ),
            (
                "az automation schedule create -g r --name n --frequency Hour",
                "Activity=create|Scheduler=azure_automation|Interface=api|Name=n",
            ),
            (
                "az logic workflow delete -n n -g r",
                "Activity=delete|Scheduler=azure_logic_apps|Interface=api|Name=n",
            ),
            ("aws s3 ls", ""),
            ("gcloud compute instances create scheduler", ""),
        ] {
            assert_eq!(told(line, System::Unix), expected, "{line}");
        }
    }
}
