//! The paths between browsers: which connections have one, and who hears that the other end is closed.

use hearth_web_state::call::{CallInput, Connection, PeerId};

use crate::{
    browser::Peer,
    world::{Happening, World},
};

impl World {
    /// What a page does as it goes away.
    pub(crate) fn leave(&mut self, device: usize) {
        for peer in self.devices[device].browser.peers.keys().copied().collect::<Vec<_>>() {
            self.tell_closed(device, peer);
        }
        self.devices[device].browser.sweep();
        self.at(self.now_ms + 20, Happening::LookAtPaths);
    }

    /// Whoever closes a connection that has a path tells the other end.
    pub(crate) fn tell_closed(&mut self, device: usize, peer: PeerId) {
        let closing = self.devices[device].browser.peers.get(&peer).filter(|peer| self.has_path(peer));
        let Some((other, id)) = closing.and_then(|peer| peer.remote.as_ref()).map(|remote| remote.owner) else { return };
        if let Some(peer) = self.devices[other].browser.peers.get_mut(&id) {
            peer.state = Connection::Closed;
            self.hear_soon(other, CallInput::Connection { peer: id, state: Connection::Closed });
        }
    }

    /// Connections whose two ends know each other's current generation, gathered on the network as it is now.
    pub(crate) fn look_at_paths(&mut self) {
        for device in 0..self.devices.len() {
            let Some(peer) = self.devices[device].browser.peers.values().next() else { continue };
            let (id, before) = (peer.owner.1, peer.state);
            let state = match (self.has_path(peer), before) {
                (_, Connection::Closed) => Connection::Closed,
                (true, _) => Connection::Connected,
                (false, Connection::Connected) => Connection::Disconnected,
                (false, other) => other,
            };
            if state != before {
                self.talked |= state == Connection::Connected;
                if let Some(peer) = self.devices[device].browser.peers.get_mut(&id) {
                    peer.state = state;
                }
                self.hear_soon(device, CallInput::Connection { peer: id, state });
            }
        }
    }

    fn has_path(&self, peer: &Peer) -> bool {
        let Some(other) = peer.remote.as_ref().and_then(|remote| {
            let device = self.devices.get(remote.owner.0).filter(|device| !device.vanished)?;
            device.browser.peers.get(&remote.owner.1)
        }) else {
            return false;
        };
        self.path_up && self.reaches(peer, other) && self.reaches(other, peer)
    }

    fn reaches(&self, from: &Peer, to: &Peer) -> bool {
        from.remote.as_ref().is_some_and(|remote| {
            remote.owner == to.owner
                && from.reachable.contains(&remote.generation)
                && to.epochs.get(&remote.generation) == Some(&self.epoch)
        })
    }
}
