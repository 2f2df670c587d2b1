//! Any requests to any endpoint: no panic, no fault of the server's own, an answer in time, JSON where it says so; and now
//! and then the log is verified and replayed.
#![no_main]

use hearth_fuzz::{Request, change_line, renewed};
use libfuzzer_sys::{fuzz_mutator, fuzz_target, fuzzer_mutate};

/// Of so many changes one is another endpoint.
const ANOTHER_ENDPOINT_OF: u32 = 4;

fuzz_target!(|input: &[u8]| {
    renewed(|server| {
        for request in Request::all(input) {
            server.ask(&request);
        }
        server.settle();
    });
});

fuzz_mutator!(|data: &mut [u8], size: usize, max_size: usize, seed: u32| {
    if seed % ANOTHER_ENDPOINT_OF == 0 {
        let changed = change_line(&data[..size], seed / ANOTHER_ENDPOINT_OF);
        if changed.len() <= max_size.min(data.len()) {
            data[..changed.len()].copy_from_slice(&changed);
            return changed.len();
        }
    }
    fuzzer_mutate(data, size, max_size)
});
