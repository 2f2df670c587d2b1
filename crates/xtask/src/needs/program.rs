//! Programs that may be on the machine.

use crate::paths;

/// Whether a program is in `PATH`.
pub(crate) fn is_there(name: &str) -> bool {
    paths::which(name).is_some()
}
