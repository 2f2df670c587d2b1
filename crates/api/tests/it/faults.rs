//! One fault at each call to a storage in turn: the device gives an error, there is no room, a write is cut short, or the error
//! comes after the write. Afterwards the next write is taken, or the engine has ended and a restart brings it back; whatever
//! was acknowledged is there once, and folding the log anew gives the same rows.

#[path = "faults/client.rs"]
mod client;
#[path = "faults/story.rs"]
mod story;

use std::collections::BTreeMap;

use client::Stage;
use testkit::{Call, Strike, Strikes};

fn run(strikes: Strikes) -> (Stage, BTreeMap<Call, usize>) {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_time().build().unwrap();
    runtime.block_on(story::tell(strikes))
}

/// Strikes each of the calls that are `wanted`, in each way in which it can fail.
#[expect(clippy::print_stdout, reason = "shown when a strike costs something: which one it was")]
fn strike_each(wanted: impl Fn(Call) -> bool) {
    let mut struck = 0;
    let (_, calls) = run(Strikes::default());
    for (call, count) in calls.into_iter().filter(|(call, _)| wanted(*call)) {
        for (after, trouble) in (0..count).flat_map(|after| call.troubles().iter().map(move |trouble| (after, *trouble))) {
            let strike = Strike { call, after, trouble };
            println!("{strike:?}");
            let (stage, _) = run(Strikes::once(strike));
            assert!(stage.server.node.strikes().has_struck(), "the story comes to this call each time");
            struck += 1;
        }
    }
    assert!(struck > 0, "no call was struck");
}

#[test]
fn the_story_makes_every_call_that_there_is_without_a_fault() {
    let (_, calls) = run(Strikes::default());
    use Call::{Append, ExtendTree, Head, LastCheckpoint, Read, TreeNodes};
    for call in [Append, Read, Head, ExtendTree, TreeNodes, LastCheckpoint] {
        assert!(calls.contains_key(&call), "{call:?}");
    }
    use Call::{RowCommit, RowDeleteRange, RowFlush, RowGet, RowScan};
    for call in [RowGet, RowScan, RowCommit, RowDeleteRange, RowFlush] {
        assert!(calls.contains_key(&call), "{call:?}");
    }
}

#[test]
fn a_fault_at_any_call_to_the_log_costs_nothing_acknowledged() {
    strike_each(|call| !call.is_of_rows());
}

#[test]
fn a_fault_at_any_write_of_rows_costs_nothing_acknowledged() {
    strike_each(|call| call.is_of_rows() && !is_read(call));
}

#[test]
fn a_fault_at_any_read_of_rows_costs_nothing_acknowledged() {
    strike_each(is_read);
}

fn is_read(call: Call) -> bool {
    matches!(call, Call::RowGet | Call::RowScan)
}
