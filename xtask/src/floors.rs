//! The floors of `core/src`, as DESIGN.md has them: a module imports only
//! from below, files form no circle, and none is too long to be read.
//!
//! Sources are read as tokens and not as syntax, so that what stands in the
//! body of a macro counts too. What is only compiled for tests does not.

use std::collections::{BTreeMap, BTreeSet};
use std::error::Error;
use std::fs;
use std::path::Path;

use proc_macro2::{Delimiter, Span, TokenStream, TokenTree};

/// The modules of each floor, from the lowest. One may import from lower
/// floors, and from those that stand before it on its own.
const FLOORS: &[&[&str]] = &[
    &["bytes", "time", "error", "memory", "search", "state", "utf16"],
    &["vocabulary"],
    &["event", "rule"],
    &["record", "derive"],
    &["filter", "catalog", "pack"],
    &["detector", "rule_state"],
    &["join", "correlate"],
    &["scanner"],
    &["line", "keep", "finding", "repeats", "risk"],
    &["verdict", "verdict_finding"],
];

/// Stand beside the floors: they import from all, and none imports from them.
const BESIDE: &[&str] = &["sigma", "rule_set", "config"];

/// Lines of code that a file may have, so that it can be read in one go.
/// Tests, comments and blank lines are not counted.
const MOST_LINES: usize = 900;

/// How a generated file begins. It may be longer: nobody reads it.
const GENERATED: &str = "// Written by `cargo xtask generate`";

/// Fails with all that is wrong in `core/src`, and with the circles in the
/// other crates that are shipped.
pub(crate) fn check() -> Result<(), Box<dyn Error>> {
    let read = |folder: &str| Crate::read(&testkit::root().join(folder));
    let mut faults = Vec::new();
    for (folder, fault) in [
        ("core/src", Crate::faults as fn(&Crate) -> _),
        ("ffi/src", Crate::circles),
        ("literals/src", Crate::circles),
        ("python/src", Crate::circles),
    ] {
        let found = fault(&read(folder)?);
        faults.extend(found.iter().map(|it| format!("{folder}: {it}")));
    }
    if faults.is_empty() {
        return Ok(());
    }
    Err(faults.join("\n").into())
}

/// A path of names: of a module, or of what is in one.
type Names = Vec<String>;

/// A path in the source, and the line where it stands.
#[derive(Debug)]
struct Mention {
    names: Names,
    /// The module that it stands in.
    module: Names,
    line: usize,
}

/// A source file.
#[derive(Debug, Default)]
struct File {
    /// From the folder of the crate's root.
    path: String,
    module: Names,
    is_generated: bool,
    /// The numbers of the lines with code.
    code: BTreeSet<usize>,
    mentions: Vec<Mention>,
    /// Modules that are declared here and stand in files of their own.
    declared: Vec<Names>,
    /// The first line that is no declaration of a module and no import.
    other: Option<usize>,
}

/// All files of a crate, and what its modules are.
#[derive(Debug, Default)]
struct Crate {
    files: Vec<File>,
    /// The path of the file of each module.
    modules: BTreeMap<Names, String>,
    /// What a module imports, by module and name.
    imports: BTreeMap<(Names, String), Names>,
}

impl Crate {
    /// Reads all files from `lib.rs` on. Each module must have its own: what
    /// `#[path]` names is another crate's.
    fn read(folder: &Path) -> Result<Crate, Box<dyn Error>> {
        let mut sources = Crate::default();
        let mut rest = vec![Names::new()];
        while let Some(module) = rest.pop() {
            let stem = module.join("/");
            let candidates = match module.as_slice() {
                [] => vec!["lib.rs".into()],
                _ => vec![format!("{stem}.rs"), format!("{stem}/mod.rs")],
            };
            let path = candidates.iter().find(|it| folder.join(it).is_file());
            let path = path.ok_or_else(|| {
                let folder = folder.display();
                format!("{folder}: no file of its own for {stem}")
            })?;
            let text = fs::read_to_string(folder.join(path))?;
            sources.add(path, module, &text)?;
            if let Some(file) = sources.files.last() {
                rest.extend(file.declared.iter().cloned());
            }
        }
        Ok(sources)
    }

    fn add(
        &mut self,
        path: &str,
        module: Names,
        text: &str,
    ) -> Result<(), Box<dyn Error>> {
        let tokens: TokenStream =
            text.parse().map_err(|error| format!("{path}: {error}"))?;
        let file = File {
            path: path.into(),
            module: module.clone(),
            is_generated: text.starts_with(GENERATED),
            ..File::default()
        };
        self.modules.insert(module.clone(), path.into());
        let mut reader = Reader { sources: self, file };
        reader.tokens(tokens, &module);
        let file = reader.file;
        self.files.push(file);
        Ok(())
    }

    /// Where a path leads from the crate's root; none when out of the crate.
    fn absolute(&self, names: &[String], module: &[String]) -> Option<Names> {
        let (first, rest) = names.split_first()?;
        let mut path = match first.as_str() {
            "crate" => Names::new(),
            "self" => module.to_vec(),
            "super" => {
                let (_, above) = module.split_last()?;
                if rest.first().is_some_and(|name| name == "super") {
                    return self.absolute(rest, above);
                }
                above.to_vec()
            }
            _ => {
                let child = [module, std::slice::from_ref(first)].concat();
                if !self.modules.contains_key(&child) {
                    return None;
                }
                child
            }
        };
        path.extend_from_slice(rest);
        Some(path)
    }

    /// Where a mention leads from the crate's root: as it stands, or through
    /// the import that its first name comes from.
    fn resolved(&self, mention: &Mention) -> Option<Names> {
        let Mention { names, module, .. } = mention;
        self.absolute(names, module).or_else(|| {
            let (first, rest) = names.split_first()?;
            let key = (module.clone(), first.clone());
            let mut path = self.absolute(self.imports.get(&key)?, module)?;
            path.extend_from_slice(rest);
            Some(path)
        })
    }

    /// The module in which what a path names is written: one that gives it on
    /// from elsewhere does not count.
    fn home(&self, path: &[String], depth: usize) -> Names {
        let mut module = Names::new();
        for (index, name) in path.iter().enumerate() {
            module.push(name.clone());
            if self.modules.contains_key(&module) {
                continue;
            }
            module.pop();
            let import = self.imports.get(&(module.clone(), name.clone()));
            let target = import.and_then(|it| self.absolute(it, &module));
            // Names that import each other in a circle do not compile.
            if let Some(mut target) = target
                && depth < 16
            {
                target.extend(path.iter().skip(index + 1).cloned());
                return self.home(&target, depth + 1);
            }
            break;
        }
        module
    }

    fn faults(&self) -> Vec<String> {
        let mut faults = Vec::new();
        for file in &self.files {
            let (path, lines) = (&file.path, file.code.len());
            if file.module.is_empty()
                && let Some(line) = file.other
            {
                faults.push(format!(
                    "{path}:{line}: only modules and imports stand here",
                ));
            }
            if lines > MOST_LINES && !file.is_generated {
                faults.push(format!(
                    "{path}: {lines} lines of code, and {MOST_LINES} are the \
                     most",
                ));
            }
            faults.extend(self.climbs(file));
        }
        faults.extend(self.circles());
        faults
    }

    /// Imports from above, the first of each module.
    fn climbs(&self, file: &File) -> Vec<String> {
        let (path, Some(from)) = (&file.path, file.module.first()) else {
            return Vec::new();
        };
        let Some(own) = height(from) else {
            let is_new =
                file.module.len() == 1 && !BESIDE.contains(&from.as_str());
            let fault = format!("{path}: {from} is on no floor");
            return is_new.then_some(fault).into_iter().collect();
        };
        let mut targets = BTreeMap::new();
        for mention in &file.mentions {
            let Some(names) = self.resolved(mention) else { continue };
            let top: Names = names.iter().take(1).cloned().collect();
            // The root itself only gives on what stands elsewhere.
            let is_module = self.modules.contains_key(&top);
            let to = if is_module { top } else { self.home(&names, 0) };
            if let Some(to) = to.into_iter().next() {
                targets.entry(to).or_insert(mention.line);
            }
        }
        let is_above = |to: &str| height(to).is_none_or(|other| other > own);
        let climbs = targets.iter().filter(|(to, _)| is_above(to));
        let fault = |(to, line)| {
            format!("{path}:{line}: {from} imports from {to}, from above")
        };
        climbs.map(fault).collect()
    }

    /// Files that import from each other, each circle once.
    fn circles(&self) -> Vec<String> {
        let mut imports = Imports::new();
        for file in &self.files {
            // The root holds nothing but names that it gives on.
            if file.module.is_empty() {
                continue;
            }
            let from = imports.entry(&file.path).or_default();
            for mention in &file.mentions {
                let target = self.resolved(mention);
                let home = target.map(|target| self.home(&target, 0));
                let home = home.filter(|home| !home.is_empty());
                let to = home.and_then(|home| self.modules.get(&home));
                if let Some(to) = to.filter(|to| **to != file.path) {
                    from.entry(to).or_insert(mention.line);
                }
            }
        }
        let mut faults = Vec::new();
        let mut seen = BTreeSet::new();
        for &file in imports.keys() {
            let mut circle = reached(&imports, file);
            circle.retain(|other| reached(&imports, other).contains(file));
            if circle.is_empty() || !seen.insert(circle.clone()) {
                continue;
            }
            let mut fault = String::from("files import in a circle:");
            for (from, to) in &imports {
                let to = to.iter().filter(|to| circle.contains(*to.0));
                for (to, line) in to.filter(|_| circle.contains(from)) {
                    fault += &format!("\n    {from}:{line}: {to}");
                }
            }
            faults.push(fault);
        }
        faults
    }
}

/// For each file the others that it imports from, and on which line first.
type Imports<'c> = BTreeMap<&'c str, BTreeMap<&'c str, usize>>;

/// The place of a module in the order of all.
fn height(module: &str) -> Option<usize> {
    FLOORS.iter().copied().flatten().position(|other| *other == module)
}

/// The files that one leads to; itself only if there is a way back.
fn reached<'c>(imports: &Imports<'c>, from: &'c str) -> BTreeSet<&'c str> {
    let mut reached = BTreeSet::new();
    let mut rest = vec![from];
    while let Some(file) = rest.pop() {
        let next = imports.get(file).into_iter().flatten();
        rest.extend(next.map(|(to, _)| *to).filter(|to| reached.insert(*to)));
    }
    reached
}

/// Takes what is of interest out of the tokens of a file.
struct Reader<'c> {
    sources: &'c mut Crate,
    file: File,
}

impl Reader<'_> {
    fn tokens(&mut self, tokens: TokenStream, module: &[String]) {
        let trees: Vec<TokenTree> = tokens.into_iter().collect();
        let mut rest = trees.as_slice();
        while !rest.is_empty() {
            rest = self.next(rest, module);
        }
    }

    /// Reads what comes next; returns what follows it.
    fn next<'t>(
        &mut self,
        trees: &'t [TokenTree],
        module: &[String],
    ) -> &'t [TokenTree] {
        if let Some((attribute, after)) = attribute(trees) {
            if begins(&attribute, "doc") {
                return after;
            }
            if is_for_tests(&attribute) {
                return after_item(after);
            }
            self.code(trees, after);
            return after;
        }
        let [first, after @ ..] = trees else { return trees };
        match first {
            TokenTree::Ident(word) => {
                let after = self.word(&word.to_string(), trees, module);
                self.code(trees, after);
                return after;
            }
            TokenTree::Group(group) => {
                self.lines(group.span_open());
                self.tokens(group.stream(), module);
                self.lines(group.span_close());
            }
            other => self.lines(other.span()),
        }
        after
    }

    /// Reads an import, a module or a path; returns what follows it.
    fn word<'t>(
        &mut self,
        word: &str,
        trees: &'t [TokenTree],
        module: &[String],
    ) -> &'t [TokenTree] {
        match (word, trees) {
            // `pub` and `pub(crate)`, and what says that a feature lacks.
            ("pub", [_, TokenTree::Group(group), after @ ..])
                if group.delimiter() == Delimiter::Parenthesis =>
            {
                after
            }
            ("pub" | "compile_error", [_, after @ ..]) => after,
            ("use", [_, tree @ ..]) => {
                let end = tree.iter().position(|it| is_punct(it, ';'));
                let (tree, after) = tree.split_at(end.unwrap_or(tree.len()));
                self.import(tree, &[], module);
                after
            }
            ("mod", [_, TokenTree::Ident(name), after @ ..]) => {
                let child = [module, &[name.to_string()]].concat();
                let Some((TokenTree::Group(group), rest)) =
                    after.split_first()
                else {
                    self.file.declared.push(child);
                    return after;
                };
                // It stands in the file that is being read.
                let path = self.file.path.clone();
                self.sources.modules.insert(child.clone(), path);
                self.tokens(group.stream(), &child);
                self.lines(group.span_open());
                self.lines(group.span_close());
                rest
            }
            _ => {
                let line = trees.first().map_or(0, line);
                let (names, after) = path(trees);
                self.file.other.get_or_insert(line);
                if names.len() > 1 {
                    let module = module.to_vec();
                    self.file.mentions.push(Mention { names, module, line });
                }
                after
            }
        }
    }

    /// Takes a tree of imports apart.
    fn import(
        &mut self,
        tree: &[TokenTree],
        before: &[String],
        module: &[String],
    ) {
        // What follows a last comma.
        let Some(first) = tree.first() else { return };
        let (names, after) = path(tree);
        let mut names = [before, &names].concat();
        if let [TokenTree::Group(group), ..] = after {
            let trees: Vec<TokenTree> = group.stream().into_iter().collect();
            for part in trees.split(|it| is_punct(it, ',')) {
                self.import(part, &names, module);
            }
            return;
        }
        // `a::self` is `a`.
        names.pop_if(|last| last == "self");
        let Some(last) = names.last() else { return };
        let alias = match after {
            // `as`, and the name.
            [TokenTree::Ident(_), TokenTree::Ident(alias), ..] => {
                alias.to_string()
            }
            _ => last.clone(),
        };
        let module = module.to_vec();
        self.sources.imports.insert((module.clone(), alias), names.clone());
        let line = line(first);
        self.file.mentions.push(Mention { names, module, line });
    }

    /// Notes the lines from here to there, without what groups hold.
    fn code(&mut self, from: &[TokenTree], to: &[TokenTree]) {
        let count = from.len().saturating_sub(to.len());
        for tree in from.iter().take(count) {
            match tree {
                TokenTree::Group(_) => {}
                other => self.lines(other.span()),
            }
        }
    }

    fn lines(&mut self, span: Span) {
        self.file.code.extend(span.start().line..=span.end().line);
    }
}

/// What is in an attribute that stands here, and what follows it.
fn attribute(trees: &[TokenTree]) -> Option<(TokenStream, &[TokenTree])> {
    let (first, mut rest) = trees.split_first()?;
    if !is_punct(first, '#') {
        return None;
    }
    if let Some((next, after)) = rest.split_first()
        && is_punct(next, '!')
    {
        rest = after;
    }
    match rest.split_first()? {
        (TokenTree::Group(group), after)
            if group.delimiter() == Delimiter::Bracket =>
        {
            Some((group.stream(), after))
        }
        _ => None,
    }
}

fn begins(attribute: &TokenStream, word: &str) -> bool {
    let first = attribute.clone().into_iter().next();
    matches!(first, Some(TokenTree::Ident(name)) if name == word)
}

/// Whether something is only compiled for tests.
fn is_for_tests(attribute: &TokenStream) -> bool {
    let text = attribute.to_string();
    let has = |word: &str| {
        text.split(|it: char| !it.is_alphanumeric()).any(|it| it == word)
    };
    begins(attribute, "cfg") && (has("test") || has("doctest")) && !has("not")
}

/// What follows an item.
fn after_item(mut trees: &[TokenTree]) -> &[TokenTree] {
    while let Some((_, after)) = attribute(trees) {
        trees = after;
    }
    let is_end = |tree: &TokenTree| match tree {
        TokenTree::Group(it) => it.delimiter() == Delimiter::Brace,
        other => is_punct(other, ';'),
    };
    let end = trees.iter().position(is_end).map_or(trees.len(), |it| it + 1);
    trees.split_at(end).1
}

/// The names of a path, and what follows it and a last `::`.
fn path(mut trees: &[TokenTree]) -> (Names, &[TokenTree]) {
    let mut names = Names::new();
    while let [TokenTree::Ident(name), after @ ..] = trees {
        names.push(name.to_string());
        trees = after;
        match after {
            [first, second, after @ ..]
                if is_punct(first, ':') && is_punct(second, ':') =>
            {
                trees = after;
            }
            _ => break,
        }
    }
    (names, trees)
}

fn is_punct(tree: &TokenTree, punct: char) -> bool {
    matches!(tree, TokenTree::Punct(found) if found.as_char() == punct)
}

fn line(tree: &TokenTree) -> usize {
    tree.span().start().line
}

#[cfg(test)]
mod tests {
    use super::*;

    /// What is wrong with files of a crate.
    fn faults(files: &[(&str, &str)]) -> Vec<String> {
        let mut sources = Crate::default();
        for (path, text) in files {
            let module = path.trim_end_matches(".rs");
            let module = module.trim_end_matches("/mod");
            let module = match module {
                "lib" => Names::new(),
                names => names.split('/').map(String::from).collect(),
            };
            sources.add(path, module, text).unwrap();
        }
        sources.faults()
    }

    #[test]
    fn import_from_a_higher_floor_is_found() {
        let scanner = ("scanner.rs", "pub struct Scanner;");
        for text in [
            "use crate::scanner::Scanner;",
            "use crate::{bytes, scanner};",
            "fn f() { super::scanner::g() }",
            "macro_rules! m { () => { $crate::scanner::Scanner } }",
            "mod inner { use super::super::scanner::Scanner; }",
            // Given on by the root.
            "use crate::Scanner;",
        ] {
            let found = faults(&[
                ("lib.rs", "pub use scanner::Scanner;"),
                ("event.rs", text),
                scanner,
            ]);
            assert_eq!(found.len(), 1, "{text}: {found:?}");
            assert!(found[0].starts_with("event.rs:1: event imports from"));
        }
    }

    #[test]
    fn import_on_a_floor_goes_one_way() {
        let found = faults(&[
            ("record.rs", "use crate::derive::Job;"),
            ("derive.rs", ""),
        ]);
        assert_eq!(
            found,
            ["record.rs:1: record imports from derive, from above"],
        );
        let found = faults(&[
            ("record.rs", ""),
            ("derive.rs", "use crate::record::{self, Format,};"),
        ]);
        assert!(found.is_empty(), "{found:?}");
    }

    #[test]
    fn import_from_below_and_in_tests_is_allowed() {
        let text = "
            //! See [`crate::scanner`].
            use crate::bytes;
            use memchr::memchr;
            /// Made by a [`crate::scanner::Scanner`].
            pub struct Event;
            #[cfg(test)]
            #[allow(unused)]
            mod tests { use crate::scanner::Scanner; }
            #[cfg(all(test, unix))]
            use crate::scanner::Scanner;
        ";
        let found = faults(&[
            ("event.rs", text),
            ("bytes.rs", ""),
            ("scanner.rs", "use crate::event::Event;"),
            ("sigma.rs", "use crate::scanner;"),
        ]);
        assert!(found.is_empty(), "{found:?}");
    }

    #[test]
    fn import_from_sigma_is_found() {
        let found = faults(&[
            ("finding.rs", "use crate::sigma::compile;"),
            ("sigma.rs", ""),
        ]);
        assert_eq!(found.len(), 1, "{found:?}");
    }

    #[test]
    fn module_on_no_floor_is_found() {
        let found = faults(&[("util.rs", "")]);
        assert_eq!(found, ["util.rs: util is on no floor"]);
    }

    #[test]
    fn circle_of_files_is_found() {
        let found = faults(&[
            ("record/mod.rs", "mod json; pub use json::Reader;"),
            ("record/json.rs", "use super::xml; pub struct Reader;"),
            ("record/xml.rs", "\nuse crate::record::Reader;"),
        ]);
        assert_eq!(
            found,
            ["files import in a circle:\n    \
              record/json.rs:1: record/xml.rs\n    \
              record/xml.rs:2: record/json.rs"],
        );
    }

    #[test]
    fn name_that_is_given_on_is_no_circle() {
        let found = faults(&[
            ("record/mod.rs", "mod json; mod xml; pub use json::Reader;"),
            ("record/json.rs", "pub struct Reader;"),
            ("record/xml.rs", "use super::Reader as Other;"),
        ]);
        assert!(found.is_empty(), "{found:?}");
    }

    #[test]
    fn file_that_is_too_long_is_found() {
        let line = "const A: u8 = 1; // one\n\n/// Its number.\n";
        let text = line.repeat(MOST_LINES);
        assert!(faults(&[("bytes.rs", &text)]).is_empty());
        let found = faults(&[("bytes.rs", &format!("{text}{line}"))]);
        assert_eq!(found.len(), 1, "{found:?}");
        let generated = format!("{GENERATED}\n{text}{line}");
        assert!(faults(&[("bytes.rs", &generated)]).is_empty());
        let tests = format!("{text}\n#[cfg(test)]\nmod tests {{\n{line}}}");
        assert!(faults(&[("bytes.rs", &tests)]).is_empty());
    }

    #[test]
    fn code_in_the_root_is_found() {
        let root = "//! Docs.\n#![forbid(unsafe_code)]\nmod bytes;\n";
        let bytes = ("bytes.rs", "");
        assert!(faults(&[("lib.rs", root), bytes]).is_empty());
        let found =
            faults(&[("lib.rs", &format!("{root}fn f() {{}}")), bytes]);
        assert_eq!(found, ["lib.rs:4: only modules and imports stand here"]);
    }
}
