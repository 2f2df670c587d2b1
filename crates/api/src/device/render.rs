//! A device as its owner sees it.

use ruma::api::client::device::Device;
use views::accounts::DeviceRow;

/// When and from where a device was last seen is not recorded, so that it cannot be given away.
pub(super) fn render(row: DeviceRow) -> Device {
    let mut device = Device::new(row.device_id);
    device.display_name = row.display_name;
    device
}
