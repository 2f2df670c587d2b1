//! How the server does at the moment somebody asks. Nothing of it is kept between two questions.

use std::{fmt, sync::Arc};

use api::Counters;
use engine::{Engine, Health};
use event_log_rocksdb::RocksLog;
use prometheus_client::{
    collector::Collector,
    encoding::{DescriptorEncoder, EncodeMetric},
    metrics::counter::ConstCounter,
    registry::Unit,
};

use super::{backups, gauge::gauge};
use crate::serve::{backups::Standing as Backups, http::Admission};

/// What is told.
pub(in crate::serve) struct Sources {
    pub(in crate::serve) counters: Counters,
    pub(in crate::serve) engine: Engine,
    pub(in crate::serve) log: Arc<RocksLog>,
    pub(in crate::serve) admission: Admission,
    /// None where no backups are made.
    pub(in crate::serve) backups: Option<Backups>,
}

pub(super) struct Standing {
    sources: Sources,
}

impl Standing {
    pub(super) fn new(sources: Sources) -> Self {
        Self { sources }
    }
}

impl fmt::Debug for Standing {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Standing").finish_non_exhaustive()
    }
}

impl Collector for Standing {
    fn encode(&self, mut encoder: DescriptorEncoder<'_>) -> fmt::Result {
        let Sources { engine, log, admission, .. } = &self.sources;
        let connections = admission.standing();
        gauge(&mut encoder, "connections", "Connections that are open", None, connections.open as u64)?;
        let refused = ConstCounter::new(connections.refused);
        let help = "Connections closed at once, as there were too many";
        refused.encode(encoder.encode_descriptor("connections_refused", help, None, refused.metric_type())?)?;
        gauge(&mut encoder, "log_head", "Position of the log's last record", None, engine.log().head().0)?;
        if let Ok(health) = engine.health() {
            views(&mut encoder, &health)?;
        }
        // Nothing while the views cannot be read.
        if let Ok(media) = views::media::total_bytes(&*engine.rows()) {
            gauge(&mut encoder, "media", "Uploaded files that count towards quotas", Some(&Unit::Bytes), media)?;
        }
        if let Ok(free) = log.free_bytes() {
            gauge(&mut encoder, "disk_free", "What the disk of the log has left", Some(&Unit::Bytes), free)?;
        }
        if let Some(standing) = &self.sources.backups {
            backups::encode(&mut encoder, standing)?;
        }
        if let Some(resident) = resident_bytes() {
            gauge(&mut encoder, "memory_resident", "Memory of the process", Some(&Unit::Bytes), resident)?;
        }
        Ok(())
    }
}

fn views(encoder: &mut DescriptorEncoder<'_>, health: &Health) -> fmt::Result {
    let lag = health.log_head.saturating_sub(health.views_position);
    gauge(encoder, "views_position", "The position that every view has reached", None, health.views_position)?;
    gauge(encoder, "views_lag_records", "Records that the views have still to fold", None, lag)?;
    let parked = health.parked.len() as u64;
    gauge(encoder, "records_parked", "Records that do not read and were passed over, counted up to 10", None, parked)?;
    let help = "Facts that have something left to do in other streams, counted up to 1,000";
    gauge(encoder, "effects_waiting", help, None, health.effects_waiting as u64)
}

/// The memory of this process that is resident, bytes; none where the system does not tell it as Linux does.
fn resident_bytes() -> Option<u64> {
    let status = std::fs::read_to_string("/proc/self/status").ok()?;
    let line = status.lines().find_map(|line| line.strip_prefix("VmRSS:"))?;
    let kib: u64 = line.trim().strip_suffix("kB")?.trim().parse().ok()?;
    kib.checked_mul(1024)
}
