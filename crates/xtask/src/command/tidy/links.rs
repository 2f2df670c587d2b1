//! Links in the documentation that point into this repository must resolve, headings included.

use std::collections::HashMap;
use std::fs;
use std::path::{Component, Path, PathBuf};

use anyhow::{Context as _, Result};

use crate::command::tidy::finding::Finding;
use crate::paths;

pub(super) fn check(files: &[PathBuf]) -> Result<Vec<Finding>> {
    let mut pages = HashMap::new();
    for file in files.iter().filter(|file| file.extension().is_some_and(|extension| extension == "md")) {
        let text = fs::read_to_string(paths::root().join(file)).with_context(|| format!("reading {}", file.display()))?;
        pages.insert(file.clone(), text);
    }
    let exists = |path: &Path| paths::root().join(path).exists();
    Ok(pages.keys().flat_map(|page| check_page(page, &pages, &exists)).collect())
}

fn check_page(page: &Path, pages: &HashMap<PathBuf, String>, exists: &dyn Fn(&Path) -> bool) -> Vec<Finding> {
    let mut findings = Vec::new();
    let text = pages.get(page).map_or("", String::as_str);
    for (line, target) in links(text) {
        if target.contains("://") || target.starts_with("mailto:") {
            continue;
        }
        let (path, heading) = target.split_once('#').map_or((target, None), |(path, heading)| (path, Some(heading)));
        let file = if path.is_empty() { page.to_path_buf() } else { resolve(page, path) };
        if !exists(&file) {
            findings.push(Finding::new(page, line, format!("links to {target}, which is not there")));
            continue;
        }
        let known = |heading: &str| pages.get(&file).is_none_or(|text| headings(text).any(|own| own == heading));
        if heading.is_some_and(|heading| !known(heading)) {
            findings.push(Finding::new(
                page,
                line,
                format!("links to {target}, but {} has no such heading", file.display()),
            ));
        }
    }
    findings
}

/// `[text](target)` and `<img src="target">` outside code, with the line.
fn links(text: &str) -> Vec<(usize, &str)> {
    let mut found = Vec::new();
    let mut in_code = false;
    for (index, line) in text.lines().enumerate() {
        if line.trim_start().starts_with("```") {
            in_code = !in_code;
        }
        if in_code {
            continue;
        }
        for (opening, closing) in [("](", ')'), ("src=\"", '"'), ("srcset=\"", '"'), ("href=\"", '"')] {
            let mut rest = line;
            while let Some((_, after)) = rest.split_once(opening) {
                let Some((target, next)) = after.split_once(closing) else { break };
                found.push((index + 1, target.trim_matches(['<', '>'])));
                rest = next;
            }
        }
    }
    found
}

/// The target of a relative link, seen from the root.
fn resolve(page: &Path, link: &str) -> PathBuf {
    let base = if link.starts_with('/') { Path::new("") } else { page.parent().unwrap_or(Path::new("")) };
    let mut path = PathBuf::new();
    for component in base.join(link.trim_start_matches('/')).components() {
        match component {
            Component::ParentDir => {
                path.pop();
            }
            Component::Normal(part) => path.push(part),
            _ => {}
        }
    }
    path
}

/// The anchors of a page's headings, as code hosts write them.
fn headings(text: &str) -> impl Iterator<Item = String> {
    text.lines().filter(|line| line.starts_with('#')).map(|line| {
        let title = line.trim_start_matches('#').trim().to_lowercase();
        let kept = title.chars().filter(|character| character.is_alphanumeric() || matches!(character, ' ' | '-' | '_'));
        kept.map(|character| if character == ' ' { '-' } else { character }).collect()
    })
}

#[cfg(test)]
mod tests {
    use super::check_page;
    use std::collections::HashMap;
    use std::path::{Path, PathBuf};

    #[test]
    fn dead_links_are_found_and_live_ones_are_not() {
        let text = "[a](b.md) [c](b.md#the-heading) [d](gone.md)\n[e](#here) [f](b.md#gone)\n# Here\n```\n[g](gone.md)\n```\n\
                    [h](https://example.org) <img src=\"../x.png\">\n";
        let pages: HashMap<PathBuf, String> = [("docs/a.md", text), ("docs/b.md", "## The heading\n")]
            .map(|(path, text)| (PathBuf::from(path), text.to_owned()))
            .into();
        let exists = |path: &Path| pages.contains_key(path);
        let lines: Vec<usize> =
            check_page(Path::new("docs/a.md"), &pages, &exists).into_iter().map(|finding| finding.line).collect();
        assert_eq!(lines, [1, 2, 7]);
    }
}
