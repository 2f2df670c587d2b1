//! Fetching a file: read as it comes, decrypted a piece at a time, and handed out only when all of it is what was sent.

use hearth_web_state::{files::Failure, message::Cipher, trouble::Trouble};
use js_sys::{Reflect, Uint8Array};
use wasm_bindgen::JsCast;
use wasm_bindgen_futures::JsFuture;
use web_sys::{ReadableStreamDefaultReader, RequestInit, Response};

use super::{
    blob::PIECE_LEN,
    cipher::Sealer,
    forget::forget,
    kept::{Keeper, Kept},
};
use crate::browser;

/// The length of a block of the cipher: pieces before the last are whole blocks.
const BLOCK_LEN: usize = 16;

/// An answer that is being read. What nobody wants any more is not fetched to its end.
struct Reading {
    reader: ReadableStreamDefaultReader,
    /// How many bytes it says that it has; 0 when it does not say.
    size: f64,
    is_over: bool,
}

impl Drop for Reading {
    fn drop(&mut self) {
        if !self.is_over {
            // Nobody waits for it to be stopped.
            let _ = self.reader.cancel();
        }
    }
}

/// Fetches the file at `url` as a blob of the type `mime`. `report` is told how many bytes there are so far.
///
/// # Errors
/// [`Failure::Damaged`] when the bytes are not those that the cipher's hash is of: none of them are handed out.
pub(crate) async fn fetch(
    url: &str,
    token: &str,
    cipher: Option<&Cipher>,
    mime: &str,
    report: &dyn Fn(u64),
) -> Result<Kept, Failure> {
    let mut reading = open(url, token).await?;
    let mut sealer = match cipher {
        Some(cipher) => Some(Sealer::new(&cipher.key, cipher.iv).await?),
        None => None,
    };
    let keeper = Keeper::new(reading.size).await;
    let mut held = Vec::with_capacity(PIECE_LEN * 2);
    let mut total = 0;
    while let Some(chunk) = next(&mut reading).await? {
        total += u64::from(chunk.length());
        report(total);
        let before = held.len();
        held.resize(before + chunk.length() as usize, 0);
        chunk.copy_to(&mut held[before..]);
        forget(chunk);
        if held.len() >= PIECE_LEN {
            let whole = held.len() / BLOCK_LEN * BLOCK_LEN;
            keeper.push(opened(&held[..whole], sealer.as_mut()).await?).await?;
            held.drain(..whole);
        }
    }
    keeper.push(opened(&held, sealer.as_mut()).await?).await?;
    if let (Some(sealer), Some(cipher)) = (sealer, cipher)
        && sealer.hash() != cipher.sha256
    {
        return Err(Failure::Damaged);
    }
    keeper.all(mime).await
}

async fn open(url: &str, token: &str) -> Result<Reading, Failure> {
    let unreachable = |_| Failure::Other(Trouble::Unreachable);
    let window = browser::window().ok_or(Failure::Unreadable)?;
    let headers = web_sys::Headers::new().map_err(unreachable)?;
    headers.set("authorization", &format!("Bearer {token}")).map_err(unreachable)?;
    let init = RequestInit::new();
    init.set_headers(&headers);
    let response = JsFuture::from(window.fetch_with_str_and_init(url, &init)).await.map_err(unreachable)?;
    let response: Response = response.unchecked_into();
    if !response.ok() {
        return Err(Failure::of_download(response.status()));
    }
    let size = response.headers().get("content-length").ok().flatten().and_then(|length| length.parse().ok());
    let body = response.body().ok_or(Failure::Gone)?;
    let reader = ReadableStreamDefaultReader::new(&body).map_err(unreachable)?;
    Ok(Reading { reader, size: size.unwrap_or_default(), is_over: false })
}

async fn next(reading: &mut Reading) -> Result<Option<Uint8Array>, Failure> {
    let read = JsFuture::from(reading.reader.read()).await;
    let value = read.as_ref().ok().and_then(|read| Reflect::get(read, &"value".into()).ok());
    let value = value.filter(|value| !value.is_undefined());
    reading.is_over = value.is_none();
    read.map_err(|_| Failure::Other(Trouble::Unreachable))?;
    Ok(value.map(JsCast::unchecked_into))
}

/// One piece, decrypted if it was encrypted.
async fn opened(bytes: &[u8], sealer: Option<&mut Sealer>) -> Result<Uint8Array, Failure> {
    let piece = Uint8Array::from(bytes);
    let Some(sealer) = sealer else { return Ok(piece) };
    sealer.count(bytes);
    sealer.turn(piece).await.ok_or(Failure::Unreadable)
}
