//! The shape of source files: their length, how they open, and words that do not belong in them.

use std::fs;
use std::path::{Path, PathBuf};

use anyhow::{Context as _, Result};

use crate::command::tidy::finding::Finding;
use crate::{paths, ui};

/// Longer files earn a word.
const LONG_LINES: usize = 500;
/// Longer files are refused.
const TOO_LONG_LINES: usize = 600;

/// What no Rust file may contain, and why. The words are cut in two so that this file does not contain them itself.
const NOWHERE: &[(&str, &str)] = &[
    (concat!("#[", "allow("), "silences a lint for good; `#[expect(…, reason = …)]` notices when it is no longer needed"),
    (concat!("#![", "allow("), "silences a lint for good; `#![expect(…, reason = …)]` notices when it is no longer needed"),
    (concat!("to", "do!("), "is unfinished work"),
    (concat!("unimple", "mented!("), "is unfinished work"),
    (concat!("#[", "ignore"), "hides a test; a flaky test is a defect"),
    (concat!("TO", "DO"), "belongs into an issue"),
    (concat!("FIX", "ME"), "belongs into an issue"),
];

/// What the pure crates may not contain: the same input must always give the same output, without waiting.
const NOT_IN_PURE_CODE: &[(&str, &str)] = &[
    ("async fn", "pure code does not wait"),
    (".await", "pure code does not wait"),
    ("SystemTime::", "time is an argument here"),
    ("Instant::now", "time is an argument here"),
    ("getrandom", "randomness is an argument here"),
    ("rand::", "randomness is an argument here"),
];

/// Where the rules of pure code hold.
const PURE: &[&str] = &["crates/domain/src", "crates/views/src"];

pub(super) fn check(files: &[PathBuf]) -> Result<Vec<Finding>> {
    let mut findings = Vec::new();
    for file in files.iter().filter(|file| file.extension().is_some_and(|extension| extension == "rs")) {
        let text = fs::read_to_string(paths::root().join(file)).with_context(|| format!("reading {}", file.display()))?;
        findings.extend(check_file(file, &text));
    }
    Ok(findings)
}

fn check_file(file: &Path, text: &str) -> Vec<Finding> {
    let mut findings = Vec::new();
    if file.file_name().is_some_and(|name| name == "mod.rs") {
        findings.push(Finding::new(file, 0, "modules are `name.rs` beside `name/`"));
    }
    if !text.starts_with("//!") {
        findings.push(Finding::new(file, 1, "opens without `//!`: what it is, and what it is not"));
    }
    let lines = text.lines().count();
    if lines > TOO_LONG_LINES {
        findings.push(Finding::new(file, 0, format!("has {lines} lines; {TOO_LONG_LINES} are the most")));
    } else if lines > LONG_LINES {
        ui::warn(&format!("{} has {lines} lines", file.display()));
    }
    let pure = PURE.iter().any(|folder| file.starts_with(folder));
    let words = NOWHERE.iter().chain(NOT_IN_PURE_CODE.iter().filter(|_| pure));
    for (word, why) in words {
        for (index, line) in text.lines().enumerate() {
            let code = line.split_once("//").map_or(line, |(code, _)| code);
            let searched = if why.contains("issue") { line } else { code };
            if contains_word(searched, word) {
                findings.push(Finding::new(file, index + 1, format!("`{}` {why}", word.trim_end_matches('('))));
            }
        }
    }
    findings
}

/// Whether `word` stands in `line`, not as the end of a longer name (`operand::` is not `rand::`).
fn contains_word(line: &str, word: &str) -> bool {
    line.match_indices(word).any(|(start, _)| {
        let before = line[..start].chars().next_back();
        !word.starts_with(char::is_alphanumeric)
            || !before.is_some_and(|character| character.is_alphanumeric() || character == '_')
    })
}

#[cfg(test)]
mod tests {
    use super::check_file;
    use std::path::Path;

    fn found(file: &str, text: &str) -> Vec<usize> {
        check_file(Path::new(file), text).into_iter().map(|finding| finding.line).collect()
    }

    #[test]
    fn each_rule_finds_its_line() {
        assert_eq!(found("crates/a/src/b.rs", "//! Fine.\nfn b() {}\n"), [0; 0]);
        assert_eq!(found("crates/a/src/b.rs", "fn b() {}\n"), [1]);
        assert_eq!(found("crates/a/src/b/mod.rs", "//! Fine.\n"), [0]);
        assert_eq!(found("crates/a/src/b.rs", &format!("//! Fine.\n{}", "x\n".repeat(600))), [0]);
        assert_eq!(found("crates/a/src/b.rs", concat!("//! Fine.\n#[", "allow(dead_code)]\n")), [2]);
        assert_eq!(found("crates/a/src/b.rs", concat!("//! Fine.\n\n// TO", "DO later\n")), [3]);
    }

    #[test]
    fn pure_crates_neither_wait_nor_look_at_the_clock() {
        let text = "//! Fine.\nlet now = SystemTime::now();\nlet b = operand::c();\n// SystemTime:: in a comment\n";
        assert_eq!(found("crates/domain/src/b.rs", text), [2]);
        assert_eq!(found("crates/engine/src/b.rs", text), [0; 0]);
    }
}
