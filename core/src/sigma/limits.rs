/*!
How much a rule file may ask for.
*/

/// Deeper nesting is refused, in YAML and in conditions.
pub(super) const DEEPEST: usize = 64;

/// A rule that takes more memory is refused: some conditions and modifiers
/// multiply.
pub(super) const MOST_BYTES: usize = 1 << 20;

/// About how many bytes a test takes.
pub(super) fn size(pattern: &str) -> usize {
    pattern.len().saturating_add(64)
}
