//! What people report to whoever runs the server (spec: "Reporting Content"). Reports are records and nothing else: the server acts on
//! none, and `hearth log reports` lists them.

mod facts;
mod make;

pub use facts::ReportMade;
pub use make::{MakeReport, REPORT_BYTES_MAX, Reported};
