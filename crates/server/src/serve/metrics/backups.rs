//! Backups and rehearsals in the metrics; nothing of it where none are made.

use std::fmt;

use prometheus_client::{encoding::DescriptorEncoder, registry::Unit};

use super::gauge::gauge;
use crate::serve::backups::Standing;

pub(super) fn encode(encoder: &mut DescriptorEncoder<'_>, standing: &Standing) -> fmt::Result {
    let known = standing.known();
    gauge(encoder, "backup_failed", "Whether the last try to make a backup failed", None, known.has_failed.into())?;
    if let Some(at_ms) = known.last_ms {
        let help = "When the newest backup was made, since 1970";
        gauge(encoder, "backup_last_success", help, Some(&Unit::Seconds), at_ms / 1_000)?;
    }
    if let Some(duration_ms) = known.duration_ms {
        gauge(encoder, "backup_duration", "How long the newest backup took", Some(&Unit::Seconds), duration_ms / 1_000)?;
    }
    if let Some(bytes) = known.bytes {
        gauge(encoder, "backup_size", "What belongs to the newest backup", Some(&Unit::Bytes), bytes)?;
    }
    if let Some((at_ms, has_passed)) = known.rehearsal {
        let help = "Whether the newest backup could be restored in the last rehearsal";
        gauge(encoder, "backup_rehearsal_passed", help, None, has_passed.into())?;
        gauge(encoder, "backup_rehearsal_last", "When that was, since 1970", Some(&Unit::Seconds), at_ms / 1_000)?;
    }
    Ok(())
}
