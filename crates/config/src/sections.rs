//! The sections, one file each.

mod calls;
mod limits;
mod media;
mod registration;
mod rooms;
mod server;
mod telemetry;
mod users;
mod views;

pub use calls::Calls;
pub use limits::Limits;
pub use media::Media;
pub use registration::{Registration, RegistrationMode};
pub use rooms::Rooms;
pub use server::Server;
pub use telemetry::{Telemetry, TelemetryFormat};
pub use users::Users;
pub use views::Views;
