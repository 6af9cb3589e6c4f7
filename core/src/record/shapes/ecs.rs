/*!
Windows events in the Elastic Common Schema: Winlogbeat and others of its kin.

The Sysmon module moves values out of `event_data`, so both are looked at.
*/

use crate::record::keys::Key;
use crate::record::shape::{Layout, Member, copied, hint, like, own};

pub(super) const LAYOUT: Layout = Layout {
    name: "Windows events in ECS",
    about: "Winlogbeat 7 and later, Elastic Agent, Filebeat",
    lost: "",
    verified: true,
    members: MEMBERS,
};

const MEMBERS: &[Member] = &[
    copied("event.code", Key::EventId),
    copied("event.provider", Key::Provider),
    hint("event.created", Key::Received),
    copied("event.original", Key::Original),
    own("winlog.event_id", Key::EventId),
    own("winlog.provider_name", Key::Provider),
    own("winlog.channel", Key::Channel),
    own("winlog.computer_name", Key::Computer),
    own("winlog.time_created", Key::SystemTime),
    like("winlog.event_data", "EventData"),
    like("winlog.user_data", "EventData"),
    own("winlog.user.identifier", Key::WriterSid),
    hint("winlog.user.name", Key::AccountName),
    hint("winlog.user.domain", Key::AccountDomain),
    copied("host.name", Key::Computer),
    hint("host.hostname", Key::Computer),
    copied("user.name", Key::AccountName),
    copied("user.domain", Key::AccountDomain),
    own("user.identifier", Key::WriterSid),
    hint("user.id", Key::WriterSid),
    copied("process.executable", Key::Image),
    hint("process.name", Key::Image),
    copied("process.command_line", Key::CommandLine),
    copied("process.working_directory", Key::CurrentDirectory),
    copied("process.pid", Key::NewProcessId),
    copied("process.pe.original_file_name", Key::OriginalFileName),
    copied("process.parent.executable", Key::ParentImage),
    hint("process.parent.name", Key::ParentImage),
    copied("process.parent.command_line", Key::ParentCommandLine),
    copied("process.parent.pid", Key::ParentProcessId),
    like("process.user", "user"),
    copied("file.path", Key::TargetFilename),
    copied("registry.path", Key::TargetObject),
    copied("registry.data.strings", Key::Details),
    copied("powershell.sequence", Key::MessageNumber),
    copied("powershell.total", Key::MessageTotal),
    copied("powershell.file.script_block_text", Key::ScriptBlockText),
    copied("powershell.file.script_block_id", Key::ScriptBlockId),
];
