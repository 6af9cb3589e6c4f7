/*!
How much a rule file may ask for.
*/

/// Deeper nesting is refused, in YAML and in conditions.
pub(super) const DEEPEST: usize = 64;

/// A rule that takes more memory is refused: some conditions and modifiers
/// multiply.
pub(super) const MOST_BYTES: usize = 1 << 20;

/// A longer text is refused. The 4,039 public rules have 6 MB in all, and the
/// longest of them 60 KB.
pub(super) const LONGEST_TEXT: usize = 16 << 20;

/// More documents are refused in texts that are compiled together: 25 times
/// the public rules, which make a detector of some 10 MB.
pub(super) const MOST_DOCUMENTS: usize = 100_000;

/// About how many bytes a test takes.
pub(super) fn size(pattern: &str) -> usize {
    pattern.len().saturating_add(64)
}
