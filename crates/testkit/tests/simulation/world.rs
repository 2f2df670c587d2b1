//! One run: people sign up and meet in a room, then clients act and things fail as the seed says.

use anyhow::{Context, Result, bail};
use domain::{
    directory::Register,
    room::{ChangeMembership, CreateRoom, MembershipAction, NewRoom},
    user::{NewSession, OpenSession},
};
use engine::{Engine, SnapshotInterval};
use rand::{RngExt, SeedableRng};
use rand_chacha::ChaCha20Rng;
use ruma::{OwnedRoomId, OwnedUserId, api::client::room::create_room::v3::RoomPreset};
use testkit::{Blow, Node, TestDevice};

use crate::{
    check,
    clients::{Attempt, Client, Request, attempt, sync},
    ledger::Ledger,
};

const PEOPLE: usize = 3;
const DEVICES_EACH: usize = 2;
const STEPS: usize = 60;
/// Attempts for a request at the end, when nothing fails any more.
const LAST_ATTEMPTS: usize = 3;

/// Runs one seed.
pub(crate) async fn run(seed: u64) -> Result<()> {
    // Every other seed lets lanes live on what came after their snapshots.
    let interval = if seed.is_multiple_of(2) { SnapshotInterval::EVERY_UNIT } else { SnapshotInterval::every(3) };
    let mut node = Node::start_with(seed, interval)?;
    let mut world = World {
        random: ChaCha20Rng::seed_from_u64(seed),
        clients: Vec::new(),
        room: None,
        ledger: Ledger::default(),
        pending: Vec::new(),
        transactions: 0,
    };
    world.set_up(node.engine()?).await?;
    for step in 0..STEPS {
        world.step(&mut node).await.with_context(|| format!("step {step}"))?;
    }
    world.finish(&mut node).await
}

struct World {
    random: ChaCha20Rng,
    clients: Vec<Client>,
    room: Option<OwnedRoomId>,
    ledger: Ledger,
    /// Requests that failed and will be repeated.
    pending: Vec<Request>,
    transactions: u64,
}

impl World {
    async fn set_up(&mut self, engine: &Engine) -> Result<()> {
        let mut people = Vec::new();
        for person in 0..PEOPLE {
            people.push(self.sign_up(engine, person).await?);
        }
        let room = NewRoom {
            creator: people[0].clone(),
            version: None,
            preset: RoomPreset::PrivateChat,
            creation_content: Default::default(),
            initial_state: Vec::new(),
            power_level_override: Default::default(),
            name: None,
            topic: None,
            alias: None,
            invites: people[1..].to_vec(),
            is_direct: false,
        };
        let room = engine.submit(CreateRoom(room)).await?;
        for user_id in &people[1..] {
            let (room_id, action) = (room.clone(), MembershipAction::Join);
            let (sender, target) = (user_id.clone(), user_id.clone());
            let join = ChangeMembership { room_id, sender, target, action, reason: None };
            engine.submit(join).await?;
        }
        self.room = Some(room);
        Ok(())
    }

    async fn sign_up(&mut self, engine: &Engine, person: usize) -> Result<OwnedUserId> {
        let register = Register {
            username: Some(format!("person{person}")),
            email: None,
            password_phc: None,
            session: None,
            token: None,
        };
        let user_id = engine.submit(register).await?.user_id;
        for device in 0..DEVICES_EACH {
            let session = NewSession { device_id: Some(format!("D{device}").into()), ..NewSession::default() };
            let opened = engine.submit(OpenSession { user_id: user_id.clone(), session }).await?;
            let seed = u8::try_from(person * DEVICES_EACH + device + 1)?;
            self.clients.push(Client::new(TestDevice::new(user_id.clone(), opened.device_id, seed)));
            self.pending.push(Request::Upload { client: self.clients.len() - 1 });
        }
        Ok(user_id)
    }

    async fn step(&mut self, node: &mut Node) -> Result<()> {
        node.clock.advance(self.random.random_range(1..2_000));
        match self.random.random_range(0..100) {
            0..60 => {
                let request = self.request();
                self.carry_out(node, request).await?;
            }
            60..75 => {
                let client = self.random.random_range(0..self.clients.len());
                sync(&mut self.clients[client], node.engine()?, &mut self.ledger).await?;
            }
            75..85 => self.repeat(node).await?,
            85..95 => {
                let blow = self.blow();
                node.backend.strike_after(self.random.random_range(0..4), blow);
            }
            _ => self.crash(node)?,
        }
        // Someone finds the power off: it comes back after a restart, or by itself.
        if node.backend.is_off() {
            if node.backend.is_torn() || self.random.random_bool(0.7) {
                self.crash(node)?;
            } else {
                node.backend.power_on();
            }
        }
        Ok(())
    }

    fn crash(&mut self, node: &mut Node) -> Result<()> {
        node.crash(self.random.random_bool(0.3)).context("the server does not start again")?;
        check::promises(node, &self.ledger).context("after a crash")
    }

    fn blow(&mut self) -> Blow {
        match self.random.random_range(0..4) {
            0 => Blow::Lost,
            1 => Blow::Torn(self.random.random_range(0..4_000)),
            2 => Blow::Unanswered,
            _ => Blow::Full,
        }
    }

    fn request(&mut self) -> Request {
        let client = self.random.random_range(0..self.clients.len());
        self.transactions += 1;
        let transaction = format!("t{}", self.transactions);
        match self.random.random_range(0..10) {
            0..5 => Request::Message { client, transaction },
            5..7 => Request::ToDevice { client, transaction },
            7..9 => Request::Claim { owner: client },
            _ => Request::Upload { client },
        }
    }

    async fn carry_out(&mut self, node: &Node, request: Request) -> Result<()> {
        let room = self.room.clone().context("there is no room yet")?;
        match attempt(&request, &mut self.clients, &room, node.engine()?, &mut self.ledger).await? {
            Attempt::Done => {
                // An answer may be lost on its way: then the client repeats what was done already.
                if self.random.random_bool(0.1) {
                    self.pending.push(request);
                }
            }
            Attempt::Failed => self.pending.push(request),
        }
        Ok(())
    }

    async fn repeat(&mut self, node: &Node) -> Result<()> {
        for request in std::mem::take(&mut self.pending) {
            self.carry_out(node, request).await?;
        }
        Ok(())
    }

    async fn finish(&mut self, node: &mut Node) -> Result<()> {
        if node.backend.is_torn() {
            self.crash(node)?;
        }
        node.backend.power_on();
        let room = self.room.clone().context("there is no room yet")?;
        for request in std::mem::take(&mut self.pending) {
            let mut attempts = 0;
            while let Attempt::Failed = attempt(&request, &mut self.clients, &room, node.engine()?, &mut self.ledger).await?
            {
                attempts += 1;
                if attempts == LAST_ATTEMPTS {
                    bail!("{request:?} fails although nothing is broken any more");
                }
            }
        }
        for client in &mut self.clients {
            // The second sync acknowledges what the first one brought.
            for _ in 0..3 {
                sync(client, node.engine()?, &mut self.ledger).await?;
            }
        }
        check::promises(node, &self.ledger).context("at the end")?;
        check::deliveries(&self.ledger)?;
        node.crash(true)?;
        check::promises(node, &self.ledger).context("after the last restart")
    }
}
