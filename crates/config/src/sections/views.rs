//! `[views]`.

use crate::section::section;

section! {
    /// The read models, which are folded from the log.
    Views = "views" {
        /// Memory for rows that were read lately, in MiB.
        cache_mib: u32 = 16, "HEARTH_VIEWS_CACHE_MIB";
    }
}
