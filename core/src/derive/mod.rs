/*! What an event means. */
#![allow(dead_code)]
pub(crate) mod canonical;
pub(crate) mod job;
