//! The players of one lane on one shard.

use std::cell::{Cell, RefCell};
use std::rc::Rc;
use std::sync::Arc;
use std::time::{Duration, Instant};

use slab::Slab;
use tokio::sync::Notify;
use weir_hub::{Lane, Stream, Watch};

use super::Fanout;
use super::pace::{Pace, until, window};
use super::player::{Player, Turn};
use super::template::Templates;

/// A socket that was full is tried again after this long.
const RETRY: Duration = Duration::from_millis(10);
/// So many places are kept when players leave.
const SPARE: usize = 256;
/// Other tasks of the shard get a turn after so many players.
const PLAYERS_AT_A_TIME: usize = 128;

pub(super) struct Group {
    stream: Arc<Stream>,
    lane: Arc<Lane>,
    watch: Arc<Watch>,
    players: RefCell<Slab<Rc<Player>>>,
    /// Players that ask for a turn of their own: they joined, have a reply to send, or their socket was full.
    stirred: RefCell<Vec<Rc<Player>>>,
    blocked: RefCell<Vec<Rc<Player>>>,
    knock: Notify,
    /// Frames of the lane when the last pass began.
    frames: Cell<u64>,
}

impl Group {
    pub(super) fn new(stream: Arc<Stream>, lane: Arc<Lane>) -> Rc<Group> {
        let watch = lane.watch();
        Rc::new(Group {
            stream,
            lane,
            watch,
            players: RefCell::default(),
            stirred: RefCell::default(),
            blocked: RefCell::default(),
            knock: Notify::new(),
            frames: Cell::new(0),
        })
    }

    pub(super) fn join(&self, player: Rc<Player>) -> usize {
        let place = self.players.borrow_mut().insert(player.clone());
        self.stir(&player);
        place
    }

    pub(super) fn leave(&self, place: usize) {
        let mut players = self.players.borrow_mut();
        if let Some(player) = players.try_remove(place) {
            // A round that is under way may still hold it.
            player.retire();
            self.blocked.borrow_mut().retain(|one| !Rc::ptr_eq(one, &player));
            self.stirred.borrow_mut().retain(|one| !Rc::ptr_eq(one, &player));
        }
        if players.capacity() > SPARE && players.len() < players.capacity() / 4 {
            players.shrink_to_fit();
        }
        self.knock.notify_one();
    }

    /// Gives a player a turn soon, without waiting for the next frame.
    pub(super) fn stir(&self, player: &Rc<Player>) {
        if player.stir() {
            self.stirred.borrow_mut().push(player.clone());
            self.knock.notify_one();
        }
    }

    /// Serves the group as long as somebody is in it.
    pub(super) async fn run(self: Rc<Self>, fanout: Rc<Fanout>) {
        let mut pace = Pace::new();
        let mut retry_at = None;
        while !self.players.borrow().is_empty() {
            if self.blocked.borrow().is_empty() {
                retry_at = None;
            } else {
                retry_at.get_or_insert_with(|| Instant::now() + RETRY);
            }
            let pass = tokio::select! {
                // Everybody's frames first: who is served out of turn can wait.
                biased;
                () = until(pace.due()), if pace.due().is_some() => true,
                () = self.watch.appended(), if pace.due().is_none() => {
                    let adaptive = |longest| fanout.load.borrow_mut().window(longest);
                    let window = window(&self.stream.conf.load(), adaptive);
                    fanout.gauge.set_window(window);
                    pace.appended(window)
                }
                () = until(retry_at), if retry_at.is_some() => {
                    retry_at = None;
                    self.turn_blocked(&fanout).await;
                    false
                }
                () = self.knock.notified() => {
                    let stirred = self.stirred.take();
                    self.turn_each(stirred, &fanout).await;
                    false
                }
            };
            if pass {
                pace.written();
                self.turn_all(&fanout).await;
            }
        }
    }

    /// A pass over all players.
    async fn turn_all(&self, fanout: &Fanout) {
        // For one player alone a template is a copy more.
        let mut templates =
            (self.players.borrow().len() > 1).then(|| fanout.templates.borrow_mut().pop().unwrap_or_default());
        let frames = self.lane.frames();
        let fresh = frames.saturating_sub(self.frames.replace(frames));
        let players = self.turn_from(0, &mut templates, fanout).await;
        fanout.load.borrow_mut().passed(players, fresh, Instant::now(), &fanout.gauge);
        if let Some(mut templates) = templates {
            templates.clear();
            fanout.templates.borrow_mut().push(templates);
        }
    }

    /// Serves the players from `place` on; returns how many there are.
    async fn turn_from(&self, mut place: usize, templates: &mut Option<Templates>, fanout: &Fanout) -> u64 {
        let mut players = 0;
        loop {
            let start = Instant::now();
            let until = place + PLAYERS_AT_A_TIME;
            let mut sent = 0;
            while place < until {
                let player = match self.players.borrow().get(place) {
                    Some(player) => player.clone(),
                    None if place >= self.players.borrow().capacity() => break,
                    None => {
                        place += 1;
                        continue;
                    }
                };
                sent += self.turn(&player, templates.as_mut(), fanout, start);
                players += 1;
                place += 1;
            }
            self.stream.count_sent(sent);
            if place < until {
                return players;
            }
            tokio::task::yield_now().await;
        }
    }

    async fn turn_blocked(&self, fanout: &Fanout) {
        let blocked = self.blocked.take();
        blocked.iter().for_each(|player| player.unblock());
        self.turn_each(blocked, fanout).await;
    }

    async fn turn_each(&self, players: Vec<Rc<Player>>, fanout: &Fanout) {
        for some in players.chunks(PLAYERS_AT_A_TIME) {
            let now = Instant::now();
            let sent = some.iter().map(|player| self.turn(player, None, fanout, now)).sum();
            self.stream.count_sent(sent);
            // Also after the last: who has more to get asks again at once, and others of the shard wait.
            tokio::task::yield_now().await;
        }
    }

    fn turn(&self, player: &Rc<Player>, templates: Option<&mut Templates>, fanout: &Fanout, now: Instant) -> u64 {
        let (turn, sent) = player.turn(&mut fanout.memory.borrow_mut(), templates, now);
        match turn {
            Turn::Blocked if player.block() => self.blocked.borrow_mut().push(player.clone()),
            Turn::More => self.stir(player),
            Turn::Blocked | Turn::Done | Turn::Ended => {}
        }
        sent
    }
}

impl Drop for Group {
    fn drop(&mut self) {
        self.lane.unwatch(&self.watch);
    }
}
