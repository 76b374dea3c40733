//! Two machines in one: network namespaces with a wire between them.

use std::process::Command;
use std::sync::atomic::{AtomicU32, Ordering};

use crate::wait::eventually;
use std::time::Duration;

/// Distinguishes the networks of one process.
static NEXT: AtomicU32 = AtomicU32::new(0);

/// A server's machine and a client's, which see each other and nothing else. Gone on drop.
#[derive(Debug)]
pub struct Network {
    server: String,
    client: String,
}

impl Network {
    /// The address of the server's machine.
    pub const SERVER: &'static str = "10.213.0.1";
    const CLIENT: &'static str = "10.213.0.2";

    /// Makes it; nothing where this user may not (namespaces need root).
    pub fn new() -> Option<Self> {
        let id = format!("{}-{}", std::process::id(), NEXT.fetch_add(1, Ordering::Relaxed));
        let network = Self { server: format!("weir-s-{id}"), client: format!("weir-c-{id}") };
        let Self { server, client } = &network;
        let made = ip(&["netns", "add", server])
            && ip(&["netns", "add", client])
            && ip(&["-n", server, "link", "add", "wire", "type", "veth", "peer", "name", "wire", "netns", client]);
        if !made {
            return None;
        }
        for (name, address) in [(server, Self::SERVER), (client, Self::CLIENT)] {
            let up = ip(&["-n", name, "address", "add", &format!("{address}/24"), "dev", "wire"])
                && ip(&["-n", name, "link", "set", "wire", "up"])
                && ip(&["-n", name, "link", "set", "lo", "up"]);
            assert!(up, "the network {name} does not come up");
        }
        let reached = || network.at_client("ping").args(["-c", "1", "-W", "1", Self::SERVER]).output().is_ok();
        assert!(eventually(Duration::from_secs(5), reached), "the machines do not see each other");
        Some(network)
    }

    /// A program on the server's machine.
    pub fn at_server(&self, program: &str) -> Command {
        on(&self.server, program)
    }

    /// A program on the client's machine.
    pub fn at_client(&self, program: &str) -> Command {
        on(&self.client, program)
    }
}

impl Drop for Network {
    fn drop(&mut self) {
        for name in [&self.server, &self.client] {
            ip(&["netns", "delete", name]);
        }
    }
}

fn ip(args: &[&str]) -> bool {
    Command::new("ip").args(args).output().is_ok_and(|output| output.status.success())
}

fn on(name: &str, program: &str) -> Command {
    let mut command = Command::new("ip");
    command.args(["netns", "exec", name, program]);
    command
}
