//! Long work side by side: jobs with an order between them, one live view of all, and one log file each.
//!
//! A job that waits for another's result says so by name. Everything else runs at once; the system's scheduler shares the
//! cores, and patient jobs take what the others leave.

use std::sync::{Arc, Condvar, Mutex, PoisonError};
use std::thread;
use std::time::{Duration, Instant};

use anyhow::Result;

use crate::{paths, ui};

mod child;
mod children;
mod log;
mod mutex;
mod priority;
mod report;
mod view;

use children::Children;
use mutex::lock;
use view::View;

pub(crate) use priority::Priority;
pub(crate) use report::Report;

/// What a job does.
type Work<'a> = Box<dyn FnOnce(&Report) -> Result<()> + Send + 'a>;

/// Work with a name.
pub(crate) struct Job<'a> {
    name: &'static str,
    priority: Priority,
    after: &'static [&'static str],
    work: Work<'a>,
}

impl<'a> Job<'a> {
    /// A job that starts when the jobs called `after` have ended well.
    pub(crate) fn new(
        name: &'static str,
        priority: Priority,
        after: &'static [&'static str],
        work: impl FnOnce(&Report) -> Result<()> + Send + 'a,
    ) -> Self {
        Self { name, priority, after, work: Box::new(work) }
    }
}

/// How a job stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum State {
    Waiting,
    Running,
    Done,
    /// Failed, or was never begun because another failed.
    Over,
}

/// The states of all jobs, and a bell for each change.
struct Board {
    states: Mutex<Vec<(&'static str, State)>>,
    changed: Condvar,
}

impl Board {
    fn set(&self, name: &str, state: State) {
        for (_, current) in lock(&self.states).iter_mut().filter(|(own, _)| *own == name) {
            *current = state;
        }
        self.changed.notify_all();
    }

    /// Waits until all of `names` are done; false when one of the jobs has failed.
    fn wait_for(&self, names: &[&str]) -> bool {
        let mut states = lock(&self.states);
        loop {
            if states.iter().any(|(_, state)| *state == State::Over) {
                return false;
            }
            if states.iter().all(|(own, state)| *state == State::Done || !names.contains(own)) {
                return true;
            }
            states = self.changed.wait(states).unwrap_or_else(PoisonError::into_inner);
        }
    }
}

/// Runs all jobs; the first failure ends the others.
pub(crate) fn run(jobs: Vec<Job<'_>>) -> Result<()> {
    let start = Instant::now();
    let logs = paths::cache("logs")?;
    let board =
        Board { states: Mutex::new(jobs.iter().map(|job| (job.name, State::Waiting)).collect()), changed: Condvar::new() };
    let children = Arc::new(Children::default());
    let view = View::new(jobs.iter().map(|job| (job.name, job.after)));
    let failure = Mutex::new(None);
    thread::scope(|scope| {
        for job in jobs {
            let log = logs.join(format!("{}.log", job.name.replace(' ', "-")));
            let (line, priority) = (view.line(job.name), job.priority);
            // What an earlier run of this job said would only mislead.
            let _ = std::fs::remove_file(&log);
            let report = Report { line, log, priority, children: Arc::clone(&children) };
            let (board, failure, children) = (&board, &failure, &children);
            scope.spawn(move || {
                if !board.wait_for(job.after) {
                    return board.set(job.name, State::Over);
                }
                board.set(job.name, State::Running);
                report.line.begin();
                match (job.work)(&report) {
                    Ok(()) => {
                        report.line.done();
                        board.set(job.name, State::Done);
                    }
                    Err(error) => {
                        report.line.failed();
                        // Only the first failure is a cause; the others were ended for it.
                        lock(failure).get_or_insert_with(|| error.context(job.name));
                        board.set(job.name, State::Over);
                        children.end_all();
                    }
                }
            });
        }
    });
    view.close();
    match lock(&failure).take() {
        Some(error) => Err(error),
        None => {
            tell_long(start.elapsed());
            Ok(())
        }
    }
}

/// One job with a view of its own.
pub(crate) fn run_one(name: &'static str, work: impl FnOnce(&Report) -> Result<()> + Send) -> Result<()> {
    run(vec![Job::new(name, Priority::First, &[], work)])
}

/// What took no time needs no line.
fn tell_long(time: Duration) {
    if time >= view::WORTH_A_LINE {
        ui::note(&format!("all of it took {}", ui::seconds(time)));
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Mutex;

    use anyhow::bail;

    use super::{Job, Priority, lock, run};

    #[test]
    fn a_job_starts_after_those_it_names() {
        let order = Mutex::new(Vec::new());
        let note = |name: &'static str| {
            let order = &order;
            move |_: &super::Report| {
                lock(order).push(name);
                Ok(())
            }
        };
        let last = Job::new("last", Priority::First, &["middle", "first"], note("last"));
        let middle = Job::new("middle", Priority::Patient, &["first"], note("middle"));
        let first = Job::new("first", Priority::First, &[], note("first"));
        run(vec![last, middle, first]).unwrap();
        assert_eq!(*lock(&order), ["first", "middle", "last"]);
    }

    #[test]
    fn a_failure_ends_the_others_and_is_the_one_that_is_told() {
        let began = Mutex::new(false);
        let sleeper =
            Job::new("sleeper", Priority::Patient, &[], |report| report.run(crate::process::command("sleep").arg("600")));
        let broken = Job::new("broken", Priority::First, &[], |report| {
            let mut command = crate::process::command("sh");
            report.run(command.args(["-c", "echo the reason >&2; sleep 0.2; exit 3"]))
        });
        let never = Job::new("never", Priority::First, &["broken"], |_| {
            *lock(&began) = true;
            bail!("not reached")
        });
        let start = std::time::Instant::now();
        let error = format!("{:#}", run(vec![sleeper, broken, never]).unwrap_err());
        assert!(start.elapsed().as_secs() < 60);
        assert!(error.starts_with("broken: ") && error.contains("the reason"), "{error}");
        assert!(!*lock(&began));
    }

    #[test]
    fn programs_side_by_side_all_run_and_a_failing_one_is_told() {
        let touch = |names: &[&str], folder: &std::path::Path| {
            names
                .iter()
                .map(|name| {
                    let mut command = crate::process::command("mkdir");
                    command.arg(folder.join(name));
                    command
                })
                .collect::<Vec<_>>()
        };
        let folder = tempfile::tempdir().unwrap();
        super::run_one("side by side", |report| report.run_side_by_side(touch(&["a", "b", "c", "d"], folder.path()), 1))
            .unwrap();
        assert_eq!(std::fs::read_dir(folder.path()).unwrap().count(), 4);
        let again = super::run_one("again", |report| report.run_side_by_side(touch(&["a"], folder.path()), 1));
        assert!(format!("{:#}", again.unwrap_err()).contains("mkdir"));
    }
}
