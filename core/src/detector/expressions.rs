/*!
Compiled regular expressions, where the feature `regex` is on.
*/

use crate::rule::{Operation, Predicate, Rule};

use super::{BuildError, Reason};

/// The regular expressions of all rules. Each test's is known by its place,
/// which a plan looks up once.
#[derive(Debug, Default)]
pub(crate) struct Expressions {
    /// In order of pattern, so that a pattern's place is found quickly: the
    /// public rules have 178.
    #[cfg(feature = "regex")]
    compiled: Vec<compiled::Expression>,
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
        return self
            .compiled
            .iter()
            .map(|expression| expression.regex.memory_usage())
            .sum();
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

    /// A pattern and what it compiles to.
    #[derive(Debug)]
    pub(crate) struct Expression {
        pattern: String,
        cased: bool,
        pub(crate) regex: Regex,
    }

    impl Expressions {
        pub(super) fn add(
            &mut self,
            pattern: &str,
            cased: bool,
        ) -> Result<(), String> {
            let Err(place) = self.search(pattern, cased) else {
                return Ok(());
            };
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
            let pattern = pattern.to_owned();
            self.compiled.insert(place, Expression { pattern, cased, regex });
            Ok(())
        }

        /// The place of an expression, or where it belongs.
        fn search(&self, pattern: &str, cased: bool) -> Result<usize, usize> {
            self.compiled.binary_search_by(|expression| {
                let known = (expression.pattern.as_str(), expression.cased);
                known.cmp(&(pattern, cased))
            })
        }

        fn regex(&self, test: &Test) -> Option<&Regex> {
            let place = self.search(&test.pattern, test.cased).ok()?;
            Some(&self.compiled.get(place)?.regex)
        }

        /// The place of a test's expression; all are added by then.
        pub(crate) fn place(&self, test: &Test) -> Option<usize> {
            self.search(&test.pattern, test.cased).ok()
        }

        /// Memory for searching, one for each expression.
        pub(crate) fn caches(&self) -> Vec<Cache> {
            let compiled = self.compiled.iter();
            compiled
                .map(|expression| expression.regex.create_cache())
                .collect()
        }

        /// Searches for the expression of a place in the caller's memory.
        pub(crate) fn is_match_with(
            &self,
            place: usize,
            value: &[u8],
            caches: &mut [Cache],
        ) -> bool {
            let both = self.compiled.get(place).zip(caches.get_mut(place));
            debug_assert!(both.is_some());
            let found = both.and_then(|(expression, cache)| {
                let input = Input::new(value).earliest(true);
                expression.regex.search_half_with(cache, &input)
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
