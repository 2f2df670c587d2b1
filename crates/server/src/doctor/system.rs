//! What the machine lets the server have.

use config::Config;

use super::finding::Finding;
use crate::memory;

/// With fewer open files than this, a handful of households is all that fits.
const DESCRIPTORS_FEW: u64 = 1_024;
/// With less memory, a picture of a newer telephone is too large for a thumbnail, bytes.
const MEMORY_LITTLE: u64 = 256 << 20;

pub(super) fn look(config: &Config) -> [Finding; 2] {
    [descriptors(descriptors_max()), of_memory(config)]
}

/// To which a start raises its limit.
#[cfg(unix)]
fn descriptors_max() -> u64 {
    rustix::process::getrlimit(rustix::process::Resource::Nofile).maximum.unwrap_or(u64::MAX)
}

/// Where no process is limited, or none by that name.
#[cfg(not(unix))]
fn descriptors_max() -> u64 {
    u64::MAX
}

fn descriptors(most: u64) -> Finding {
    const CHECK: &str = "descriptors";
    let found = format!("{most} files may be open at once.");
    if most < DESCRIPTORS_FEW {
        return Finding::warn(
            CHECK,
            found,
            "Connections are files too: raise the limit (ulimit -Hn, or LimitNOFILE of systemd) to 4096 or more.",
        );
    }
    Finding::ok(CHECK, found)
}

fn of_memory(config: &Config) -> Finding {
    const CHECK: &str = "memory";
    match memory::plan(config.server.memory_bytes) {
        Err(error) => Finding::fail(CHECK, format!("{error:#}."), "Give the machine or the container at least 256 MiB."),
        Ok(plan) => {
            let found = format!("{} MiB are shared out, for {} connections at once.", plan.bytes >> 20, plan.connections);
            if plan.bytes < MEMORY_LITTLE {
                return Finding::warn(
                    CHECK,
                    found,
                    "It works, but large pictures get no thumbnail: give the server 256 MiB or more.",
                );
            }
            Finding::ok(CHECK, found)
        }
    }
}

#[cfg(test)]
mod tests {
    use super::{super::finding::Outcome, *};

    #[test]
    fn few_descriptors_are_a_warning() {
        for (most, outcome) in [(256, Outcome::Warn), (1_023, Outcome::Warn), (1_024, Outcome::Ok), (u64::MAX, Outcome::Ok)]
        {
            assert_eq!(descriptors(most).outcome, outcome, "{most}");
        }
    }
}
