//! How much of the processor a job asks for, and how its programs are started for that.

use std::process::{Command, Stdio};

/// By how much a patient job steps back.
const NICENESS: &str = "10";

/// How much of the processor a job asks for while others run.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Priority {
    /// On the longest path to the result.
    First,
    /// Fills what the others leave.
    Patient,
}

/// The same command, started by `nice` when its job is patient.
pub(super) fn with_priority(command: &Command, priority: Priority) -> Command {
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
