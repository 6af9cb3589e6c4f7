//! However a stream is cut into chunks, and whether these are looked at before
//! they are scanned, the outcome is the same: matches, unreadable records,
//! their places, and the counts.

#![no_main]

use libfuzzer_sys::fuzz_target;

fuzz_target!(|data: &[u8]| {
    let Some((&count, rest)) = data.split_first() else { return };
    let at = (usize::from(count) % 8).min(rest.len());
    let (lengths, stream) = rest.split_at(at);
    let whole = t1053_fuzz::scan(true, stream, &[]);
    assert_eq!(t1053_fuzz::scan(true, stream, lengths), whole);
    t1053_fuzz::look_ahead(stream, lengths);
    // Byte by byte, where that is not too slow.
    if stream.len() < 200 {
        assert_eq!(t1053_fuzz::scan(true, stream, &[0]), whole);
    }
});
