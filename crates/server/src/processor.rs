//! Whether this machine's processor can run the server.
//!
//! RocksDB's checksums are compiled for instructions that every x86 processor has had since about 2010 (x86-64-v2 and
//! PCLMUL), because without them each block that is read costs several times as much. An older processor would end the
//! process without a word at the first checksum.

use anyhow::{Result, bail};

/// How much this process gives way to others when it is asked to (nice(2)): as much as there is.
#[cfg(unix)]
const NICE: i32 = 19;

/// Has everything else on this machine go first, from now on and in every thread that is started from here.
#[cfg(unix)]
pub(crate) fn give_way() {
    if let Err(error) = rustix::process::setpriority_process(None, NICE) {
        crate::console::complain(&format!("the priority cannot be lowered: {error}"));
    }
}

/// Has everything else on this machine go first; where that cannot be asked for, nothing is changed.
#[cfg(not(unix))]
pub(crate) fn give_way() {}

/// Fails with a sentence when the processor lacks what the server is compiled for.
pub(crate) fn check() -> Result<()> {
    explain(&missing())
}

/// The names of the instructions that are needed and not there.
#[cfg(target_arch = "x86_64")]
fn missing() -> Vec<&'static str> {
    let needed = [
        ("SSE4.2", std::arch::is_x86_feature_detected!("sse4.2")),
        ("POPCNT", std::arch::is_x86_feature_detected!("popcnt")),
        ("PCLMUL", std::arch::is_x86_feature_detected!("pclmulqdq")),
    ];
    needed.into_iter().filter(|(_, there)| !there).map(|(name, _)| name).collect()
}

/// RocksDB asks other processors itself, at run time.
#[cfg(not(target_arch = "x86_64"))]
fn missing() -> Vec<&'static str> {
    Vec::new()
}

fn explain(missing: &[&str]) -> Result<()> {
    if missing.is_empty() {
        return Ok(());
    }
    bail!(
        "this processor lacks {}; Hearth needs an x86-64-v2 processor with PCLMUL, as nearly all since 2010 are. In a virtual \
         machine, choose the processor type \"host\"",
        missing.join(" and ")
    )
}

#[cfg(test)]
mod tests {
    use super::explain;

    #[test]
    fn what_is_missing_is_named_with_the_way_out() {
        assert!(explain(&[]).is_ok());
        let text = explain(&["SSE4.2", "PCLMUL"]).unwrap_err().to_string();
        assert!(
            text.contains("lacks SSE4.2 and PCLMUL") && text.contains("x86-64-v2") && text.contains("\"host\""),
            "{text}"
        );
    }
}
