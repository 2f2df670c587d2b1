//! Media: what is refused before a byte is taken in, and what counts towards quotas.

use ruma::OwnedUserId;

use super::{AdmitUpload, AnnounceMedia, EraseMedia, MediaAnnounced, Room, UploadMedia, UploadName};
use crate::{
    Aggregate as _, Command, Fact,
    lookup::{FoundMedia, FoundUpload, fixture::Known},
    user::{
        AccountCreated, Deactivate, UserState,
        keys::fixture::{code, given, when, when_known},
    },
};

const MIB: u64 = 1 << 20;

fn id() -> OwnedUserId {
    "@alice:h".try_into().unwrap()
}

fn alice() -> UserState {
    given([Fact::AccountCreated(AccountCreated { user_id: id() })])
}

fn name(media_id: Option<&str>) -> UploadName {
    UploadName { user_id: id(), media_id: media_id.map(str::to_owned), content_type: None, filename: None }
}

fn upload(media_id: Option<&str>, size_bytes: u64) -> UploadMedia {
    UploadMedia { name: name(media_id), digest: [1; 32], size_bytes }
}

fn found(owner: &str, uploaded: Option<u64>) -> FoundMedia {
    let uploaded = uploaded.map(|size_bytes| FoundUpload { digest: [1; 32], size_bytes, position: size_bytes });
    FoundMedia { owner: owner.try_into().unwrap(), uploaded }
}

/// The code of a refusal; none for what is accepted.
fn refused<C: Command<On = UserState>>(known: &Known, state: &mut UserState, command: C) -> Option<String> {
    when_known(known, state, command).err().map(|refused| code(&refused))
}

#[test]
fn an_address_takes_one_upload_of_whoever_reserved_it_and_in_time() {
    let mut state = alice();
    let late = MediaAnnounced { user_id: id(), media_id: "late".to_owned(), expires_at_ms: 1_000 };
    state.evolve(&Fact::MediaAnnounced(late));
    let announced = when(&mut state, AnnounceMedia { user_id: id() }).unwrap().0.media_id;
    let media = [("bobs", found("@bob:h", None)), ("taken", found("@alice:h", Some(3))), ("late", found("@alice:h", None))];
    let media = media.into_iter().map(|(id, media)| (id.to_owned(), media)).collect();
    let known = Known { media, ..Known::default() };
    for (media_id, expected) in [
        (Some(announced.as_str()), None),
        (None, None),
        (Some("unknown"), Some("M_NOT_FOUND")),
        (Some("late"), Some("M_NOT_FOUND")),
        (Some("bobs"), Some("M_FORBIDDEN")),
        (Some("taken"), Some("M_CANNOT_OVERWRITE_MEDIA")),
    ] {
        let ask = AdmitUpload { name: name(media_id), size_bytes: 0 };
        assert_eq!(refused(&known, &mut state, ask).as_deref(), expected, "{media_id:?} before its bytes");
        let facts = refused(&known, &mut state, upload(media_id, 3));
        assert_eq!(facts.as_deref(), expected, "{media_id:?}");
    }
    assert_eq!(refused(&known, &mut state, upload(Some(&announced), 3)).as_deref(), Some("M_NOT_FOUND"), "once");
}

#[test]
fn names_are_bounded_before_the_first_byte() {
    let long = || Some("n".repeat(513));
    for name in [UploadName { filename: long(), ..name(None) }, UploadName { content_type: long(), ..name(None) }] {
        let ask = AdmitUpload { name, size_bytes: 0 };
        assert_eq!(refused(&Known::default(), &mut alice(), ask).as_deref(), Some("M_INVALID_PARAM"));
    }
    let mut gone = alice();
    when(&mut gone, Deactivate { user_id: id(), erase: false }).unwrap();
    assert!(refused(&Known::default(), &mut gone, AdmitUpload { name: name(None), size_bytes: 0 }).is_some());
}

#[test]
fn what_was_uploaded_counts_until_it_is_erased() {
    let quota = crate::Policy::default().media.person_bytes;
    let mut state = alice();
    let known = |media: &[(&str, u64)]| Known {
        media: media.iter().map(|(id, size)| ((*id).to_owned(), found("@alice:h", Some(*size)))).collect(),
        ..Known::default()
    };
    let room = |state: &mut UserState| {
        when(state, AdmitUpload { name: name(None), size_bytes: 0 }).map(|(room, _)| room).map_err(|refused| code(&refused))
    };
    let left = |used: u64| Ok(Room { person_bytes: quota - used, total_bytes: None });
    assert_eq!(room(&mut state), left(0));
    when(&mut state, upload(None, MIB)).unwrap();
    when(&mut state, upload(None, 1)).unwrap();
    assert_eq!(room(&mut state), left(MIB + 4_096), "the smallest file counts as a block");
    assert_eq!(refused(&known(&[]), &mut state, upload(None, quota)).as_deref(), Some("M_FORBIDDEN"));
    assert_eq!(refused(&known(&[]), &mut state, upload(None, quota - MIB - 4_096)), None);
    assert_eq!(room(&mut state), Err("M_FORBIDDEN".to_owned()), "full");

    let mut known = known(&[("a", MIB), ("b", 1)]);
    known.media.insert("bobs".to_owned(), found("@bob:h", Some(MIB)));
    let erase = |ids: &[&str]| EraseMedia { user_id: id(), media_ids: ids.iter().map(|id| (*id).to_owned()).collect() };
    let (_, facts) = when_known(&known, &mut state, erase(&["a", "a", "bobs", "unknown", "b"])).unwrap();
    let [Fact::MediaErased(erased)] = &facts[..] else { panic!("{facts:?}") };
    assert_eq!(erased.media.iter().map(|gone| gone.media_id.as_str()).collect::<Vec<_>>(), ["a", "b"]);
    assert_eq!(erased.positions, [MIB, 1]);
    assert_eq!(room(&mut state), left(quota - MIB - 4_096));
    let (_, facts) = when_known(&Known::default(), &mut state, erase(&["a"])).unwrap();
    assert!(facts.is_empty(), "it is gone already");
}
