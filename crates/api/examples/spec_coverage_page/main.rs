//! Prints docs/spec-coverage.md for `cargo xtask generate`: which endpoints of the specification there are, by the table of routes.

mod endpoints;

use std::{
    fmt::Write as _,
    io::{self, Write as _},
};

use api::{Route, route_table};

use endpoints::SECTIONS;

const HEAD: &str = "\
# What of the specification there is

Every endpoint of the Matrix client-server API by its section of the [specification](https://spec.matrix.org/latest/client-server-api/). This
page is written by `cargo xtask generate` from the table of routes, so that *done* is what the server serves. Beside these it serves simplified
sliding sync (MSC4186), dehydrated devices (MSC3814), and the unstable and older paths of what is here.
";

const ROOMS: &str = "
## Rules of rooms

| rule | |
|---|---|
| room versions 3 to 12 | done, by the authorization rules of ruma |
| room versions 1 and 2 | deliberately not: their events are named in another way, and no client makes such rooms |
| state resolution | deliberately not: a room of this server is one line of events, and there is no federation |
| history visibility, joins by rule (public, invite, knock, restricted) | done |
| encryption that stays on | done, and asked for where the server requires it |
| redactions by the rules of each version | done |

## What clients keep

| what | how it comes back |
|---|---|
| backups of room keys, account data, filters, messages to devices, dehydrated devices | byte for byte |
| keys of devices and people | as the JSON that was signed, written as canonical JSON; the server adds names of devices and others' signatures |
| keys with numbers that canonical JSON has not (fractions, beyond 2⁵³) | refused: nobody can sign them |
";

/// Why endpoints are deliberately not there, by the beginnings of their paths.
const NOT: &[(&str, &str)] = &[
    ("/_matrix/client/v1/appservice/", "there are no application services"),
    ("/_matrix/client/v3/directory/list/appservice/", "there are no application services"),
    ("/_matrix/client/v3/thirdparty/", "there are no bridges"),
    ("/_matrix/client/v3/login/sso/", "people log in by password"),
    ("/_matrix/client/v1/login/get_token", "people log in by password"),
    ("/_matrix/client/v1/auth_metadata", "people log in by password; clients take the 404 for that"),
    ("/_matrix/static/client/login/", "people log in by a client"),
    ("/_matrix/client/v3/auth/", "no stage needs a page of the server"),
    ("/_matrix/client/v3/account/3pid/bind", "there are no identity servers"),
    ("/_matrix/client/v3/account/3pid/unbind", "there are no identity servers"),
    ("/_matrix/client/v3/account/3pid/", "the server sends no short messages"),
    ("/_matrix/client/v3/account/password/", "the server sends no short messages"),
    ("/_matrix/client/v3/register/", "the server sends no short messages"),
    ("/_matrix/client/v1/admin/suspend/", "admins lock accounts, and there is nothing in between"),
    ("/_matrix/client/v3/events", "deprecated; `/sync` is there"),
    ("/_matrix/client/v3/rooms/{room_id}/initialSync", "deprecated; `/sync` is there"),
    ("/.well-known/matrix/policy_server", "there is no federation"),
    ("/_matrix/client/v1/media/preview_url", "the server would learn and fetch what encrypted messages link to"),
    ("/_matrix/media/v3/preview_url", "the server would learn and fetch what encrypted messages link to"),
];

fn main() -> io::Result<()> {
    let mut page = HEAD.to_owned();
    write_sections(&mut page).map_err(io::Error::other)?;
    page.push_str(ROOMS);
    io::stdout().write_all(page.as_bytes())
}

fn write_sections(page: &mut String) -> std::fmt::Result {
    let routes = route_table();
    for (title, endpoints) in SECTIONS {
        write!(page, "\n## {title}\n\n| endpoint | |\n|---|---|\n")?;
        for (method, path) in *endpoints {
            writeln!(page, "| `{method} {path}` | {} |", state(&routes, method, path))?;
        }
    }
    Ok(())
}

fn state(routes: &[Route], method: &str, path: &str) -> String {
    if routes.iter().any(|route| route.method.as_str() == method && serves(route.path, path)) {
        return "done".to_owned();
    }
    match NOT.iter().find(|(beginning, _)| path.starts_with(beginning)) {
        Some((_, why)) => format!("deliberately not: {why}"),
        None => "missing".to_owned(),
    }
}

/// Whether requests to `path` come to the route: a part of its path with a name stands for any.
fn serves(route: &str, path: &str) -> bool {
    let mut parts = path.split('/');
    route.split('/').all(|part| parts.next().is_some_and(|other| part == other || part.starts_with('{')))
        && parts.next().is_none()
}
