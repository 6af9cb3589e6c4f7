/*!
Log sources of Windows' logs that no kind of event stands for: which channel
is which service of Sigma's, and which ids are which category.

The reader tells a generic event's log source by these tables, and a rule's
log source is checked for slips of the pen against them.
*/

use super::Log;

/// What rules call the provider of a Windows event, which no field is there
/// for.
pub(crate) const PROVIDER: &str = "Provider_Name";

/// What else the header of a Windows event says that rules ask for as a member.
pub(crate) const HEADER: [&str; 2] = ["Keywords", "Level"];

/// Services of Sigma's, each with the channels that it stands for.
const SERVICES: &[(&str, &[&str])] = &[
    ("application", &["Application"]),
    (
        "applocker",
        &[
            "Microsoft-Windows-AppLocker/EXE and DLL",
            "Microsoft-Windows-AppLocker/MSI and Script",
            "Microsoft-Windows-AppLocker/Packaged app-Deployment",
            "Microsoft-Windows-AppLocker/Packaged app-Execution",
        ],
    ),
    ("appmodel-runtime", &["Microsoft-Windows-AppModel-Runtime/Admin"]),
    (
        "appxdeployment-server",
        &["Microsoft-Windows-AppXDeploymentServer/Operational"],
    ),
    ("appxpackaging-om", &["Microsoft-Windows-AppxPackaging/Operational"]),
    ("bits-client", &["Microsoft-Windows-Bits-Client/Operational"]),
    ("capi2", &["Microsoft-Windows-CAPI2/Operational"]),
    (
        "certificateservicesclient-lifecycle-system",
        &[
            "Microsoft-Windows-CertificateServicesClient-Lifecycle-System/Operational",
        ],
    ),
    (
        "codeintegrity-operational",
        &["Microsoft-Windows-CodeIntegrity/Operational"],
    ),
    ("dhcp", &["Microsoft-Windows-DHCP-Server/Operational"]),
    (
        "diagnosis-scripted",
        &["Microsoft-Windows-Diagnosis-Scripted/Operational"],
    ),
    ("dns-client", &["Microsoft-Windows-DNS Client Events/Operational"]),
    ("dns-server", &["DNS Server"]),
    ("dns-server-analytic", &["Microsoft-Windows-DNS-Server/Analytical"]),
    ("dns-server-audit", &["Microsoft-Windows-DNS-Server/Audit"]),
    (
        "driver-framework",
        &["Microsoft-Windows-DriverFrameworks-UserMode/Operational"],
    ),
    (
        "firewall-as",
        &[
            "Microsoft-Windows-Windows Firewall With Advanced Security/Firewall",
        ],
    ),
    ("hyper-v-worker", &["Microsoft-Windows-Hyper-V-Worker"]),
    ("iis-configuration", &["Microsoft-IIS-Configuration/Operational"]),
    ("kernel-event-tracing", &["Microsoft-Windows-Kernel-EventTracing"]),
    (
        "kernel-shimengine",
        &[
            "Microsoft-Windows-Kernel-ShimEngine/Diagnostic",
            "Microsoft-Windows-Kernel-ShimEngine/Operational",
        ],
    ),
    ("ldap", &["Microsoft-Windows-LDAP-Client/Debug"]),
    ("ldap_debug", &["Microsoft-Windows-LDAP-Client/Debug"]),
    ("lsa-server", &["Microsoft-Windows-LSA/Operational"]),
    (
        "microsoft-servicebus-client",
        &[
            "Microsoft-ServiceBus-Client",
            "Microsoft-ServiceBus-Client/Admin",
            "Microsoft-ServiceBus-Client/Operational",
        ],
    ),
    ("msexchange-management", &["MSExchange Management"]),
    ("ntfs", &["Microsoft-Windows-Ntfs/Operational"]),
    ("ntlm", &["Microsoft-Windows-NTLM/Operational"]),
    ("openssh", &["OpenSSH/Operational"]),
    ("powershell-classic", &["Windows PowerShell"]),
    ("printservice-admin", &["Microsoft-Windows-PrintService/Admin"]),
    (
        "printservice-operational",
        &["Microsoft-Windows-PrintService/Operational"],
    ),
    (
        "security-mitigations",
        &[
            "Microsoft-Windows-Security-Mitigations/Kernel Mode",
            "Microsoft-Windows-Security-Mitigations/KernelMode",
            "Microsoft-Windows-Security-Mitigations/User Mode",
            "Microsoft-Windows-Security-Mitigations/UserMode",
        ],
    ),
    ("sense", &["Microsoft-Windows-SENSE/Operational"]),
    ("servicebus-client", &["Microsoft-ServiceBus-Client"]),
    ("shell-core", &["Microsoft-Windows-Shell-Core/Operational"]),
    ("smbclient-connectivity", &["Microsoft-Windows-SmbClient/Connectivity"]),
    ("smbclient-security", &["Microsoft-Windows-SmbClient/Security"]),
    ("smbserver-connectivity", &["Microsoft-Windows-SMBServer/Connectivity"]),
    ("system", &["System"]),
    (
        "terminalservices-localsessionmanager",
        &[
            "Microsoft-Windows-TerminalServices-LocalSessionManager/Operational",
        ],
    ),
    ("vhdmp", &["Microsoft-Windows-VHDMP-Operational"]),
    ("windefend", &["Microsoft-Windows-Windows Defender/Operational"]),
    ("wmi", &["Microsoft-Windows-WMI-Activity/Operational"]),
];

/// Categories of Sigma's, each with the service and the ids there.
const CATEGORIES: &[(&str, &str, &[&str])] = &[
    ("clipboard_capture", "sysmon", &["24"]),
    ("create_remote_thread", "sysmon", &["8"]),
    ("create_stream_hash", "sysmon", &["15"]),
    ("dns_query", "sysmon", &["22"]),
    ("driver_load", "sysmon", &["6"]),
    ("file_block", "sysmon", &["27"]),
    ("file_change", "sysmon", &["2"]),
    ("file_executable_detected", "sysmon", &["29"]),
    ("network_connection", "sysmon", &["3"]),
    ("pipe_created", "sysmon", &["17", "18"]),
    ("process_access", "sysmon", &["10"]),
    ("process_tampering", "sysmon", &["25"]),
    ("process_termination", "sysmon", &["5"]),
    ("ps_classic_provider_start", "powershell-classic", &["600"]),
    ("ps_classic_script", "powershell-classic", &["800"]),
    ("ps_classic_start", "powershell-classic", &["400"]),
    ("ps_module", "powershell", &["4103"]),
    ("raw_access_thread", "sysmon", &["9"]),
    ("sysmon_error", "sysmon", &["255"]),
    ("sysmon_status", "sysmon", &["4", "16"]),
    ("wmi_event", "sysmon", &["19", "20", "21"]),
];

/// Categories that no id of a log tells.
const OTHER_CATEGORIES: &[&str] = &[
    "antivirus",
    "appliance",
    "application",
    "database",
    "dns",
    "file_access",
    "firewall",
    "proxy",
    "registry_rename",
    "webserver",
];

/// The service of a channel, in any case of letters; `None` when it is none
/// that is known.
pub(crate) fn service_of_channel(channel: &[u8]) -> Option<&'static str> {
    if let Some(log) = Log::from_channel(channel) {
        return Some(log.service());
    }
    let is_one = |channels: &&[&str]| {
        let mut channels = channels.iter();
        channels.any(|known| known.as_bytes().eq_ignore_ascii_case(channel))
    };
    let mut services = SERVICES.iter();
    services
        .find(|(_, channels)| is_one(channels))
        .map(|(service, _)| *service)
}

/// The category of a service's events with an id; `None` when it has none.
pub(crate) fn category_of(service: &str, id: &[u8]) -> Option<&'static str> {
    let mut categories = CATEGORIES.iter();
    categories
        .find(|(_, of, ids)| {
            *of == service && ids.iter().any(|known| known.as_bytes() == id)
        })
        .map(|(category, ..)| *category)
}

/// The ids of a category's events; `None` of one that no id tells.
pub(crate) fn ids_of_category(name: &str) -> Option<&'static [&'static str]> {
    let mut categories = CATEGORIES.iter();
    let found =
        categories.find(|(known, ..)| known.eq_ignore_ascii_case(name));
    found.map(|(_, _, ids)| *ids)
}

/// All names of a service's channels; empty of one that is not known.
pub(crate) fn channels_of(
    service: &str,
) -> impl Iterator<Item = &'static str> {
    let is_it = |known: &str| known.eq_ignore_ascii_case(service);
    let logs = Log::ALL.iter().filter(move |log| is_it(log.service()));
    let of_logs = logs.flat_map(|log| log.channels().iter().copied());
    let services = SERVICES.iter().filter(move |(known, _)| is_it(known));
    of_logs.chain(services.flat_map(|(_, names)| names.iter().copied()))
}

/// The categories of events that have no kind of their own.
#[cfg_attr(not(feature = "sigma"), expect(dead_code))]
pub(crate) fn categories() -> impl Iterator<Item = &'static str> {
    let told = CATEGORIES.iter().map(|(category, ..)| *category);
    told.chain(OTHER_CATEGORIES.iter().copied())
}

/// The services of Windows' logs that have no kind of event.
#[cfg_attr(not(feature = "sigma"), expect(dead_code))]
pub(crate) fn services() -> impl Iterator<Item = &'static str> {
    SERVICES.iter().map(|(service, _)| *service)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn log_sources_are_told_by_channel_and_id() {
        let sysmon = b"microsoft-windows-sysmon/operational";
        assert_eq!(service_of_channel(sysmon), Some("sysmon"));
        assert_eq!(service_of_channel(b"System"), Some("system"));
        assert_eq!(service_of_channel(b"Sys"), None);
        assert_eq!(category_of("sysmon", b"10"), Some("process_access"));
        assert_eq!(category_of("sysmon", b"1"), None);
        assert_eq!(category_of("security", b"10"), None);
    }

    /// What has a kind of event is told by that.
    #[test]
    fn no_id_is_told_twice() {
        for (category, service, ids) in CATEGORIES {
            for log in Log::ALL {
                let is_here = log.service() == *service;
                for id in ids.iter().filter(|_| is_here) {
                    let kind = log.kind(id.as_bytes());
                    assert_eq!(kind, None, "{category} {id}");
                }
            }
        }
    }
}
