/*!
Names of system calls by architecture and number.

Only calls that start programs or change what files there are and who may use
them have names here; others stay numbers. Enriched and interpreted records
bring the names of all.
*/

use crate::bytes;

/// The name of a system call, from the architecture's number in hex and the
/// call's number in digits, as the kernel writes them.
pub(super) fn name(arch: &[u8], number: &[u8]) -> Option<&'static [u8]> {
    let column = column(arch)?;
    let number = bytes::number(number).filter(|_| number.len() <= 10)?;
    let number = match (column, number & !X32, number & X32 != 0) {
        (0, 520, true) => 59,
        (0, 545, true) => 322,
        (0, number, true) => number,
        _ => number,
    };
    let place = PLACES.get(column)?.get(usize::try_from(number).ok()?)?;
    let call = usize::from(*place).checked_sub(1)?;
    CALLS.get(call).map(|(name, _)| name.as_bytes())
}

/// Whether the calls of an architecture have names here.
pub(super) fn is_known(arch: &[u8]) -> bool {
    column(arch).is_some()
}

/// Whether a call has no name here, though others of its architecture do.
pub(super) fn is_other(arch: &[u8], number: &[u8]) -> bool {
    is_known(arch) && name(arch, number).is_none()
}

/// Whether the arguments of a call may tell what it does with files: not of
/// one that runs a program, and of none that has no name here.
pub(super) fn may_have_files(name: Option<&[u8]>, is_other: bool) -> bool {
    !is_other && !matches!(name, Some(b"execve" | b"execveat"))
}

/// The column of an architecture in the table below.
fn column(arch: &[u8]) -> Option<usize> {
    Some(match arch {
        b"c000003e" => 0, // x86_64
        b"40000003" => 1, // i386
        // aarch64, riscv and loongarch64 share the generic numbers.
        b"c00000b7" | b"c00000f3" | b"400000f3" | b"c0000102" => 2,
        b"40000028" | b"28" => 3, // arm, big-endian too
        b"c0000015" | b"80000015" | b"14" => 4, // ppc64le, ppc64, ppc
        b"80000016" => 5,         // s390x
        _ => return None,
    })
}

/// The same of a call that is given by its name.
pub(super) fn named(name: &[u8]) -> Option<&'static [u8]> {
    let mut names = CALLS.iter().map(|call| call.0.as_bytes());
    names.find(|known| *known == name)
}

/// Set in the number of a call by an x32 program. The calls are those of
/// x86_64 but for two of the ones below.
const X32: i64 = 0x4000_0000;

/// The call's number on x86_64, i386, the generic table, arm, ppc64, s390x;
/// zero where there is no such call. Frequent ones come first.
const CALLS: [(&str, [u16; 6]); 30] = [
    ("openat", [257, 295, 56, 322, 286, 288]),
    ("execve", [59, 11, 221, 11, 11, 11]),
    ("open", [2, 5, 0, 5, 5, 5]),
    ("rename", [82, 38, 0, 38, 38, 38]),
    ("unlink", [87, 10, 0, 10, 10, 10]),
    ("unlinkat", [263, 301, 35, 328, 292, 294]),
    ("renameat", [264, 302, 38, 329, 293, 295]),
    ("renameat2", [316, 353, 276, 382, 357, 347]),
    ("chmod", [90, 15, 0, 15, 15, 15]),
    ("fchmod", [91, 94, 52, 94, 94, 94]),
    ("fchmodat", [268, 306, 53, 333, 297, 299]),
    ("fchmodat2", [452, 452, 452, 452, 452, 452]),
    ("chown", [92, 182, 0, 182, 181, 212]),
    ("fchown", [93, 95, 55, 95, 95, 207]),
    ("lchown", [94, 16, 0, 16, 16, 198]),
    ("fchownat", [260, 298, 54, 325, 289, 291]),
    ("creat", [85, 8, 0, 8, 8, 8]),
    ("openat2", [437, 437, 437, 437, 437, 437]),
    ("execveat", [322, 358, 281, 387, 362, 354]),
    ("link", [86, 9, 0, 9, 9, 9]),
    ("linkat", [265, 303, 37, 330, 294, 296]),
    ("symlink", [88, 83, 0, 83, 83, 83]),
    ("symlinkat", [266, 304, 36, 331, 295, 297]),
    ("mkdir", [83, 39, 0, 39, 39, 39]),
    ("mkdirat", [258, 296, 34, 323, 287, 289]),
    ("rmdir", [84, 40, 0, 40, 40, 40]),
    ("mknod", [133, 14, 0, 14, 14, 14]),
    ("mknodat", [259, 297, 33, 324, 288, 290]),
    ("truncate", [76, 92, 45, 92, 92, 92]),
    ("ftruncate", [77, 93, 46, 93, 93, 93]),
];

/// No call that has a name here has a higher number.
const MOST: usize = 453;

/// By architecture and number: 1 more than the call's place in [`CALLS`], or 0
/// for one that has no name here. Most calls of a log have none, and to look
/// through the list for each took a third of telling what it does.
static PLACES: [[u8; MOST]; 6] = places();

#[allow(
    clippy::indexing_slicing,
    clippy::arithmetic_side_effects,
    clippy::cast_possible_truncation
)]
const fn places() -> [[u8; MOST]; 6] {
    let mut places = [[0; MOST]; 6];
    let mut call = 0;
    while call < CALLS.len() {
        let mut column = 0;
        while column < places.len() {
            let number = CALLS[call].1[column] as usize;
            if number != 0 {
                places[column][number] = call as u8 + 1;
            }
            column += 1;
        }
        call += 1;
    }
    places
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names() {
        for (arch, number, expected) in [
            ("c000003e", "82", Some("rename")),
            ("c000003e", "257", Some("openat")),
            ("40000003", "38", Some("rename")),
            // The generic table never had a plain rename.
            ("c00000b7", "38", Some("renameat")),
            ("c00000b7", "221", Some("execve")),
            ("40000028", "322", Some("openat")),
            ("c0000015", "293", Some("renameat")),
            ("80000016", "347", Some("renameat2")),
            // x32
            ("c000003e", "1073741906", Some("rename")),
            ("c000003e", "1073742344", Some("execve")),
            ("c000003e", "1073742369", Some("execveat")),
            ("c000003e", "520", None),
            // Not named here, not a number, not known.
            ("c000003e", "0", None),
            ("c000003e", "", None),
            ("c000003e", "-1", None),
            ("c000003e", "82x", None),
            ("c000003e", "65618", None),
            ("c000003e", "99999999999999999999999", None),
            ("deadbeef", "82", None),
            ("", "82", None),
        ] {
            assert_eq!(
                name(arch.as_bytes(), number.as_bytes()),
                expected.map(str::as_bytes),
                "{arch} {number}"
            );
        }
    }

    #[test]
    fn numbers_are_unambiguous() {
        for column in 0..6 {
            let mut numbers: Vec<u16> = CALLS
                .iter()
                .map(|call| call.1[column])
                .filter(|&number| number != 0)
                .collect();
            let count = numbers.len();
            numbers.sort();
            numbers.dedup();
            assert_eq!(numbers.len(), count, "column {column}");
        }
    }
}
