//! Any condition and any range on a file: the part that comes is the part that it says it is. Three lines: `range`,
//! `if-range`, `if-none-match`.
#![no_main]

use hearth_fuzz::{Answer, Request, file, renewed};
use libfuzzer_sys::fuzz_target;

const HEADERS: [&[u8]; 3] = [b"range", b"if-range", b"if-none-match"];

fuzz_target!(|input: &[u8]| {
    let values = input.splitn(HEADERS.len(), |byte| *byte == b'\n');
    let headers = HEADERS.into_iter().zip(values).filter(|(_, value)| !value.is_empty()).collect();
    renewed(|server| {
        let path = "/_matrix/client/v1/media/download/h/{media}";
        let fetch = Request { who: "bob", method: b"GET", path, headers, body: b"" };
        if let Some(answer) = server.ask(&fetch) {
            check(&answer);
        }
    });
});

fn check(answer: &Answer) {
    match answer.status {
        200 => assert_eq!(answer.body, file()),
        206 => {
            let told = answer.headers["content-range"].to_str().unwrap();
            let (part, size) = told.strip_prefix("bytes ").unwrap().split_once('/').unwrap();
            let (first, last) = part.split_once('-').unwrap();
            let (first, last): (usize, usize) = (first.parse().unwrap(), last.parse().unwrap());
            assert_eq!(size.parse(), Ok(file().len()), "{told}");
            assert_eq!(answer.body, file()[first..=last], "{told}");
        }
        304 | 416 => assert!(answer.status == 416 || answer.body.is_empty()),
        other => panic!("{other} to a range"),
    }
}
