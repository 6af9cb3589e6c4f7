/*!
`kubectl` and its kin, where they speak of jobs and cron jobs, and calls of the
cluster's interface by `curl`.
*/

use super::action;
use super::facts::{Activity, Interface, Jobs, Scheduler, Trigger, host};
use super::options::{self, Grammar, Item};
use crate::derive::canonical::arena::{Arena, Piece};
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

impl Said {
    /// Takes what a manifest in YAML or JSON says, if it is of a job: the
    /// first of each key.
    fn take_manifest(&mut self, manifest: Piece, arena: &Arena) {
        let value = |key| value_of(key, manifest, arena);
        let kind = value("kind").filter(|kind| is_job_kind(arena.get(*kind)));
        let Some(kind) = kind else { return };
        self.kind = Some(kind);
        self.file = None;
        self.name = self.name.or(value("name"));
        self.namespace = self.namespace.or(value("namespace"));
        self.schedule = self.schedule.or(value("schedule"));
    }
}

/// The first value of a key in a text of YAML or JSON.
fn value_of(key: &str, text: Piece, arena: &Arena) -> Option<Piece> {
    let bytes = arena.get(text);
    let mut from = 0;
    loop {
        let at = crate::bytes::find(bytes, key.as_bytes(), from, true)?;
        let end = at.saturating_add(key.len());
        from = end;
        let before = at.checked_sub(1).and_then(|at| bytes.get(at));
        let begins = before.is_none_or(|byte| {
            byte.is_ascii_whitespace() || b"\"'{,-".contains(byte)
        });
        let behind = bytes.get(end..).unwrap_or_default();
        let is_between =
            |byte: &&u8| matches!(byte, b'"' | b'\'' | b' ' | b'\t');
        let quote = behind.iter().take_while(is_between).count();
        if !begins || behind.get(quote) != Some(&b':') {
            continue;
        }
        let colon = quote.saturating_add(1);
        let value = behind.get(colon..).unwrap_or_default();
        let blank = value.iter().take_while(is_between).count();
        let value = value.get(blank..).unwrap_or_default();
        let length = value
            .iter()
            .position(|byte| b"\n\r,}\"'#".contains(byte))
            .unwrap_or(value.len());
        let value = value.get(..length).unwrap_or_default();
        let length = value.trim_ascii_end().len();
        let start = end.saturating_add(colon).saturating_add(blank);
        return Some(text.after(start).until(length));
    }
}

/// Tells the job that a call of the cluster's interface speaks of:
/// `curl -X POST https://host/apis/batch/v1/namespaces/x/cronjobs`.
pub(crate) fn read_api(
    commands: &mut Commands,
    command: Command,
    jobs: &mut Jobs,
) -> bool {
    const PATH: &[u8] = b"/apis/batch/";
    let mut method = None;
    let mut path = None;
    let mut sends = false;
    let mut words = commands.words(command).iter().skip(1);
    while let Some(word) = words.next() {
        match commands.arena.get(word.text) {
            b"-X" | b"--request" | b"--method" => {
                method = words.next().map(|word| word.text);
            }
            [b'-', b'X', _, ..] => method = Some(word.text.after(2)),
            b"-d" | b"--data" | b"--data-binary" | b"--json"
            | b"--post-file" | b"--post-data" | b"--body-data" => sends = true,
            text => {
                if let Some(at) = memchr::memmem::find(text, PATH) {
                    path =
                        Some(word.text.after(at.saturating_add(PATH.len())));
                }
            }
        }
    }
    let Some(path) = path else { return false };
    let text = commands.arena.get(path);
    let end = text.iter().position(|byte| b"?#".contains(byte));
    let path = path.until(end.unwrap_or(text.len()));
    let (mut namespace, mut name, mut is_job) = (None, None, false);
    let mut rest = path;
    let mut before = Piece::default();
    while !rest.is_empty() {
        let text = commands.arena.get(rest);
        let length = memchr::memchr(b'/', text).unwrap_or(text.len());
        let part = rest.until(length);
        rest = rest.after(length.saturating_add(1));
        match commands.arena.get(before) {
            b"namespaces" => namespace = Some(part),
            b"cronjobs" | b"jobs" => {
                name = Some(part).filter(|part| !part.is_empty());
            }
            _ => {}
        }
        is_job |= matches!(commands.arena.get(part), b"cronjobs" | b"jobs");
        before = part;
    }
    if !is_job {
        return false;
    }
    let method = method.map(|method| commands.arena.get(method));
    let activity = match method {
        Some(b"POST") => Activity::Create,
        Some(b"PATCH" | b"PUT") => Activity::Update,
        Some(b"DELETE") => Activity::Delete,
        None if sends => Activity::Create,
        _ => Activity::Query,
    };
    jobs.head(activity, Scheduler::Kubernetes, Interface::Api);
    if let Some(name) = name {
        let name = qualified(name, namespace, commands);
        jobs.write(Field::JobName, name);
    }
    jobs.end();
    true
}

/// Tells the job that a call of kubectl speaks of.
pub(crate) fn read(
    commands: &mut Commands,
    command: Command,
    jobs: &mut Jobs,
) {
    let mut said = words(commands, command);
    let arena = &commands.arena;
    // What is applied from input, or from a file that the text wrote.
    let manifest = match said.file {
        Some(file) if arena.get(file) == b"-" => command.origin.input,
        Some(_) => command.origin.written,
        None => None,
    };
    if let Some(manifest) = manifest {
        said.take_manifest(manifest, arena);
    }
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
