/*!
Events of sequences and counts, from scanners to a correlator that they share.
*/

use core::ffi::c_void;

use t1053::{Keep, SequenceEvent};

use crate::detection::Shared;
use crate::found::Evidence;
use crate::guard::Turn;

/// An event that is part of a sequence or a count, as a scanner has just read
/// it: for t1053_correlator_take_sequence_event(). Lives for the callback
/// only.
pub struct t1053_sequence_event<'a> {
    pub(crate) shared: &'a Shared,
    pub(crate) keep: &'a Keep,
    pub(crate) event: &'a SequenceEvent<'a>,
    /// The scanner's, which has nothing to tell meanwhile.
    pub(crate) evidence: Turn<&'a mut Evidence>,
}

/// Takes an event that is part of a sequence or a count, after what it matches
/// by itself. 0 goes on, anything else stops. The rules of t1053_on_match
/// hold.
pub type t1053_on_sequence_event = Option<
    unsafe extern "C" fn(
        user: *mut c_void,
        event: *const t1053_sequence_event,
    ) -> i32,
>;
