/*!
Records of Windows' logs as rsigma-eval is to see them: all fields under the
names that Sigma's rules give them, and the log sources that the channel and
the id say.

What is which is written down here once more, apart from t1053's own tables,
from the lists of Sigma's own field and log source mappings: the verdicts of
two engines that read the same table would agree where it is wrong.
*/

use rsigma_parser::LogSource;
use serde_json::{Map, Value};

/// A record, and each log source that it is an event of.
pub struct Recorded {
    /// Its fields, flat.
    pub fields: Value,
    /// Its log sources.
    pub sources: Vec<LogSource>,
}

/// Channels, and the service that each is.
const SERVICES: &[(&str, &str)] = &[
    ("Application", "application"),
    ("DNS Server", "dns-server"),
    ("Microsoft-Windows-AppLocker/EXE and DLL", "applocker"),
    ("Microsoft-Windows-AppLocker/MSI and Script", "applocker"),
    ("Microsoft-Windows-AppLocker/Packaged app-Deployment", "applocker"),
    ("Microsoft-Windows-AppLocker/Packaged app-Execution", "applocker"),
    ("Microsoft-Windows-Bits-Client/Operational", "bits-client"),
    (
        "Microsoft-Windows-CodeIntegrity/Operational",
        "codeintegrity-operational",
    ),
    (
        "Microsoft-Windows-DriverFrameworks-UserMode/Operational",
        "driver-framework",
    ),
    ("Microsoft-Windows-NTLM/Operational", "ntlm"),
    ("Microsoft-Windows-PowerShell/Operational", "powershell"),
    ("Microsoft-Windows-PrintService/Admin", "printservice-admin"),
    ("Microsoft-Windows-PrintService/Operational", "printservice-operational"),
    ("Microsoft-Windows-Shell-Core/Operational", "shell-core"),
    ("Microsoft-Windows-SmbClient/Connectivity", "smbclient-connectivity"),
    ("Microsoft-Windows-SmbClient/Security", "smbclient-security"),
    ("Microsoft-Windows-Sysmon/Operational", "sysmon"),
    ("Microsoft-Windows-TaskScheduler/Operational", "taskscheduler"),
    (
        "Microsoft-Windows-TerminalServices-LocalSessionManager/Operational",
        "terminalservices-localsessionmanager",
    ),
    ("Microsoft-Windows-WMI-Activity/Operational", "wmi"),
    (
        "Microsoft-Windows-Windows Firewall With Advanced Security/Firewall",
        "firewall-as",
    ),
    ("Microsoft-Windows-Windows Defender/Operational", "windefend"),
    ("PowerShellCore/Operational", "powershell"),
    ("Security", "security"),
    ("System", "system"),
    ("Windows PowerShell", "powershell-classic"),
];

/// Categories by service and id.
const CATEGORIES: &[(&str, u64, &[&str])] = &[
    ("powershell", 4103, &["ps_module"]),
    ("powershell", 4104, &["ps_script"]),
    ("powershell-classic", 400, &["ps_classic_start"]),
    ("powershell-classic", 600, &["ps_classic_provider_start"]),
    ("powershell-classic", 800, &["ps_classic_script"]),
    ("security", 4688, &["process_creation"]),
    ("sysmon", 1, &["process_creation"]),
    ("sysmon", 2, &["file_change"]),
    ("sysmon", 3, &["network_connection"]),
    ("sysmon", 4, &["sysmon_status"]),
    ("sysmon", 5, &["process_termination"]),
    ("sysmon", 6, &["driver_load"]),
    ("sysmon", 7, &["image_load"]),
    ("sysmon", 8, &["create_remote_thread"]),
    ("sysmon", 9, &["raw_access_thread"]),
    ("sysmon", 10, &["process_access"]),
    ("sysmon", 11, &["file_event"]),
    ("sysmon", 12, &["registry_event"]),
    ("sysmon", 13, &["registry_event", "registry_set"]),
    ("sysmon", 14, &["registry_event", "registry_rename"]),
    ("sysmon", 15, &["create_stream_hash"]),
    ("sysmon", 16, &["sysmon_status"]),
    ("sysmon", 17, &["pipe_created"]),
    ("sysmon", 18, &["pipe_created"]),
    ("sysmon", 19, &["wmi_event"]),
    ("sysmon", 20, &["wmi_event"]),
    ("sysmon", 21, &["wmi_event"]),
    ("sysmon", 22, &["dns_query"]),
    ("sysmon", 23, &["file_delete"]),
    ("sysmon", 24, &["clipboard_capture"]),
    ("sysmon", 25, &["process_tampering"]),
    ("sysmon", 26, &["file_delete"]),
    ("sysmon", 27, &["file_block"]),
    ("sysmon", 29, &["file_executable_detected"]),
    ("sysmon", 255, &["sysmon_error"]),
];

impl Recorded {
    /// Of a line of flat JSON, or of JSON as evtx_dump writes it; `None` of
    /// what is no record of a Windows log.
    pub fn new(line: &[u8]) -> Option<Recorded> {
        let value: Value = serde_json::from_slice(line).ok()?;
        let mut fields = Map::new();
        let channel = match value.get("Event") {
            Some(event) => {
                flatten(event, &mut fields);
                event.pointer("/System/Channel")?.as_str()?.to_owned()
            }
            None => {
                fields.extend(value.as_object()?.clone());
                // As NXLog calls it.
                if let Some(provider) = fields.get("SourceName").cloned() {
                    fields.insert("Provider_Name".into(), provider);
                }
                fields.get("Channel")?.as_str()?.to_owned()
            }
        };
        let id = match fields.get("EventID")? {
            Value::Number(id) => id.as_u64()?,
            Value::String(id) => id.parse().ok()?,
            _ => return None,
        };
        let services = SERVICES.iter();
        let service = services
            .clone()
            .find(|(known, _)| known.eq_ignore_ascii_case(&channel))
            .map(|(_, service)| *service);
        let mut categories: Vec<&str> = CATEGORIES
            .iter()
            .find(|(of, known, _)| Some(*of) == service && *known == id)
            .map(|(_, _, categories)| categories.to_vec())
            .unwrap_or_default();
        if (service, id) == (Some("sysmon"), 12) {
            let kind = fields.get("EventType").and_then(Value::as_str);
            categories.extend(match kind {
                Some("CreateKey") => Some("registry_add"),
                Some("DeleteKey" | "DeleteValue") => Some("registry_delete"),
                _ => None,
            });
        }
        if categories.contains(&"process_creation") && id == 4688 {
            for (from, to) in [
                ("NewProcessName", "Image"),
                ("ParentProcessName", "ParentImage"),
            ] {
                if let Some(value) = fields.get(from).cloned() {
                    fields.insert(to.into(), value);
                }
            }
        }
        let of = |category: Option<&str>| LogSource {
            category: category.map(Into::into),
            product: Some("windows".into()),
            service: service.map(Into::into),
            ..LogSource::default()
        };
        let sources = match categories.is_empty() {
            true => vec![of(None)],
            false => categories.into_iter().map(|it| of(Some(it))).collect(),
        };
        Some(Recorded { fields: Value::Object(fields), sources })
    }
}

/// The fields of a record as evtx_dump writes it.
fn flatten(event: &Value, fields: &mut Map<String, Value>) {
    let text = |value: &Value| match value {
        Value::Object(inner) => inner.get("#text").cloned(),
        Value::Null => None,
        other => Some(other.clone()),
    };
    let system = event.get("System").and_then(Value::as_object);
    for (name, value) in system.into_iter().flatten() {
        if name == "Provider" {
            let name = value.pointer("/#attributes/Name");
            if let Some(name) = name {
                fields.insert("Provider_Name".into(), name.clone());
            }
        } else if let Some(value) = text(value) {
            fields.insert(name.clone(), value);
        }
    }
    for part in ["EventData", "UserData"] {
        let Some(Value::Object(data)) = event.get(part) else { continue };
        for (name, value) in data {
            match value {
                // Of `UserData`, one element around the fields.
                Value::Object(inner) if !inner.contains_key("#text") => {
                    for (name, value) in inner {
                        // Of what the header has too, rules mean the log
                        // that an event is about, and no other.
                        let is_known = fields.contains_key(name);
                        let is_free = !is_known || name == "Channel";
                        if let Some(value) = text(value).filter(|_| is_free) {
                            fields.insert(name.clone(), value);
                        }
                    }
                }
                value => {
                    if let Some(value) = text(value) {
                        fields.insert(name.clone(), value);
                    }
                }
            }
        }
    }
}
