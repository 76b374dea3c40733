//! The random names of SRS: connection ids, service ids and `vid-` ids.

const ALPHABET: &[u8] = b"0123456789abcdefghijklmnopqrstuvwxyz";

/// A connection id: 8 characters of `[0-9a-z]`. It names the connection in the log, in the API and in callbacks.
pub fn connection_id() -> String {
    random(8)
}

/// A service id: 8 characters, new for each run of the process.
pub fn service_id() -> String {
    random(8)
}

/// An id of a server, vhost or stream: `vid-` and 7 characters.
pub fn vid() -> String {
    format!("vid-{}", random(7))
}

fn random(len: usize) -> String {
    (0..len).map(|_| char::from(*fastrand::choice(ALPHABET).unwrap_or(&b'0'))).collect()
}
