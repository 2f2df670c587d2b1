//! The data folder: whether it is there, shut to others, whole, and has room.

use std::{
    fs::{self, Metadata},
    path::Path,
};

use anyhow::Result;
use config::Config;
use event_log::{Clock as _, LogFault, Reader, SystemClock};

use super::finding::Finding;
use crate::data_folder::{DataFolder, VERSION};

/// Below this the log takes no messages any more, bytes.
const LOG_RESERVE_BYTES: u64 = 64 << 20;
/// A clock may be so much behind what was written by it, milliseconds: it is set by small steps.
const CLOCK_STEP_MS: u64 = 5_000;
/// Whose are shut to other users of the machine.
const SECRETS: [&str; 5] = ["log.key", "log.key.next", "signing.key", "mail.key", "mail"];

pub(super) fn look(config: &Config, data: &DataFolder) -> Vec<Finding> {
    let root = &config.server.data;
    if !root.is_dir() {
        let found = format!("There is no folder {}.", root.display());
        return vec![Finding::warn(
            "data",
            found,
            "The first start makes it. If there should be one, name it: server.data (HEARTH_DATA), or --data.",
        )];
    }
    vec![version(data), modes(root), disk(root, config.media.disk_reserve_bytes), log(config, data)]
}

fn version(data: &DataFolder) -> Finding {
    const CHECK: &str = "version";
    match data.written() {
        Ok(Some(written)) => Finding::ok(
            CHECK,
            format!(
                "This is Hearth {VERSION}; {} has written to the folder last, in format {}.",
                written.by, written.format
            ),
        ),
        Ok(None) => {
            Finding::ok(CHECK, format!("This is Hearth {VERSION}; nothing says which version has written to the folder."))
        }
        Err(error) => Finding::fail(
            CHECK,
            format!("{error:#}."),
            "With Docker: set HEARTH_IMAGE to that version. docs/operations/upgrade.md has the way back.",
        ),
    }
}

/// The same of a folder whose log is open here.
pub(super) fn look_from_inside(config: &Config, log: &Reader) -> Vec<Finding> {
    const CHECK: &str = "log";
    let root = &config.server.data;
    let found = match end_of(log) {
        Ok(end) => judge_log(&end, &config.server.name, SystemClock.now_ms()),
        Err(fault) => Finding::fail(
            CHECK,
            format!("{fault}."),
            "`hearth log verify` says more. Do not delete anything: the log is all there is.",
        ),
    };
    vec![modes(root), disk(root, config.media.disk_reserve_bytes), found]
}

fn end_of(log: &Reader) -> Result<End, LogFault> {
    let newest_ms = log.get(log.head())?.map(|record| record.header.at_ms);
    Ok(End { origin: log.origin().to_owned(), records: log.tip().count, newest_ms })
}

fn modes(root: &Path) -> Finding {
    const CHECK: &str = "file modes";
    let paths = [root.to_owned()].into_iter().chain(SECRETS.map(|name| root.join(name)));
    let open: Vec<_> = paths.filter(|path| fs::metadata(path).is_ok_and(|metadata| is_open_to_others(&metadata))).collect();
    match open.first() {
        None => Finding::ok(CHECK, format!("{} and the keys in it are the server's alone.", root.display())),
        Some(path) => Finding::fail(
            CHECK,
            format!("Other users of the machine may read {}.", path.display()),
            format!("chmod go-rwx {}", path.display()),
        ),
    }
}

#[cfg(unix)]
fn is_open_to_others(metadata: &Metadata) -> bool {
    use std::os::unix::fs::PermissionsExt as _;
    metadata.permissions().mode() & 0o077 != 0
}

#[cfg(not(unix))]
fn is_open_to_others(_: &Metadata) -> bool {
    false
}

fn disk(root: &Path, reserve_bytes: u64) -> Finding {
    const CHECK: &str = "disk";
    match fs4::available_space(root) {
        Ok(free) => judge_disk(free, reserve_bytes),
        Err(error) => {
            Finding::fail(CHECK, format!("The disk does not say how much it has left: {error}."), "Look at it with df.")
        }
    }
}

fn judge_disk(free_bytes: u64, reserve_bytes: u64) -> Finding {
    const CHECK: &str = "disk";
    let found = format!("{} MiB are free.", free_bytes >> 20);
    if free_bytes < LOG_RESERVE_BYTES {
        return Finding::fail(CHECK, found, "Make room: with less than 64 MiB no message is taken any more.");
    }
    if free_bytes < reserve_bytes {
        let fix = format!(
            "Make room: with less than {} MiB no file is taken any more (media.disk_reserve_bytes).",
            reserve_bytes >> 20
        );
        return Finding::warn(CHECK, found, fix);
    }
    Finding::ok(CHECK, found)
}

fn log(config: &Config, data: &DataFolder) -> Finding {
    const CHECK: &str = "log";
    if !data.log().is_dir() {
        return Finding::ok(CHECK, "There is none yet; the first start makes it.");
    }
    match read_log(data) {
        Err(error) => Finding::fail(
            CHECK,
            format!("{error:#}."),
            "`hearth log verify` says more. Do not delete anything: the log is all there is.",
        ),
        Ok(end) => judge_log(&end, &config.server.name, SystemClock.now_ms()),
    }
}

/// How the log ends.
struct End {
    origin: String,
    records: u64,
    newest_ms: Option<u64>,
}

fn read_log(data: &DataFolder) -> Result<End> {
    let scratch = tempfile::tempdir()?;
    let tree = data.open_log_to_read(scratch.path())?;
    Ok(end_of(tree.reader())?)
}

fn judge_log(end: &End, name: &str, now_ms: u64) -> Finding {
    const CHECK: &str = "log";
    if end.origin != name {
        return Finding::fail(
            CHECK,
            format!("The folder is that of {}, and server.name is {name}.", end.origin),
            format!(
                "Set server.name (HEARTH_SERVER_NAME) to {}, or name another folder; a server's name cannot be changed.",
                end.origin
            ),
        );
    }
    if let Some(ahead_ms) =
        end.newest_ms.and_then(|newest| newest.checked_sub(now_ms)).filter(|ahead| *ahead > CLOCK_STEP_MS)
    {
        return Finding::fail(
            CHECK,
            format!("The newest record is from {} s in the future: the clock is behind.", ahead_ms / 1_000),
            "Set the clock, and have it set by itself (timedatectl set-ntp true).",
        );
    }
    Finding::ok(CHECK, format!("{} records.", end.records))
}

#[cfg(test)]
mod tests {
    use super::{super::finding::Outcome, *};

    const MIB: u64 = 1 << 20;

    #[test]
    fn a_disk_that_fills_is_told_in_time() {
        for (free, outcome) in
            [(0, Outcome::Fail), (63, Outcome::Fail), (64, Outcome::Warn), (255, Outcome::Warn), (256, Outcome::Ok)]
        {
            assert_eq!(judge_disk(free * MIB, 256 * MIB).outcome, outcome, "{free} MiB");
        }
    }

    #[test]
    fn a_clock_that_is_behind_is_seen_by_what_was_written() {
        let end = |newest_ms| End { origin: "example.org".to_owned(), records: 1, newest_ms };
        for (newest_ms, name, outcome) in [
            (None, "example.org", Outcome::Ok),
            (Some(1_000_000), "example.org", Outcome::Ok),
            (Some(1_005_000), "example.org", Outcome::Ok),
            (Some(1_005_001), "example.org", Outcome::Fail),
            (Some(0), "example.com", Outcome::Fail),
        ] {
            assert_eq!(judge_log(&end(newest_ms), name, 1_000_000).outcome, outcome, "{newest_ms:?} {name}");
        }
    }
}
