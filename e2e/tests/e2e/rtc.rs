//! WebRTC in real clients: Chromium, aiortc and ffmpeg publish, Chromium and aiortc play, and the pictures and the tone that
//! come out are those that went in.

mod calls;
mod clients;
mod media;
mod network;
mod pages;

use weir_e2e::Server;

/// As [`Server::RTC`], over TCP alone, with this port.
fn over_tcp(port: &str) -> Server {
    let tcp = format!("candidate 127.0.0.1; protocol tcp; tcp {{ enabled on; listen {{{port}}}; }}");
    Server::start(&Server::RTC.replace("candidate 127.0.0.1;", &tcp))
}

/// As [`Server::RTC`], with more in its vhost.
fn with(directives: &str) -> Server {
    Server::start(&Server::RTC.replace("rtc { enabled on; }", &format!("rtc {{ enabled on; }} {directives}")))
}
