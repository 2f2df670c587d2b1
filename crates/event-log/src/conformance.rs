//! What every pair of stores must do. Run it on new ones before anything else:
//! `conformance::run(&|| Arc::new(MyStore::new()).into())`, and [`run_beside`] where another process can read them.

mod beside;
mod check;
mod made;
mod records;
mod tree;

use crate::store::Stores;

pub use beside::OpenBeside;

/// Runs every check, each on empty stores that `fresh` makes.
///
/// # Errors
/// The first check that failed, and how.
pub fn run(fresh: &dyn Fn() -> Stores) -> Result<(), String> {
    for (name, check) in records::CHECKS {
        check(fresh().records.as_ref()).map_err(|what| format!("{name}: {what}"))?;
    }
    tree::check(fresh().tree.as_ref()).map_err(|what| format!("tree nodes and checkpoints come back: {what}"))
}

/// Runs the checks of followers: one on the handle that appends, one on another handle on the same records.
///
/// # Errors
/// The first check that failed, and how.
pub fn run_beside(fresh: &dyn Fn() -> (Stores, OpenBeside)) -> Result<(), String> {
    for (name, check) in beside::CHECKS {
        let (stores, open) = fresh();
        check(stores, &open).map_err(|what| format!("{name}: {what}"))?;
    }
    Ok(())
}
