//! Who comes by the socket in the data folder: whoever may read the folder may do what admins may, and has no session.

/// Goes with each request that came by the operator's socket. It is set by the server's wiring alone; nothing that a client sends is
/// turned into it.
#[derive(Clone, Copy, Debug)]
pub struct Operator;
