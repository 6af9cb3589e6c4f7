/*!
Rules of the caller's own.
*/

use core::ffi::{c_char, c_void};

use t1053::{RuleProblem, RuleProblemKind, RuleSet, RuleSetBuilder};

use crate::detector::{BYTES_FOR_RULES, Choice, t1053_builder, with_choice};
use crate::guard::status;
use crate::pointer::{self, t1053_text};
use crate::reserve;
use crate::status::t1053_status;

use t1053_rule_problem_kind as number;

/// For t1053_builder_add_rules(): a rule that cannot be loaded makes the call
/// fail.
pub const T1053_RULES_STRICT: u32 = 1;

/// A text of Sigma documents, such as a file. Members are never added: arrays
/// are made of these.
#[repr(C)]
#[derive(Clone, Copy, Debug)]
pub struct t1053_rule_text {
    /// What problems call it, such as a path, in UTF-8.
    pub name: t1053_text,
    /// The text.
    pub text: t1053_text,
}

/// What can be wrong with a rule. Numbers may be added.
#[repr(u32)]
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum t1053_rule_problem_kind {
    /// The text is no YAML, or the document no Sigma rule.
    T1053_RULE_PROBLEM_INVALID = 1,
    /// Sigma has it, but it cannot be honoured here.
    T1053_RULE_PROBLEM_UNSUPPORTED = 2,
    /// No event of the log source has the field.
    T1053_RULE_PROBLEM_UNKNOWN_FIELD = 3,
    /// There is no such log source.
    T1053_RULE_PROBLEM_UNKNOWN_LOG_SOURCE = 4,
    /// No event can match.
    T1053_RULE_PROBLEM_NEVER_MATCHES = 5,
    /// Another rule has the same name or id.
    T1053_RULE_PROBLEM_DUPLICATE = 6,
    /// A limit is exceeded.
    T1053_RULE_PROBLEM_TOO_LARGE = 7,
}

/// What is wrong with a rule that is left out. It and its texts live for the
/// callback only.
///
/// Only the library makes these; members may be added at the end.
#[repr(C)]
#[derive(Clone, Copy, Debug)]
pub struct t1053_rule_problem {
    /// Size of this struct in the library that is running.
    pub struct_size: usize,
    /// The name of the text, as it was given.
    pub name: t1053_text,
    /// The line of the text, from 1; 0 where none is meant.
    pub line: usize,
    /// The character of the line, from 1; 0 where none is meant.
    pub column: usize,
    /// What is wrong and what would be right, in one line of UTF-8.
    pub message: t1053_text,
    /// What is wrong: of t1053_rule_problem_kind.
    pub kind: u32,
    /// 0; keeps the struct without gaps.
    pub reserved: u32,
}

/// Takes a problem: `user` is what the caller gave with it. 0 goes on,
/// anything else stops, and nothing is added.
///
/// It runs on the caller's thread, inside of the call. It must return: to
/// jump or throw out of it is undefined. The builder that calls it is
/// T1053_BUSY.
pub type t1053_on_rule_problem = Option<
    unsafe extern "C" fn(
        user: *mut c_void,
        problem: *const t1053_rule_problem,
    ) -> i32,
>;

/// Adds rules from texts of Sigma documents, the files of a folder for
/// example. The good ones are added; what is wrong with the others goes to
/// `on_problem`, in the order of the texts. A correlation finds its rules in
/// all texts of the call.
///
/// `flags` is 0 or T1053_RULES_STRICT: then a problem makes the call end in
/// T1053_BAD_RULES when all are told, and nothing is added. `on_problem` may
/// be NULL with that flag only: t1053_builder_error() tells all problems,
/// each in a line.
///
/// A rule may not have the name or the id of one that the builder has, nor of
/// a built-in detection, unless t1053_builder_without_builtin() was called
/// before. A
/// text may have 16 MiB, all of a call 64 MiB and 100,000 documents.
///
/// T1053_UNSUPPORTED where the library is built without its feature `sigma`;
/// packs, of t1053_builder_add_pack(), do without.
/// One thread at a time. Allocates; takes about 0.1 ms a rule; the texts are
/// not kept.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn t1053_builder_add_rules(
    builder: *mut t1053_builder,
    texts: *const t1053_rule_text,
    texts_len: usize,
    flags: u32,
    on_problem: t1053_on_rule_problem,
    user: *mut c_void,
) -> t1053_status {
    status(|| {
        if !cfg!(feature = "sigma") {
            return Err(t1053_status::T1053_UNSUPPORTED);
        }
        // SAFETY: the caller gives `texts_len` texts.
        let texts = unsafe { pointer::slice(texts, texts_len) }?;
        let mut set = RuleSet::builder();
        let mut bytes = 0_usize;
        for t1053_rule_text { name, text } in texts {
            // SAFETY: the caller gives that many bytes of each.
            let (name, text) = unsafe {
                let name = pointer::text(name.data, name.len)?;
                (name, pointer::bytes(text.data, text.len)?)
            };
            // A pack among them would be loaded too; it says what it is.
            set = set.file(name, text);
            bytes = bytes.saturating_add(text.len());
        }
        // SAFETY: as the caller's.
        unsafe { add(builder, set, bytes, flags, on_problem, user) }
    })
}

/// Adds rules that were compiled before, by `python -m t1053 compile` or
/// RuleSet::to_pack() in Rust. Needs no feature. `name` is what problems call
/// the pack, such as its path, in UTF-8.
///
/// A pack that is damaged, or of a later version of the format, is one problem
/// and adds nothing. It bears a checksum against accidents; a host that gets
/// packs over a network checks a signature of its own before. All else is as
/// of t1053_builder_add_rules(). One thread at a time. Allocates; the bytes are
/// not kept.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn t1053_builder_add_pack(
    builder: *mut t1053_builder,
    name: *const c_char,
    name_len: usize,
    pack: *const c_char,
    pack_len: usize,
    flags: u32,
    on_problem: t1053_on_rule_problem,
    user: *mut c_void,
) -> t1053_status {
    status(|| {
        // SAFETY: the caller gives that many bytes of each.
        let (name, pack) = unsafe {
            let name = pointer::text(name, name_len)?;
            (name, pointer::bytes(pack, pack_len)?)
        };
        let set = RuleSet::builder().pack(name, pack);
        // SAFETY: as the caller's.
        unsafe { add(builder, set, pack.len(), flags, on_problem, user) }
    })
}

const KINDS: &[(RuleProblemKind, number)] = &[
    (RuleProblemKind::Invalid, number::T1053_RULE_PROBLEM_INVALID),
    (RuleProblemKind::Unsupported, number::T1053_RULE_PROBLEM_UNSUPPORTED),
    (RuleProblemKind::UnknownField, number::T1053_RULE_PROBLEM_UNKNOWN_FIELD),
    (
        RuleProblemKind::UnknownLogSource,
        number::T1053_RULE_PROBLEM_UNKNOWN_LOG_SOURCE,
    ),
    (RuleProblemKind::NeverMatches, number::T1053_RULE_PROBLEM_NEVER_MATCHES),
    (RuleProblemKind::Duplicate, number::T1053_RULE_PROBLEM_DUPLICATE),
    (RuleProblemKind::TooLarge, number::T1053_RULE_PROBLEM_TOO_LARGE),
];

/// Adds the rules of a set that is to be built of texts of so many bytes.
///
/// # Safety
///
/// As of [`t1053_builder_add_rules`].
unsafe fn add(
    builder: *mut t1053_builder,
    set: RuleSetBuilder<'_>,
    bytes: usize,
    flags: u32,
    on_problem: t1053_on_rule_problem,
    user: *mut c_void,
) -> Result<(), t1053_status> {
    if flags & !T1053_RULES_STRICT != 0 {
        return Err(t1053_status::T1053_UNKNOWN_FLAG);
    }
    let is_strict = flags & T1053_RULES_STRICT != 0;
    if on_problem.is_none() && !is_strict {
        return Err(t1053_status::T1053_NULL_ARGUMENT);
    }
    let body = |choice: &mut Choice| {
        #[cfg(feature = "sigma")]
        let set = match &choice.config {
            Some(config) => config.for_rules(set),
            None => set,
        };
        let needed = bytes.saturating_mul(BYTES_FOR_RULES);
        let beside = set.beside(&choice.builder);
        let set = reserve::made(needed, || Ok(beside.build()))?;
        for problem in set.problems() {
            // SAFETY: the caller's function, as it says.
            if unsafe { tell(problem, on_problem, user) } != 0 {
                return Err(t1053_status::T1053_STOPPED);
            }
        }
        let set = match is_strict {
            false => set,
            true => set.strict().map_err(|error| {
                choice.error = error.to_string();
                t1053_status::T1053_BAD_RULES
            })?,
        };
        let builder = choice.builder.clone();
        choice.builder = reserve::made(0, || Ok(builder.rules(set)))?;
        choice.rule_bytes = choice.rule_bytes.saturating_add(bytes);
        Ok(())
    };
    // SAFETY: NULL or a handle, by the caller's word.
    unsafe { with_choice(builder, body) }
}

/// # Safety
///
/// `on_problem` may be called with `user`.
unsafe fn tell(
    problem: &RuleProblem,
    on_problem: t1053_on_rule_problem,
    user: *mut c_void,
) -> i32 {
    let Some(on_problem) = on_problem else { return 0 };
    let row = KINDS.iter().find(|row| row.0 == problem.kind());
    debug_assert!(row.is_some(), "{problem:?} has no number");
    let kind = row.map_or(number::T1053_RULE_PROBLEM_INVALID, |row| row.1);
    let told = t1053_rule_problem {
        struct_size: size_of::<t1053_rule_problem>(),
        name: t1053_text::of(problem.name()),
        line: problem.line().unwrap_or(0),
        column: problem.column().unwrap_or(0),
        message: t1053_text::of(problem.message()),
        kind: kind as u32,
        reserved: 0,
    };
    // SAFETY: as the caller's; what it is given lives until it returns.
    unsafe { on_problem(user, &raw const told) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_kind_of_problem_has_a_number() {
        let kinds: Vec<_> = KINDS.iter().map(|row| row.0).collect();
        assert_eq!(kinds, RuleProblemKind::ALL);
    }
}
