//! Servers of STUN and TURN, as fields of an answer.

use http::header::LINK;
use http::{HeaderName, HeaderValue};
use weir_conf::IceServer;

/// Who reads the fields.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum Told {
    /// A client that the gates let in.
    Admitted,
    /// Whoever asks: passwords are not for them.
    Anybody,
}

/// A field for each server (RFC 9725 clause 4.6).
pub(super) fn of(servers: &[IceServer], who: Told) -> Vec<(HeaderName, HeaderValue)> {
    let told = servers.iter().filter(|server| who == Told::Admitted || server.login.is_none());
    // The configuration lets nothing in that cannot stand in a field.
    told.filter_map(|server| Some((LINK, HeaderValue::try_from(value(server)).ok()?))).collect()
}

fn value(server: &IceServer) -> String {
    let mut value = format!("<{}>; rel=\"ice-server\"", server.url);
    if let Some(login) = &server.login {
        let (user, password) = (quoted(&login.user), quoted(&login.password));
        value += &format!("; username={user}; credential={password}; credential-type=\"password\"");
    }
    value
}

/// RFC 9110 clause 5.6.4.
fn quoted(text: &str) -> String {
    format!("\"{}\"", text.replace('\\', "\\\\").replace('"', "\\\""))
}
