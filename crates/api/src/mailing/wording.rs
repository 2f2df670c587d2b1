//! The words of messages. Plain text: no mail program hides a part of it, and a link shows where it leads.

use mail::Letter;
use ruma::UserId;
use time::OffsetDateTime;

pub(super) fn reset(user_id: &UserId, link: &str, expires_at_ms: u64) -> Letter {
    let until = moment(expires_at_ms);
    Letter {
        subject: format!("A new password for {user_id}"),
        text: format!(
            "Somebody, hopefully you, has asked for a new password for {user_id}.\n\n\
             Set it here:\n{link}\n\n\
             The link counts once, until {until}. Any other new password ends it too.\n\n\
             A new password does not touch your keys. Messages from before are unlocked by your recovery key, or by another device of \
             yours that is still logged in, and by nothing else.\n\n\
             If you have not asked for this, do nothing: nothing has changed, and only who reads this message has the link.\n"
        ),
    }
}

pub(super) fn not_confirmed(user_id: &UserId, web_url: &str) -> Letter {
    Letter {
        subject: format!("No new password for {user_id}"),
        text: format!(
            "Somebody, hopefully you, has asked for a new password for {user_id} on {web_url}.\n\n\
             It cannot be set by email, because nobody has confirmed that this address belongs to the account. Ask the person who runs \
             the server: they can make a link for a new password.\n\n\
             If you do not know of this account, somebody may have mistyped their address. Nothing has changed, and you need not do \
             anything.\n"
        ),
    }
}

pub(super) fn confirmation(user_id: &UserId, link: &str, expires_at_ms: u64) -> Letter {
    let until = moment(expires_at_ms);
    Letter {
        subject: format!("Is this the address of {user_id}?"),
        text: format!(
            "{user_id} has given this address as theirs.\n\n\
             If that is you, confirm it here until {until}:\n{link}\n\n\
             From then on you can set a new password by email, should you forget yours.\n\n\
             If that is not you, do nothing: without your word nobody gets a new password by this address.\n"
        ),
    }
}

pub(super) fn proof(web_url: &str, link: &str, expires_at_ms: u64) -> Letter {
    let until = moment(expires_at_ms);
    Letter {
        subject: "Is this your address?".to_owned(),
        text: format!(
            "Somebody, hopefully you, wants to add this address to their account on {web_url}.\n\n\
             If that is you, confirm it here until {until}, and go on in the app in which you asked:\n{link}\n\n\
             If that is not you, do nothing: without your word the address is added to no account.\n"
        ),
    }
}

pub(super) fn taken(user_id: &UserId, web_url: &str) -> Letter {
    Letter {
        subject: format!("This is the address of {user_id}"),
        text: format!(
            "Somebody, hopefully you, wants to add this address to an account on {web_url}. It is an address of {user_id} already, and \
             an address has one account.\n\n\
             Nothing has changed. If you have not asked for this, you need not do anything.\n"
        ),
    }
}

/// Such as `29 November 2026, 01:35 UTC`.
fn moment(at_ms: u64) -> String {
    let seconds = i64::try_from(at_ms / 1_000).unwrap_or(i64::MAX);
    let at = OffsetDateTime::from_unix_timestamp(seconds).unwrap_or(OffsetDateTime::UNIX_EPOCH);
    format!("{} {} {}, {:02}:{:02} UTC", at.day(), at.month(), at.year(), at.hour(), at.minute())
}

#[cfg(test)]
mod tests {
    use ruma::user_id;

    use super::{confirmation, moment, not_confirmed, proof, reset};

    #[test]
    fn moments_are_read_by_people() {
        assert_eq!(moment(1_795_916_100_999), "29 November 2026, 01:35 UTC");
    }

    #[test]
    fn messages_say_what_a_person_has_to_know() {
        let (alice, link) = (user_id!("@alice:h"), "https://chat.example.org/#/reset/mail.x");
        let reset = reset(alice, link, 0);
        for words in
            [link, "@alice:h", "1 January 1970, 00:00 UTC", "does not touch your keys", "recovery key", "do nothing"]
        {
            assert!(reset.text.contains(words), "{words}: {}", reset.text);
        }
        assert!(reset.text.contains(&format!("\n{link}\n")), "a link stands alone, so that mail programs find its end");
        assert!(!not_confirmed(alice, "https://h").text.contains("/#/reset/"));
        for letter in [confirmation(alice, link, 0), proof("https://h", link, 0)] {
            assert!(letter.text.contains("do nothing") && letter.text.contains(&format!("\n{link}\n")), "{}", letter.text);
        }
    }
}
