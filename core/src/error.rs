/*!
What error messages share: the nearest valid names to a wrong one.
*/

use core::fmt;

/// Writes `; did you mean a, b or c?` with the names nearest to a wrong one,
/// or nothing when none is near.
pub(crate) fn write_nearest<'n>(
    f: &mut fmt::Formatter<'_>,
    wrong: &str,
    names: impl Iterator<Item = &'n str>,
) -> fmt::Result {
    let nearest = nearest(wrong, names);
    for (place, name) in (1..).zip(&nearest) {
        f.write_str(match place {
            1 => "; did you mean ",
            _ if place == nearest.len() => " or ",
            _ => ", ",
        })?;
        write!(f, "`{name}`")?;
    }
    if !nearest.is_empty() {
        f.write_str("?")?;
    }
    Ok(())
}

/// Up to three names, nearest first: those that contain the wrong name, and
/// those at most a third of its letters away; failing that, those that it is
/// left of when letters are dropped.
fn nearest<'n>(
    wrong: &str,
    names: impl Iterator<Item = &'n str>,
) -> Vec<&'n str> {
    let wrong = wrong.to_ascii_lowercase();
    let mut scored = Vec::new();
    let mut longer = Vec::new();
    for name in names {
        let lower = name.to_ascii_lowercase();
        let distance = distance(wrong.as_bytes(), lower.as_bytes());
        if wrong.len() >= 3 && lower.contains(&wrong) {
            scored.push((distance.min(1), name));
        } else if distance <= wrong.len().max(3) / 3 {
            scored.push((distance, name));
        } else if wrong.len() >= 6 && is_cut_from(&wrong, &lower) {
            longer.push((distance, name));
        }
    }
    if scored.is_empty() {
        scored = longer;
    }
    scored.sort();
    scored.truncate(3);
    scored.into_iter().map(|(_, name)| name).collect()
}

/// Whether a name is another with letters left out.
fn is_cut_from(cut: &str, whole: &str) -> bool {
    let mut rest = whole.bytes();
    cut.bytes().all(|letter| rest.any(|other| other == letter))
}

/// How many letters to insert, drop, replace or swap with their neighbour.
fn distance(a: &[u8], b: &[u8]) -> usize {
    let cell = |row: &[usize], at: usize| row.get(at).copied().unwrap_or(0);
    let mut older = Vec::new();
    let mut old: Vec<usize> = (0..=b.len()).collect();
    for (i, x) in a.iter().enumerate() {
        let mut left = i.saturating_add(1);
        let mut row = vec![left];
        for ((j, y), above) in b.iter().enumerate().zip(old.windows(2)) {
            let [diagonal, above] = above else { continue };
            let mut least = diagonal
                .saturating_add(usize::from(x != y))
                .min(left.min(*above).saturating_add(1));
            let before = |at: usize| at.checked_sub(1);
            if let (Some(h), Some(k)) = (before(i), before(j))
                && a.get(h) == Some(y)
                && b.get(k) == Some(x)
            {
                least = least.min(cell(&older, k).saturating_add(1));
            }
            row.push(least);
            left = least;
        }
        older = core::mem::replace(&mut old, row);
    }
    cell(&old, b.len())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn distances() {
        for (a, b, expected) in [
            ("", "", 0),
            ("abc", "", 3),
            ("", "abc", 3),
            ("kitten", "sitting", 3),
            ("titel", "title", 1),
        ] {
            assert_eq!(distance(a.as_bytes(), b.as_bytes()), expected);
        }
    }

    #[test]
    fn nearest_names() {
        let names = ["CommandLine", "Command", "Image"];
        assert_eq!(nearest("comandline", names.into_iter()), ["CommandLine"]);
        assert_eq!(
            nearest("command", names.into_iter()),
            ["Command", "CommandLine"],
        );
        assert!(nearest("zzz", names.into_iter()).is_empty());
    }
}
