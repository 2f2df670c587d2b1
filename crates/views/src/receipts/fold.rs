//! How facts change the view's rows.

use domain::{Area, EndingFact, Fact, RoomFact, room::ExpiryTarget, user::receipts::ReceiptKind};
use projection::{Batch, Fold, Place, ViewFault};

use super::{notifying, receipt, tables::VIEW};
use crate::{Audience, Touched};

/// The view's fold.
pub struct ReceiptsView;

impl Fold<Fact, Audience> for ReceiptsView {
    fn name(&self) -> &'static str {
        "receipts"
    }

    fn view(&self) -> u8 {
        VIEW
    }

    fn version(&self) -> u32 {
        7
    }

    fn fold(&self, batch: &mut Batch<'_>, touched: &mut Touched, fact: &Fact, place: &Place) -> Result<(), ViewFault> {
        let position = place.position.0;
        match fact.area() {
            Area::Room(fact) => match fact {
                RoomFact::ReceiptSet(fact) => {
                    touched.touch(|| match fact.kind {
                        ReceiptKind::Public => Audience::Room(fact.room_id.clone()),
                        ReceiptKind::Private => Audience::Person(fact.user_id.clone()),
                    });
                    receipt::set(batch, fact, position)
                }
                // What is unread is told together with what is new in the timeline.
                RoomFact::PduAdded(added) => notifying::added(batch, &added.pdu, position),
                RoomFact::PduPruned(pruned) => notifying::pruned(batch, pruned),
                RoomFact::PduErased(erased) => notifying::erased(batch, erased),
                RoomFact::PduExpired(expired) => {
                    let ExpiryTarget { room_id, sender, position, .. } = &expired.target;
                    notifying::gone(batch, room_id.as_str(), sender.as_str(), *position)
                }
                RoomFact::PduExpirySet(_) | RoomFact::RoomUpgraded(_) | RoomFact::RoomForgotten(_) => Ok(()),
            },
            Area::Ending(fact) => match fact {
                EndingFact::AccountErased(fact) => receipt::erase(batch, &fact.user_id),
                EndingFact::AccountDeactivated(_)
                | EndingFact::SessionClosed(_)
                | EndingFact::DehydratedDeviceRemoved(_)
                | EndingFact::EmailsErased(_)
                | EndingFact::InboxErased(_)
                | EndingFact::BackupErased(_) => Ok(()),
            },
            Area::Directory(_)
            | Area::Account(_)
            | Area::Data(_)
            | Area::Media(_)
            | Area::Keys(_)
            | Area::Inbox(_)
            | Area::Backup(_)
            | Area::Outbox(_) => Ok(()),
        }
    }
}
