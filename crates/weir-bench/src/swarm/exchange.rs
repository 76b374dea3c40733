//! [`Exchange`]: one request of HTTP/1.1 and its response, for signalling.

/// A response longer than this is none.
const MAX_RESPONSE: usize = 1 << 20;
/// Fields of a response's head.
const MAX_FIELDS: usize = 64;

/// A response, as far as it came.
#[derive(Debug, Default)]
pub(super) struct Exchange {
    bytes: Vec<u8>,
}

/// A response.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Response {
    pub(super) status: u16,
    pub(super) location: Option<String>,
    pub(super) body: String,
}

/// A request that asks for the connection to be closed behind the response.
pub(super) fn request(method: &str, host: &str, path: &str, body: &str) -> String {
    let described = if body.is_empty() { String::new() } else { "Content-Type: application/sdp\r\n".to_owned() };
    let len = body.len();
    format!(
        "{method} {path} HTTP/1.1\r\nHost: {host}\r\nUser-Agent: weir-bench\r\nAccept: application/sdp\r\n{described}\
         Content-Length: {len}\r\nConnection: close\r\n\r\n{body}"
    )
}

impl Exchange {
    /// Eats bytes; yields the response once it is whole.
    pub(super) fn handle_input(&mut self, bytes: &[u8]) -> Result<Option<Response>, String> {
        self.bytes.extend_from_slice(bytes);
        if self.bytes.len() > MAX_RESPONSE {
            return Err("a response without an end".to_owned());
        }
        let mut fields = [httparse::EMPTY_HEADER; MAX_FIELDS];
        let mut head = httparse::Response::new(&mut fields);
        let httparse::Status::Complete(body_at) = head.parse(&self.bytes).map_err(|e| format!("HTTP: {e}"))? else {
            return Ok(None);
        };
        let field = |name: &str| {
            let found = head.headers.iter().find(|field| field.name.eq_ignore_ascii_case(name))?;
            std::str::from_utf8(found.value).ok().map(str::trim)
        };
        let length: usize =
            field("content-length").and_then(|n| n.parse().ok()).ok_or("a response without a length")?;
        let body = self.bytes.get(body_at..).unwrap_or_default();
        let Some(body) = body.get(..length) else { return Ok(None) };
        Ok(Some(Response {
            status: head.code.unwrap_or(0),
            location: field("location").map(str::to_owned),
            body: String::from_utf8_lossy(body).into_owned(),
        }))
    }
}

#[cfg(test)]
mod tests;
