//! A control group that bounds the memory of a server: one that is made below the system's own, of either version, or one of systemd.

use std::fs::{self, OpenOptions};
use std::io::Write as _;
use std::path::{Path, PathBuf};

use anyhow::{Context as _, Result, bail};

/// Where groups are mounted.
const VERSION_2: &str = "/sys/fs/cgroup";
const VERSION_1: &str = "/sys/fs/cgroup/memory";

/// A group, which is removed with the value. By then nothing may run in it.
pub(crate) struct MemoryGroup {
    bytes: u64,
    kind: Kind,
}

enum Kind {
    /// A folder that was made here.
    Folder(PathBuf),
    /// systemd makes one when the server is started.
    Systemd,
}

/// What a group says in the end.
pub(crate) struct Said {
    /// The most memory that was taken, bytes; the system's cache of files counts.
    pub(crate) peak_bytes: u64,
    /// Processes that were ended because there was no more.
    pub(crate) ended: u64,
}

impl MemoryGroup {
    /// A group that may take so much, and nothing of swap.
    ///
    /// # Errors
    /// When the system lets nobody make one.
    pub(crate) fn new(bytes: u64) -> Result<Self> {
        let name = format!("hearth-soak-{}", std::process::id());
        let limits: [(&str, &[(&str, String)]); 2] = [
            (VERSION_2, &[("memory.max", bytes.to_string()), ("memory.swap.max", "0".to_owned())]),
            (VERSION_1, &[("memory.limit_in_bytes", bytes.to_string()), ("memory.swappiness", "0".to_owned())]),
        ];
        for (mount, limits) in limits {
            let folder = Path::new(mount).join(&name);
            if let Ok(kind) = make(folder, limits) {
                return Ok(Self { bytes, kind });
            }
        }
        let systemd = std::process::Command::new("systemctl").args(["--user", "is-system-running"]).output();
        if systemd.is_ok_and(|answer| matches!(answer.stdout.trim_ascii(), b"running" | b"degraded")) {
            return Ok(Self { bytes, kind: Kind::Systemd });
        }
        bail!(
            "the server's memory cannot be bounded here: be root where {VERSION_2} or {VERSION_1} can be written to, or somebody for whom \
             systemd runs (systemctl --user)"
        )
    }

    /// The words before a server's command line that put it into the group, with so many open files at most.
    pub(crate) fn wrap(&self, open_files: u32) -> Vec<String> {
        let limited = format!("ulimit -n {open_files}; exec \"$0\" \"$@\"");
        let words: Vec<String> = match &self.kind {
            Kind::Folder(folder) => {
                let enter = format!("echo $$ > {}/cgroup.procs && {limited}", folder.display());
                vec!["sh".to_owned(), "-c".to_owned(), enter]
            }
            Kind::Systemd => {
                let memory = [format!("MemoryMax={}", self.bytes), "MemorySwapMax=0".to_owned()];
                let scope = ["systemd-run", "--user", "--scope", "--quiet"].map(ToOwned::to_owned);
                let limits = memory.into_iter().flat_map(|limit| ["--property".to_owned(), limit]);
                scope.into_iter().chain(limits).chain(["sh".to_owned(), "-c".to_owned(), limited]).collect()
            }
        };
        words
    }

    /// What the group of process `pid` says.
    ///
    /// # Errors
    /// When it cannot be read, which it can as long as the process runs.
    pub(crate) fn said(&self, pid: u32) -> Result<Said> {
        let folder = match &self.kind {
            Kind::Folder(folder) => folder.clone(),
            Kind::Systemd => {
                let groups = fs::read_to_string(format!("/proc/{pid}/cgroup")).context("the server is gone")?;
                let path = groups.lines().find_map(|line| line.strip_prefix("0::/")).context("no group of version 2")?;
                Path::new(VERSION_2).join(path)
            }
        };
        let number = |file: &str, word: Option<&str>| -> Option<u64> {
            let text = fs::read_to_string(folder.join(file)).ok()?;
            let lines = text.lines().filter_map(|line| line.split_whitespace().last().zip(line.split_whitespace().next()));
            lines.filter(|(_, first)| word.is_none_or(|word| word == *first)).find_map(|(last, _)| last.parse().ok())
        };
        let peak = number("memory.peak", None).or_else(|| number("memory.max_usage_in_bytes", None));
        let ended = number("memory.events", Some("oom_kill")).or_else(|| number("memory.oom_control", Some("oom_kill")));
        Ok(Said { peak_bytes: peak.unwrap_or_default(), ended: ended.context("the control group cannot be read")? })
    }
}

fn make(folder: PathBuf, limits: &[(&str, String)]) -> std::io::Result<Kind> {
    fs::create_dir(&folder)?;
    // No file is made: in a folder that is no group none is there. Kernels that do not count swap have none for that; then there
    // is no swap to be counted.
    let set = |(file, value): &(&str, String)| match OpenOptions::new().write(true).open(folder.join(file)) {
        Err(_) if file.contains("swap") => Ok(()),
        opened => opened?.write_all(value.as_bytes()),
    };
    match limits.iter().try_for_each(set) {
        Ok(()) => Ok(Kind::Folder(folder)),
        Err(error) => {
            fs::remove_dir(&folder)?;
            Err(error)
        }
    }
}

impl Drop for MemoryGroup {
    fn drop(&mut self) {
        if let Kind::Folder(folder) = &self.kind
            && let Err(error) = fs::remove_dir(folder)
        {
            crate::ui::warn(&format!("removing {}: {error}", folder.display()));
        }
    }
}
