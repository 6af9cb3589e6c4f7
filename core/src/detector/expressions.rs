/*!
Compiled regular expressions, where the feature `regex` is on.
*/

use crate::rule::{Operation, Predicate, Rule};

use super::{BuildError, Reason};

/// The regular expressions of all rules, by pattern.
#[derive(Debug, Default)]
pub(crate) struct Expressions {
    #[cfg(feature = "regex")]
    compiled: Vec<(String, bool, regex_automata::meta::Regex)>,
}

impl Expressions {
    /// Compiles the expressions of rules.
    pub(super) fn compile(rules: &[Rule]) -> Result<Expressions, BuildError> {
        #[cfg_attr(not(feature = "regex"), expect(unused_mut))]
        let mut expressions = Expressions::default();
        for rule in rules {
            let predicates =
                rule.logic.selections().map(|selection| &selection.predicate);
            let mut rest: Vec<&Predicate> = predicates.collect();
            while let Some(predicate) = rest.pop() {
                match predicate {
                    Predicate::All(parts)
                    | Predicate::Any(parts)
                    | Predicate::None(parts) => rest.extend(parts.iter()),
                    Predicate::Test(test)
                        if test.operation == Operation::Regex =>
                    {
                        let added = expressions.add(&test.pattern, test.cased);
                        added.map_err(|reason| Reason::Regex {
                            slug: rule.detection.slug.to_string(),
                            pattern: test.pattern.to_string(),
                            reason,
                        })?;
                    }
                    Predicate::Test(_) => {}
                }
            }
        }
        Ok(expressions)
    }

    /// Bytes of memory held, besides the patterns.
    pub(super) fn memory_usage(&self) -> usize {
        #[cfg(feature = "regex")]
        return self.compiled.iter().map(|it| it.2.memory_usage()).sum();
        #[cfg(not(feature = "regex"))]
        return 0;
    }

    #[cfg(not(feature = "regex"))]
    fn add(&self, _pattern: &str, _cased: bool) -> Result<(), String> {
        Err("this build has no regular expressions (feature `regex`)".into())
    }
}

#[cfg(feature = "regex")]
mod compiled {
    use core::ops::Range;

    use regex_automata::Input;
    use regex_automata::meta::{Cache, Regex};
    use regex_automata::util::syntax;

    use crate::rule::Test;

    use super::Expressions;

    impl Expressions {
        pub(super) fn add(
            &mut self,
            pattern: &str,
            cased: bool,
        ) -> Result<(), String> {
            let known =
                |it: &(String, bool, Regex)| it.0 == pattern && it.1 == cased;
            if self.compiled.iter().any(known) {
                return Ok(());
            }
            let syntax =
                syntax::Config::new().utf8(false).case_insensitive(!cased);
            let regex = Regex::builder()
                .configure(Regex::config().utf8_empty(false))
                .syntax(syntax)
                .build(pattern)
                .map_err(|error| match error.syntax_error() {
                    Some(error) => error.to_string(),
                    None => error.to_string(),
                })?;
            self.compiled.push((pattern.to_owned(), cased, regex));
            Ok(())
        }

        fn position(&self, test: &Test) -> Option<usize> {
            self.compiled.iter().position(|(pattern, cased, _)| {
                *pattern == test.pattern && *cased == test.cased
            })
        }

        fn regex(&self, test: &Test) -> Option<&Regex> {
            self.compiled.get(self.position(test)?).map(|(.., regex)| regex)
        }

        /// Memory for searching, one for each expression.
        pub(crate) fn caches(&self) -> Vec<Cache> {
            let regexes = self.compiled.iter();
            regexes.map(|(.., regex)| regex.create_cache()).collect()
        }

        /// Searches in the caller's memory.
        pub(crate) fn is_match_with(
            &self,
            test: &Test,
            value: &[u8],
            caches: &mut [Cache],
        ) -> bool {
            let position = self.position(test);
            let found = position.and_then(|at| {
                let (.., regex) = self.compiled.get(at)?;
                let input = Input::new(value).earliest(true);
                regex.search_half_with(caches.get_mut(at)?, &input)
            });
            found.is_some()
        }

        /// Searches in memory of its own, which may allocate.
        pub(crate) fn is_match(&self, test: &Test, value: &[u8]) -> bool {
            self.regex(test).is_some_and(|regex| regex.is_match(value))
        }

        pub(crate) fn find(
            &self,
            test: &Test,
            value: &[u8],
        ) -> Option<Range<usize>> {
            self.regex(test)?.find(value).map(|found| found.range())
        }
    }
}
