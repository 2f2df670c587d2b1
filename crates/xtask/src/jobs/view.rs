//! What a person sees of running jobs: on a terminal a line each that changes in place, elsewhere a line now and then.

use std::io::IsTerminal as _;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Condvar, Mutex};
use std::thread;
use std::time::{Duration, Instant};

use indicatif::{MultiProgress, ProgressBar, ProgressStyle};

use crate::jobs::mutex::lock;
use crate::ui;

/// What takes less leaves no line behind.
pub(super) const WORTH_A_LINE: Duration = Duration::from_secs(2);
/// How often a line is written where lines cannot change in place.
const HEARTBEAT: Duration = Duration::from_secs(30);
/// How often the spinners turn.
const TICK: Duration = Duration::from_millis(120);

/// All lines.
pub(super) struct View {
    lines: Vec<Line>,
    closed: Arc<(Mutex<bool>, Condvar)>,
    heart: Option<thread::JoinHandle<()>>,
}

/// The line of one job.
#[derive(Clone)]
pub(super) struct Line {
    name: &'static str,
    bar: ProgressBar,
    begun: Arc<AtomicBool>,
    start: Arc<Mutex<Option<Instant>>>,
    /// The last thing said.
    text: Arc<Mutex<String>>,
    over: Arc<AtomicBool>,
}

impl View {
    pub(super) fn new(jobs: impl Iterator<Item = (&'static str, &'static [&'static str])>) -> Self {
        let live = std::io::stderr().is_terminal();
        let bars = MultiProgress::new();
        let lines: Vec<Line> = jobs.map(|(name, after)| Line::new(name, after, live, &bars)).collect();
        let closed = Arc::new((Mutex::new(false), Condvar::new()));
        let heart = (!live).then(|| beat(lines.clone(), Arc::clone(&closed)));
        Self { lines, closed, heart }
    }

    pub(super) fn line(&self, name: &str) -> Line {
        let found = self.lines.iter().find(|line| line.name == name);
        found.cloned().unwrap_or_else(|| Line::new("", &[], false, &MultiProgress::new()))
    }

    /// Takes what changes in place off the screen.
    pub(super) fn close(mut self) {
        *lock(&self.closed.0) = true;
        self.closed.1.notify_all();
        if let Some(heart) = self.heart.take() {
            // It only prints; nothing is lost with it.
            let _ = heart.join();
        }
        for line in &self.lines {
            line.bar.finish_and_clear();
        }
    }
}

impl Line {
    fn new(name: &'static str, after: &[&str], live: bool, bars: &MultiProgress) -> Self {
        let bar = if live { bars.add(ProgressBar::new_spinner()) } else { ProgressBar::hidden() };
        if let Ok(style) = ProgressStyle::with_template("    {spinner} {prefix:24} {elapsed:>6}  {wide_msg}") {
            bar.set_style(style);
        }
        bar.set_prefix(name);
        let text = if after.is_empty() { String::new() } else { format!("waits for {}", after.join(" and ")) };
        bar.set_message(text.clone());
        bar.tick();
        let (begun, over) = (Arc::new(AtomicBool::new(false)), Arc::new(AtomicBool::new(false)));
        Self { name, bar, begun, start: Arc::default(), text: Arc::new(Mutex::new(text)), over }
    }

    pub(super) fn begin(&self) {
        *lock(&self.start) = Some(Instant::now());
        self.begun.store(true, Ordering::Relaxed);
        self.bar.reset_elapsed();
        self.bar.enable_steady_tick(TICK);
        self.say("");
    }

    pub(super) fn say(&self, what: &str) {
        what.clone_into(&mut lock(&self.text));
        self.bar.set_message(what.to_owned());
    }

    pub(super) fn fraction(&self, done: usize, total: usize) {
        self.say(&format!("{done} of {total}"));
    }

    pub(super) fn done(&self) {
        self.end("done in");
    }

    pub(super) fn failed(&self) {
        self.end("FAILED after");
    }

    fn end(&self, how: &str) {
        self.over.store(true, Ordering::Relaxed);
        self.bar.finish_and_clear();
        let time = self.elapsed();
        if time >= WORTH_A_LINE || how != "done in" {
            let text = format!("    {}: {how} {}", self.name, ui::seconds(time));
            // A line written past the live ones would be drawn over by them.
            self.bar.suspend(|| ui::line(&text));
        }
    }

    fn elapsed(&self) -> Duration {
        lock(&self.start).map_or(Duration::ZERO, |start| start.elapsed())
    }

    /// How it stands, for the lines that do not change in place; nothing once it is over.
    fn standing(&self) -> Option<String> {
        if self.over.load(Ordering::Relaxed) {
            return None;
        }
        let text = lock(&self.text).clone();
        if self.begun.load(Ordering::Relaxed) {
            return Some(format!("{} {} ({text})", self.name, ui::seconds(self.elapsed())).replace(" ()", ""));
        }
        Some(format!("{} {text}", self.name))
    }
}

/// Writes a line every half minute until the view is closed.
fn beat(lines: Vec<Line>, closed: Arc<(Mutex<bool>, Condvar)>) -> thread::JoinHandle<()> {
    thread::spawn(move || {
        let mut is_closed = lock(&closed.0);
        loop {
            let Ok((guard, timeout)) = closed.1.wait_timeout(is_closed, HEARTBEAT) else { return };
            is_closed = guard;
            if *is_closed {
                return;
            }
            if timeout.timed_out() {
                let standing: Vec<String> = lines.iter().filter_map(Line::standing).collect();
                ui::note(&format!("… {}", standing.join(" · ")));
            }
        }
    })
}
