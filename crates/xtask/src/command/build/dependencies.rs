//! `cargo xtask build --dependencies`: whatever other people wrote, for server and web client, and nothing of the repository's own.
//!
//! It is for the image, in which a layer holds the result: it is run on what `cargo xtask skeleton` wrote. The commands are those of
//! the real build, so that this finds everything compiled.

use anyhow::Result;

use crate::command::build::native;
use crate::web::build::{self as web, Client, Profile};
use crate::{jobs, needs, targets, ui};

pub(super) fn build(profile: targets::Profile) -> Result<()> {
    needs::ensure(needs::NATIVE)?;
    needs::ensure(needs::WEB)?;
    let client = Client::new(Profile::Release)?;
    client.prepare()?;
    ui::step("compiling everything that server and web client depend on");
    let mut work = vec![client.compilation(), web::bindgen()];
    work.extend(native::jobs(profile));
    jobs::run(work)?;
    // Cargo tells by time that a source has changed, and the skeleton's empty ones may well be newer than the real ones.
    targets::forget_own()
}
