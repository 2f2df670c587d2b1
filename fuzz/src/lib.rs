//! What the targets share: a server in this process, and requests as text. The targets themselves are in `bin/`, one file each.

mod request;
mod server;

pub use request::{Request, change_line};
pub use server::{Answer, Server, file, renewed};
