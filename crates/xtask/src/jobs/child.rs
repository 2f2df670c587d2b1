//! The programs that jobs start.

use std::collections::VecDeque;
use std::fs;
use std::io::{self, BufReader, Write as _};
use std::process::{Command, Stdio};
use std::sync::Mutex;
use std::thread;

use anyhow::{Context as _, Result};

use super::{Priority, Report, lock, open_log, with_output};
use crate::process;

/// How many lines of a failed program's output the error shows.
const SHOWN_LINES: usize = 60;
/// What cargo says of what goes well, which hides in an error what did not.
const NOT_NEWS: &[&str] = &["Compiling ", "Downloaded ", "Downloading ", "Fresh ", "Fetch ", "Blocking waiting "];
/// By how much a patient job steps back.
const NICENESS: &str = "10";

/// The process ids of what runs now.
#[derive(Debug, Default)]
pub(super) struct Children(Mutex<Running>);

#[derive(Debug, Default)]
struct Running {
    ids: Vec<u32>,
    ended: bool,
}

impl Children {
    /// Notes a child; false when all were ended meanwhile.
    fn add(&self, id: u32) -> bool {
        let mut running = lock(&self.0);
        running.ids.push(id);
        !running.ended
    }

    fn remove(&self, id: u32) {
        lock(&self.0).ids.retain(|own| *own != id);
    }

    /// Ends all that run, and what would start later.
    pub(super) fn end_all(&self) {
        let mut running = lock(&self.0);
        running.ended = true;
        for id in &running.ids {
            end(*id);
        }
    }
}

fn end(id: u32) {
    // It may have ended by itself just now.
    let _ = process::probe(process::command("kill").args(["-TERM", &id.to_string()]));
}

/// Runs `command` for the job that `report` belongs to.
pub(super) fn run(command: &mut Command, report: &Report) -> Result<()> {
    let shown = process::shown(command);
    let mut started = with_priority(command, report.priority);
    let (reader, writer) = io::pipe().context("opening a pipe")?;
    started.stdout(writer.try_clone()?).stderr(writer);
    // Cargo tells its progress only when it is told to, since this is not a terminal.
    started.env("CARGO_TERM_PROGRESS_WHEN", "always").env("CARGO_TERM_PROGRESS_WIDTH", "100");
    started.env("CARGO_TERM_COLOR", "never");
    let mut child = started.spawn().with_context(|| format!("starting {shown}"))?;
    // The command holds the pipe's writing end, without whose closing the reader would never see an end.
    drop(started);
    if !report.children.add(child.id()) {
        end(child.id());
    }
    let tail = follow(BufReader::new(reader), report);
    let status = child.wait();
    report.children.remove(child.id());
    let (tail, status) = (tail?, status?);
    if status.success() {
        return Ok(());
    }
    Err(with_output(anyhow::anyhow!("`{shown}` failed: {status}"), &Vec::from(tail), &report.log))
}

/// The same command, started by `nice` when its job is patient.
fn with_priority(command: &Command, priority: Priority) -> Command {
    let mut started = match priority {
        Priority::First => Command::new(command.get_program()),
        Priority::Patient => {
            let mut nice = Command::new("nice");
            nice.args(["-n", NICENESS]).arg(command.get_program());
            nice
        }
    };
    started.args(command.get_args()).stdin(Stdio::null());
    for (name, value) in command.get_envs() {
        match value {
            Some(value) => started.env(name, value),
            None => started.env_remove(name),
        };
    }
    if let Some(folder) = command.get_current_dir() {
        started.current_dir(folder);
    }
    started
}

/// Reads to the end: progress goes to the view, everything else to the log. Gives back the last lines.
fn follow(mut reader: impl io::BufRead, report: &Report) -> Result<VecDeque<String>> {
    let mut log = open_log(&report.log)?;
    let mut tail = VecDeque::new();
    let mut bytes = Vec::new();
    loop {
        bytes.clear();
        if reader.read_until(b'\n', &mut bytes)? == 0 {
            return Ok(tail);
        }
        // Cargo writes its progress over itself, with a carriage return between.
        for piece in String::from_utf8_lossy(&bytes).split(['\r', '\n']) {
            let text = piece.trim_end();
            if let Some((done, total)) = progress(text) {
                report.line.fraction(done, total);
            } else if !text.is_empty() {
                writeln!(log, "{text}")?;
                if NOT_NEWS.iter().any(|word| text.trim_start().starts_with(word)) {
                    continue;
                }
                tail.push_back(text.to_owned());
                if tail.len() > SHOWN_LINES {
                    tail.pop_front();
                }
            }
        }
    }
}

/// Reads `    Building [===>      ] 43/412: serde, …`.
fn progress(line: &str) -> Option<(usize, usize)> {
    let rest = line.trim_start().strip_prefix("Building [")?;
    let (_, counts) = rest.split_once("] ")?;
    let (done, total) = counts.split(':').next()?.split_once('/')?;
    Some((done.trim().parse().ok()?, total.trim().parse().ok()?))
}

pub(super) fn cores() -> usize {
    thread::available_parallelism().map_or(1, usize::from)
}

/// How many programs of `memory_mb` each fit into the memory that is free now.
pub(super) fn fitting(memory_mb: u64) -> usize {
    let available = fs::read_to_string("/proc/meminfo").ok().and_then(|text| available_kb(&text));
    // Where nothing is told, one must do.
    available.map_or(1, |kb| usize::try_from(kb / 1024 / memory_mb.max(1)).unwrap_or(usize::MAX))
}

fn available_kb(meminfo: &str) -> Option<u64> {
    let line = meminfo.lines().find_map(|line| line.strip_prefix("MemAvailable:"))?;
    line.trim().strip_suffix("kB")?.trim().parse().ok()
}

#[cfg(test)]
mod tests {
    use super::{available_kb, progress};

    #[test]
    fn cargos_progress_is_read_and_its_other_lines_are_not() {
        assert_eq!(progress("    Building [=====>                 ] 43/412: serde, syn"), Some((43, 412)));
        assert_eq!(progress("   Compiling serde v1.0.0"), None);
        assert_eq!(progress("    Building [===>"), None);
    }

    #[test]
    fn free_memory_is_read() {
        assert_eq!(available_kb("MemTotal:  100 kB\nMemAvailable:   25165824 kB\n"), Some(25_165_824));
        assert_eq!(available_kb("MemTotal:  100 kB\n"), None);
    }
}
