//! Requests as text, so that a seed can be read and an input that found something can be understood.
//!
//! The first line is who asks (`alice`, `bob`, or `-` for nobody), method and path; then headers, an empty line, the body.
//! Several requests are parted by a line of `---`.

use std::{fmt, sync::LazyLock};

use api::Route;

/// Requests of one input, at most.
const REQUESTS_MAX: usize = 8;
/// Stands between two requests.
const SEPARATOR: &[u8] = b"\n---\n";

/// The endpoints that there are, so that a new one is reached without a new seed.
static ROUTES: LazyLock<Vec<Route>> = LazyLock::new(api::route_table);

/// One request, its parts as they came.
pub struct Request<'i> {
    /// Who asks.
    pub who: &'i str,
    /// Its method.
    pub method: &'i [u8],
    /// Path and query.
    pub path: &'i str,
    /// Names and values.
    pub headers: Vec<(&'i [u8], &'i [u8])>,
    /// What comes behind the empty line.
    pub body: &'i [u8],
}

impl<'i> Request<'i> {
    /// The requests of an input; what does not read as one is left out.
    pub fn all(input: &'i [u8]) -> Vec<Self> {
        parts(input).into_iter().take(REQUESTS_MAX).filter_map(Self::read).collect()
    }

    fn read(text: &'i [u8]) -> Option<Self> {
        let (head, body) = split(text, b"\n\n").unwrap_or((text, b""));
        let mut lines = head.split(|byte| *byte == b'\n');
        let mut words = std::str::from_utf8(lines.next()?).ok()?.splitn(3, ' ');
        let (who, method, path) = (words.next()?, words.next()?, words.next()?);
        let headers = lines.filter_map(|line| split(line, b": ")).collect();
        Some(Self { who, method: method.as_bytes(), path, headers, body })
    }
}

impl fmt::Debug for Request<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} {} {}", self.who, self.method.escape_ascii(), self.path)?;
        for (name, value) in &self.headers {
            write!(f, "\n{}: {}", name.escape_ascii(), value.escape_ascii())?;
        }
        write!(f, "\n\n{}", self.body.escape_ascii())
    }
}

fn split<'t>(text: &'t [u8], at: &[u8]) -> Option<(&'t [u8], &'t [u8])> {
    let found = text.windows(at.len()).position(|window| window == at)?;
    Some((&text[..found], &text[found + at.len()..]))
}

fn parts(mut input: &[u8]) -> Vec<&[u8]> {
    let mut parts = Vec::new();
    while let Some((part, rest)) = split(input, SEPARATOR) {
        parts.push(part);
        input = rest;
    }
    parts.push(input);
    parts
}

/// Gives the first request of an input another endpoint, and keeps its headers and body.
pub fn change_line(input: &[u8], choice: u32) -> Vec<u8> {
    let route = &ROUTES[choice as usize % ROUTES.len()];
    let mut path = String::new();
    for part in route.path.split('/').skip(1) {
        path.push('/');
        path.push_str(if part.starts_with('{') { placeholder(part) } else { part });
    }
    let rest = input.iter().position(|byte| *byte == b'\n').map_or(&b""[..], |end| &input[end..]);
    [format!("alice {} {path}", route.method).as_bytes(), rest].concat()
}

/// What a part of a path is likely to be called in this server.
fn placeholder(name: &str) -> &'static str {
    match name.trim_matches(['{', '}', '*']) {
        name if name.contains("room") => "{room}",
        name if name.contains("user") => "@alice:h",
        name if name.contains("event_type") => "m.room.encrypted",
        name if name.contains("event") => "{event}",
        name if name.contains("device") => "PHONE",
        name if name.contains("media") => "{media}",
        name if name.contains("server") => "h",
        name if name.contains("version") => "1",
        _ => "x",
    }
}
