/*!
What the programs of t1053 share that scan files, the example of the library
and the Python package: where bytes come from, and what a person sees of a
scan. Both give the same for the same files.

The library itself does no I/O and starts no thread: nothing of this is in it.
*/

pub mod cores;
mod event_log;
mod frames;
pub mod input;
pub mod magic;
pub mod rotation;
pub mod rules;
pub mod screen;
pub mod verdicts;
pub mod walk;
