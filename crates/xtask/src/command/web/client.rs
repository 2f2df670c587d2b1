//! One build of the web client, by itself.

use anyhow::Result;

use crate::web::build::{self as web, Client};
use crate::{jobs, needs, ui};

/// Builds one client, unless it is there.
pub(super) fn make(client: &Client) -> Result<()> {
    if client.is_up_to_date()? {
        ui::note("the web client has not changed");
        return Ok(());
    }
    needs::ensure(needs::WEB)?;
    client.prepare()?;
    ui::step("building the web client");
    let mut work = client.jobs();
    work.push(web::bindgen());
    jobs::run(work)?;
    client.report()
}
