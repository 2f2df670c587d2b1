//! How much memory the server may take: what its admin says, or what the system lets it have. How that is shared out is in `api`.

use std::{
    fs,
    path::{Path, PathBuf},
};

use anyhow::{Context as _, Result};
use api::MemoryPlan;
use event_log_rocksdb::Settings as LogSettings;
use projection_rocksdb::Settings as ViewsSettings;

/// Where control groups are mounted.
const GROUPS: &str = "/sys/fs/cgroup";
/// What is assumed where the system does not say how much memory there is, bytes.
const UNKNOWN_BYTES: u64 = 1 << 30;
const MIB: u64 = 1 << 20;

/// Shares out `asked` bytes or, when nobody asked, what the system lets the process have; and says so.
///
/// # Errors
/// When that is too little.
pub(crate) fn plan(asked: Option<u64>) -> Result<MemoryPlan> {
    let (bytes, from) = match asked {
        Some(bytes) => (bytes, "server.memory_bytes"),
        None => found(&|path| fs::read_to_string(path).ok()),
    };
    let plan = MemoryPlan::of(bytes).with_context(|| {
        format!("the figure is from {from}; give the server more, or set server.memory_bytes (HEARTH_MEMORY_BYTES)")
    })?;
    tracing::info!(memory.mib = plan.bytes / MIB, memory.from = from, memory.plan = summary(&plan), "memory is shared out");
    Ok(plan)
}

/// The largest parts, for whoever reads the log.
fn summary(plan: &MemoryPlan) -> String {
    let mib = |bytes: usize| bytes >> 20;
    format!(
        "{} connections; answers {} MiB, reads {} MiB, facts under way {} MiB, states {} MiB of each kind, storages {} MiB; pictures of {} \
         MiB, passwords {} at once",
        plan.connections,
        mib(plan.answers_bytes),
        mib(plan.engine.read_bytes),
        mib(plan.engine.queued_bytes),
        plan.engine.lanes_bytes / MIB,
        mib(plan.log.write_buffer_bytes + plan.log.block_cache_bytes)
            + mib(2 * plan.views.write_buffer_bytes + plan.views.block_cache_bytes),
        plan.picture_bytes / MIB,
        plan.engine.passwords,
    )
}

/// What the storage of the log takes.
pub(crate) fn of_log(plan: &MemoryPlan) -> LogSettings {
    let (write_buffer_bytes, block_cache_bytes) = (plan.log.write_buffer_bytes, plan.log.block_cache_bytes);
    LogSettings { write_buffer_bytes, block_cache_bytes, ..LogSettings::default() }
}

/// What the storage of the views takes.
pub(crate) fn of_views(plan: &MemoryPlan) -> ViewsSettings {
    let (write_buffer_bytes, block_cache_bytes) = (plan.views.write_buffer_bytes, plan.views.block_cache_bytes);
    ViewsSettings { write_buffer_bytes, block_cache_bytes }
}

/// What the system lets the process have, bytes, and who says so.
fn found(read: &dyn Fn(&Path) -> Option<String>) -> (u64, &'static str) {
    let half = read(Path::new("/proc/meminfo")).and_then(|text| machine_bytes(&text)).map(|bytes| bytes / 2);
    let group = read(Path::new("/proc/self/cgroup")).and_then(|text| group_bytes(&text, read));
    match (group, half) {
        (Some(group), half) if half.is_none_or(|half| group <= half) => (group, "the control group"),
        (_, Some(half)) => (half, "half of the machine's memory"),
        (_, None) => (UNKNOWN_BYTES, "a guess, because the system does not say"),
    }
}

/// All memory of the machine, from `/proc/meminfo` (proc(5)): `MemTotal:  16384 kB`.
fn machine_bytes(meminfo: &str) -> Option<u64> {
    let line = meminfo.lines().find_map(|line| line.strip_prefix("MemTotal:"))?;
    line.trim().strip_suffix("kB")?.trim().parse::<u64>().ok()?.checked_mul(1_024)
}

/// The smallest limit of the process's control group and those above it, bytes, where `groups` is the text of `/proc/self/cgroup`
/// (cgroups(7)): `0::/path` of version 2, `4:memory:/path` of version 1. Inside of a container the path may be one of the
/// machine's; then what is mounted is the container's own.
fn group_bytes(groups: &str, read: &dyn Fn(&Path) -> Option<String>) -> Option<u64> {
    let limits = groups.lines().filter_map(|line| {
        let (_, rest) = line.split_once(':')?;
        let (controllers, path) = rest.split_once(':')?;
        let (mount, files) = match controllers {
            "" => (PathBuf::from(GROUPS), ["memory.max", "memory.high"].as_slice()),
            _ if controllers.split(',').any(|name| name == "memory") => {
                (PathBuf::from(GROUPS).join("memory"), ["memory.limit_in_bytes"].as_slice())
            }
            _ => return None,
        };
        let own = mount.join(path.trim_start_matches('/'));
        let folders = own.ancestors().take_while(|folder| folder.starts_with(&mount));
        folders.flat_map(|folder| files.iter().filter_map(|file| limit(&read(&folder.join(file))?))).min()
    });
    limits.min()
}

/// A limit as the kernel writes it. Version 2 says `max` where there is none, version 1 a number near 2^63.
fn limit(text: &str) -> Option<u64> {
    text.trim().parse().ok().filter(|bytes| *bytes < 1 << 60)
}

#[cfg(test)]
mod tests {
    use std::collections::HashMap;

    use super::*;

    const GIB: u64 = 1 << 30;
    const MACHINE: (&str, &str) = ("/proc/meminfo", "MemFree: 12 kB\nMemTotal:        8388608 kB\n");

    #[test]
    fn the_smallest_limit_holds() {
        let unlimited = "9223372036854771712\n";
        for (files, expected) in [
            (vec![], (GIB, "a guess, because the system does not say")),
            (vec![MACHINE], (4 * GIB, "half of the machine's memory")),
            (
                vec![MACHINE, ("/proc/self/cgroup", "0::/a/b\n"), ("/sys/fs/cgroup/a/b/memory.max", "max\n")],
                (4 * GIB, "half of the machine's memory"),
            ),
            (
                vec![
                    MACHINE,
                    ("/proc/self/cgroup", "0::/a/b\n"),
                    ("/sys/fs/cgroup/a/b/memory.max", "3221225472\n"),
                    ("/sys/fs/cgroup/a/memory.high", "1073741824\n"),
                ],
                (GIB, "the control group"),
            ),
            (
                vec![
                    MACHINE,
                    ("/proc/self/cgroup", "1:name=systemd:/x\n4:cpu,memory:/a\n0::/\n"),
                    ("/sys/fs/cgroup/memory/a/memory.limit_in_bytes", "268435456\n"),
                    ("/sys/fs/cgroup/memory/memory.limit_in_bytes", unlimited),
                ],
                (256 * MIB, "the control group"),
            ),
            (
                // A container whose path is the machine's.
                vec![
                    MACHINE,
                    ("/proc/self/cgroup", "4:memory:/docker/0123\n"),
                    ("/sys/fs/cgroup/memory/memory.limit_in_bytes", "536870912\n"),
                ],
                (512 * MIB, "the control group"),
            ),
            (
                vec![("/proc/self/cgroup", "0::/\n"), ("/sys/fs/cgroup/memory.max", "268435456")],
                (256 * MIB, "the control group"),
            ),
            (vec![MACHINE, ("/proc/self/cgroup", "nonsense\n0::\n")], (4 * GIB, "half of the machine's memory")),
        ] {
            let files: HashMap<&str, &str> = files.into_iter().collect();
            let read = |path: &Path| files.get(path.to_str()?).map(|text| (*text).to_owned());
            assert_eq!(found(&read), expected, "{files:?}");
        }
    }

    #[test]
    fn too_little_is_refused_in_a_sentence() {
        let refused = format!("{:#}", plan(Some(100 * MIB)).unwrap_err());
        assert!(refused.contains("server.memory_bytes") && refused.contains("least that works is 192 MiB"), "{refused}");
        assert!(summary(&plan(Some(256 * MIB)).unwrap()).contains("1024 connections"));
    }
}
