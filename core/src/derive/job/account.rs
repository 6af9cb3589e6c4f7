/*!
Accounts under one name.

The local system has a name in each language, an identifier, and short forms;
rules compare `SYSTEM`. Any other account stays as it is written.
*/

use super::facts::{Jobs, Text};
use crate::derive::canonical::arena::{Arena, Piece};
use crate::derive::canonical::command::System;
use crate::event::Field;

/// Names of accounts that every Windows has. Translations are those of
/// Microsoft's own language packs.
const KNOWN: [(&str, &[&str]); 3] = [
    (
        "SYSTEM",
        &[
            "",
            "S-1-5-18",
            "SYSTEM",
            "LocalSystem",
            "Local System",
            r"NT AUTHORITY\SYSTEM",
            r"NT-AUTORITÄT\SYSTEM",
            r"AUTORITE NT\SYSTEM",
            r"AUTORITE NT\Système",
            r"AUTORITE NT\SYSTÈME",
            "Système",
            r"NT AUTHORITY\СИСТЕМА",
            "СИСТЕМА",
            r"NT AUTHORITY\SISTEMA",
            r"AUTORIDADE NT\SISTEMA",
            r"ZARZĄDZANIE NT\SYSTEM",
            r"NT INSTANS\SYSTEM",
            r"NT-MYNDIGHET\SYSTEM",
        ],
    ),
    (
        "LOCAL SERVICE",
        &[
            "S-1-5-19",
            "LOCAL SERVICE",
            "LocalService",
            r"NT AUTHORITY\LOCAL SERVICE",
            r"NT AUTHORITY\LocalService",
            r"NT-AUTORITÄT\LOKALER DIENST",
            r"AUTORITE NT\SERVICE LOCAL",
        ],
    ),
    (
        "NETWORK SERVICE",
        &[
            "S-1-5-20",
            "NETWORK SERVICE",
            "NetworkService",
            r"NT AUTHORITY\NETWORK SERVICE",
            r"NT AUTHORITY\NetworkService",
            r"NT-AUTORITÄT\NETZWERKDIENST",
            r"AUTORITE NT\SERVICE RÉSEAU",
        ],
    ),
];

/// The one name of an account; `None` for one that has no other.
pub(crate) fn known(name: &[u8], system: System) -> Option<&'static str> {
    let name = name.trim_ascii();
    if system == System::Unix {
        return matches!(name, b"0" | b"root").then_some("root");
    }
    let found = KNOWN.iter().find(|(_, names)| {
        names.iter().any(|known| name.eq_ignore_ascii_case(known.as_bytes()))
    });
    found.map(|(name, _)| *name)
}

/// States the account that a job runs as.
pub(crate) fn push(
    name: Piece,
    system: System,
    arena: &Arena,
    jobs: &mut Jobs,
) {
    jobs.push(Field::JobUser, text(name, system, arena));
}

/// The one name of an account, or what was written.
pub(crate) fn text(name: Piece, system: System, arena: &Arena) -> Text {
    known(arena.get(name), system).map_or(Text::Written(name), Text::Known)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_system_has_one_name() {
        for name in ["", "system", "S-1-5-18", r"nt authority\system"] {
            let known = known(name.as_bytes(), System::Windows);
            assert_eq!(known, Some("SYSTEM"), "{name}");
        }
        assert_eq!(known(b"ann", System::Windows), None);
        assert_eq!(known(b"SYSTEM32", System::Windows), None);
        assert_eq!(known(b"0", System::Unix), Some("root"));
        assert_eq!(known(b"", System::Unix), None);
    }
}
