//! The ports of `listen`, which a reload may change.

use std::net::TcpListener;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use tokio::runtime::Handle;
use tokio::task::JoinHandle;
use weir_conf::Endpoint;
use weir_net::Door;
use weir_rtmp::Rtmp;

use crate::Failure;

/// The directive.
pub(crate) const LISTEN: &str = "listen";

/// RTMP on every port of `listen`.
pub(crate) struct Listeners {
    rtmp: Arc<Rtmp>,
    /// Ends with the server; each port has one that ends before.
    door: Door,
    runtime: Handle,
    open: Mutex<Vec<Open>>,
}

/// A port that is served.
struct Open {
    endpoint: Endpoint,
    /// Accepts no more when it is cancelled; who is there stays.
    door: Door,
    task: JoinHandle<()>,
}

/// Ports that were taken and are not served yet. Dropping it gives them back.
pub(crate) struct Taken {
    sockets: Vec<(Endpoint, TcpListener)>,
    /// Everything that is to be open.
    all: Vec<Endpoint>,
}

impl Listeners {
    /// None is open yet.
    pub(crate) fn new(rtmp: Arc<Rtmp>, door: Door, runtime: Handle) -> Listeners {
        Listeners { rtmp, door, runtime, open: Mutex::default() }
    }

    /// Takes those of `listens` that are not open. One that is named twice, or that another address of the same port is open
    /// for, is refused by the system, as it is at a start.
    pub(crate) fn take(&self, listens: &[String]) -> Result<Taken, Failure> {
        let all = listens.iter().map(|text| endpoint(text)).collect::<Result<Vec<_>, _>>()?;
        let mut open: Vec<Endpoint> = self.open().iter().map(|one| one.endpoint).collect();
        let mut sockets = Vec::new();
        for endpoint in &all {
            match open.iter().position(|one| one == endpoint) {
                Some(at) => {
                    open.swap_remove(at);
                }
                None => sockets.push((*endpoint, weir_net::bind(*endpoint, LISTEN)?)),
            }
        }
        for (endpoint, _) in &sockets {
            tracing::info!("RTMP listens on {endpoint} (listen)");
        }
        Ok(Taken { sockets, all })
    }

    /// Serves what was taken, and closes the other ports.
    pub(crate) fn serve(&self, taken: Taken) {
        let Taken { sockets, all } = taken;
        let mut open = self.open();
        open.retain(|one| {
            let stays = all.contains(&one.endpoint);
            if !stays {
                tracing::info!("RTMP listens on {} no more (listen)", one.endpoint);
                one.door.stop.cancel();
            }
            stays
        });
        for (endpoint, socket) in sockets {
            let mut door = self.door.clone();
            door.stop = self.door.stop.child_token();
            let (rtmp, entered) = (self.rtmp.clone(), door.clone());
            let task = self.runtime.spawn(async move {
                if let Err(error) = rtmp.serve(socket, None, entered).await {
                    tracing::error!("a listener cannot be used: {error}");
                }
            });
            open.push(Open { endpoint, door, task });
        }
    }

    /// Ends when no port is open any more, which the door of the server decides.
    pub(crate) async fn closed(&self) {
        let open = std::mem::take(&mut *self.open());
        for one in open {
            let _ = one.task.await;
        }
    }

    fn open(&self) -> MutexGuard<'_, Vec<Open>> {
        self.open.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

fn endpoint(text: &str) -> Result<Endpoint, Failure> {
    Endpoint::parse(text).ok_or_else(|| Failure::Listen { directive: LISTEN.to_owned(), value: text.to_owned() })
}
