//! One piece of JSON as a filter wherever the API takes one, and as a request of sliding sync.
#![no_main]

use hearth_fuzz::{Request, renewed};
use libfuzzer_sys::fuzz_target;
use percent_encoding::{NON_ALPHANUMERIC, percent_encode};

fuzz_target!(|input: &[u8]| {
    let filter = percent_encode(input, NON_ALPHANUMERIC).to_string();
    renewed(|server| {
        for (method, path) in [
            ("POST", "v3/user/@alice:h/filter".to_owned()),
            ("GET", format!("v3/sync?timeout=0&filter={filter}")),
            ("GET", format!("v3/rooms/{{room}}/messages?dir=b&filter={filter}")),
            ("GET", format!("v3/rooms/{{room}}/context/{{event}}?filter={filter}")),
            ("POST", "unstable/org.matrix.simplified_msc3575/sync?timeout=0".to_owned()),
        ] {
            let path = format!("/_matrix/client/{path}");
            let body = if method == "POST" { input } else { b"" };
            server.ask(&Request { who: "alice", method: method.as_bytes(), path: &path, headers: Vec::new(), body });
        }
    });
});
