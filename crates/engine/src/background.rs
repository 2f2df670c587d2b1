//! Threads for reads that may take long. The system lets everything else go first where there are not processors enough, so that what
//! one person asks for shows in nobody else's answers.

use std::{num::NonZero, sync::OnceLock, thread::available_parallelism};

use rayon::{ThreadPool, ThreadPoolBuilder};
use thread_priority::{
    NormalThreadSchedulePolicy, ThreadPriority, ThreadSchedulePolicy, set_thread_priority_and_policy, thread_native_id,
};
use tokio::{
    runtime::{Handle, RuntimeFlavor},
    task::block_in_place,
};

/// What goes before a read.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum GivesWay {
    /// Nine tenths to whatever else there is to do, in slices of milliseconds: a read that takes a while.
    ToMost,
    /// To everything else, at once: a read of somebody who asks for much. It goes on when a processor has nothing else to do.
    ToEverything,
}

/// How nice the threads are whose reads give way to most (nice(2)), of at most 19.
const NICE: i32 = 10;

/// Threads of low priority. They are started by the first read that needs them; where they cannot be, reads go on where they are asked for.
pub(crate) struct Background {
    threads: usize,
    nice: OnceLock<Option<ThreadPool>>,
    idle: OnceLock<Option<ThreadPool>>,
}

impl Background {
    /// At most `threads` of each kind, and no more than two for each processor: some wait for the disk.
    pub(crate) fn new(threads: usize) -> Self {
        let processors = available_parallelism().map_or(1, NonZero::get);
        Self { threads: threads.min(2 * processors), nice: OnceLock::new(), idle: OnceLock::new() }
    }

    /// Runs `work` on one of them and waits for it, after the calling thread has handed on what else it has to do.
    pub(crate) fn run<T: Send>(&self, gives_way: GivesWay, work: impl FnOnce() -> T + Send) -> T {
        let kind = match gives_way {
            GivesWay::ToMost => &self.nice,
            GivesWay::ToEverything => &self.idle,
        };
        let run = || match kind.get_or_init(|| pool(self.threads, gives_way)) {
            Some(threads) => threads.install(work),
            None => work(),
        };
        match Handle::current().runtime_flavor() {
            RuntimeFlavor::MultiThread => block_in_place(run),
            // The runtime of a test has no other thread that could go on.
            _ => run(),
        }
    }
}

fn pool(threads: usize, gives_way: GivesWay) -> Option<ThreadPool> {
    let builder = ThreadPoolBuilder::new().num_threads(threads).thread_name(|_| "reads".to_owned());
    let started = builder.start_handler(move |_| stand_back(gives_way)).build();
    started.inspect_err(|error| tracing::warn!(%error, "long reads have no threads of their own")).ok()
}

/// Lowers the priority of this thread. On Linux a priority is a thread's; elsewhere it may be the whole process's, and stays as it is.
fn stand_back(gives_way: GivesWay) {
    if !cfg!(target_os = "linux") {
        return;
    }
    let outcome = match gives_way {
        GivesWay::ToMost => rustix::process::setpriority_process(None, NICE).map_err(|error| error.to_string()),
        GivesWay::ToEverything => {
            let idle = ThreadSchedulePolicy::Normal(NormalThreadSchedulePolicy::Idle);
            set_thread_priority_and_policy(thread_native_id(), ThreadPriority::Min, idle).map_err(|error| error.to_string())
        }
    };
    if let Err(error) = outcome {
        tracing::warn!(error, "long reads have the same priority as everything else");
    }
}

#[cfg(test)]
mod tests {
    use super::{Background, GivesWay};

    #[cfg(target_os = "linux")]
    #[tokio::test(flavor = "multi_thread", worker_threads = 1)]
    async fn what_runs_there_gives_way_and_who_waits_for_it_does_not() {
        use thread_priority::{NormalThreadSchedulePolicy, ThreadSchedulePolicy, thread_schedule_policy};

        let nice = || rustix::process::getpriority_process(None).unwrap();
        let is_idle = || thread_schedule_policy().unwrap() == ThreadSchedulePolicy::Normal(NormalThreadSchedulePolicy::Idle);
        let background = Background::new(2);
        // Whoever runs tests may give way already.
        let before = (nice(), is_idle());
        let (there, is_idle_there) = background.run(GivesWay::ToMost, || (nice(), is_idle()));
        assert!(there >= super::NICE && is_idle_there == before.1);
        assert!(background.run(GivesWay::ToEverything, is_idle));
        assert_eq!((nice(), is_idle()), before);
    }

    #[tokio::test]
    async fn what_was_borrowed_comes_back() {
        let background = Background::new(1);
        let mut seen = Vec::new();
        background.run(GivesWay::ToMost, || seen.push(1));
        assert_eq!(background.run(GivesWay::ToEverything, || seen.len()), 1);
    }
}
