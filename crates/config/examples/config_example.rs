//! Prints config.example.toml for `cargo xtask generate`, without the server, which takes much longer to compile.

use std::io::{self, Write as _};

fn main() -> io::Result<()> {
    io::stdout().write_all(config::example_toml().as_bytes())
}
