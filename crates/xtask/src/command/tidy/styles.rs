//! Style sheets: what a class looks like is said in one of them. All are joined into one, so that two screens that use the same name for
//! different things would change each other.

use std::collections::HashMap;
use std::fs;
use std::path::{Path, PathBuf};

use anyhow::{Context as _, Result};

use crate::command::tidy::finding::Finding;
use crate::paths;

pub(super) fn check(files: &[PathBuf]) -> Result<Vec<Finding>> {
    let mut sheets = Vec::new();
    for file in files.iter().filter(|file| file.extension().is_some_and(|extension| extension == "css")) {
        let text = fs::read_to_string(paths::root().join(file)).with_context(|| format!("reading {}", file.display()))?;
        sheets.push((file.as_path(), text));
    }
    Ok(said_twice(&sheets))
}

/// A finding for each rule of a class alone that an earlier sheet has a rule of.
fn said_twice(sheets: &[(&Path, String)]) -> Vec<Finding> {
    let mut first: HashMap<&str, &Path> = HashMap::new();
    let mut findings = Vec::new();
    for (file, text) in sheets {
        for (line, class) in (1..).zip(text.lines()).filter_map(|(line, text)| Some((line, class_of(text)?))) {
            let said = *first.entry(class).or_insert(file);
            if said != *file {
                findings.push(Finding::new(file, line, format!("`.{class}` is what {} is about", said.display())));
            }
        }
    }
    findings
}

/// The class, of a line that begins a rule of a class alone: `.name {`.
fn class_of(line: &str) -> Option<&str> {
    let name = line.trim_start().strip_prefix('.')?.split('{').next()?.trim_end();
    let is_name = name.chars().all(|letter| letter.is_ascii_alphanumeric() || matches!(letter, '-' | '_'));
    (is_name && line.contains('{')).then_some(name)
}

#[cfg(test)]
mod tests {
    use super::said_twice;
    use std::path::Path;

    #[test]
    fn a_class_of_two_sheets_is_found_and_what_is_more_than_a_class_is_not() {
        let sheets = [
            (
                Path::new("a.css"),
                ".menu { top: 0; }\n.menu:focus { top: 1px; }\n@media print {\n  .menu { top: 2px; }\n}".to_owned(),
            ),
            (Path::new("b.css"), "p { top: 0; }\n.other .menu { top: 0; }\n.menu,\n  .menu {\n  top: 3px;\n}".to_owned()),
        ];
        let found: Vec<String> = said_twice(&sheets).iter().map(ToString::to_string).collect();
        assert_eq!(found, ["b.css:4: `.menu` is what a.css is about"]);
    }
}
