//! Compiles the server anew when the web client that it embeds has changed: the embedding alone does not notice new files.

use std::fs;
use std::path::Path;

fn main() -> std::io::Result<()> {
    let dist = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../web-client/dist");
    // Cargo takes a path that is not there for one that has changed, and would compile the server at every build.
    fs::create_dir_all(&dist)?;
    println!("cargo::rerun-if-changed={}", dist.display());
    Ok(())
}
