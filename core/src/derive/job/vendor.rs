/*!
What speaks for a job: programs of vendors and of Windows where only
administrators can write, what sets them up, and the few programs that vendors
keep in places that users can write to.

An alibi is a program's own. What runs whatever it is told, or lets somebody
in from outside, has none, wherever it stands.
*/

use super::words::{Text, has_any, is_any};
use crate::bytes;
use crate::derive::canonical::path::stem;

/// Where Defender keeps its programs, below a folder that users may write
/// to, but not there.
pub(super) const DEFENDER: &str =
    r"c:\programdata\microsoft\windows defender\";

/// Whether a path is below Program Files.
pub(super) fn is_vendor(path: &[u8]) -> bool {
    let path = path.strip_prefix(b"\"").unwrap_or(path);
    let below = [r"c:\program files\", r"c:\program files (x86)\"];
    below.iter().any(|place| bytes::starts_with(path, place.as_bytes(), false))
}

/// Folders of Windows that hold its programs. Others there hold data, and a
/// program that is put among it is none of Windows'.
const SYSTEM_FOLDERS: [&str; 15] = [
    DEFENDER,
    r"c:\windows\system32\",
    r"c:\windows\syswow64\",
    r"c:\windows\sysnative\",
    r"c:\windows\microsoft.net\",
    r"c:\windows\servicing\",
    r"c:\windows\winsxs\",
    r"c:\windows\installer\",
    r"c:\windows\softwaredistribution\",
    r"c:\windows\systemapps\",
    r"c:\windows\immersivecontrolpanel\",
    r"c:\windows\uus\",
    r"c:\windows\ccm\",
    r"c:\windows\ccmsetup\",
    r"c:\windows\adfs\",
];

/// Programs that stand in the folder of Windows itself.
const SYSTEM_PROGRAMS: [&str; 6] = [
    r"c:\windows\explorer.exe",
    r"c:\windows\notepad.exe",
    r"c:\windows\regedit.exe",
    r"c:\windows\hh.exe",
    r"c:\windows\splwow64.exe",
    r"c:\windows\bfsvc.exe",
];

/// Whether a path is in a folder of the system's programs, where only
/// administrators can write but for some folders below.
pub(super) fn is_system(path: &[u8]) -> bool {
    let begins =
        |place: &&str| bytes::starts_with(path, place.as_bytes(), false);
    SYSTEM_FOLDERS.iter().any(begins)
        || SYSTEM_PROGRAMS
            .iter()
            .any(|program| path.eq_ignore_ascii_case(program.as_bytes()))
}

/// Libraries that Windows' own tasks have rundll32 run.
const TASK_LIBRARIES: [&str; 18] = [
    "acproxy.dll",
    "aeinv.dll",
    "aepdu.dll",
    "appxdeploymentclient.dll",
    "bfe.dll",
    "capabilityaccessmanager.dll",
    "dfdts.dll",
    "edgehtml.dll",
    "generaltel.dll",
    "invagent.dll",
    "ndfapi.dll",
    "newdev.dll",
    "pla.dll",
    "pnpui.dll",
    "startupscan.dll",
    "sysmain.dll",
    "windows.sharedpc.accountmanager.dll",
    "windows.storage.applicationdata.dll",
];

/// Whether rundll32 runs a library of Windows, found where Windows keeps
/// them: `/d acproxy.dll,PerformAutochkOperations`.
pub(super) fn runs_task_library(command: &[u8], arguments: &[u8]) -> bool {
    let mut words = arguments.split(|byte| *byte == b' ');
    let mut word = words.next().unwrap_or_default();
    if word.eq_ignore_ascii_case(b"/d") {
        word = words.next().unwrap_or_default();
    }
    let file = word.split(|byte| *byte == b',').next().unwrap_or_default();
    let folder = file.len().saturating_sub(bytes::name(file).len());
    let folder = file.get(..folder).unwrap_or_default();
    let is_there = [r"", r"c:\windows\system32\", r"%windir%\system32\"]
        .iter()
        .any(|known| folder.eq_ignore_ascii_case(known.as_bytes()));
    is_system(command)
        && is_any(stem(command), &["rundll32"])
        && is_there
        && is_any(bytes::name(file), &TASK_LIBRARIES)
        && words.next().is_none()
}

/// Programs of Windows that do harm by what they are told: stop it, hide
/// tracks, delete backups, make users, open ways in, carry data out.
const HARMFUL: [&str; 50] = [
    "arp",
    "at",
    "bcdedit",
    "cipher",
    "cmdkey",
    "csvde",
    "curl",
    "diskpart",
    "diskshadow",
    "dsquery",
    "esentutl",
    "expand",
    "extrac32",
    "fltmc",
    "format",
    "fsutil",
    "ftp",
    "icacls",
    "ldifde",
    "makecab",
    "net",
    "net1",
    "netsh",
    "nltest",
    "ntdsutil",
    "procdump",
    "psr",
    "query",
    "quser",
    "qwinsta",
    "reg",
    "regini",
    "robocopy",
    "sc",
    "schtasks",
    "scp",
    "setspn",
    "sftp",
    "shutdown",
    "ssh",
    "sshd",
    "takeown",
    "tar",
    "taskkill",
    "tftp",
    "vssadmin",
    "wbadmin",
    "wevtutil",
    "winrs",
    "xcopy",
];

/// Whether a program of Windows is one that does harm by what it is told.
pub(super) fn is_harmful(path: &[u8], arguments: &[u8]) -> bool {
    // That a service is started is what vendors' tasks do.
    let starts = bytes::starts_with(arguments, b"start ", false);
    let name = stem(path);
    is_any(name, &HARMFUL) && !(starts && is_any(name, &["sc"]))
}

/// Programs that somebody reaches a host with, or starts others by.
const HANDS: [&str; 43] = [
    // From outside.
    "aeroadmin",
    "ammyy",
    "anydesk",
    "ateraagent",
    "dwagent",
    "dwagsvc",
    "dwservice",
    "logmein",
    "meshagent",
    "parsecd",
    "radmin",
    "remoteutilities",
    "rfusclient",
    "rustdesk",
    "rutserv",
    "screenconnect",
    "screenconnect.clientservice",
    "screenconnect.windowsclient",
    "srserver",
    "supremo",
    "syncrosetup",
    "teamviewer",
    "teamviewer_service",
    "tvnserver",
    "ultraviewer_desktop",
    "vncserver",
    "winvnc",
    "zohours",
    // By hand.
    "alacritty",
    "autohotkey",
    "autohotkey64",
    "autoit3",
    "code",
    "conemu",
    "conemu64",
    "far",
    "mintty",
    "notepad++",
    "processhacker",
    "systeminformer",
    "totalcmd64",
    "wezterm-gui",
    "windowsterminal",
];

/// Readers of documents, which open what others send.
const READERS: [&str; 6] = [
    "acrobat",
    "acrord32",
    "foxitpdfreader",
    "foxitreader",
    "sumatrapdf",
    "winrar",
];

/// Whether somebody reaches a host with a program, opens what others send in
/// it, or starts others by it.
pub(super) fn is_hand(path: &[u8]) -> bool {
    is_any(stem(path), &HANDS) || is_any(stem(path), &READERS)
}

const INSTALLERS: [&str; 9] = [
    "msiexec",
    "ccmexec",
    "tiworker",
    "trustedinstaller",
    "dism",
    "dismhost",
    "setuphost",
    "poqexec",
    "mousocoreworker",
];

const INSTALLER_FOLDERS: [&str; 6] = [
    r"c:\windows\servicing\",
    r"c:\windows\installer\",
    r"c:\$windows.~bt\",
    r"c:\windows\winsxs\",
    r"c:\windows\softwaredistribution\",
    r"c:\windows\ccm\",
];

pub(super) fn is_installer(path: &[u8]) -> bool {
    let is_in_place = is_system(path) || is_vendor(path);
    is_in_place && is_any(stem(path), &INSTALLERS)
        || has_any(path, &INSTALLER_FOLDERS)
}

/// A program of a vendor in a place that users can write to: its folder, and
/// what its name begins with.
type Known = (&'static str, &'static str);

/// Programs that vendors install for one user: applications and what keeps
/// them up to date.
const USER_PROGRAMS: [Known; 33] = [
    (r"\appdata\local\microsoft\onedrive\", "onedrive"),
    (r"\appdata\local\microsoft\onedrive\", "filesyncconfig"),
    (r"\appdata\local\microsoft\edgeupdate\", "microsoftedgeupdate"),
    (r"\appdata\local\microsoft\edge\application\", "msedge"),
    (r"\appdata\local\microsoft\teams\", "teams"),
    (r"\appdata\local\microsoft\teams\", "update"),
    (r"\appdata\local\microsoft\windowsapps\", "ms-teams"),
    (r"\appdata\roaming\microsoft\teams\", "teams"),
    (r"\appdata\local\google\update\", "googleupdate"),
    (r"\appdata\local\google\googleupdater\", "updater"),
    (r"\appdata\local\google\chrome\application\", "chrome"),
    (r"\appdata\local\mozilla firefox\", "firefox"),
    (r"\appdata\local\mozilla firefox\", "default-browser-agent"),
    (r"\appdata\local\bravesoftware\", "brave"),
    (r"\appdata\local\vivaldi\", "vivaldi"),
    (r"\appdata\local\vivaldi\", "update_notifier"),
    (r"\appdata\local\programs\opera", "opera"),
    (r"\appdata\local\programs\opera", "launcher"),
    (r"\appdata\local\programs\microsoft vs code\", "code"),
    (r"\appdata\local\dropbox\", "dropbox"),
    (r"\appdata\local\slack\", "slack"),
    (r"\appdata\local\slack\", "update"),
    (r"\appdata\local\discord\", "discord"),
    (r"\appdata\local\discord\", "update"),
    (r"\appdata\local\githubdesktop\", "githubdesktop"),
    (r"\appdata\local\githubdesktop\", "update"),
    (r"\appdata\local\postman\", "update"),
    (r"\appdata\local\powertoys\", "powertoys"),
    (r"\appdata\local\jetbrains\", "jetbrains"),
    (r"\appdata\local\programs\signal-desktop\", "signal"),
    (r"\appdata\local\grammarly\", "grammarly"),
    (r"\appdata\roaming\spotify\", "spotify"),
    (r"\appdata\roaming\zoom\bin\", "z"),
];

/// Whether a path is that of a program which its vendor installs for one
/// user.
pub(super) fn is_user_program(path: &[u8]) -> bool {
    is_known(path, &USER_PROGRAMS)
}

/// Programs that vendors install for all users in ProgramData.
const SHARED_PROGRAMS: [Known; 32] = [
    (r"c:\programdata\package cache\", ""),
    (r"c:\programdata\acronis\", "acronis"),
    (r"c:\programdata\adobe\", "adobe"),
    (r"c:\programdata\asus\", "asus"),
    (r"c:\programdata\battle.net\", "battle.net"),
    (r"c:\programdata\bitdefender\", "bd"),
    (r"c:\programdata\canon", "c"),
    (r"c:\programdata\checkpoint\", "cp"),
    (r"c:\programdata\chocolatey\", "choco"),
    (r"c:\programdata\cisco\", "c"),
    (r"c:\programdata\citrix\", "c"),
    (r"c:\programdata\dell\", "dell"),
    (r"c:\programdata\dell\", "supportassist"),
    (r"c:\programdata\docker", "docker"),
    (r"c:\programdata\epson\", "e_"),
    (r"c:\programdata\eset\", "e"),
    (r"c:\programdata\hp\", "hp"),
    (r"c:\programdata\intel\", "intel"),
    (r"c:\programdata\lenovo\", "lenovo"),
    (r"c:\programdata\lghub\", "lghub"),
    (r"c:\programdata\logishrd\", "log"),
    (r"c:\programdata\microsoft\edgeupdate\", "microsoftedgeupdate"),
    (r"c:\programdata\ninjarmmagent\", "ninja"),
    (r"c:\programdata\nvidia corporation\", "nv"),
    (r"c:\programdata\oracle\java\", "j"),
    (r"c:\programdata\razer\", "rz"),
    (r"c:\programdata\razer\", "razer"),
    (r"c:\programdata\samsung\", "samsung"),
    (r"c:\programdata\sophos\", "sophos"),
    (r"c:\programdata\splunk", "splunk"),
    (r"c:\programdata\symantec\", "s"),
    (r"c:\programdata\veeam\", "veeam"),
];

/// Whether a path is that of a program which its vendor installs for all
/// users, in a place that they may write to.
pub(super) fn is_shared_program(path: &[u8]) -> bool {
    is_known(path, &SHARED_PROGRAMS)
}

/// Whether a program is one of some. Folders of one product's versions may
/// stand in between.
fn is_known(path: &[u8], programs: &[Known]) -> bool {
    // All of these stand in one of two places, and few paths do.
    let text = Text::new(path);
    if !text.has_any(&[r"\appdata\", r"\programdata\"]) {
        return false;
    }
    let name = stem(path);
    bytes::ends_with(path, b".exe", false)
        && programs.iter().any(|(folder, begin)| {
            text.has(folder)
                && bytes::starts_with(name, begin.as_bytes(), false)
        })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn libraries_of_windows_tasks_are_known() {
        for (arguments, expected) in [
            ("/d acproxy.dll,PerformAutochkOperations", true),
            ("sysmain.dll,PfSvWsSwapAssessmentTask", true),
            (r"%windir%\system32\bfe.dll,BfeOnServiceStartTypeChange", true),
            (r"C:\Users\Public\acproxy.dll,Run", false),
            ("shell32.dll,ShellExec_RunDLL calc", false),
            ("acproxy.dll,Run x", false),
            ("", false),
        ] {
            let said = runs_task_library(
                br"C:\Windows\system32\rundll32.exe",
                arguments.as_bytes(),
            );
            assert_eq!(said, expected, "{arguments}");
        }
        assert!(!runs_task_library(br"C:\x\rundll32.exe", b"bfe.dll,x"));
    }

    #[test]
    fn only_a_vendors_own_programs_are_known() {
        for (path, expected) in [
            (
                r"C:\Users\ann\AppData\Local\Microsoft\OneDrive\OneDrive.exe",
                true,
            ),
            (
                r"C:\Users\ann\AppData\Local\Google\GoogleUpdater\134.0\updater.exe",
                true,
            ),
            (r"C:\Users\ann\AppData\Local\PowerToys\PowerToys.exe", true),
            (r"C:\Users\ann\AppData\Local\Microsoft\syspps.exe", false),
            (r"C:\Users\ann\AppData\Local\Programs\x\x.exe", false),
            (r"C:\Users\ann\AppData\Local\Slack\x.exe", false),
            (r"C:\Users\ann\AppData\Local\Slack\update.vbs", false),
            (r"C:\Users\ann\Downloads\Slack\update.exe", false),
        ] {
            assert_eq!(is_user_program(path.as_bytes()), expected, "{path}");
        }
        for (path, expected) in [
            (r"C:\ProgramData\HP\HP Print Scan Doctor\HPPSdr.exe", true),
            (r"C:\ProgramData\chocolatey\bin\choco.exe", true),
            (r"C:\ProgramData\HP\svchost.exe", false),
            (r"C:\ProgramData\Remcos\remcos.exe", false),
            (r"D:\x\ProgramData\HP\hp.exe", false),
        ] {
            assert_eq!(is_shared_program(path.as_bytes()), expected, "{path}");
        }
    }
}
