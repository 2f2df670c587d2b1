//! Media: announced, uploaded and erased.

use domain::{
    Fact,
    lookup::{FoundMedia, FoundUpload},
    user::UserState,
    user::media::{AnnounceMedia, ERASED_AT_ONCE_MAX, EraseMedia, PENDING_MAX, UploadMedia, UploadName},
};
use ruma::UInt;

use crate::{
    ink::Ink,
    sessions::{account, alice},
    world::{Twins, World},
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
        name: UploadName {
            user_id: alice(),
            media_id: media_id.map(str::to_owned),
            content_type: content_type.map(|bytes| ink.text(bytes)),
            filename: filename.map(|bytes| ink.text(bytes)),
        },
        digest: [255; 32],
        size_bytes: u64::MAX / 4,
    };
    world.policy.media.person_bytes = u64::MAX;
    world.accept(&mut user, upload(Some(&first.media_id), Some(NAME_BYTES_MAX), Some(NAME_BYTES_MAX)));
    world.refuse(&user, upload(Some(&first.media_id), None, None), "M_NOT_FOUND");
    world.accept(&mut user, upload(None, Some(0), Some(1)));
    world.accept(&mut user, upload(None, None, None));
    world.refuse(&user, upload(None, Some(NAME_BYTES_MAX + 1), None), "M_INVALID_PARAM");
    world.refuse(&user, upload(None, None, Some(NAME_BYTES_MAX + 1)), "M_INVALID_PARAM");
    world.accept(&mut user, announce);
    world.refuse(&user, UploadMedia { size_bytes: u64::MAX, ..upload(None, None, None) }, "M_FORBIDDEN");
    erased(world, &mut user);
}

/// As many media as go at once.
fn erased(world: &mut World, user: &mut Twins<UserState>) {
    let media_ids: Vec<String> = (0..ERASED_AT_ONCE_MAX).map(|n| format!("{n:024}")).collect();
    for (media_id, position) in media_ids.iter().zip(0..) {
        let upload = FoundUpload { digest: [255; 32], size_bytes: u64::MAX, position: u64::MAX - position };
        world.known.media.insert(media_id.clone(), FoundMedia { owner: alice(), uploaded: Some(upload) });
    }
    world.accept(user, EraseMedia { user_id: alice(), media_ids: media_ids.clone() });
    let too_many = media_ids.into_iter().chain(["one more".to_owned()]).collect();
    world.refuse(user, EraseMedia { user_id: alice(), media_ids: too_many }, "M_TOO_LARGE");
}
