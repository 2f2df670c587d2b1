//! No modules of a crate import each other in a circle, so that each can be read and changed with what is below it alone.
//!
//! A module is a file. One imports another when it names something that is defined there: in `use`, or by a path in its code
//! or in what it gives to a macro. What a module gives on by `pub use` counts for the module that defines it, so a parent
//! that declares its children and gives their items on imports none of them; one that names such an item in its own code
//! does. Code under `#[cfg(test)]` does not count, because tests of a module are a part of it.

use std::collections::BTreeSet;
use std::fs;
use std::path::Path;

use anyhow::{Context as _, Result};

use crate::command::tidy::finding::Finding;
use crate::packages::{self, Package};
use crate::paths;

mod edges;
mod graph;
mod resolve;
mod source;
mod tree;

use graph::{Circle, Graph};

/// The web client is a workspace of its own.
const WEB_CLIENT: &str = "web-client";

pub(super) fn check(native: &[Package]) -> Result<Vec<Finding>> {
    let web = packages::of(&paths::in_root(WEB_CLIENT))?;
    let mut findings = BTreeSet::new();
    for target in native.iter().chain(&web).flat_map(|package| &package.targets) {
        let root = target.src_path.strip_prefix(paths::root()).unwrap_or(&target.src_path);
        findings.extend(of_crate(root, &read)?.iter().map(describe));
    }
    Ok(findings.into_iter().collect())
}

fn read(file: &Path) -> Result<String> {
    fs::read_to_string(paths::root().join(file)).with_context(|| format!("reading {}", file.display()))
}

/// The circles among the modules of the crate that begins in the file `root`.
fn of_crate(root: &Path, read: &dyn Fn(&Path) -> Result<String>) -> Result<Vec<Circle>> {
    let modules = tree::load(root, read)?;
    let mut graph = Graph::default();
    edges::add(&mut graph, &modules);
    Ok(graph.circles())
}

fn describe(circle: &Circle) -> Finding {
    let steps: Vec<String> = circle.steps.iter().map(|(file, line)| format!("{}:{line}", file.display())).collect();
    let (file, line) = &circle.steps[0];
    let mut what = format!("modules import each other in a circle: {} → {}", steps.join(" → "), file.display());
    if !circle.others.is_empty() {
        let others: Vec<String> = circle.others.iter().map(|file| file.display().to_string()).collect();
        what.push_str(&format!("; these hang on it by other circles: {}", others.join(", ")));
    }
    Finding::new(file, *line, what)
}

#[cfg(test)]
mod tests;
