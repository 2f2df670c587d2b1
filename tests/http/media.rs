//! Media: what was uploaded comes back, whole or in parts, for as long as it is to, and takes no more of the server than it may.

use std::{
    fs,
    io::{Read as _, Write as _},
    net::TcpStream,
    path::Path,
    sync::atomic::{AtomicUsize, Ordering},
    time::Duration,
};

use anyhow::{Context as _, Result, ensure};
use blackbox::{PASSWORD, Person, Server, until_nothing_is_missing};
use reqwest::{Body, Client, Method, Response, StatusCode};
use serde_json::{Value, json};
use tokio::task::JoinSet;

/// What was erased is gone soon after the answer; a busy machine may take longer.
const ERASED_WITHIN: Duration = Duration::from_secs(10);
/// Memory that a number of slow transfers may cost together, bytes.
const MEMORY_MAX: u64 = 40 << 20;
/// A picture of one pixel.
const PNG: &[u8] = b"\x89PNG\x0d\x0a\x1a\x0a\x00\x00\x00\x0dIHDR\x00\x00\x00\x01\x00\x00\x00\x01\x08\x06\x00\x00\x00\x1f\x15\xc4\x89\x00\x00\
    \x00\x0dIDATx\x9cc\xf8\xcf\xc0\xf0\x1f\x00\x05\x00\x01\xff\x89\x99=\x1d\x00\x00\x00\x00IEND\xaeB`\x82";

async fn try_upload(server: &Server, person: &Person, content_type: &str, body: impl Into<Body>) -> Result<Response> {
    let request = Client::new().post(format!("{}/_matrix/media/v3/upload?filename=a%22b.png", server.url));
    Ok(request.bearer_auth(&person.token).header("content-type", content_type).body(body).send().await?)
}

async fn upload(server: &Server, person: &Person, content_type: &str, body: impl Into<Body>) -> Result<String> {
    let answer = try_upload(server, person, content_type, body).await?.error_for_status()?.json::<Value>().await?;
    let uri = answer["content_uri"].as_str().context("an address")?;
    uri.strip_prefix("mxc://").map(str::to_owned).context("an mxc address")
}

async fn get(server: &Server, person: &Person, path: &str) -> Result<Response> {
    let request = Client::new().get(format!("{}/_matrix/client/v1/media/{path}", server.url));
    Ok(request.bearer_auth(&person.token).send().await?)
}

fn header<'a>(response: &'a Response, name: &str) -> &'a str {
    response.headers().get(name).and_then(|value| value.to_str().ok()).unwrap_or_default()
}

/// How many files there are in a folder and those in it.
fn files(folder: &Path) -> Result<usize> {
    if !folder.is_dir() {
        return Ok(0);
    }
    let mut count = 0;
    for entry in fs::read_dir(folder)? {
        let entry = entry?;
        count += if entry.file_type()?.is_dir() { files(&entry.path())? } else { 1 };
    }
    Ok(count)
}

#[tokio::test]
async fn media_comes_back_and_does_no_harm() -> Result<()> {
    let mut server = Server::start(&[])?;
    let (alice, bob) = (Person::sign_up(&server, "alice").await?, Person::sign_up(&server, "bob").await?);
    let html = upload(&server, &alice, "text/html", "<script>alert(1)</script>").await?;
    let picture = upload(&server, &alice, "image/png", PNG).await?;
    server.restart()?;
    for (address, disposition) in [(&html, "attachment"), (&picture, "inline")] {
        let response = get(&server, &bob, &format!("download/{address}")).await?;
        ensure!(response.status() == StatusCode::OK);
        ensure!(header(&response, "content-disposition").starts_with(disposition), "{response:?}");
        ensure!(header(&response, "content-security-policy").contains("sandbox"), "{response:?}");
        ensure!(header(&response, "x-content-type-options") == "nosniff", "{response:?}");
    }
    let bytes = get(&server, &bob, &format!("download/{picture}/other.png")).await?.bytes().await?;
    ensure!(bytes == PNG);
    let small = get(&server, &bob, &format!("thumbnail/{picture}?width=32&height=32&method=crop")).await?;
    ensure!(small.status() == StatusCode::OK && header(&small, "content-type") == "image/png", "{small:?}");
    Ok(())
}

#[tokio::test]
async fn media_can_be_announced_first() -> Result<()> {
    let server = Server::start(&[])?;
    let (alice, bob) = (Person::sign_up(&server, "alice").await?, Person::sign_up(&server, "bob").await?);
    let client = Client::new();
    let create = client.post(format!("{}/_matrix/media/v1/create", server.url)).bearer_auth(&alice.token);
    let announced: Value = create.send().await?.json().await?;
    let address = announced["content_uri"].as_str().and_then(|uri| uri.strip_prefix("mxc://")).context("an address")?;
    let early: Value = get(&server, &bob, &format!("download/{address}?timeout_ms=0")).await?.json().await?;
    ensure!(early["errcode"] == "M_NOT_YET_UPLOADED", "{early}");
    let put = |person: &Person| {
        let request = client.put(format!("{}/_matrix/media/v3/upload/{address}", server.url));
        request.bearer_auth(&person.token).header("content-type", "image/png").body(PNG)
    };
    for (person, expected) in [(&bob, 403), (&alice, 200), (&alice, 409)] {
        let status = put(person).send().await?.status().as_u16();
        ensure!(status == expected, "{}: {status}", person.user_id);
    }
    ensure!(get(&server, &bob, &format!("download/{address}")).await?.bytes().await? == PNG);
    Ok(())
}

#[tokio::test]
async fn parts_of_a_file_and_what_a_client_has_already() -> Result<()> {
    let server = Server::start(&[])?;
    let alice = Person::sign_up(&server, "alice").await?;
    let bytes: Vec<u8> = (0..200_000_u32).map(|n| n.to_le_bytes()[0]).collect();
    let address = upload(&server, &alice, "video/mp4", bytes.clone()).await?;
    let url = format!("{}/_matrix/client/v1/media/download/{address}", server.url);
    let ask = async |method: Method, headers: &[(&str, &str)]| -> Result<Response> {
        let mut request = Client::new().request(method, &url).bearer_auth(&alice.token);
        for (name, value) in headers {
            request = request.header(*name, *value);
        }
        Ok(request.send().await?)
    };
    let whole = ask(Method::GET, &[]).await?;
    ensure!(header(&whole, "accept-ranges") == "bytes" && header(&whole, "content-length") == "200000", "{whole:?}");
    let etag = header(&whole, "etag").to_owned();
    ensure!(whole.bytes().await? == bytes);
    for (headers, status, range, expected) in [
        (vec![("range", "bytes=100000-199999")], 206, "bytes 100000-199999/200000", &bytes[100_000..]),
        (vec![("range", "bytes=-5")], 206, "bytes 199995-199999/200000", &bytes[199_995..]),
        (vec![("range", "bytes=200000-")], 416, "bytes */200000", &[]),
        (vec![("range", "bytes=0-1"), ("if-range", &etag)], 206, "bytes 0-1/200000", &bytes[..2]),
        (vec![("range", "bytes=0-1"), ("if-range", "\"old\"")], 200, "", &bytes[..]),
        (vec![("range", "bytes=0-1,5-6")], 200, "", &bytes[..]),
        (vec![("if-none-match", &etag)], 304, "", &[]),
        (vec![("if-none-match", "\"old\"")], 200, "", &bytes[..]),
    ] {
        let response = ask(Method::GET, &headers).await?;
        ensure!(response.status().as_u16() == status, "{headers:?}: {response:?}");
        ensure!(header(&response, "content-range") == range, "{headers:?}: {response:?}");
        ensure!(header(&response, "etag") == etag && header(&response, "x-content-type-options") == "nosniff");
        ensure!(response.bytes().await? == expected, "{headers:?}");
    }
    let head = ask(Method::HEAD, &[("range", "bytes=0-1")]).await?;
    ensure!(head.status() == StatusCode::OK && header(&head, "content-length") == "200000", "{head:?}");
    Ok(())
}

#[tokio::test]
async fn a_thumbnail_is_made_once() -> Result<()> {
    let server = Server::start(&[])?;
    let alice = Person::sign_up(&server, "alice").await?;
    let picture = upload(&server, &alice, "image/png", PNG).await?;
    let media = server.data().join("media");
    let mut tags = Vec::new();
    for (size, expected) in
        [("width=32&height=32&method=crop", 2), ("width=20&height=9&method=crop", 2), ("width=9&height=9", 3)]
    {
        let small = get(&server, &alice, &format!("thumbnail/{picture}?{size}")).await?;
        ensure!(small.status() == StatusCode::OK && header(&small, "content-type") == "image/png", "{small:?}");
        tags.push(header(&small, "etag").to_owned());
        ensure!(small.bytes().await?.starts_with(b"\x89PNG"));
        ensure!(files(&media)? == expected, "{size}: {} files", files(&media)?);
    }
    ensure!(tags[0] == tags[1] && tags[1] != tags[2], "{tags:?}");
    // It says that it has 16,000 times 16,000 pixels.
    let mut bomb = PNG.to_vec();
    bomb.splice(16..24, [16_000_u32.to_be_bytes(), 16_000_u32.to_be_bytes()].concat());
    bomb.splice(29..33, crc_of_header(&bomb).to_be_bytes());
    let bomb = upload(&server, &alice, "image/png", bomb).await?;
    let refused = get(&server, &alice, &format!("thumbnail/{bomb}?width=32&height=32")).await?;
    ensure!(refused.status() == StatusCode::PAYLOAD_TOO_LARGE, "{refused:?}");
    Ok(())
}

/// The checksum of a PNG's header, its kind included.
fn crc_of_header(png: &[u8]) -> u32 {
    let step = |crc: u32| if crc & 1 == 1 { (crc >> 1) ^ 0xedb8_8320 } else { crc >> 1 };
    !png[12..29].iter().fold(!0, |crc, byte| (0..8).fold(crc ^ u32::from(*byte), |crc, _| step(crc)))
}

#[tokio::test]
async fn a_refused_upload_leaves_nothing() -> Result<()> {
    let server = Server::start(&[("HEARTH_UPLOAD_BYTES_MAX", "2000000")])?;
    let alice = Person::sign_up(&server, "alice").await?;
    let media = server.data().join("media");
    let url = |path: &str| format!("{}/_matrix/media/v3/upload{path}", server.url);
    let long = format!("?filename={}", "n".repeat(600));
    for (method, path, bytes, status) in [
        (Method::POST, long.as_str(), 1_000_000, 400),
        (Method::POST, "", 2_000_001, 413),
        (Method::PUT, "/localhost/unknown", 1_000_000, 404),
        (Method::PUT, "/elsewhere.example/unknown", 1_000_000, 404),
    ] {
        let request = Client::new().request(method, url(path)).bearer_auth(&alice.token).body(vec![7; bytes]);
        let refused = request.send().await?.status().as_u16();
        ensure!(refused == status, "{path} {bytes}: {refused}");
        ensure!(files(&media)? == 0, "{path} {bytes} left a file");
    }
    // One that breaks off in its middle.
    let mut broken = begin_upload(&server, &alice, "content-length: 1000000")?;
    broken.write_all(&[7; 500_000])?;
    until_nothing_is_missing(ERASED_WITHIN, async || Ok((files(&media)? == 0).then(|| "no file aside".to_owned()))).await?;
    drop(broken);
    until_nothing_is_missing(ERASED_WITHIN, async || Ok((files(&media)? > 0).then(|| "half a file is left".to_owned())))
        .await?;
    Ok(())
}

/// The head of an upload, with this header beside the usual ones.
fn begin_upload(server: &Server, person: &Person, header: &str) -> Result<TcpStream> {
    let mut stream = TcpStream::connect(server.url.trim_start_matches("http://"))?;
    let token = &person.token;
    write!(
        stream,
        "POST /_matrix/media/v3/upload HTTP/1.1\r\nhost: h\r\nauthorization: Bearer {token}\r\n{header}\r\n\r\n"
    )?;
    Ok(stream)
}

#[tokio::test]
async fn uploads_side_by_side_keep_to_the_quotas() -> Result<()> {
    const FILE_BYTES: usize = 300_000;
    let quotas = [("HEARTH_MEDIA_QUOTA_PERSON_BYTES", "1000000"), ("HEARTH_MEDIA_QUOTA_TOTAL_BYTES", "1600000")];
    let server = Server::start(&quotas)?;
    let (alice, bob) = (Person::sign_up(&server, "alice").await?, Person::sign_up(&server, "bob").await?);
    let uploaded = AtomicUsize::new(0);
    let all = async |person: &Person, n: usize| -> Result<Vec<u16>> {
        let mut uploads = JoinSet::new();
        for _ in 0..n {
            // No two are equal, as equal bytes are one file.
            let number = uploaded.fetch_add(1, Ordering::Relaxed);
            let request = Client::new().post(format!("{}/_matrix/media/v3/upload", server.url)).bearer_auth(&person.token);
            let body = [person.user_id.as_bytes(), &number.to_be_bytes(), &vec![7; FILE_BYTES]].concat();
            uploads.spawn(async move { request.body(body).send().await.map(|response| response.status().as_u16()) });
        }
        let mut statuses = uploads.join_all().await.into_iter().collect::<Result<Vec<_>, _>>()?;
        statuses.sort_unstable();
        Ok(statuses)
    };
    let alices = all(&alice, 6).await?;
    let let_in = alices.iter().filter(|status| **status == 200).count();
    ensure!((1..=3).contains(&let_in) && alices[let_in..].iter().all(|status| *status == 403), "{alices:?}");
    for _ in let_in..3 {
        ensure!(all(&alice, 1).await? == [200], "there is room left");
    }
    ensure!(all(&alice, 1).await? == [403]);
    // What the server has room for in all is nearly used.
    ensure!(all(&bob, 1).await? == [200] && all(&bob, 1).await? == [200] && all(&bob, 1).await? == [507]);
    ensure!(files(&server.data().join("media"))? == 3 + 2, "each accepted upload is a file, and no other");
    Ok(())
}

#[tokio::test]
async fn what_somebody_uploaded_goes_with_their_erased_account() -> Result<()> {
    let mut server = Server::start(&[])?;
    let (alice, bob) = (Person::sign_up(&server, "alice").await?, Person::sign_up(&server, "bob").await?);
    let shared = upload(&server, &alice, "image/png", PNG).await?;
    let own = upload(&server, &alice, "text/plain", "private").await?;
    let same = upload(&server, &bob, "image/png", PNG).await?;
    ensure!(get(&server, &bob, &format!("thumbnail/{shared}?width=9&height=9")).await?.status() == StatusCode::OK);
    ensure!(files(&server.data().join("media"))? == 3);
    let auth =
        json!({"type": "m.login.password", "identifier": {"type": "m.id.user", "user": "alice"}, "password": PASSWORD});
    alice.demand(Method::POST, "v3/account/deactivate", Some(json!({"auth": auth, "erase": true}))).await?;
    until_nothing_is_missing(ERASED_WITHIN, async || {
        let statuses = [
            get(&server, &bob, &format!("download/{shared}")).await?,
            get(&server, &bob, &format!("download/{own}")).await?,
        ];
        let is_gone = statuses.iter().all(|response| response.status() == StatusCode::NOT_FOUND);
        Ok((!is_gone).then(|| format!("{statuses:?}")))
    })
    .await?;
    ensure!(get(&server, &bob, &format!("download/{same}")).await?.bytes().await? == PNG, "bob has uploaded the same");
    until_nothing_is_missing(ERASED_WITHIN, async || {
        let left = files(&server.data().join("media"))?;
        Ok((left != 2).then(|| format!("{left} files")))
    })
    .await?;
    server.stop()?;
    server.command(&["log", "verify"])?;
    server.command(&["log", "replay", "--check"])?;
    Ok(())
}

#[tokio::test]
async fn slow_readers_and_large_uploads_cost_little_memory() -> Result<()> {
    const FILE_BYTES: usize = 40 << 20;
    const READERS: usize = 25;
    let chunk = vec![7; 64 << 10];
    let server = Server::start(&[])?;
    let alice = Person::sign_up(&server, "alice").await?;
    let before = server.resident_bytes()?;
    let mut uploading = begin_upload(&server, &alice, "transfer-encoding: chunked\r\nconnection: close")?;
    for _ in 0..FILE_BYTES / chunk.len() {
        write!(uploading, "{:x}\r\n", chunk.len())?;
        uploading.write_all(&chunk)?;
        uploading.write_all(b"\r\n")?;
    }
    let cost = server.resident_bytes()?.saturating_sub(before);
    ensure!(cost < MEMORY_MAX / 2, "an upload of {FILE_BYTES} bytes cost {cost}");
    uploading.write_all(b"0\r\n\r\n")?;
    let mut answer = String::new();
    uploading.read_to_string(&mut answer)?;
    let address = answer.split_once("mxc://").and_then(|(_, rest)| rest.split_once('"')).context("an address")?.0;

    let before = server.resident_bytes()?;
    let mut readers = Vec::new();
    for _ in 0..READERS {
        let mut reader = TcpStream::connect(server.url.trim_start_matches("http://"))?;
        let token = &alice.token;
        write!(
            reader,
            "GET /_matrix/client/v1/media/download/{address} HTTP/1.1\r\nhost: h\r\nauthorization: Bearer {token}\r\n\r\n"
        )?;
        // The answer has begun, and goes no further than the buffers.
        let mut first = [0; 12];
        reader.read_exact(&mut first)?;
        ensure!(&first == b"HTTP/1.1 200", "{}", String::from_utf8_lossy(&first));
        readers.push(reader);
    }
    let cost = server.resident_bytes()?.saturating_sub(before);
    ensure!(cost < MEMORY_MAX, "{READERS} readers of {FILE_BYTES} bytes cost {cost}");
    Ok(())
}
