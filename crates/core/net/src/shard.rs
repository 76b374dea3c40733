//! Shards: one thread, one single-threaded runtime and one set of sockets per core.

use std::future::Future;
use std::io;
use std::pin::Pin;
use std::rc::Rc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::thread::JoinHandle;

use tokio::net::TcpStream;
use tokio::sync::mpsc;
use tokio::task::LocalSet;
use tokio_util::sync::CancellationToken;

use crate::fanout::Fanout;
use crate::load::Gauge;

/// Connections that wait for a shard to take them. A full queue makes the accept loop wait: the kernel's backlog fills.
const HANDOVER: usize = 1024;

type Task = Box<dyn FnOnce(Rc<Fanout>) -> Pin<Box<dyn Future<Output = ()>>> + Send>;

/// The threads that sockets live on.
#[derive(Debug)]
pub struct Shards {
    shards: Vec<Shard>,
    stop: CancellationToken,
}

#[derive(Debug)]
struct Shard {
    tasks: mpsc::Sender<Task>,
    connections: Arc<AtomicUsize>,
    gauge: Arc<Gauge>,
    thread: Mutex<Option<JoinHandle<()>>>,
}

impl Shards {
    /// Starts `count` shards. Below `send_cpu_target` percent of its core, a shard sends each frame at once.
    pub fn start(count: usize, send_cpu_target: u32) -> io::Result<Shards> {
        let stop = CancellationToken::new();
        let start = |index| Shard::start(index, send_cpu_target, stop.clone());
        let shards = (0..count.max(1)).map(start).collect::<io::Result<_>>()?;
        Ok(Shards { shards, stop })
    }

    /// How many there are.
    pub fn count(&self) -> usize {
        self.shards.len()
    }

    /// Connections on each shard.
    pub fn connections(&self) -> Vec<usize> {
        self.shards.iter().map(|shard| shard.connections.load(Ordering::Relaxed)).collect()
    }

    /// How busy each shard is.
    pub fn gauges(&self) -> impl Iterator<Item = &Arc<Gauge>> {
        self.shards.iter().map(|shard| &shard.gauge)
    }

    /// Hands a socket to the shard with the fewest connections and runs `serve` there until it ends.
    pub async fn adopt<F, T>(&self, socket: std::net::TcpStream, serve: F) -> io::Result<()>
    where
        F: FnOnce(TcpStream, Rc<Fanout>) -> T + Send + 'static,
        T: Future<Output = ()> + 'static,
    {
        let shard = self.shards.iter().min_by_key(|shard| shard.connections.load(Ordering::Relaxed));
        let Some(shard) = shard else { return Ok(()) };
        let seat = Seated::new(shard.connections.clone());
        let task: Task = Box::new(move |fanout| {
            Box::pin(async move {
                let _seat = seat;
                // Registering fails only when the process has no file descriptor left; the socket closes.
                if let Ok(socket) = TcpStream::from_std(socket) {
                    serve(socket, fanout).await;
                }
            })
        });
        shard.tasks.send(task).await.map_err(|_| io::Error::other("the shard has stopped"))
    }

    /// Runs `serve` on each shard, with the shard's number, until it ends.
    pub async fn each<F, T>(&self, serve: F) -> io::Result<()>
    where
        F: Fn(usize, Rc<Fanout>) -> T + Clone + Send + 'static,
        T: Future<Output = ()> + 'static,
    {
        for (index, shard) in self.shards.iter().enumerate() {
            let serve = serve.clone();
            let task: Task = Box::new(move |fanout| Box::pin(async move { serve(index, fanout).await }));
            shard.tasks.send(task).await.map_err(|_| io::Error::other("the shard has stopped"))?;
        }
        Ok(())
    }

    /// Ends every task of every shard, where it waits, and waits for the threads.
    pub fn stop(&self) {
        self.stop.cancel();
        for shard in &self.shards {
            let thread = shard.thread.lock().unwrap_or_else(PoisonError::into_inner).take();
            if let Some(thread) = thread {
                // A shard that panicked has already said so.
                let _ = thread.join();
            }
        }
    }
}

impl Shard {
    fn start(index: usize, send_cpu_target: u32, stop: CancellationToken) -> io::Result<Shard> {
        let (tasks, mut inbox) = mpsc::channel::<Task>(HANDOVER);
        let gauge = Arc::new(Gauge::default());
        let own_gauge = gauge.clone();
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
        let thread = std::thread::Builder::new().name(format!("shard-{index}")).spawn(move || {
            let local = LocalSet::new();
            let main = async move {
                let fanout = Fanout::new(send_cpu_target, own_gauge);
                loop {
                    tokio::select! {
                        () = stop.cancelled() => return,
                        task = inbox.recv() => match task {
                            Some(task) => drop(tokio::task::spawn_local(task(fanout.clone()))),
                            None => return,
                        },
                    }
                }
            };
            local.block_on(&runtime, main);
        })?;
        Ok(Shard { tasks, connections: Arc::default(), gauge, thread: Mutex::new(Some(thread)) })
    }
}

/// Counts a connection on its shard while it lives.
struct Seated(Arc<AtomicUsize>);

impl Seated {
    fn new(count: Arc<AtomicUsize>) -> Seated {
        count.fetch_add(1, Ordering::Relaxed);
        Seated(count)
    }
}

impl Drop for Seated {
    fn drop(&mut self) {
        self.0.fetch_sub(1, Ordering::Relaxed);
    }
}

#[cfg(test)]
mod tests;
