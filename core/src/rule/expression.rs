/*!
Compiled regular expressions, where the feature `regex` is on.
*/

#[cfg(feature = "regex")]
pub(super) use compiled::required;

/// The regular expressions of all rules. A plan knows the expression of each
/// of its tests by its place here.
#[derive(Debug, Default)]
pub(crate) struct Expressions {
    /// In order of pattern, so that a pattern's place is found quickly: the
    /// public rules have 178.
    #[cfg(feature = "regex")]
    compiled: Vec<compiled::Expression>,
}

impl Expressions {
    /// Bytes of memory held, besides the patterns.
    pub(crate) fn memory_usage(&self) -> usize {
        #[cfg(feature = "regex")]
        return self
            .compiled
            .iter()
            .map(|expression| expression.regex.memory_usage())
            .sum();
        #[cfg(not(feature = "regex"))]
        return 0;
    }

    /// Compiles the expression of a test.
    ///
    /// # Errors
    ///
    /// What is wrong with it, in words.
    #[cfg(not(feature = "regex"))]
    pub(crate) fn add(
        &mut self,
        _pattern: &str,
        _cased: bool,
    ) -> Result<(), String> {
        Err(NONE.into())
    }

    /// Tells what is wrong with the expression of a test, without keeping it.
    ///
    /// # Errors
    ///
    /// As of [`add`](Expressions::add).
    #[cfg(not(feature = "regex"))]
    pub(crate) fn check(_pattern: &str, _cased: bool) -> Result<(), String> {
        Err(NONE.into())
    }
}

#[cfg(not(feature = "regex"))]
const NONE: &str = "this build has no regular expressions (feature `regex`)";

#[cfg(feature = "regex")]
mod compiled {
    use core::ops::Range;

    use regex_automata::Input;
    use regex_automata::meta::{Cache, Regex};
    use regex_automata::nfa::thompson::WhichCaptures;
    use regex_automata::util::syntax;
    use regex_syntax::hir::{Class, Hir, HirKind};

    use super::super::rarity;
    use super::Expressions;

    /// A pattern and what it compiles to.
    #[derive(Debug)]
    pub(crate) struct Expression {
        pattern: String,
        cased: bool,
        pub(crate) regex: Regex,
    }

    /// An expression that takes no more than this cannot become too large:
    /// 10 MiB are allowed. Nearly all public rules are smaller.
    const SMALL: usize = 8 << 20;

    /// More than a state of an automaton takes, in bytes.
    const STATE: usize = 64;

    /// What the largest class takes, which is `\w`.
    const LARGEST_CLASS: usize = 40 << 10;

    /// The bytes of memory that an expression takes at most, with its
    /// repetitions written out. Recurses as deep as the expression, which its
    /// parser bounds.
    fn size(hir: &Hir) -> usize {
        let sum = |parts: &[Hir]| {
            parts.iter().map(size).fold(STATE, usize::saturating_add)
        };
        match hir.kind() {
            HirKind::Empty | HirKind::Look(_) => STATE,
            HirKind::Class(class) => size_of_class(class),
            HirKind::Literal(literal) => literal.0.len().saturating_mul(STATE),
            HirKind::Capture(capture) => size(&capture.sub),
            HirKind::Concat(parts) | HirKind::Alternation(parts) => sum(parts),
            HirKind::Repetition(repetition) => {
                let open = repetition.min.saturating_add(1);
                let times = repetition.max.unwrap_or(open);
                size(&repetition.sub).saturating_mul(times as usize)
            }
        }
    }

    /// The same of a class. In UTF-8 a letter takes up to four states, and a
    /// range of letters is 21 ranges of bytes at most, behind each other: one
    /// of one byte, three of two, ten of three, for some are no letters, and
    /// seven of four.
    fn size_of_class(class: &Class) -> usize {
        let size = match class {
            Class::Bytes(class) => class.ranges().len().saturating_mul(STATE),
            Class::Unicode(class) => {
                let sizes = class.iter().map(|range| match range.end() {
                    '\0'..='\x7F' => STATE,
                    end if end == range.start() => 4 * STATE,
                    _ => 21 * 4 * STATE,
                });
                sizes.fold(STATE, usize::saturating_add)
            }
        };
        size.min(LARGEST_CLASS)
    }

    fn config(cased: bool) -> syntax::Config {
        syntax::Config::new().utf8(false).case_insensitive(!cased)
    }

    impl Expressions {
        /// Compiles the expression of a test.
        ///
        /// # Errors
        ///
        /// What is wrong with it, in words.
        pub(crate) fn add(
            &mut self,
            pattern: &str,
            cased: bool,
        ) -> Result<(), String> {
            let Err(place) = self.search(pattern, cased) else {
                return Ok(());
            };
            let regex = Regex::builder()
                .configure(
                    // Whether there is a match is all that is asked on the
                    // hot path, and where it is, of evidence.
                    Regex::config()
                        .utf8_empty(false)
                        .which_captures(WhichCaptures::Implicit)
                        .onepass(false)
                        .dfa(false),
                )
                .syntax(config(cased))
                .build(pattern)
                .map_err(|error| match error.syntax_error() {
                    Some(error) => error.to_string(),
                    None => error.to_string(),
                })?;
            let pattern = pattern.to_owned();
            self.compiled.insert(place, Expression { pattern, cased, regex });
            Ok(())
        }

        /// Tells what is wrong with the expression of a test, without keeping
        /// it. One that cannot become too large is only read, which takes a
        /// tenth of the time.
        ///
        /// # Errors
        ///
        /// What is wrong with it, in words.
        pub(crate) fn check(pattern: &str, cased: bool) -> Result<(), String> {
            match syntax::parse_with(pattern, &config(cased)) {
                Ok(hir) if size(&hir) <= SMALL => Ok(()),
                Ok(_) => Expressions::default().add(pattern, cased),
                Err(error) => Err(error.to_string()),
            }
        }

        /// The place of an expression, or where it belongs.
        fn search(&self, pattern: &str, cased: bool) -> Result<usize, usize> {
            self.compiled.binary_search_by(|expression| {
                let known = (expression.pattern.as_str(), expression.cased);
                known.cmp(&(pattern, cased))
            })
        }

        fn regex(&self, pattern: &str, cased: bool) -> Option<&Regex> {
            Some(&self.compiled.get(self.place(pattern, cased)?)?.regex)
        }

        /// The place of an expression, once all are added.
        pub(crate) fn place(
            &self,
            pattern: &str,
            cased: bool,
        ) -> Option<usize> {
            self.search(pattern, cased).ok()
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
        pub(crate) fn is_match(
            &self,
            pattern: &str,
            cased: bool,
            value: &[u8],
        ) -> bool {
            let regex = self.regex(pattern, cased);
            regex.is_some_and(|regex| regex.is_match(value))
        }

        pub(crate) fn find(
            &self,
            pattern: &str,
            cased: bool,
            value: &[u8],
        ) -> Option<Range<usize>> {
            self.regex(pattern, cased)?.find(value).map(|found| found.range())
        }
    }

    /// Literals of which at least one, ASCII case ignored, stands in every
    /// value that an expression matches; the rarest such set. `None` where
    /// there is none, or the expression is wrong.
    pub(crate) fn required(
        pattern: &str,
        cased: bool,
    ) -> Option<Vec<Vec<u8>>> {
        let hir = syntax::parse_with(pattern, &config(cased)).ok()?;
        let mut run = Run::default();
        run.add(&hir);
        run.end();
        run.best
    }

    /// Walks over what an expression matches one after the other, and
    /// gathers what is always the same.
    ///
    /// Of `\\(cmd|sh)\.exe\s+/c\b` it sees the runs `\`, `.exe` and `/c`
    /// and between the first two the choice of `cmd` and `sh`; the rarest of
    /// these is its best.
    #[derive(Default)]
    struct Run {
        /// The bytes since the last thing that varies, in lower case.
        bytes: Vec<u8>,
        best: Option<Vec<Vec<u8>>>,
    }

    impl Run {
        /// Recurses as deep as the expression, which its parser bounds.
        fn add(&mut self, hir: &Hir) {
            match hir.kind() {
                // These match no bytes, so what is around them is one run.
                HirKind::Empty | HirKind::Look(_) => {}
                HirKind::Literal(literal) => {
                    self.bytes.extend(literal.0.to_ascii_lowercase());
                }
                HirKind::Class(class) => match letter(class) {
                    Some(letter) => self.bytes.push(letter),
                    None => self.end(),
                },
                HirKind::Capture(capture) => self.add(&capture.sub),
                HirKind::Concat(parts) => {
                    parts.iter().for_each(|part| self.add(part));
                }
                HirKind::Repetition(repetition) => {
                    self.end();
                    if repetition.min > 0 {
                        self.add(&repetition.sub);
                        self.end();
                    }
                }
                HirKind::Alternation(parts) => {
                    self.end();
                    let choices = parts.iter().map(|part| {
                        let mut run = Run::default();
                        run.add(part);
                        run.end();
                        run.best
                    });
                    let choices: Option<Vec<_>> = choices.collect();
                    if let Some(choices) = choices {
                        self.offer(choices.concat());
                    }
                }
            }
        }

        /// Ends the run of bytes: what follows varies.
        fn end(&mut self) {
            let bytes = core::mem::take(&mut self.bytes);
            if !bytes.is_empty() {
                self.offer(vec![bytes]);
            }
        }

        /// Keeps the rarer one of a set and the best so far.
        fn offer(&mut self, set: Vec<Vec<u8>>) {
            let weight = |set: &Vec<Vec<u8>>| {
                let each = set.iter().map(|bytes| rarity::frequency(bytes));
                each.fold(0, u32::saturating_add)
            };
            if self
                .best
                .as_ref()
                .is_none_or(|best| weight(&set) < weight(best))
            {
                self.best = Some(set);
            }
        }
    }

    /// The lower-case letter that a class is both cases of. Where a letter
    /// has more cases than two (`k` and the Kelvin sign), it is no such
    /// class.
    fn letter(class: &Class) -> Option<u8> {
        let ranges: Vec<(u32, u32)> = match class {
            Class::Unicode(class) => class
                .iter()
                .map(|range| (range.start().into(), range.end().into()))
                .collect(),
            Class::Bytes(class) => class
                .iter()
                .map(|range| (range.start().into(), range.end().into()))
                .collect(),
        };
        let [(upper, upper_end), (lower, lower_end)] = ranges[..] else {
            return None;
        };
        let upper = u8::try_from(upper).ok().filter(u8::is_ascii_uppercase)?;
        let is_pair = u32::from(upper) == upper_end
            && u32::from(upper.to_ascii_lowercase()) == lower
            && lower == lower_end;
        is_pair.then(|| upper.to_ascii_lowercase())
    }

    #[cfg(test)]
    mod tests {
        use super::*;

        /// What is only read builds, and what is too large is refused.
        #[test]
        fn expression_that_is_small_builds() {
            for (pattern, is_small, is_right) in [
                (r"\w{1,64}\.exe", true, true),
                (r"(?:\w{7}\s){23}", true, true),
                (r"(?:\w{7}\s){29}", false, true),
                (r"\w{200}", true, true),
                (r"(?:\w{100}){100}", false, false),
                (r"(?:(?:a{1000}){1000}){1000}", false, false),
                (r"\w{150,}x", true, true),
                (r"(?:[a-z_k]{100}){100}", true, true),
                (r"(?-u)(?:[a-f_k-m]{100}){900}", false, true),
                (r"(?:kKsS){20000}", false, false),
                (r".{0,1000}[^a]x", true, true),
            ] {
                let hir = syntax::parse_with(pattern, &config(false)).unwrap();
                assert_eq!(size(&hir) <= SMALL, is_small, "{pattern}");
                let checked = Expressions::check(pattern, false);
                let built = Expressions::default().add(pattern, false);
                let both = (checked.is_ok(), built.is_ok());
                assert_eq!(both, (is_right, is_right), "{pattern}");
            }
        }

        #[test]
        fn literals_that_an_expression_cannot_do_without() {
            let required = |pattern: &'static str, cased| {
                let set = required(pattern, cased)?;
                let text = |bytes: &Vec<u8>| {
                    String::from_utf8_lossy(bytes).into_owned()
                };
                Some(set.iter().map(text).collect::<Vec<_>>().join(" "))
            };
            for (pattern, cased, expected) in [
                ("ABCDEF", true, Some("abcdef")),
                ("abcdef", false, Some("abcdef")),
                (r"\bfoo\Bbar$", false, Some("foobar")),
                (r"x.(foo|barr)+\d*", false, Some("foo barr")),
                (r"(foo|\d)", false, None),
                (r"(?:longer)?a*", false, None),
                ("(?:longer){2,}a", false, Some("longer")),
                // Letters with a third case end a run, unless case counts.
                ("masked", false, Some("ma")),
                ("masked", true, Some("masked")),
                ("(?-u)masked", false, Some("masked")),
                ("é", false, None),
                ("é", true, Some("é")),
                ("", false, None),
                ("[", false, None),
            ] {
                let found = required(pattern, cased);
                assert_eq!(found.as_deref(), expected, "{pattern}");
            }
        }
    }
}
