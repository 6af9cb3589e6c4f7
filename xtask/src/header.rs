//! The C header, written from the `ffi` crate.

use std::error::Error;
use std::path::Path;

use cbindgen::{Builder, Config};

/// The header's text.
pub(crate) fn header(root: &Path) -> Result<String, Box<dyn Error>> {
    let mut config = Config::from_file(root.join("ffi/cbindgen.toml"))?;
    config.after_includes = Some(version());
    let bindings = Builder::new()
        .with_config(config)
        .with_crate(root.join("ffi"))
        .generate()?;
    let mut text = Vec::new();
    bindings.write(&mut text);
    let sections = std::fs::read_to_string(root.join("ffi/sections.txt"))?;
    in_sections(&String::from_utf8(text)?, &sections)
}

/// What stands before and after the functions.
const BEGIN: &str = "extern \"C\" {\n#endif // __cplusplus\n";
const END: &str = "\n#ifdef __cplusplus\n}  // extern \"C\"";

/// The header with its functions in sections, which cbindgen knows nothing of.
fn in_sections(
    header: &str,
    sections: &str,
) -> Result<String, Box<dyn Error>> {
    let (before, rest) = header.split_once(BEGIN).ok_or("no functions")?;
    let (functions, after) = rest.split_once(END).ok_or("no end")?;
    let mut sections = sections
        .split("\n== ")
        .skip(1)
        .map(|text| {
            let (head, comment) = text.split_once('\n').ok_or("no comment")?;
            let (title, names) = head.split_once(':').ok_or("no names")?;
            let names: Vec<_> = names.split_whitespace().collect();
            Ok((title, names, comment.trim(), Vec::new()))
        })
        .collect::<Result<Vec<_>, &str>>()?;
    for function in functions.split("\n/**").skip(1) {
        let (_, declaration) =
            function.split_once("*/").ok_or("no declaration")?;
        let (head, _) = declaration.split_once('(').ok_or("no function")?;
        let name = head.rsplit([' ', '*', '\n']).next().unwrap_or(head);
        let (_, _, _, members) = sections
            .iter_mut()
            .filter_map(|section| {
                let fits = |begin: &&&str| name.starts_with(**begin);
                let longest =
                    section.1.iter().filter(fits).map(|begin| begin.len());
                Some((longest.max()?, section))
            })
            .max_by_key(|(length, _)| *length)
            .map(|(_, section)| section)
            .ok_or_else(|| format!("{name} is of no section"))?;
        members.push(function.trim_end());
    }
    let mut text = format!("{before}{BEGIN}");
    for (title, _, comment, members) in sections {
        if members.is_empty() {
            return Err(format!("the section {title} is empty").into());
        }
        let comment = comment
            .lines()
            .map(|line| format!(" * {line}").trim_end().to_owned() + "\n")
            .collect::<String>();
        text += &format!("\n/*\n * == {title} ==\n *\n{comment} */\n");
        for function in members {
            text += &format!("\n/**{function}\n");
        }
    }
    Ok(format!("{text}{END}{after}"))
}

/// The version as constants, for the preprocessor. All crates have the same.
fn version() -> String {
    format!(
        "
/* The version that this header is of, for the preprocessor; t1053_version()
 * tells that of the library that is running. */
#define T1053_VERSION_MAJOR {}
#define T1053_VERSION_MINOR {}
#define T1053_VERSION_PATCH {}
#define T1053_VERSION \"{}\"",
        env!("CARGO_PKG_VERSION_MAJOR"),
        env!("CARGO_PKG_VERSION_MINOR"),
        env!("CARGO_PKG_VERSION_PATCH"),
        env!("CARGO_PKG_VERSION"),
    )
}
