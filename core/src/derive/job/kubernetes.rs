/*!
`kubectl` and its kin, where they speak of jobs and cron jobs.
*/

use super::action;
use super::facts::{Activity, Interface, Jobs, Scheduler, Trigger, host};
use super::options::{self, Grammar, Item};
use crate::derive::canonical::arena::Piece;
use crate::derive::canonical::command::{Command, Commands};
use crate::event::Field;

const GRAMMAR: Grammar = Grammar {
    letters: b"nflopskc",
    names: &[
        "namespace",
        "filename",
        "context",
        "server",
        "kubeconfig",
        "image",
        "schedule",
        "from",
        "output",
        "selector",
        "patch",
        "type",
        "cluster",
        "user",
        "token",
        "as",
        "raw",
        "restart",
        "field-selector",
    ],
    stops: false,
};

/// What verbs of kubectl do to a job.
const VERBS: [(&str, Activity); 13] = [
    ("create", Activity::Create),
    ("apply", Activity::Update),
    ("replace", Activity::Update),
    ("patch", Activity::Update),
    ("edit", Activity::Update),
    ("set", Activity::Update),
    ("run", Activity::Create),
    ("annotate", Activity::Update),
    ("label", Activity::Update),
    ("delete", Activity::Delete),
    ("get", Activity::Query),
    ("describe", Activity::Query),
    ("watch", Activity::Query),
];

/// Whether a word names the kind of resource that is a job, alone or with
/// the resource's name behind it.
fn is_job_kind(word: &[u8]) -> bool {
    let end = word.iter().position(|byte| *byte == b'/');
    let kind = word.get(..end.unwrap_or(word.len())).unwrap_or_default();
    let mut kinds = kind.split(|byte| *byte == b',');
    kinds.any(|kind| {
        let end = kind.iter().position(|byte| *byte == b'.');
        let kind = kind.get(..end.unwrap_or(kind.len())).unwrap_or_default();
        [b"cronjob".as_slice(), b"cronjobs", b"cj", b"job", b"jobs"]
            .iter()
            .any(|known| known.eq_ignore_ascii_case(kind))
    })
}

/// What the words of one call say.
#[derive(Default)]
struct Said {
    verb: Option<Piece>,
    /// The kind of resource: a job, or none.
    kind: Option<Piece>,
    name: Option<Piece>,
    namespace: Option<Piece>,
    file: Option<Piece>,
    schedule: Option<Piece>,
    target: Option<Piece>,
    from: Option<Piece>,
    raw: Option<Piece>,
    /// Where the container's command begins.
    first: Option<usize>,
}

/// Tells the job that a call of kubectl speaks of.
pub(crate) fn read(
    commands: &mut Commands,
    command: Command,
    jobs: &mut Jobs,
) {
    let said = words(commands, command);
    let arena = &commands.arena;
    let Some(verb) = said.verb else { return };
    let known =
        VERBS.iter().find(|(name, _)| name.as_bytes() == arena.get(verb));
    let Some(&(name, mut activity)) = known else { return };
    let is_raw = said.raw.is_some_and(|raw| {
        let raw = arena.get(raw);
        raw.starts_with(b"/apis/batch/")
            && (memchr::memmem::find(raw, b"jobs").is_some())
    });
    let is_by_file = said.file.is_some_and(|file| {
        let file = arena.get(file);
        file.windows(4).any(|part| part.eq_ignore_ascii_case(b"cron"))
    });
    if said.kind.is_none() && !is_raw && !is_by_file {
        return;
    }
    if name == "create" && said.from.is_some() {
        activity = Activity::Start;
    }
    jobs.head(activity, Scheduler::Kubernetes, Interface::Kubectl);
    if let Some(name) = said.name {
        let name = qualified(name, said.namespace, commands);
        jobs.write(Field::JobName, name);
    }
    if let Some(file) = said.file {
        jobs.write(Field::JobFile, file);
    }
    if let Some(schedule) = said.schedule {
        let trigger = super::table::schedule(schedule, &commands.arena);
        let trigger = trigger.unwrap_or(Trigger::Calendar);
        jobs.say(Field::JobTrigger, trigger.name());
    }
    if let Some(target) = said.target {
        let target = host(target, &mut commands.arena);
        jobs.write(Field::JobTarget, target);
    }
    if let Some(first) = said.first {
        action::push_words(commands, command, first, jobs);
    }
    jobs.end();
}

fn words(commands: &Commands, command: Command) -> Said {
    let arena = &commands.arena;
    let mut said = Said::default();
    let all = commands.words(command);
    let dashes = all.iter().position(|word| arena.get(word.text) == b"--");
    options::read(commands, command, GRAMMAR, &mut |item| {
        match item {
            Item::Operand(_, place)
                if dashes.is_some_and(|dashes| place > dashes) =>
            {
                said.first = Some(place);
                return false;
            }
            // `k3s kubectl get`, `microk8s kubectl get`.
            Item::Operand(word, _)
                if said.verb.is_none() && arena.get(word) == b"kubectl" => {}
            Item::Operand(word, _) if said.verb.is_none() => {
                said.verb = Some(word);
            }
            Item::Operand(word, _) if said.kind.is_none() => {
                let text = arena.get(word);
                if is_job_kind(text) {
                    said.kind = Some(word);
                    let slash = memchr::memchr(b'/', text);
                    said.name =
                        slash.map(|at| word.after(at.saturating_add(1)));
                }
            }
            Item::Operand(word, _) => said.name = said.name.or(Some(word)),
            Item::Letter(b'n', value) => said.namespace = value,
            Item::Letter(b'f', value) => said.file = value,
            Item::Letter(b's', value) => said.target = value,
            Item::Letter(..) => {}
            Item::Long(name, value) => match arena.get(name) {
                b"namespace" => said.namespace = value,
                b"filename" => said.file = value,
                b"schedule" => said.schedule = value,
                b"context" | b"server" => said.target = value,
                b"from" => said.from = value,
                b"raw" => said.raw = value,
                _ => {}
            },
        }
        true
    });
    said
}

/// `namespace/name`, where the namespace is told.
fn qualified(
    name: Piece,
    namespace: Option<Piece>,
    commands: &mut Commands,
) -> Piece {
    let Some(namespace) = namespace else { return name };
    let arena = &mut commands.arena;
    let mark = arena.mark();
    arena.extend_from(namespace);
    arena.push(b'/');
    arena.extend_from(name);
    arena.since(mark)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::derive::canonical::argv::Quotes;
    use crate::derive::canonical::command::{Origin, System};

    fn told(words: &[&str]) -> String {
        let (mut commands, mut jobs) = (Commands::default(), Jobs::default());
        let base = commands.begin();
        for word in words {
            let word = commands.arena.add(word.as_bytes());
            commands.push_word(word, Quotes::None);
        }
        commands.finish(base, Origin::outermost(System::Unix));
        let command = commands.get(0).unwrap();
        read(&mut commands, command, &mut jobs);
        jobs.shown(0, &commands.arena)
    }

    #[test]
    fn calls_of_kubectl() {
        const HEAD: &str = "Scheduler=kubernetes|Interface=kubectl";
        assert_eq!(
            told(&[
                "kubectl",
                "create",
                "cronjob",
                "x",
                "--image=busybox",
                "--schedule=*/5 * * * *",
                "-n",
                "kube-system",
                "--",
                "sh",
                "-c",
                "id"
            ]),
            format!(
                "Activity=create|{HEAD}|Name=kube-system/x|Trigger=minute|\
                Command=sh|Arguments=-c id|Command=id|Arguments="
            )
        );
        assert_eq!(
            told(&["kubectl", "get", "cj"]),
            format!("Activity=query|{HEAD}")
        );
        assert_eq!(
            told(&["kubectl", "delete", "job/x"]),
            format!("Activity=delete|{HEAD}|Name=x")
        );
        assert_eq!(
            told(&["kubectl", "create", "job", "y", "--from=cronjob/x"]),
            format!("Activity=start|{HEAD}|Name=y")
        );
        assert_eq!(
            told(&["kubectl", "apply", "-f", "cron.yaml"]),
            format!("Activity=update|{HEAD}|File=cron.yaml")
        );
        assert_eq!(told(&["kubectl", "get", "pods"]), "");
        assert_eq!(told(&["kubectl", "apply", "-f", "app.yaml"]), "");
    }
}
