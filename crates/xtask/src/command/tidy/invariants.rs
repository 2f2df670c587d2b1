//! Each invariant that the architecture promises names the test that stands for it. That the test is there, the rule for
//! names in files checks.

use std::fs;
use std::path::Path;

use anyhow::{Context as _, Result};

use crate::command::tidy::finding::Finding;
use crate::paths;

const PAGE: &str = "docs/architecture.md";
const SECTION: &str = "## Invariants";
/// What stands between the name of a test and its file.
const NAMED: &str = "` in `";

pub(super) fn check() -> Result<Vec<Finding>> {
    let page = Path::new(PAGE);
    let text = fs::read_to_string(paths::root().join(page)).with_context(|| format!("reading {PAGE}"))?;
    let mut findings: Vec<Finding> = without_test(&text)
        .into_iter()
        .map(|line| Finding::new(page, line, "an invariant that names no test: `name` in `path`"))
        .collect();
    if !text.contains(SECTION) {
        findings.push(Finding::new(page, 0, format!("has no section {SECTION:?}")));
    }
    Ok(findings)
}

/// The lines at which invariants begin that name no test.
fn without_test(page: &str) -> Vec<usize> {
    let mut found: Vec<(usize, String)> = Vec::new();
    let section = page.lines().enumerate().skip_while(|(_, line)| *line != SECTION).skip(1);
    for (index, line) in section.take_while(|(_, line)| !line.starts_with("## ")) {
        if line.starts_with("- ") {
            found.push((index + 1, String::new()));
        }
        if let Some((_, item)) = found.last_mut() {
            // A name may stand at the end of one line and its file on the next.
            item.push_str(line.trim());
            item.push(' ');
        }
    }
    found.into_iter().filter(|(_, item)| !item.contains(NAMED)).map(|(line, _)| line).collect()
}

#[cfg(test)]
mod tests {
    use super::without_test;

    #[test]
    fn an_invariant_without_a_test_is_found_by_its_line() {
        let page = "# A\n- not here\n## Invariants\n\nWords.\n\n- *One:* `a` in\n  `b.rs`.\n- *Two.*\n- *Three* `a`, in `b`\n## Ports\n- x\n";
        assert_eq!(without_test(page), [9, 10]);
        assert!(without_test("nothing").is_empty());
    }
}
