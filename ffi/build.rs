//! Names the shared library for the loader, and for debuggers.

fn main() {
    println!("cargo::rerun-if-changed=build.rs");
    // What ffi/build links with, which cargo would not know to have changed.
    println!("cargo::rerun-if-changed=version-cc");
    println!("cargo::rerun-if-env-changed=T1053_LINKER");
    println!("cargo::rerun-if-env-changed=T1053_ABI");
    let target = std::env::var("CARGO_CFG_TARGET_OS").unwrap_or_default();
    if ["linux", "android", "freebsd", "netbsd", "openbsd"]
        .contains(&target.as_str())
    {
        // The number is the ABI version: T1053_ABI_VERSION.
        println!("cargo::rustc-cdylib-link-arg=-Wl,-soname,libt1053.so.1");
        // By which debug symbols are found. Not every linker has one unasked.
        println!("cargo::rustc-cdylib-link-arg=-Wl,--build-id=sha1");
    }
}
