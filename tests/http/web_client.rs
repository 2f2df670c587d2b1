//! The web client from a folder, as who works on it sees it: changes show at once, and nothing but the folder is served.

use std::fs;

use anyhow::{Context as _, Result, ensure};
use blackbox::Server;
use reqwest::StatusCode;

/// The page's tag, by which a watching page learns of another one, and its text.
async fn page(server: &Server, path: &str) -> Result<(StatusCode, String, String)> {
    let answer = reqwest::get(format!("{}/{path}", server.url)).await?;
    let tag = answer.headers().get("etag").map(|tag| tag.to_str().map(str::to_owned)).transpose()?.unwrap_or_default();
    Ok((answer.status(), tag, answer.text().await?))
}

#[tokio::test]
async fn a_folder_is_served_as_it_is_now_and_nothing_beside_it() -> Result<()> {
    let outside = tempfile::tempdir()?;
    let folder = outside.path().join("client");
    fs::create_dir_all(folder.join("app"))?;
    for (file, text) in [("secret", "outside"), ("client/index.html", "one"), ("client/app/a.js", "script")] {
        fs::write(outside.path().join(file), text)?;
    }
    let server = Server::start(&[("HEARTH_WEB_CLIENT", folder.to_str().context("a path that is text")?)])?;
    let (status, first, text) = page(&server, "").await?;
    ensure!((status, text.as_str()) == (StatusCode::OK, "one"));
    fs::write(folder.join("index.html"), "two")?;
    let (_, second, text) = page(&server, "").await?;
    ensure!(text == "two" && first != second && !second.is_empty());
    ensure!(page(&server, "app/a.js").await?.2 == "script");
    ensure!(page(&server, "app/gone.js").await?.0 == StatusCode::NOT_FOUND);
    // Any other address is the client's own, whatever it looks like.
    for path in ["..%2fsecret", "app/..%2f..%2fsecret", "%2e%2e/secret", "settings"] {
        ensure!(page(&server, path).await?.2 != "outside", "{path}");
    }
    // The rest of the server is as ever.
    ensure!(page(&server, "_matrix/client/versions").await?.0 == StatusCode::OK);
    Ok(())
}

#[test]
fn a_folder_without_a_client_is_refused_with_the_way_out() -> Result<()> {
    let empty = tempfile::tempdir()?;
    let error = Server::start(&[("HEARTH_WEB_CLIENT", empty.path().to_str().context("a path that is text")?)])
        .err()
        .context("the server started")?;
    ensure!(format!("{error:#}").contains("holds no index.html"), "{error:#}");
    Ok(())
}
