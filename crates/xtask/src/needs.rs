//! What the machine must have. Each need knows how to tell that it is there, and which Debian packages bring it.
//!
//! Nothing is asked: what is missing is named with its reason and installed, as root or with sudo.

use std::path::{Path, PathBuf};

use anyhow::{Context as _, Result, bail};

use crate::{cargo, paths, process, ui};

pub(crate) mod apt;
pub(crate) mod browser;
pub(crate) mod clients;
pub(crate) mod network;
mod program;
pub(crate) mod proxies;
pub(crate) mod tool;
pub(crate) mod wasm;

/// One thing that must be on the machine.
pub(crate) struct Need {
    /// What it is, in a word.
    name: &'static str,
    /// What it is for.
    why: &'static str,
    /// The Debian and Ubuntu packages that bring it.
    packages: &'static [&'static str],
    /// How it is found.
    present: Present,
}

/// How a need is found.
enum Present {
    /// A program of the need's own name is in `PATH`.
    Program,
    /// This says so.
    If(fn() -> bool),
}

impl Need {
    /// A program that is there when its name is in `PATH`.
    pub(crate) const fn program(name: &'static str, why: &'static str, packages: &'static [&'static str]) -> Self {
        Self { name, why, packages, present: Present::Program }
    }

    fn is_met(&self) -> bool {
        match self.present {
            Present::Program => program::is_there(self.name),
            Present::If(found) => found(),
        }
    }
}

/// What compiling the server asks for beyond Rust.
pub(crate) const NATIVE: &[Need] = &[
    Need::program("g++", "RocksDB, the log's storage, is C++", &["g++", "libc6-dev"]),
    Need {
        name: "libclang",
        why: "RocksDB's Rust bindings are generated from its headers",
        packages: &["clang", "libclang-dev"],
        present: Present::If(has_libclang),
    },
    Need::program("make", "builds the allocator, which is C", &["make"]),
];

/// What packing the web client asks for beyond its compiler.
pub(crate) const WEB: &[Need] = &[
    Need::program("brotli", "the web client is stored compressed", &["brotli"]),
    Need::program("gzip", "compression for browsers without brotli", &["gzip"]),
];

/// What the tests with foreign clients ask for.
pub(crate) const CLIENTS: &[Need] = &[
    Need {
        name: "Node.js 18 or newer",
        why: "tests with matrix-js-sdk and matrix-bot-sdk",
        packages: &["nodejs", "npm"],
        present: Present::If(has_node),
    },
    Need {
        name: "Python 3.11 with venv",
        why: "tests with matrix-nio, and the second log verifier",
        packages: &["python3", "python3-venv", "python3-pip"],
        present: Present::If(has_python),
    },
];

/// What those of them in Python ask for beyond Python.
pub(crate) const PYTHON_CLIENTS: &[Need] = &[
    Need {
        name: "libmagic",
        why: "matrix-commander tells by it what kind of file it sends",
        packages: &["libmagic1"],
        present: Present::If(has_libmagic),
    },
    Need {
        name: "CMake",
        why: "mautrix encrypts by libolm, whose package has wheels for Python 3.11 and 3.12 and is compiled for others",
        packages: &["cmake", "g++", "make", "python3-dev"],
        present: Present::If(can_have_libolm),
    },
];

/// What the browser tests ask for.
pub(crate) const BROWSER: &[Need] = &[
    Need {
        name: "Node.js 18 or newer",
        why: "Playwright drives the browser",
        packages: &["nodejs", "npm"],
        present: Present::If(has_node),
    },
    Need {
        name: "Chromium",
        why: "the browser tests run in a real one",
        packages: &["chromium"],
        present: Present::If(|| chromium().is_some()),
    },
    Need {
        name: "Firefox",
        why: "what every browser must do is tested in another one too",
        packages: &["firefox-esr"],
        present: Present::If(|| firefox().is_some()),
    },
    Need {
        name: "certutil",
        why: "a browser is told to trust the authority of a test",
        packages: &["libnss3-tools"],
        present: Present::If(|| paths::which("certutil").is_some()),
    },
    Need {
        name: "OpenSSL",
        why: "the authority of a test shows itself by a certificate of its own",
        packages: &["openssl"],
        present: Present::If(|| paths::which("openssl").is_some()),
    },
    Need {
        name: "WebKit and a screen for it",
        why: "what every browser must do is tested in the engine of Safari, which cannot do without a screen",
        packages: &["webkit2gtk-driver", "xvfb"],
        present: Present::If(|| ["WebKitWebDriver", "Xvfb"].into_iter().all(|name| paths::which(name).is_some())),
    },
];

/// Installs whatever of `needs` is missing, and fails with the command to type when that is not possible.
pub(crate) fn ensure(needs: &[Need]) -> Result<()> {
    let missing: Vec<&Need> = needs.iter().filter(|need| !need.is_met()).collect();
    if missing.is_empty() {
        return Ok(());
    }
    ui::step("installing what is missing");
    let mut packages = Vec::new();
    for need in &missing {
        ui::note(&format!("{}: {} ({})", need.name, need.why, need.packages.join(" ")));
        packages.extend(need.packages);
    }
    apt::install(&packages)?;
    match missing.iter().find(|need| !need.is_met()) {
        Some(need) => bail!("{} is still missing after installing {}", need.name, need.packages.join(" ")),
        None => Ok(()),
    }
}

/// rustfmt and clippy, which a minimal Rust installation leaves out.
pub(crate) fn ensure_rust_components() -> Result<()> {
    for (component, subcommand) in [("rustfmt", "fmt"), ("clippy", "clippy")] {
        if process::probe(cargo::command(subcommand).arg("--version")).is_some() {
            continue;
        }
        ui::step(&format!("installing {component}: the code's form is checked with it"));
        process::run_within(process::command("rustup").args(["component", "add", component]), wasm::DOWNLOAD_LIMIT)
            .with_context(|| format!("{component} is missing; install it for the Rust toolchain in use"))?;
    }
    Ok(())
}

/// The browser that tests drive: `HEARTH_CHROMIUM`, or the first that is installed under a usual name.
pub(crate) fn chromium() -> Option<PathBuf> {
    if let Some(own) = std::env::var_os("HEARTH_CHROMIUM") {
        return Some(own.into());
    }
    ["chromium", "chromium-browser", "google-chrome"].into_iter().find_map(paths::which)
}

/// The other browser that tests drive: `HEARTH_FIREFOX`, or the first that is installed under a usual name.
pub(crate) fn firefox() -> Option<PathBuf> {
    if let Some(own) = std::env::var_os("HEARTH_FIREFOX") {
        return Some(own.into());
    }
    ["firefox-esr", "firefox"].into_iter().find_map(paths::which)
}

fn has_libclang() -> bool {
    if std::env::var_os("LIBCLANG_PATH").is_some() {
        return true;
    }
    let listed = |folder: &Path| std::fs::read_dir(folder).into_iter().flatten().flatten().map(|entry| entry.path());
    let llvm =
        listed(Path::new("/usr/lib")).filter(|path| path.to_string_lossy().contains("llvm-")).map(|path| path.join("lib"));
    let multiarch = format!("/usr/lib/{}-linux-gnu", std::env::consts::ARCH);
    let usual = ["/usr/lib", "/usr/lib64", "/usr/local/lib", &multiarch].map(PathBuf::from);
    usual.into_iter().chain(llvm).any(|folder| listed(&folder).any(|path| is_libclang(&path)))
}

/// `libclang.so…` and `libclang-14.so…`, but not the C++ interface or the run-time library.
fn is_libclang(path: &Path) -> bool {
    let name = path.file_name().unwrap_or_default().to_string_lossy();
    let version = name.strip_prefix("libclang-").is_some_and(|rest| rest.starts_with(|first: char| first.is_ascii_digit()));
    name.starts_with("libclang.so") || (version && name.contains(".so"))
}

fn has_node() -> bool {
    let version = process::probe(process::command("node").arg("--version"));
    let major = version.and_then(|text| text.strip_prefix('v')?.split('.').next()?.parse::<u32>().ok());
    program::is_there("npm") && major.is_some_and(|major| major >= 18)
}

fn has_python() -> bool {
    // Debian's python3 has the venv module without what it needs to put pip into an environment.
    python_runs("import sys, venv, ensurepip; assert sys.version_info >= (3, 11)")
}

fn has_libmagic() -> bool {
    python_runs("import ctypes; ctypes.CDLL('libmagic.so.1')")
}

fn can_have_libolm() -> bool {
    program::is_there("cmake") || python_runs("import sys; assert sys.version_info < (3, 13)")
}

fn python_runs(code: &str) -> bool {
    process::probe(process::command("python3").args(["-c", code])).is_some()
}

#[cfg(test)]
mod tests {
    use super::is_libclang;
    use std::path::Path;

    #[test]
    fn only_the_c_interface_counts_as_libclang() {
        for name in ["libclang.so", "libclang.so.1", "libclang-14.so.14.0.6"] {
            assert!(is_libclang(Path::new(name)), "{name}");
        }
        for name in ["libclang-cpp.so.14", "libclang_rt.asan.so", "libclang-14.a", "libz.so"] {
            assert!(!is_libclang(Path::new(name)), "{name}");
        }
    }
}
