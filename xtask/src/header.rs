//! The C header, written from the `ffi` crate.

use std::error::Error;
use std::path::Path;

use cbindgen::{Builder, Config};

/// The header's text.
pub(crate) fn header(root: &Path) -> Result<String, Box<dyn Error>> {
    let config = Config::from_file(root.join("ffi/cbindgen.toml"))?;
    let bindings = Builder::new()
        .with_config(config)
        .with_crate(root.join("ffi"))
        .generate()?;
    let mut text = Vec::new();
    bindings.write(&mut text);
    Ok(String::from_utf8(text)?)
}
