/*!
Memory that is held.
*/

/// Bytes that a list takes, without what its members hold elsewhere.
pub(crate) fn held<T>(list: &Vec<T>) -> usize {
    list.capacity().saturating_mul(size_of::<T>())
}
