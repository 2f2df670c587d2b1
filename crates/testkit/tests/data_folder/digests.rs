//! A line for each view or kind of lane: its name, its version, and the digest of its rows or states. Cursors are left out.

use std::collections::BTreeMap;

use anyhow::{Result, ensure};
use projection::{Order, Rows, ViewFault, Visit, digest};

/// The rows of one view.
struct OneView<'a> {
    rows: &'a dyn Rows,
    view: u8,
}

impl Rows for OneView<'_> {
    fn get(&self, key: &[u8]) -> Result<Option<Vec<u8>>, ViewFault> {
        if key.first() == Some(&self.view) { self.rows.get(key) } else { Ok(None) }
    }

    fn scan(&self, from: &[u8], to: &[u8], order: Order, visit: &mut Visit<'_>) -> Result<(), ViewFault> {
        let (first, end) = ([self.view], [self.view + 1]);
        self.rows.scan(from.max(first.as_slice()), to.min(end.as_slice()), order, visit)
    }
}

/// The lines for some rows.
pub(crate) fn of(rows: &dyn Rows) -> Result<String> {
    let mut lines = String::new();
    for view in views::all() {
        lines += &line(view.name(), view.version(), &OneView { rows, view: view.view() })?;
    }
    Ok(lines)
}

/// The line for these rows.
pub(crate) fn line(name: &str, version: u32, rows: &dyn Rows) -> Result<String> {
    let digest: String = digest(rows)?.iter().map(|byte| format!("{byte:02x}")).collect();
    Ok(format!("{name} {version} {digest}\n"))
}

/// Compares the lines that are kept with those of today.
pub(crate) fn check(kept: &str, today: &str) -> Result<()> {
    let lines = |text: &str| -> BTreeMap<String, (String, String)> {
        let words = text.lines().map(|line| line.splitn(3, ' ').map(str::to_owned).collect::<Vec<_>>());
        words
            .filter_map(|words| <[String; 3]>::try_from(words).ok())
            .map(|[name, version, digest]| (name, (version, digest)))
            .collect()
    };
    let known = lines(kept);
    for (name, (version, digest)) in lines(today) {
        let Some((old_version, old_digest)) = known.get(&name) else { continue };
        ensure!(
            *old_digest == digest || *old_version != version,
            "{name} makes something else of old records than before, and its version is the same, {version}: rows or snapshots \
             that were folded before would stay as they are. Raise the version if the change is meant"
        );
    }
    ensure!(
        kept == today,
        "the digests are not those of today's views and lanes. If some were added, or changed on purpose, write them anew: \
         HEARTH_WRITE_GOLDEN=data-v1 cargo xtask test quick testkit. They are:\n{today}"
    );
    Ok(())
}
