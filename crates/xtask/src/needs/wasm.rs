//! The one place that decides which Rust compiles to WebAssembly, and which compiles what needs a newer Rust.
//!
//! The ordinary way is rustup's target. Where that cannot be had, Debian's own `rustc-web` brings a new enough compiler
//! with the standard library as source, which is then compiled for the target (half a minute, once).

use std::env;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::Duration;

use anyhow::{Context as _, Result, bail};

use crate::needs::{apt, program};
use crate::{cargo, lint, process, ui};

/// The target of the web client.
pub(crate) const TARGET: &str = "wasm32-unknown-unknown";
/// The oldest Rust that compiles matrix-sdk 0.19.
const OLDEST: (u32, u32) = (1, 96);
/// A download that takes longer than this is taken for a machine without a way to it.
pub(crate) const DOWNLOAD_LIMIT: Duration = Duration::from_secs(300);

const DEBIAN_PACKAGES: &[&str] = &["rustc-web", "cargo-web", "rust-web-src", "lld-19"];
const DEBIAN_CLIPPY: &str = "rust-web-clippy";
const DEBIAN_RUSTC: &str = "/usr/bin/rustc";
const DEBIAN_CARGO: &str = "/usr/bin/cargo";

/// A Rust that is new enough for matrix-sdk.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Toolchain {
    /// The one that also builds the server.
    Caller,
    /// rustup's newest stable, beside an older default.
    RustupStable,
    /// The distribution's, in /usr/bin.
    Distribution,
}

impl Toolchain {
    /// `cargo build` and the like for the web client's target, in `target_folder`.
    pub(crate) fn web_cargo(self, subcommand: &str, target_folder: &Path) -> Command {
        let mut command = self.native_cargo(subcommand, target_folder);
        if self == Self::Distribution {
            command.args(["-Zbuild-std=std,panic_abort"]);
            command.env("RUSTC_BOOTSTRAP", "1");
            command.env("CARGO_TARGET_WASM32_UNKNOWN_UNKNOWN_LINKER", "wasm-ld-19");
        }
        command.args(["--target", TARGET]);
        command
    }

    /// Leaves the words of panics out of what a `command` of [`Toolchain::web_cargo`] compiles, as far as this Rust can: a panic there ends the
    /// program at once, and in a browser nobody would read what it says.
    pub(crate) fn without_panic_words(self, command: &mut Command) {
        if self == Self::Distribution {
            command.env("RUSTFLAGS", "-Cpanic=immediate-abort -Zunstable-options");
        }
    }

    /// The same Rust for programs of this machine.
    pub(crate) fn native_cargo(self, subcommand: &str, target_folder: &Path) -> Command {
        let mut command = match self {
            Self::Caller => process::command(env::var_os("CARGO").unwrap_or_else(|| "cargo".into())),
            Self::RustupStable => {
                let mut cargo = process::command("cargo");
                cargo.env_remove("RUSTC").env("RUSTUP_TOOLCHAIN", "stable");
                cargo
            }
            Self::Distribution => {
                let mut cargo = process::command(DEBIAN_CARGO);
                cargo.env("RUSTC", DEBIAN_RUSTC).env("RUSTDOC", "/usr/bin/rustdoc").env_remove("RUSTUP_TOOLCHAIN");
                cargo
            }
        };
        command.arg(subcommand).env("CARGO_TARGET_DIR", target_folder);
        command
    }

    fn version(self) -> String {
        process::probe(self.rustc().arg("--version")).unwrap_or_default()
    }

    fn rustc(self) -> Command {
        match self {
            Self::Caller => process::command("rustc"),
            Self::RustupStable => {
                let mut rustc = process::command("rustc");
                rustc.env("RUSTUP_TOOLCHAIN", "stable");
                rustc
            }
            Self::Distribution => process::command(DEBIAN_RUSTC),
        }
    }

    /// Clippy's driver for this compiler; installs it when it is missing.
    pub(crate) fn clippy_driver(self) -> Result<PathBuf> {
        if let Some(driver) = lint::in_sysroot_of(&mut self.rustc()) {
            return Ok(driver);
        }
        ui::step("installing clippy: the web client is checked with it");
        match self {
            Self::Distribution => apt::install(&[DEBIAN_CLIPPY])?,
            Self::Caller | Self::RustupStable => {
                let mut add = process::command("rustup");
                if self == Self::RustupStable {
                    add.env("RUSTUP_TOOLCHAIN", "stable");
                }
                process::run_within(add.args(["component", "add", "clippy"]), DOWNLOAD_LIMIT)?;
            }
        }
        lint::in_sysroot_of(&mut self.rustc()).context("clippy is missing beside the Rust for the web client")
    }
}

/// A Rust for the web client; installs one when there is none.
pub(crate) fn for_web() -> Result<Toolchain> {
    let caller_is_new = cargo::native_rustc().is_some_and(|version| version >= OLDEST);
    if caller_is_new && has_target(Toolchain::Caller) {
        return Ok(Toolchain::Caller);
    }
    if distribution_is_ready() {
        return Ok(Toolchain::Distribution);
    }
    if has_target(Toolchain::RustupStable) && stable_is_new() {
        return Ok(Toolchain::RustupStable);
    }
    if caller_is_new && add_target() && has_target(Toolchain::Caller) {
        return Ok(Toolchain::Caller);
    }
    if apt::offers_after_update(DEBIAN_PACKAGES[0]) {
        ui::step("installing Debian's Rust for the web");
        ui::note(&format!("the web client needs Rust 1.96 for {TARGET}: {}", DEBIAN_PACKAGES.join(" ")));
        apt::install(DEBIAN_PACKAGES)?;
        if distribution_is_ready() {
            return Ok(Toolchain::Distribution);
        }
    }
    if add_stable() && has_target(Toolchain::RustupStable) && stable_is_new() {
        return Ok(Toolchain::RustupStable);
    }
    bail!("the web client needs Rust 1.96 or newer with the target {TARGET}: `rustup update && rustup target add {TARGET}`")
}

/// A Rust for native programs that use matrix-sdk: the caller's when it is new enough, else the web client's.
pub(crate) fn for_new_native() -> Result<Toolchain> {
    if cargo::native_rustc().is_some_and(|version| version >= OLDEST) { Ok(Toolchain::Caller) } else { for_web() }
}

fn has_target(toolchain: Toolchain) -> bool {
    let mut rustc = process::command("rustc");
    match toolchain {
        Toolchain::Caller => {}
        Toolchain::RustupStable if rustup_has_stable() => {
            rustc.env("RUSTUP_TOOLCHAIN", "stable");
        }
        Toolchain::RustupStable | Toolchain::Distribution => return false,
    }
    let sysroot = process::probe(rustc.args(["--print", "sysroot"]));
    sysroot.is_some_and(|path| PathBuf::from(path).join("lib/rustlib").join(TARGET).join("lib").is_dir())
}

fn rustup_has_stable() -> bool {
    let list = process::probe(process::command("rustup").args(["toolchain", "list"])).unwrap_or_default();
    list.lines().any(|line| line.starts_with("stable"))
}

fn stable_is_new() -> bool {
    cargo::version(&Toolchain::RustupStable.version()).is_some_and(|version| version >= OLDEST)
}

/// Debian's compiler, its library's source and its linker are three packages; all are needed.
fn distribution_is_ready() -> bool {
    let version = cargo::version(&Toolchain::Distribution.version());
    let sysroot = process::probe(process::command(DEBIAN_RUSTC).args(["--print", "sysroot"])).unwrap_or_default();
    let source = Path::new(&sysroot).join("lib/rustlib/src/rust/library/std");
    version.is_some_and(|version| version >= OLDEST)
        && Path::new(DEBIAN_CARGO).is_file()
        && source.is_dir()
        && program::is_there("wasm-ld-19")
}

fn add_target() -> bool {
    if !program::is_there("rustup") {
        return false;
    }
    ui::step(&format!("adding the Rust target {TARGET}: the web client is compiled for it"));
    process::run_within(process::command("rustup").args(["target", "add"]).arg(TARGET), DOWNLOAD_LIMIT).is_ok()
}

fn add_stable() -> bool {
    if !program::is_there("rustup") {
        return false;
    }
    ui::step("installing the newest stable Rust beside yours: the web client needs 1.96");
    let mut install = process::command("rustup");
    install.args(["toolchain", "install", "stable", "--profile", "minimal", "--target", TARGET]);
    process::run_within(&mut install, DOWNLOAD_LIMIT).is_ok()
}
