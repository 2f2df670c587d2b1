//! What the documentation names must be there: files, names in files, command lines, and code that it quotes.
//!
//! - A path in backquotes is one in the repository, seen from its root, from `crates/` or from the page's own folder.
//! - Between backquotes, a name, the word "in" and such a path: the name stands in that file, outside comments.
//! - What begins with `cargo xtask` is a command line that it takes.
//! - A block of code with a path behind its language is quoted from that file. A line `…` leaves lines out.
//!
//! Notes on decisions and the changelog tell of their own day and are not looked at.

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};

use anyhow::{Context as _, Result};

use crate::command::tidy::finding::Finding;
use crate::command::tidy::page::{Block, Span, blocks, spans};
use crate::paths;

/// Pages that tell of a day gone by.
const OF_THEIR_DAY: &[&str] = &["CHANGELOG.md", "docs/decisions"];
/// How every developer command begins.
const COMMAND: &str = "cargo xtask";
/// Folders that commands write, which git ignores.
const WRITTEN: &[&str] = &["dist", "data", "target", "web-client/dist"];
/// Stands for lines that are left out.
const LEFT_OUT: &str = "…";

/// What is wrong with a command line, given the words behind [`COMMAND`]; nothing when it is taken.
pub(crate) type Judge = fn(&[&str]) -> Option<String>;

pub(super) fn check(files: &[PathBuf], judge: Judge) -> Result<Vec<Finding>> {
    let read =
        |file: &Path| fs::read_to_string(paths::root().join(file)).with_context(|| format!("reading {}", file.display()));
    let repository = Repository::of(files);
    let is_page = |file: &&PathBuf| {
        file.extension().is_some_and(|extension| extension == "md") && !OF_THEIR_DAY.iter().any(|old| file.starts_with(old))
    };
    let mut findings = Vec::new();
    for page in files.iter().filter(is_page) {
        let text = read(page)?;
        let wrong = check_page(page, &text, &repository, &read, judge)?;
        findings.extend(wrong.into_iter().map(|(line, what)| Finding::new(page, line, what)));
    }
    Ok(findings)
}

/// Files of the repository, and the folders that they are in.
struct Repository<'a>(BTreeSet<&'a Path>);

impl<'a> Repository<'a> {
    fn of(files: &'a [PathBuf]) -> Self {
        Self(files.iter().flat_map(|file| file.ancestors()).filter(|path| *path != Path::new("")).collect())
    }

    /// What `path` on `page` means, if there is such a thing.
    fn find(&self, page: &Path, path: &str) -> Option<PathBuf> {
        let bases = [Path::new(""), Path::new("crates"), page.parent().unwrap_or(Path::new(""))];
        bases.into_iter().map(|base| base.join(path)).find(|path| self.0.contains(path.as_path()))
    }

    /// Whether `text` is meant as a path: it has a slash, and ends like a file or begins with a folder that is there.
    fn is_path(&self, page: &Path, text: &str) -> bool {
        let plain = text.chars().all(|character| character.is_ascii_alphanumeric() || "-_./".contains(character));
        let Some((first, _)) = text.split_once('/').filter(|(first, _)| plain && !matches!(*first, "" | "." | "..")) else {
            return false;
        };
        if WRITTEN.iter().any(|written| Path::new(text).starts_with(written)) {
            return false;
        }
        let is_file = [".rs", ".md", ".toml", ".css", ".ts", ".py", ".yml"].iter().any(|end| text.ends_with(end));
        is_file || text.ends_with('/') || self.find(page, first).is_some()
    }
}

type Read<'a> = &'a dyn Fn(&Path) -> Result<String>;

fn check_page(
    page: &Path,
    text: &str,
    repository: &Repository<'_>,
    read: Read<'_>,
    judge: Judge,
) -> Result<Vec<(usize, String)>> {
    let mut wrong = Vec::new();
    let spans = spans(text);
    for (index, span) in spans.iter().enumerate() {
        if let Some(problem) = check_command(span.text, judge) {
            wrong.push((span.line, problem));
        }
        if !repository.is_path(page, span.text) {
            continue;
        }
        let Some(file) = repository.find(page, span.text) else {
            wrong.push((span.line, format!("names {}, which is not there", span.text)));
            continue;
        };
        if let Some(name) = name_in(&spans, index)
            && file.extension().is_some()
            && !has_name(&read(&file)?, name)
        {
            wrong.push((span.line, format!("names `{name}` in {}, which has no such name", file.display())));
        }
    }
    // Blocks by four spaces too; a line that wraps in running text does not begin so.
    for (index, line) in text.lines().enumerate() {
        wrong.extend(check_command(line.trim(), judge).map(|problem| (index + 1, problem)));
    }
    for block in blocks(text) {
        wrong.extend(check_quotation(page, &block, repository, read)?.map(|problem| (block.line, problem)));
    }
    Ok(wrong)
}

/// The name of which the page says that it is in the path of span `index`.
fn name_in<'a>(spans: &[Span<'a>], index: usize) -> Option<&'a str> {
    let before = spans.get(index)?.before.trim_end_matches('[');
    let name = spans.get(index.checked_sub(1)?)?;
    (before.split_whitespace().eq(["in"]) && before != "in").then_some(name.text)
}

/// Whether `name`, a whole word or several, stands in the code of a file.
fn has_name(text: &str, name: &str) -> bool {
    let is_word = |character: char| character.is_alphanumeric() || character == '_';
    text.lines().map(|line| line.split_once("//").map_or(line, |(code, _)| code)).any(|code| {
        code.match_indices(name).any(|(start, _)| {
            !code[..start].ends_with(|before| is_word(before) && name.starts_with(is_word))
                && !code[start + name.len()..].starts_with(|after| is_word(after) && name.ends_with(is_word))
        })
    })
}

/// What is wrong with `text` as a command line, if it is one of ours.
fn check_command(text: &str, judge: Judge) -> Option<String> {
    let arguments = text.strip_prefix(COMMAND)?;
    let words: Vec<&str> = arguments.split_whitespace().take_while(|word| !matches!(*word, "#" | LEFT_OUT)).collect();
    if words.is_empty() || !arguments.starts_with(char::is_whitespace) {
        return None;
    }
    let problem = judge(&words)?;
    Some(format!("names the command `{COMMAND} {}`: {problem}", words.join(" ")))
}

/// What is wrong with a block that says which file it is from.
fn check_quotation(page: &Path, block: &Block<'_>, repository: &Repository<'_>, read: Read<'_>) -> Result<Option<String>> {
    let Some(path) = block.info.split_whitespace().nth(1) else { return Ok(None) };
    let Some(file) = repository.find(page, path) else {
        return Ok(Some(format!("quotes {path}, which is not there")));
    };
    let missing = not_quoted(&read(&file)?, &block.code);
    Ok(missing.map(|line| format!("quotes from {path} what does not stand there: {line}")))
}

/// The first line of `code` at which it goes other ways than `text`, for the place in `text` that follows it longest.
fn not_quoted<'a>(text: &str, code: &[&'a str]) -> Option<&'a str> {
    let lines: Vec<&str> = text.lines().map(str::trim).collect();
    let code: Vec<&'a str> = code.iter().map(|line| line.trim()).collect();
    let followed = |start: usize| {
        let mut at = start;
        let mut may_skip = false;
        for (index, line) in code.iter().enumerate() {
            if *line == LEFT_OUT {
                may_skip = true;
                continue;
            }
            let rest = lines.get(at..).unwrap_or_default();
            let found = rest.iter().position(|own| own == line).filter(|skipped| may_skip || *skipped == 0);
            let Some(skipped) = found else { return index };
            (at, may_skip) = (at + skipped + 1, false);
        }
        code.len()
    };
    let best = (0..lines.len()).map(followed).max().unwrap_or(0);
    code.get(best).copied()
}

#[cfg(test)]
mod tests;
