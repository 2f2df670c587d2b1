//! How facts change the view's rows.

use domain::{
    AccountFact, Area, EndingFact, Fact,
    user::{AccountDeactivated, ProfileFieldSet, erasure::PayloadsErased, profile::DISPLAY_NAME},
};
use projection::{Batch, Fold, Place, Rows, ViewFault};
use ruma::UserId;

use super::{
    account::{ACCOUNTS, AccountRow, PASSWORDS},
    admins, emails, erasures, invites, locks, profiles, registration, reset_links, search, sessions,
    tables::VIEW,
};
use crate::{Audience, Touched};

/// The view's fold.
pub struct AccountsView;

impl Fold<Fact, Audience> for AccountsView {
    fn name(&self) -> &'static str {
        "accounts"
    }

    fn view(&self) -> u8 {
        VIEW
    }

    fn version(&self) -> u32 {
        10
    }

    fn fold(&self, batch: &mut Batch<'_>, touched: &mut Touched, fact: &Fact, place: &Place) -> Result<(), ViewFault> {
        match fact.area() {
            Area::Account(fact) => match fact {
                AccountFact::AccountCreated(fact) => {
                    let row = AccountRow { created_at_ms: place.at_ms, is_deactivated: false };
                    ACCOUNTS.put(batch, fact.user_id.as_str(), &row)?;
                    search::index(batch, &fact.user_id, None)
                }
                AccountFact::PasswordSet(fact) => {
                    reset_links::end(batch, &fact.user_id)?;
                    PASSWORDS.put(batch, fact.user_id.as_str(), &fact.phc)
                }
                AccountFact::ResetLinkMade(fact) => reset_links::made(batch, fact),
                AccountFact::AccountLocked(fact) => {
                    // A sync that waits is to say it.
                    touched.touch(|| Audience::Person(fact.user_id.clone()));
                    locks::lock(batch, &fact.user_id)
                }
                AccountFact::AccountUnlocked(fact) => locks::unlock(batch, &fact.user_id),
                AccountFact::EmailAdded(fact) => emails::add(batch, &fact.user_id, &fact.email, place.at_ms),
                AccountFact::EmailVerified(fact) => emails::verified(batch, &fact.user_id, &fact.email, place.at_ms),
                AccountFact::EmailRemoved(fact) => emails::remove(batch, &fact.user_id, &fact.email),
                AccountFact::RegistrationTokenUsed(fact) => registration::used(batch, fact),
                AccountFact::InviteMade(fact) => invites::made(batch, fact, place.at_ms),
                AccountFact::InviteRevoked(fact) => invites::revoked(batch, fact),
                AccountFact::AdminMade(fact) => admins::made(batch, fact),
                AccountFact::AdminUnmade(fact) => admins::unmade(batch, fact),
                AccountFact::SessionOpened(fact) => sessions::opened(batch, fact, place.at_ms),
                AccountFact::CredentialsSet(fact) => sessions::credentials_set(batch, fact),
                AccountFact::CredentialsUsed(fact) => sessions::credentials_used(batch, fact),
                AccountFact::DeviceRenamed(fact) => sessions::renamed(batch, fact),
                AccountFact::ProfileFieldSet(fact) => profile_set(batch, fact),
            },
            Area::Ending(fact) => match fact {
                EndingFact::AccountDeactivated(fact) => deactivated(batch, fact, place),
                EndingFact::AccountErased(fact) => erased(batch, fact, place),
                EndingFact::EmailsErased(fact) => emails::erase(batch, &fact.user_id),
                EndingFact::InboxErased(_) | EndingFact::BackupErased(_) => Ok(()),
                EndingFact::SessionClosed(fact) => sessions::closed(batch, fact),
                // It never had a session.
                EndingFact::DehydratedDeviceRemoved(_) => Ok(()),
            },
            Area::Room(_)
            | Area::Directory(_)
            | Area::Data(_)
            | Area::Media(_)
            | Area::Keys(_)
            | Area::Inbox(_)
            | Area::Backup(_)
            | Area::Outbox(_) => Ok(()),
        }
    }
}

fn deactivated(batch: &mut Batch<'_>, fact: &AccountDeactivated, place: &Place) -> Result<(), ViewFault> {
    let key = fact.user_id.as_str();
    // There is none when the record that created the account is parked.
    if let Some(row) = ACCOUNTS.get(batch, key)? {
        ACCOUNTS.put(batch, key, &AccountRow { is_deactivated: true, ..row })?;
    }
    PASSWORDS.delete(batch, key)?;
    reset_links::end(batch, &fact.user_id)?;
    locks::unlock(batch, &fact.user_id)?;
    let name = display_name(batch, &fact.user_id)?;
    search::forget(batch, &fact.user_id, name.as_deref())?;
    if !fact.erase {
        return Ok(());
    }
    erasures::ask(batch, &fact.user_id, place)?;
    profiles::erase(batch, &fact.user_id)
}

/// Of the account itself only that it is closed is left, and that what admins did to it.
fn erased(batch: &mut Batch<'_>, fact: &PayloadsErased, place: &Place) -> Result<(), ViewFault> {
    sessions::erase(batch, &fact.user_id)?;
    profiles::erase(batch, &fact.user_id)?;
    if fact.is_last { erasures::end(batch, &fact.user_id, place) } else { Ok(()) }
}

fn profile_set(batch: &mut Batch<'_>, fact: &ProfileFieldSet) -> Result<(), ViewFault> {
    if fact.field != DISPLAY_NAME {
        return profiles::set(batch, &fact.user_id, &fact.field, fact.value.as_ref());
    }
    let old = display_name(batch, &fact.user_id)?;
    search::forget(batch, &fact.user_id, old.as_deref())?;
    profiles::set(batch, &fact.user_id, &fact.field, fact.value.as_ref())?;
    search::index(batch, &fact.user_id, fact.value.as_ref().and_then(|value| value.as_str()))
}

fn display_name(rows: &dyn Rows, user_id: &UserId) -> Result<Option<String>, ViewFault> {
    Ok(profiles::profile_field(rows, user_id, DISPLAY_NAME)?.and_then(|value| value.as_str().map(str::to_owned)))
}
