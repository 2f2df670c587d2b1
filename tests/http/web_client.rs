//! The web client from a folder, as who works on it sees it: changes show at once, and nothing but the folder is served.

use std::{
    fs,
    io::{Read as _, Write as _},
    net::TcpStream,
};

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

#[tokio::test]
async fn who_asks_for_a_large_file_and_does_not_read_costs_no_copy_of_it() -> Result<()> {
    const FILE_BYTES: usize = 8 << 20;
    const READERS: usize = 60;
    let folder = tempfile::tempdir()?;
    fs::create_dir(folder.path().join("app"))?;
    fs::write(folder.path().join("index.html"), "page")?;
    fs::write(folder.path().join("app/client.wasm"), vec![7; FILE_BYTES])?;
    let server = Server::start(&[("HEARTH_WEB_CLIENT", folder.path().to_str().context("a path that is text")?)])?;
    ensure!(page(&server, "app/client.wasm").await?.0 == StatusCode::OK);
    let before = server.resident_bytes()?;
    let address = server.url.strip_prefix("http://").context("an address")?;
    let mut readers = Vec::new();
    for _ in 0..READERS {
        let mut reader = TcpStream::connect(address)?;
        reader.write_all(b"GET /app/client.wasm HTTP/1.1\r\nhost: h\r\n\r\n")?;
        // The answer has begun, and goes no further than the system's buffers.
        let mut first = [0; 12];
        reader.read_exact(&mut first)?;
        ensure!(&first == b"HTTP/1.1 200", "{}", String::from_utf8_lossy(&first));
        readers.push(reader);
    }
    let cost = server.resident_bytes()?.saturating_sub(before);
    ensure!(cost < 2 * FILE_BYTES as u64, "{READERS} readers of {FILE_BYTES} bytes cost {cost}");
    Ok(())
}
