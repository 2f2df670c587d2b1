//! `hearth-web-bindgen MODULE FOLDER`: makes a module for the web and its JavaScript of what the compiler wrote.
//!
//! It is `wasm-bindgen --target web` without the parts that nobody needs here, a test runner and a web server among them,
//! so that it compiles in a fraction of the time. It runs while the client is built and is no part of it.

use std::env;
use std::path::PathBuf;

use anyhow::{Context as _, Result};
use wasm_bindgen_cli_support::Bindgen;

/// The files' common name.
const NAME: &str = "hearth-web";

fn main() -> Result<()> {
    let mut arguments = env::args_os().skip(1).map(PathBuf::from);
    let module = arguments.next().context("the first argument is the module that the compiler wrote")?;
    let folder = arguments.next().context("the second argument is the folder to write to")?;
    let mut bindgen = Bindgen::new();
    bindgen.input_path(&module).out_name(NAME).typescript(false);
    bindgen.remove_name_section(true).remove_producers_section(true);
    bindgen.web(true)?.generate(&folder).with_context(|| format!("binding {}", module.display()))
}
