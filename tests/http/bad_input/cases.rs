//! The cases, area by area: one row each.

mod accounts;
mod data;
mod keys;
mod rooms;

use super::case::Case;
use super::stage::Stage;

/// All of them.
pub(super) fn all(stage: &Stage) -> Vec<Case> {
    [accounts::cases(stage), data::cases(stage), rooms::cases(stage), keys::cases(stage)].into_iter().flatten().collect()
}
