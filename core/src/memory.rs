/*!
Memory that is held, and whether there is more.
*/

use core::hint::black_box;

/// Bytes that a list takes, without what its members hold elsewhere.
pub(crate) fn held<T>(list: &Vec<T>) -> usize {
    list.capacity().saturating_mul(size_of::<T>())
}

/// Whether so many bytes can be had. They are given back at once: so whoever
/// asks and then takes less finds them, unless another thread was faster.
pub(crate) fn can_be_had(bytes: usize) -> bool {
    let mut list = Vec::<u8>::new();
    let had = list.try_reserve_exact(bytes).is_ok();
    // Else the compiler sees that nobody needs the memory, and takes none.
    black_box(&mut list);
    had
}

/// Appends to a list; false, and the list is as it was, where there is no
/// memory for that.
pub(crate) fn append(list: &mut Vec<u8>, bytes: &[u8]) -> bool {
    let has_room = list.try_reserve(bytes.len()).is_ok();
    if has_room {
        list.extend_from_slice(bytes);
    }
    has_room
}
