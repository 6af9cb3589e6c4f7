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
    Ok(String::from_utf8(text)?)
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
