//! The order in which a log was written to the files of its rotation.

use std::path::Path;

/// What the names of packed files end in.
const PACKED: [&str; 6] = [".gz", ".zst", ".zstd", ".bz2", ".xz", ".lz4"];

/// What sorts the files of one log, the oldest first.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Age {
    /// By a number that rises each time: the highest is the oldest.
    Counted(std::cmp::Reverse<u64>),
    /// By the numbers in a date and what follows it, `-10` after `-9`.
    Dated(Vec<u64>, String),
    /// The one that is being written.
    Current,
}

/// The places of files of some logs in the order in which these were written:
/// those of one log from the oldest to the one that is being written, the
/// logs in the order in which the first file of each is given.
pub fn in_order(paths: &[impl AsRef<Path>]) -> Vec<usize> {
    let mut logs: Vec<(String, Vec<(Age, usize)>)> = Vec::new();
    for (index, path) in paths.iter().enumerate() {
        let (log, age) = place(path.as_ref());
        match logs.iter_mut().find(|(known, _)| *known == log) {
            Some((_, files)) => files.push((age, index)),
            None => logs.push((log, vec![(age, index)])),
        }
    }
    let mut order = Vec::with_capacity(paths.len());
    for (_, mut files) in logs {
        files.sort();
        order.extend(files.into_iter().map(|(_, index)| index));
    }
    order
}

/// The log that a file belongs to, and the file's age.
fn place(path: &Path) -> (String, Age) {
    let name = path.file_name().unwrap_or_default().to_string_lossy();
    let directory = path.parent().unwrap_or(Path::new(""));
    let (log, age) = named(unpacked(&name));
    (format!("{}\0{log}", directory.display()), age)
}

/// A name without the ending of a packed file.
fn unpacked(name: &str) -> &str {
    let ends = |ending: &&&str| {
        let at = name.len().checked_sub(ending.len());
        let last = at.and_then(|at| name.get(at..));
        last.is_some_and(|last| last.eq_ignore_ascii_case(ending))
    };
    match PACKED.iter().find(ends) {
        Some(ending) => name.get(..name.len() - ending.len()).unwrap_or(name),
        None => name,
    }
}

/// The log that a name is of, and its age.
fn named(name: &str) -> (String, Age) {
    // `Archive-Security-2024-05-01-10-00-00-000.evtx`: what Windows calls an
    // event log that was full.
    if let Some(rest) = name.strip_prefix("Archive-")
        && let Some(stem) = rest.strip_suffix(".evtx")
        && let Some((log, date)) = at_date(stem, |date| {
            date.get(4..5) == Some("-") && date.get(7..8) == Some("-")
        })
    {
        return (format!("{log}.evtx"), dated(date));
    }
    let (stem, ending) = ending(name);
    let dotted = [(stem, ending), (name, "")];
    for (stem, ending) in dotted {
        if let Some((log, date)) = at_date(stem, |_| true) {
            return (format!("{log}{ending}"), dated(date));
        }
    }
    for (stem, ending) in dotted {
        if let Some((log, number)) = numbered(stem, &['-', '.', '_'])
            && number.len() == 10
        {
            // Seconds since 1970.
            return (format!("{log}{ending}"), dated(number));
        }
    }
    for (stem, ending) in dotted {
        if let Some((log, number)) = numbered(stem, &['.'])
            && number.len() <= 6
            && let Ok(count) = number.parse()
        {
            let age = Age::Counted(std::cmp::Reverse(count));
            return (format!("{log}{ending}"), age);
        }
    }
    (name.to_owned(), Age::Current)
}

/// A name and its last ending, if that is of letters.
fn ending(name: &str) -> (&str, &str) {
    let at = name.rfind('.').unwrap_or(name.len());
    let (stem, ending) = name.split_at(at);
    let letters = ending.get(1..).unwrap_or_default();
    let is_word = !letters.is_empty()
        && letters.bytes().all(|byte| byte.is_ascii_alphabetic());
    if is_word { (stem, ending) } else { (name, "") }
}

fn dated(date: &str) -> Age {
    let numbers = date.split(|c: char| !c.is_ascii_digit());
    let numbers = numbers.filter_map(|number| number.parse().ok());
    Age::Dated(numbers.collect(), date.to_owned())
}

/// What stands before a number at the end, behind a separator, and the number.
fn numbered<'n>(
    name: &'n str,
    separators: &[char],
) -> Option<(&'n str, &'n str)> {
    let (log, number) = name.rsplit_once(separators)?;
    let are_digits = number.bytes().all(|byte| byte.is_ascii_digit());
    (are_digits && !number.is_empty()).then_some((log, number))
}

/// What stands before the first date, behind a separator, and the rest from
/// the date on: with a time or a number of the same day.
fn at_date(
    name: &str,
    is_right: impl Fn(&str) -> bool,
) -> Option<(&str, &str)> {
    name.match_indices(['-', '.', '_']).find_map(|(at, _)| {
        let date = name.get(at + 1..)?;
        let log = name.get(..at)?;
        (is_date(date) && is_right(date)).then_some((log, date))
    })
}

/// Whether a text begins with a date, its parts apart by one sign or none:
/// `20240501`, `2024-05-01`; a time of four or six digits may follow at once,
/// but no other digit.
fn is_date(text: &str) -> bool {
    let bytes = text.as_bytes();
    let digits = |from: usize, count: usize| {
        let part = text.get(from..from + count)?;
        let are_digits = part.bytes().all(|byte| byte.is_ascii_digit());
        are_digits.then(|| part.parse::<u32>().ok()).flatten()
    };
    let sign = bytes.get(4).copied();
    let sign = sign.filter(|sign| b"-_.".contains(sign));
    let gap = usize::from(sign.is_some());
    let (Some(year), Some(month), Some(day)) =
        (digits(0, 4), digits(4 + gap, 2), digits(6 + 2 * gap, 2))
    else {
        return false;
    };
    let end = 8 + 2 * gap;
    let rest = bytes.get(end..).unwrap_or_default();
    let more = rest.iter().take_while(|byte| byte.is_ascii_digit()).count();
    bytes.get(6 + gap).copied().filter(|_| gap == 1) == sign
        && (1900..2100).contains(&year)
        && (1..=12).contains(&month)
        && (1..=31).contains(&day)
        && matches!(more, 0 | 4 | 6)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn ordered(paths: &[&str]) -> Vec<String> {
        let order = in_order(paths);
        order.into_iter().map(|index| paths[index].to_owned()).collect()
    }

    #[test]
    fn files_of_a_log_come_from_the_oldest_on() {
        for order in [
            &["b.log", "a.log.10.gz", "a.log.2.gz", "a.log.1", "a.log"][..],
            &["x.log-20240501", "x.log-20240502.gz", "x.log"],
            &["x-2024-05-01-9.ndjson", "x-2024-05-01-10.ndjson", "x.ndjson"],
            &["x.20240501101500.log", "x.20240501111500.log"],
            &["x-1714550000.log.XZ", "x-1714560000.log", "x.log"],
            &[
                "Archive-Security-2024-05-01-10-00-00-000.evtx",
                "Archive-Security-2024-05-02-10-00-00-000.evtx",
                "Security.evtx",
            ],
            &["d/x.log.2", "d/x.log", "e/x.log.1", "e/x.log"],
            &["audit.log.3", "audit.log.2", "audit.log"],
        ] {
            let mut given = order.to_vec();
            assert_eq!(ordered(&given), order);
            // The first file of each log says where the log comes.
            if order[0] != "b.log" && !order[0].starts_with("d/") {
                given.reverse();
                assert_eq!(ordered(&given), order);
            }
        }
        assert_eq!(ordered(&["b", "a", "a.1"]), ["b", "a.1", "a"]);
    }

    #[test]
    fn what_only_looks_like_a_date_is_a_name() {
        for name in ["x-20241301", "x-99990101", "x-202405011", "x-1"] {
            assert_eq!(named(name).1, Age::Current, "{name}");
        }
    }
}
