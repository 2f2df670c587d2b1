//! The programs that jobs start, each by its report.

use std::collections::VecDeque;
use std::fs;
use std::io::{self, BufReader, Write as _};
use std::process::Command;
use std::sync::Mutex;
use std::thread;

use anyhow::{Context as _, Result, anyhow};

use crate::jobs::priority::with_priority;
use crate::jobs::report::Report;
use crate::jobs::{children, log, mutex};
use crate::process;

/// How many lines of a failed program's output the error shows.
const SHOWN_LINES: usize = 60;
/// What cargo says of what goes well, which hides in an error what did not.
const NOT_NEWS: &[&str] = &["Compiling ", "Downloaded ", "Downloading ", "Fresh ", "Fetch ", "Blocking waiting "];

impl Report {
    /// Runs a program to its end. Its output goes to the job's log file, and cargo's progress to the view.
    pub(crate) fn run(&self, command: &mut Command) -> Result<()> {
        run(command, self)
    }

    /// Runs independent programs, as many at once as there are cores and as fit into memory at `memory_mb` each.
    pub(crate) fn run_side_by_side(&self, commands: Vec<Command>, memory_mb: u64) -> Result<()> {
        let total = commands.len();
        let workers = cores().min(fitting(memory_mb)).clamp(1, total.max(1));
        let queue = Mutex::new((commands.into_iter(), 0));
        thread::scope(|scope| {
            let worker = || -> Result<()> {
                loop {
                    let next = mutex::lock(&queue).0.next();
                    let Some(mut command) = next else { return Ok(()) };
                    run(&mut command, self)?;
                    let mut queue = mutex::lock(&queue);
                    queue.1 += 1;
                    self.line.fraction(queue.1, total);
                }
            };
            self.line.fraction(0, total);
            let workers: Vec<_> = (0..workers).map(|_| scope.spawn(worker)).collect();
            let results = workers.into_iter().map(|worker| worker.join().map_err(|_| anyhow!("a worker panicked"))?);
            results.fold(Ok(()), Result::and)
        })
    }
}

/// Runs `command` for the job that `report` belongs to.
fn run(command: &mut Command, report: &Report) -> Result<()> {
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
        children::end(child.id());
    }
    let tail = follow(BufReader::new(reader), report);
    let status = child.wait();
    report.children.remove(child.id());
    let (tail, status) = (tail?, status?);
    if status.success() {
        return Ok(());
    }
    Err(log::with_output(anyhow!("`{shown}` failed: {status}"), &Vec::from(tail), &report.log))
}

/// Reads to the end: progress goes to the view, everything else to the log. Gives back the last lines.
fn follow(mut reader: impl io::BufRead, report: &Report) -> Result<VecDeque<String>> {
    let mut log = log::open(&report.log)?;
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

fn cores() -> usize {
    thread::available_parallelism().map_or(1, usize::from)
}

/// How many programs of `memory_mb` each fit into the memory that is free now.
fn fitting(memory_mb: u64) -> usize {
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
