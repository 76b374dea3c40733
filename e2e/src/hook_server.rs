//! A server for callbacks: writes down what it is told, answers as the test wants.

use std::io::{BufRead, BufReader, Read, Write};
use std::net::{TcpListener, TcpStream};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use rustls::{ServerConfig, ServerConnection, StreamOwned};
use serde_json::Value;

use crate::eventually_some;

/// A request as it came.
#[derive(Debug, Clone, Default)]
pub struct Told {
    /// The request line.
    pub line: String,
    /// Names and values in the order of the wire.
    pub headers: Vec<(String, String)>,
    /// The body.
    pub body: String,
}

impl Told {
    /// The first header of this name, in any case.
    pub fn header(&self, name: &str) -> Option<&str> {
        self.headers.iter().find(|(header, _)| header.eq_ignore_ascii_case(name)).map(|(_, value)| value.as_str())
    }

    /// A member of the body.
    pub fn member(&self, name: &str) -> Value {
        serde_json::from_str::<Value>(&self.body).map(|body| body[name].clone()).unwrap_or_default()
    }

    /// `on_play`, …; empty without one.
    pub fn action(&self) -> String {
        self.member("action").as_str().unwrap_or_default().to_owned()
    }
}

/// What no hook server answers with.
const PAGE: &str = "<html><body>It works!</body></html>";
/// Bytes of an answer that nobody should read to its end.
const ENDLESS: u64 = 10 << 30;
/// A code that is no number.
const TEXT: &str = r#"{"code":"0"}"#;
/// Anybody may.
const YES: &str = r#"{"code":0}"#;

type Answer = Arc<dyn Fn(&Told) -> String + Send + Sync>;

/// Serves until the test ends.
pub struct HookServer {
    /// On 127.0.0.1.
    pub port: u16,
    told: Arc<Mutex<Vec<Told>>>,
}

impl HookServer {
    /// Answers every request with 200 and what `answer` says; over TLS with this configuration.
    pub fn start(tls: Option<ServerConfig>, answer: impl Fn(&Told) -> String + Send + Sync + 'static) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").expect("a port");
        let port = listener.local_addr().expect("an address").port();
        let told: Arc<Mutex<Vec<Told>>> = Arc::default();
        let (list, answer, tls): (_, Answer, _) = (told.clone(), Arc::new(answer), tls.map(Arc::new));
        std::thread::spawn(move || {
            for socket in listener.incoming().flatten() {
                let (list, answer, tls) = (list.clone(), answer.clone(), tls.clone());
                std::thread::spawn(move || match tls {
                    None => serve(socket, &list, &answer),
                    Some(tls) => {
                        let connection = ServerConnection::new(tls).expect("a TLS session");
                        serve(StreamOwned::new(connection, socket), &list, &answer);
                    }
                });
            }
        });
        Self { port, told }
    }

    /// Does what the last word of the path says instead of answering as it should: `hang`, `html`, `redirect`, `endless`,
    /// `text`, `reset`, `break`. What else is asked gets a yes. It keeps no record.
    pub fn start_rude() -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").expect("a port");
        let port = listener.local_addr().expect("an address").port();
        std::thread::spawn(move || {
            for socket in listener.incoming().flatten() {
                std::thread::spawn(move || misbehave(socket));
            }
        });
        Self { port, told: Arc::default() }
    }

    /// What it was told so far.
    pub fn told(&self) -> Vec<Told> {
        self.told.lock().unwrap().clone()
    }

    /// The requests of an action, once there are so many.
    #[track_caller]
    pub fn wait(&self, action: &str, count: usize) -> Vec<Told> {
        let of_action = || self.told().into_iter().filter(|told| told.action() == action).collect::<Vec<_>>();
        let found = eventually_some(Duration::from_secs(20), || Some(of_action()).filter(|told| told.len() >= count));
        found.unwrap_or_else(|| panic!("{action} was not told {count} times: {:#?}", self.told()))
    }
}

/// Serves a connection until it ends.
fn serve(socket: impl Read + Write, told: &Mutex<Vec<Told>>, answer: &Answer) {
    let mut socket = BufReader::new(socket);
    while let Some(request) = read(&mut socket) {
        told.lock().unwrap().push(request.clone());
        let body = answer(&request);
        let head =
            format!("HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: {}\r\n\r\n", body.len());
        if socket.get_mut().write_all((head + &body).as_bytes()).is_err() {
            return;
        }
    }
}

/// Serves one request, badly.
fn misbehave(mut socket: TcpStream) {
    let mut line = Vec::new();
    let mut byte = [0];
    while !line.ends_with(b"\n") && matches!(socket.read(&mut byte), Ok(1)) {
        line.push(byte[0]);
    }
    let line = String::from_utf8_lossy(&line).into_owned();
    let path = line.split(' ').nth(1).unwrap_or_default();
    let misdeed = path.rsplit('/').next().unwrap_or_default();
    if misdeed == "reset" {
        // The kernel resets a connection that is closed with something unread.
        return;
    }
    let mut socket = BufReader::new(socket);
    let _ = read(&mut socket);
    let mut answer = |status: &str, length: u64, body: &str| {
        let head = format!("HTTP/1.1 {status}\r\nLocation: /yes\r\nContent-Length: {length}\r\n\r\n");
        socket.get_mut().write_all((head + body).as_bytes())
    };
    let whole = |body: &str| body.len() as u64;
    // Errors mean that the client has gone.
    let _ = match misdeed {
        "hang" => {
            std::thread::sleep(Duration::from_secs(120));
            Ok(())
        }
        "html" => answer("200 OK", whole(PAGE), PAGE),
        "redirect" => answer("302 Found", 0, ""),
        "text" => answer("200 OK", whole(TEXT), TEXT),
        "break" => answer("200 OK", 100, YES),
        "endless" => answer("200 OK", ENDLESS, "")
            .and_then(|()| std::io::copy(&mut std::io::repeat(b' ').take(ENDLESS), socket.get_mut()).map(drop)),
        _ => answer("200 OK", whole(YES), YES),
    };
}

fn read(socket: &mut impl BufRead) -> Option<Told> {
    let mut told = Told::default();
    socket.read_line(&mut told.line).ok().filter(|len| *len > 0)?;
    told.line.truncate(told.line.trim_end().len());
    loop {
        let mut line = String::new();
        socket.read_line(&mut line).ok()?;
        let Some((name, value)) = line.trim_end().split_once(':') else { break };
        told.headers.push((name.to_owned(), value.trim().to_owned()));
    }
    let length = told.header("Content-Length").and_then(|length| length.parse().ok()).unwrap_or(0);
    let mut body = vec![0; length];
    socket.read_exact(&mut body).ok()?;
    told.body = String::from_utf8(body).ok()?;
    Some(told)
}
