//! AES-CTR by the browser, a piece at a time, and the hash of what is encrypted
//! (<https://spec.matrix.org/v1.16/client-server-api/#sending-encrypted-attachments>).

use hearth_web_state::{
    files::{Failure, Stage, counter_at, first_counter},
    message::Cipher,
};
use js_sys::{Array, Object, Uint8Array};
use sha2::{Digest, Sha256};
use wasm_bindgen::JsCast;
use wasm_bindgen_futures::JsFuture;
use web_sys::{AesCtrParams, Blob, CryptoKey, SubtleCrypto};

use super::{
    blob::{PIECE_LEN, read},
    forget::forget,
    kept::{Keeper, Kept},
};
use crate::browser;

const ALGORITHM: &str = "AES-CTR";
/// How many bits of the counter count.
const COUNTER_BITS: u8 = 64;

/// One file's key in the browser's hands.
pub(super) struct Sealer {
    subtle: SubtleCrypto,
    key: CryptoKey,
    iv: [u8; 16],
    hash: Sha256,
    offset: u64,
}

impl Sealer {
    /// Takes up a key.
    ///
    /// # Errors
    /// [`Failure::NotTrusted`] in a page that is no secure context: browsers encrypt nothing there.
    pub(super) async fn new(key: &[u8; 32], iv: [u8; 16]) -> Result<Self, Failure> {
        let crypto = browser::window().and_then(|window| window.crypto().ok()).ok_or(Failure::NotTrusted)?;
        let subtle = crypto.subtle();
        if subtle.is_undefined() {
            return Err(Failure::NotTrusted);
        }
        let usages = Array::of1(&"encrypt".into());
        let raw: Object = Uint8Array::from(key.as_slice()).unchecked_into();
        let import = subtle.import_key_with_str("raw", &raw, ALGORITHM, false, &usages).map_err(|_| Failure::NotTrusted)?;
        let key = JsFuture::from(import).await.map_err(|_| Failure::NotTrusted)?.unchecked_into();
        Ok(Self { subtle, key, iv, hash: Sha256::new(), offset: 0 })
    }

    /// Encrypts the next piece, or decrypts it: to this cipher both are the same. Only the last piece may have any length.
    pub(super) async fn turn(&mut self, piece: Uint8Array) -> Option<Uint8Array> {
        let counter = Uint8Array::from(counter_at(self.iv, self.offset).as_slice());
        self.offset += u64::from(piece.length());
        let params = AesCtrParams::new_with_u8_array(ALGORITHM, &counter, COUNTER_BITS);
        let turned = self.subtle.encrypt_with_object_and_js_u8_array(&params, &self.key, &piece).ok()?;
        let turned = JsFuture::from(turned).await.ok()?;
        forget(piece);
        Some(Uint8Array::new(&turned))
    }

    /// Counts encrypted bytes into the hash.
    pub(super) fn count(&mut self, encrypted: &[u8]) {
        self.hash.update(encrypted);
    }

    /// The hash of all that was counted.
    pub(super) fn hash(self) -> [u8; 32] {
        self.hash.finalize().into()
    }
}

/// Encrypts a file under a new key. `report` says how far it is and answers whether to go on; `None` when not.
///
/// # Errors
/// When the file cannot be read any more, or the browser does not encrypt here.
pub(crate) async fn encrypt(source: &Blob, report: &dyn Fn(Stage) -> bool) -> Result<Option<(Kept, Cipher)>, Failure> {
    let mut key = [0; 32];
    key[..16].copy_from_slice(&browser::random().to_be_bytes());
    key[16..].copy_from_slice(&browser::random().to_be_bytes());
    let iv = first_counter(browser::random());
    let mut sealer = Sealer::new(&key, iv).await?;
    let size = source.size();
    let keeper = Keeper::new(size).await;
    let mut bytes = Vec::new();
    let mut from = 0.0;
    while from < size {
        if !report(Stage::Encrypting((from / size * 100.0) as u8)) {
            return Ok(None);
        }
        let to = (from + PIECE_LEN as f64).min(size);
        let piece = read(source, from, to).await.ok_or(Failure::Unreadable)?;
        let sealed = sealer.turn(piece).await.ok_or(Failure::Unreadable)?;
        bytes.resize(sealed.length() as usize, 0);
        sealed.copy_to(&mut bytes);
        sealer.count(&bytes);
        keeper.push(sealed).await?;
        from = to;
    }
    let kept = keeper.all("application/octet-stream").await?;
    Ok(Some((kept, Cipher { key, iv, sha256: sealer.hash() })))
}
