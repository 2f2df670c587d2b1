//! A device as its owner sees it.

use ruma::{MilliSecondsSinceUnixEpoch, UInt, api::client::device::Device};
use views::accounts::DeviceRow;

/// From where and when a device was seen last is not recorded, so that it cannot be given away. In its place stands when it logged in:
/// there are clients that refuse the whole answer without it.
pub(super) fn render(row: DeviceRow) -> Device {
    let mut device = Device::new(row.device_id);
    device.display_name = row.display_name;
    device.last_seen_ts = Some(MilliSecondsSinceUnixEpoch(UInt::new_saturating(row.opened_at_ms)));
    device
}
