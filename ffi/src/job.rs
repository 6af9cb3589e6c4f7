/*!
The scheduled jobs that events speak of, as a callback gets them.
*/

use core::cell::RefCell;
use core::ffi::c_void;

use t1053::{Job, JobReader};

use crate::event::{self, t1053_event, t1053_field_value};
use crate::guard::{Turn, guard, status};
use crate::names;
use crate::pointer::{self, t1053_text};
use crate::reserve;
use crate::status::t1053_status;

/// Values that there is room for from the start. No job of the samples has
/// as many.
const USUAL_VALUES: usize = 256;

/// Reads the scheduled jobs that events speak of, whether or not a detection
/// matches. Make one for each thread: it is memory to work in.
pub struct t1053_job_reader {
    turn: Turn<Work>,
}

struct Work {
    reader: JobReader,
    facts: Facts,
}

/// What an event says of one scheduled job. It and all that it points to
/// lives for the callback only.
///
/// Only the library makes these; members may be added at the end.
#[repr(C)]
#[derive(Clone, Copy, Debug)]
pub struct t1053_job {
    /// Size of this struct in the library that is running.
    pub struct_size: usize,
    /// Its place among the jobs of its event, from 0.
    pub index: usize,
    /// All that is said of it: of T1053_FIELD_JOB_ACTIVITY and those after
    /// it. A field may have several values; those of T1053_FIELD_JOB_COMMAND
    /// and T1053_FIELD_JOB_ARGUMENTS belong together in their order.
    pub values: *const t1053_field_value,
    /// How many values.
    pub values_len: usize,
}

/// Takes a job: `user` is what the caller gave with it. 0 goes on, anything
/// else stops. The rules of t1053_on_match hold.
pub type t1053_on_job = Option<
    unsafe extern "C" fn(user: *mut c_void, job: *const t1053_job) -> i32,
>;

/// Memory for the values of one job at a time.
pub(crate) struct Facts(RefCell<Vec<t1053_field_value>>);

impl Facts {
    pub(crate) fn new() -> Facts {
        Facts(RefCell::new(Vec::with_capacity(USUAL_VALUES)))
    }

    /// Bytes of memory held; 0 while a callback is being given some.
    pub(crate) fn memory_usage(&self) -> usize {
        let values = self.0.try_borrow().map_or(0, |list| list.capacity());
        values.saturating_mul(size_of::<t1053_field_value>())
    }

    /// Hands out jobs. Busy, where a callback of the same handle is being
    /// given one.
    pub(crate) fn visit<'j>(
        &self,
        jobs: impl Iterator<Item = Job<'j>>,
        on_job: t1053_on_job,
        user: *mut c_void,
    ) -> Result<(), t1053_status> {
        let on_job = on_job.ok_or(t1053_status::T1053_NULL_ARGUMENT)?;
        let values = self.0.try_borrow_mut();
        let mut values = values.map_err(|_| t1053_status::T1053_BUSY)?;
        for job in jobs {
            values.clear();
            values.extend(job.values().map(|(field, value)| {
                t1053_field_value {
                    field: field.number(),
                    reserved: 0,
                    value: t1053_text::bytes(value),
                }
            }));
            let told = t1053_job {
                struct_size: size_of::<t1053_job>(),
                index: job.index(),
                values: values.as_ptr(),
                values_len: values.len(),
            };
            // SAFETY: the caller's function, called as it says; what it is
            // given lives until it returns.
            if unsafe { on_job(user, &raw const told) } != 0 {
                return Err(t1053_status::T1053_STOPPED);
            }
        }
        Ok(())
    }
}

/// Makes a reader of jobs. It needs no detector.
///
/// Writes `*reader`, which the caller frees with t1053_job_reader_free(). Any
/// thread. Allocates 10 KiB, and up to 400 KiB more as events need it.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn t1053_job_reader_new(
    reader: *mut *mut t1053_job_reader,
) -> t1053_status {
    status(|| {
        // SAFETY: the caller gives a place for the result.
        let reader = unsafe { pointer::place(reader) }?;
        let made = reserve::made(0, || {
            let (reader, facts) = (JobReader::new(), Facts::new());
            let turn = Turn::new(Work { reader, facts });
            Ok(Box::new(t1053_job_reader { turn }))
        })?;
        reader.write(Box::into_raw(made));
        Ok(())
    })
}

/// Frees a reader of jobs; NULL is accepted. Within its own callback it does
/// nothing.
///
/// No other thread may be using the handle.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn t1053_job_reader_free(reader: *mut t1053_job_reader) {
    guard((), || {
        // SAFETY: NULL or a handle, by the caller's word.
        let idle = unsafe { pointer::shared(reader) };
        if idle.is_ok_and(|reader| reader.turn.is_idle()) {
            // SAFETY: made by `t1053_job_reader_new`, and given up.
            drop(unsafe { Box::from_raw(reader) });
        }
    });
}

/// Reads the scheduled jobs that an event speaks of, whatever speaks of them:
/// a command line, a script, a task definition, a file, the registry, a log
/// of the scheduler, a cloud's interface. Hands each to `on_job`, in the order
/// in which the event does; none of most events.
///
/// T1053_STOPPED when the callback asked to stop; the next event is taken as
/// usual. One thread at a time. Does not allocate once it is warm. Takes time
/// in proportion to the bytes that are read, the first 32 KiB of each text:
/// of one that is cut, T1053_FIELD_OBFUSCATION is `limit`.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn t1053_jobs(
    reader: *mut t1053_job_reader,
    event: *const t1053_event,
    on_job: t1053_on_job,
    user: *mut c_void,
) -> t1053_status {
    status(|| {
        // SAFETY: NULL or a handle, by the caller's word.
        let handle = unsafe { pointer::shared(reader) }?;
        // SAFETY: the caller's event stays as it is during the call.
        let event = unsafe { event::borrow(event) }?;
        reserve::check(0)?;
        handle.turn.with(|work| {
            let Work { reader, facts } = work;
            facts.visit(reader.read(&event), on_job, user)
        })
    })
}

/// A value of a field of a job: `index` 0 is the first that is said, 1 the
/// second.
///
/// Writes `*value`, NULL where fewer are said; it lives for the callback.
/// Only within the callback that `job` was given to. Does not allocate; takes
/// time in proportion to the job's values.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn t1053_job_value(
    job: *const t1053_job,
    field: u32,
    index: usize,
    value: *mut t1053_text,
) -> t1053_status {
    status(|| {
        // SAFETY: of the callback that we are in, by the caller's word.
        let job = unsafe { pointer::shared(job) }?;
        // SAFETY: the caller gives a place for the result.
        let value = unsafe { pointer::place(value) }?;
        let field = names::field(field)?.number();
        // SAFETY: as the library made them, by the caller's word.
        let values = unsafe { pointer::slice(job.values, job.values_len) }?;
        let mut of_field = values.iter().filter(|said| said.field == field);
        let said = of_field.nth(index).map(|said| said.value);
        value.write(said.unwrap_or(t1053_text::NONE));
        Ok(())
    })
}

/// Writes to `*bytes` how much memory a reader of jobs holds.
///
/// One thread at a time. Does not allocate.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn t1053_job_reader_memory(
    reader: *const t1053_job_reader,
    bytes: *mut usize,
) -> t1053_status {
    status(|| {
        // SAFETY: NULL or a handle, by the caller's word.
        let reader = unsafe { pointer::shared(reader) }?;
        // SAFETY: the caller gives a place for the result.
        let bytes = unsafe { pointer::place(bytes) }?;
        reader.turn.with(|work| {
            let Work { reader, facts } = &*work;
            let lists = reader.memory_usage();
            let lists = lists.saturating_add(facts.memory_usage());
            bytes.write(lists.saturating_add(size_of::<Work>()));
            Ok(())
        })
    })
}
