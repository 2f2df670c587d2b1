//! Compiles the server anew when the web client that it embeds has changed: the embedding alone does not notice new files.

use std::env;
use std::fs;
use std::path::PathBuf;

fn main() -> std::io::Result<()> {
    let dist = PathBuf::from(env::var_os("CARGO_MANIFEST_DIR").unwrap_or_default()).join("../../web-client/dist");
    // Cargo takes a path that is not there for one that has changed, and would compile the server at every build.
    fs::create_dir_all(&dist)?;
    println!("cargo::rerun-if-changed={}", dist.display());
    Ok(())
}
