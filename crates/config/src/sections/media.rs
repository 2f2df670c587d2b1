//! `[media]`.

use crate::section::section;

section! {
    /// Uploads.
    Media = "media" {
        /// The largest upload, in MiB.
        upload_mib_max: u32 = 50, "HEARTH_UPLOAD_MIB_MAX";
    }
}
