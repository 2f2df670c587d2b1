//! Bad input: the specification's error code each time, and nothing written.

mod case;
mod cases;
mod stage;

use anyhow::{Result, ensure};
use blackbox::Server;

use case::Case;
use stage::Stage;

#[tokio::test]
async fn bad_input_is_refused_by_its_code_and_writes_nothing() -> Result<()> {
    let server = Server::start(&[("HEARTH_UPLOAD_BYTES_MAX", "100000")])?;
    let stage = Stage::set(&server).await?;
    let cases = cases::all(&stage);
    ensure!(cases.len() >= 60, "only {} cases", cases.len());
    let mut wrong = Vec::new();
    let before = server.records()?;
    for case in &cases {
        let told = stage.send(case).await?;
        if told != case.expected() {
            wrong.push(format!("{}: expected {}, got {told}", case.name, case.expected()));
        }
    }
    // One look at the log for all of them is quick; which of them wrote is only asked when one did.
    if server.records()? != before {
        wrong.push(writers(&server, &stage, &cases).await?);
    }
    ensure!(wrong.is_empty(), "{} of {} cases:\n{}", wrong.len(), cases.len(), wrong.join("\n"));
    Ok(())
}

async fn writers(server: &Server, stage: &Stage, cases: &[Case]) -> Result<String> {
    let mut names = Vec::new();
    let mut records = server.records()?;
    for case in cases {
        stage.send(case).await?;
        let after = server.records()?;
        if after != records {
            names.push(case.name);
        }
        records = after;
    }
    Ok(format!("something was written; the second time by: {names:?}"))
}
