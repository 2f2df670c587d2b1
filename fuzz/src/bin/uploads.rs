//! An upload with any headers and any name, and what comes back for it. Four lines: type, disposition, length, name; then
//! the file. Nothing of it makes a browser run what somebody uploaded.
#![no_main]

use hearth_fuzz::{Request, renewed};
use libfuzzer_sys::fuzz_target;
use percent_encoding::{NON_ALPHANUMERIC, percent_encode};

/// The names of the headers that the first lines are the values of.
const HEADERS: [&[u8]; 3] = [b"content-type", b"content-disposition", b"content-length"];

fuzz_target!(|input: &[u8]| {
    let mut lines = input.splitn(5, |byte| *byte == b'\n');
    let values: Vec<&[u8]> = lines.by_ref().take(HEADERS.len()).collect();
    let name = percent_encode(lines.next().unwrap_or_default(), NON_ALPHANUMERIC).to_string();
    let body = lines.next().unwrap_or_default();
    let headers = HEADERS.into_iter().zip(values).filter(|(_, value)| !value.is_empty()).collect();
    let path = format!("/_matrix/media/v3/upload?filename={name}");
    renewed(|server| {
        let upload = Request { who: "alice", method: b"POST", path: &path, headers, body };
        let Some(answer) = server.ask(&upload).filter(|answer| answer.status == 200) else { return };
        let told: serde_json::Value = serde_json::from_slice(&answer.body).unwrap();
        let id = told["content_uri"].as_str().unwrap().strip_prefix("mxc://").unwrap();
        for kind in ["download", "thumbnail"] {
            let path = format!("/_matrix/client/v1/media/{kind}/{id}?width=32&height=32");
            let fetch = Request { who: "bob", method: b"GET", path: &path, headers: Vec::new(), body: b"" };
            let answer = server.ask(&fetch).unwrap();
            assert!(kind == "thumbnail" || answer.status == 200, "what was taken is given back: {}", answer.status);
            if answer.status == 200 {
                assert!(answer.headers.contains_key("content-security-policy"), "{:?}", answer.headers);
            }
        }
    });
});
