//! Asks the linker to say in the module what refers to what: without that it cannot be taken apart (see `src/later.rs`).

fn main() {
    println!("cargo::rerun-if-changed=build.rs");
    println!("cargo::rustc-link-arg-bins=--emit-relocs");
}
