//! Thumbnails of every size: of pictures as large as a server decodes, of bombs, of pictures that are cut off.

use std::{
    io::Write as _,
    sync::{Arc, OnceLock},
    time::Duration,
};

use anyhow::{Context as _, Result, ensure};
use bytes::Bytes;
use http::Method;
use tokio::time::sleep;

use super::client::{Answer, Client};
use crate::connection::Connection;

/// Width and height of a picture that takes 21 MiB when decoded: servers with little memory decode that too.
const LARGE_PIXELS: u32 = 2_700;
/// Of a picture that takes 768 MB, in a file of some 100 KB.
const BOMB_PIXELS: u32 = 16_000;
/// Sizes that are asked for of each picture, in pixels.
const SIZES: [u32; 6] = [1, 32, 96, 320, 640, 4_000];
const METHODS: [&str; 2] = ["crop", "scale"];
/// Pictures on one connection.
const PICTURES: u32 = 50;
/// After a refusal, which costs nobody anything.
const REFUSED_PAUSE: Duration = Duration::from_millis(50);

/// Uploads one picture after the other, and asks for each in all sizes.
pub(super) async fn ask(client: &Client<'_>, note: impl Fn(Answer)) -> Result<Answer> {
    let picture = picture(client.number)?;
    let mut connection = client.target.connect_from(client.from).await?;
    for number in 0..PICTURES {
        // Something behind its end makes it another file, of which nothing is kept yet.
        let file = [&picture[..], format!("{}-{}-{number}", client.number, client.round).as_bytes()].concat();
        let (status, answer) =
            connection.call(Method::POST, "/_matrix/media/v3/upload", &client.user.token, file.into()).await?;
        note(Some(status));
        if !status.is_success() {
            sleep(REFUSED_PAUSE).await;
            continue;
        }
        let answer: serde_json::Value = serde_json::from_slice(&answer)?;
        let uri = answer["content_uri"].as_str().context("no content_uri")?;
        all_sizes(client, &mut connection, uri.trim_start_matches("mxc://"), &note).await?;
    }
    Ok(None)
}

async fn all_sizes(client: &Client<'_>, connection: &mut Connection, file: &str, note: &impl Fn(Answer)) -> Result<()> {
    for (size, method) in SIZES.iter().flat_map(|size| METHODS.map(|method| (size, method))) {
        let path = format!("/_matrix/client/v1/media/thumbnail/{file}?width={size}&height={size}&method={method}");
        let (status, _) = connection.call(Method::GET, &path, &client.user.token, Bytes::new()).await?;
        note(Some(status));
        if !status.is_success() {
            sleep(REFUSED_PAUSE).await;
        }
    }
    Ok(())
}

/// Large, a bomb, or large and cut off. Each is made once.
fn picture(kind: u32) -> Result<Arc<Vec<u8>>> {
    static PICTURES: OnceLock<[Arc<Vec<u8>>; 3]> = OnceLock::new();
    if PICTURES.get().is_none() {
        let (large, bomb) = (png(LARGE_PIXELS)?, png(BOMB_PIXELS)?);
        let cut = large[..large.len() / 2].to_vec();
        // Somebody else may have been faster, with the same.
        _ = PICTURES.set([large, bomb, cut].map(Arc::new));
    }
    let pictures = PICTURES.get().context("they were just made")?;
    Ok(Arc::clone(&pictures[kind as usize % pictures.len()]))
}

/// A black square, which takes few bytes.
fn png(pixels: u32) -> Result<Vec<u8>> {
    let mut file = Vec::new();
    let mut encoder = png::Encoder::new(&mut file, pixels, pixels);
    encoder.set_color(png::ColorType::Rgb);
    encoder.set_compression(png::Compression::Fast);
    let mut writer = encoder.write_header()?;
    let mut rows = writer.stream_writer()?;
    let row = vec![0; 3 * pixels as usize];
    for _ in 0..pixels {
        rows.write_all(&row)?;
    }
    rows.finish()?;
    drop(writer);
    ensure!(file.len() < 8 << 20, "a picture of one colour has {} bytes", file.len());
    Ok(file)
}

#[cfg(test)]
mod tests {
    use super::png;

    #[test]
    fn pictures_are_small_files_and_say_how_large_they_are() {
        let file = png(500).unwrap();
        assert!(file.len() < 20_000, "{}", file.len());
        assert_eq!(file[16..24], [500_u32.to_be_bytes(), 500_u32.to_be_bytes()].concat()[..]);
    }
}
