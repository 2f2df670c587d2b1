//! The server's CPU time and memory as Linux accounts them, and this program's own limits.

use std::{fs, time::Duration};

use anyhow::{Context as _, Result, bail};
use rustix::process::{Resource, getrlimit, setrlimit};
use thread_priority::{
    NormalThreadSchedulePolicy, ThreadPriority, ThreadSchedulePolicy, set_thread_priority_and_policy, thread_native_id,
};

/// A process on this machine, looked at through /proc.
pub(crate) struct Process {
    pid: u32,
}

impl Process {
    /// Fails if there is no such process.
    pub(crate) fn new(pid: u32) -> Result<Self> {
        let process = Self { pid };
        process.cpu()?;
        Ok(process)
    }

    /// User and system time of all its threads so far.
    pub(crate) fn cpu(&self) -> Result<Duration> {
        let stat = self.read("stat")?;
        let ticks = cpu_ticks(&stat).context("an unknown form of /proc/PID/stat")?;
        Ok(Duration::from_secs_f64(ticks as f64 / rustix::param::clock_ticks_per_second() as f64))
    }

    /// Resident memory.
    pub(crate) fn resident_kib(&self) -> Result<u64> {
        let status = self.read("status")?;
        let line = status.lines().find_map(|line| line.strip_prefix("VmRSS:")).context("no VmRSS")?;
        Ok(line.trim().trim_end_matches("kB").trim().parse()?)
    }

    fn read(&self, file: &str) -> Result<String> {
        fs::read_to_string(format!("/proc/{}/{file}", self.pid)).with_context(|| format!("no process {}", self.pid))
    }
}

/// Fields 14 and 15, counted behind the name, which may hold spaces and parentheses.
fn cpu_ticks(stat: &str) -> Option<u64> {
    let mut fields = stat.rsplit_once(')')?.1.split_whitespace().skip(11);
    let user: u64 = fields.next()?.parse().ok()?;
    let system: u64 = fields.next()?.parse().ok()?;
    Some(user + system)
}

/// Gives this thread what others leave of the processors: what it does, other people's machines would do.
pub(crate) fn stand_back() -> Result<()> {
    let idle = ThreadSchedulePolicy::Normal(NormalThreadSchedulePolicy::Idle);
    match set_thread_priority_and_policy(thread_native_id(), ThreadPriority::Min, idle) {
        Ok(()) => Ok(()),
        Err(error) => bail!("the priority of a thread cannot be lowered: {error}"),
    }
}

/// Thousands of polls need thousands of sockets, and the usual limit is 1024. Where it cannot be raised, connecting will say so.
pub(crate) fn raise_open_file_limit() {
    let mut limit = getrlimit(Resource::Nofile);
    limit.current = limit.maximum;
    _ = setrlimit(Resource::Nofile, limit);
}

#[cfg(test)]
mod tests {
    use super::cpu_ticks;

    #[test]
    fn cpu_time_is_found_behind_a_strange_name() {
        let stat = "12 (a b) c) S 1 2 3 4 5 6 7 8 9 10 111 222 13 14 15";
        assert_eq!(cpu_ticks(stat), Some(333));
        assert_eq!(cpu_ticks("12 (a) S 1"), None);
    }
}
