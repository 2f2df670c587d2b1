//! The golden files of facts: `KIND.vVERSION.json`, and `KIND.vVERSION.NAME.json` for what one payload cannot show.
//!
//! A file is one payload and a line feed. `as_sent` as the name says that a value in it is kept as a client sent it, which
//! is not canonical. `upcast` as the name, or at its end, is what a payload of an older version has become.

use std::{fs, io, path::Path};

/// One payload.
#[derive(Clone, Debug)]
pub(crate) struct Golden {
    /// The file.
    pub(crate) file: String,
    /// The kind of record.
    pub(crate) kind: String,
    /// The version of the payload.
    pub(crate) version: u16,
    /// What the file shows; empty for the first one of a kind and version.
    pub(crate) name: String,
    /// The payload as it stands in a record.
    pub(crate) payload: String,
}

/// All golden files, in the order of their names.
///
/// # Errors
/// When a file cannot be read, is called otherwise, or does not end in a line feed.
pub(crate) fn all() -> io::Result<Vec<Golden>> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../tests/golden/facts");
    let mut found = Vec::new();
    for entry in fs::read_dir(folder)? {
        let entry = entry?;
        let (file, text) = (entry.file_name().to_string_lossy().into_owned(), fs::read_to_string(entry.path())?);
        let golden = parse(&file, &text).ok_or_else(|| io::Error::other(format!("{file} is no golden file of a fact")))?;
        found.push(golden);
    }
    found.sort_by(|one, other| one.file.cmp(&other.file));
    Ok(found)
}

fn parse(file: &str, text: &str) -> Option<Golden> {
    let parts: Vec<&str> = file.strip_suffix(".json")?.split('.').collect();
    let is_version = |part: &&str| part.strip_prefix('v').is_some_and(|number| number.parse::<u16>().is_ok());
    let at = parts.iter().position(is_version)?;
    Some(Golden {
        file: file.to_owned(),
        kind: parts[..at].join("."),
        version: parts[at].strip_prefix('v')?.parse().ok()?,
        name: parts[at + 1..].join("."),
        payload: text.strip_suffix('\n')?.to_owned(),
    })
}
