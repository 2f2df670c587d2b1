//! Media: announced and uploaded.

use domain::{
    Fact,
    user::media::{AnnounceMedia, PENDING_MAX, UploadMedia},
};
use ruma::UInt;

use crate::{
    ink::Ink,
    sessions::{account, alice},
    world::World,
};

/// Bytes of a content type and of a file name.
const NAME_BYTES_MAX: usize = 512;

/// Announced and other uploads.
pub(crate) fn uploads(world: &mut World, ink: &Ink) {
    let mut user = account();
    world.now_ms = UInt::MAX;
    let announce = AnnounceMedia { user_id: alice() };
    let announced: Vec<Fact> = (0..PENDING_MAX).flat_map(|_| world.accept_once(&mut user, announce.clone())).collect();
    world.refuse(&user, announce.clone(), "M_LIMIT_EXCEEDED");
    let Some(Fact::MediaAnnounced(first)) = announced.first() else { panic!("nothing was announced") };
    let upload = |media_id: Option<&str>, content_type: Option<usize>, filename: Option<usize>| UploadMedia {
        user_id: alice(),
        media_id: media_id.map(str::to_owned),
        digest: [255; 32],
        size_bytes: u64::MAX,
        content_type: content_type.map(|bytes| ink.text(bytes)),
        filename: filename.map(|bytes| ink.text(bytes)),
    };
    world.accept(&mut user, upload(Some(&first.media_id), Some(NAME_BYTES_MAX), Some(NAME_BYTES_MAX)));
    world.refuse(&user, upload(Some(&first.media_id), None, None), "M_NOT_FOUND");
    world.accept(&mut user, upload(None, Some(0), Some(1)));
    world.accept(&mut user, upload(None, None, None));
    world.refuse(&user, upload(None, Some(NAME_BYTES_MAX + 1), None), "M_INVALID_PARAM");
    world.refuse(&user, upload(None, None, Some(NAME_BYTES_MAX + 1)), "M_INVALID_PARAM");
    world.accept(&mut user, announce);
}
