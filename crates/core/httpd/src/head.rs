//! The head of a request, read within limits.

use bytes::{Buf, Bytes, BytesMut};
use http::header::{CONTENT_LENGTH, TRANSFER_ENCODING, UPGRADE};
use http::{HeaderMap, HeaderName, HeaderValue, Method, StatusCode, Uri};

/// Bytes of a request line: what browsers and proxies send at most, with room to spare.
pub(crate) const MAX_LINE: usize = 8 * 1024;
/// Bytes of a head: large cookies fit, a flood does not.
pub(crate) const MAX_HEAD: usize = 64 * 1024;
/// Header fields of a head: browsers send about 20.
pub(crate) const MAX_FIELDS: usize = 100;

/// Why a request head is refused.
#[derive(Clone, PartialEq, Eq, Debug, thiserror::Error)]
pub(crate) enum HeadError {
    /// No line feed came in time.
    #[error("the request line is longer than {MAX_LINE} bytes")]
    LineTooLong,
    /// No empty line came in time.
    #[error("the request head is longer than {MAX_HEAD} bytes")]
    TooLarge,
    /// Too many lines.
    #[error("the request head has more than {MAX_FIELDS} fields")]
    TooManyFields,
    /// It breaks the grammar of RFC 9112.
    #[error("the request is malformed: {0}")]
    Malformed(String),
    /// Two lengths of one body: what another server takes for the next request is part of this one (RFC 9112, clause
    /// 11.2).
    #[error("the request names the length of its body twice")]
    TwoLengths,
}

impl HeadError {
    /// The status that tells the client.
    pub(crate) fn status(&self) -> StatusCode {
        match self {
            HeadError::LineTooLong => StatusCode::URI_TOO_LONG,
            HeadError::TooLarge | HeadError::TooManyFields => StatusCode::REQUEST_HEADER_FIELDS_TOO_LARGE,
            HeadError::Malformed(_) | HeadError::TwoLengths => StatusCode::BAD_REQUEST,
        }
    }
}

/// A request head.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(crate) struct Head {
    pub(crate) method: Method,
    pub(crate) uri: Uri,
    /// HTTP/1.0.
    pub(crate) http_10: bool,
    pub(crate) headers: HeaderMap,
}

/// Collects bytes until a head is complete.
#[derive(Debug, Default)]
pub(crate) struct HeadReader {
    bytes: BytesMut,
    /// Bytes that were looked at.
    scanned: usize,
    /// Where the line begins that is being looked at.
    line: usize,
    /// Lines that are complete, without the empty ones before the request line.
    lines: usize,
}

impl HeadReader {
    /// Where bytes of the connection go.
    pub(crate) fn buffer(&mut self) -> &mut BytesMut {
        self.bytes.reserve(4096);
        &mut self.bytes
    }

    /// What was collected, the head included.
    pub(crate) fn into_bytes(self) -> Bytes {
        self.bytes.freeze()
    }

    /// True when nothing was collected.
    pub(crate) fn is_empty(&self) -> bool {
        self.bytes.is_empty()
    }

    /// Bytes that were collected.
    pub(crate) fn len(&self) -> usize {
        self.bytes.len()
    }

    /// Forgets the head that was found; what came behind it is the next one.
    pub(crate) fn forget(&mut self) {
        self.bytes.advance(self.scanned);
        (self.scanned, self.line, self.lines) = (0, 0, 0);
    }

    /// The head, once it is complete. Every byte is looked at once.
    pub(crate) fn poll(&mut self) -> Result<Option<Head>, HeadError> {
        while let Some(byte) = self.bytes.get(self.scanned).copied() {
            self.scanned += 1;
            if byte == b'\n' {
                if self.end_line()? {
                    return parse(self.bytes.get(..self.scanned).unwrap_or_default()).map(Some);
                }
                continue;
            }
            if self.lines == 0 && self.scanned - self.line > MAX_LINE {
                return Err(HeadError::LineTooLong);
            }
            // What does not begin like a method will not become one: TLS, RTMP and other strangers need not wait.
            if self.lines == 0 && self.scanned == self.line + 1 && byte != b'\r' && !byte.is_ascii_alphabetic() {
                return Err(HeadError::Malformed("it does not begin with a method".to_owned()));
            }
            if self.scanned > MAX_HEAD {
                return Err(HeadError::TooLarge);
            }
        }
        Ok(None)
    }

    /// A line ended. True when it was the empty one that ends the head.
    fn end_line(&mut self) -> Result<bool, HeadError> {
        let line = self.bytes.get(self.line..self.scanned).unwrap_or_default();
        let empty = matches!(line, b"\n" | b"\r\n");
        self.line = self.scanned;
        if !empty || self.lines > 0 {
            self.lines += 1;
        }
        if self.scanned > MAX_HEAD {
            return Err(HeadError::TooLarge);
        }
        // The request line and the empty line are no fields.
        if self.lines > MAX_FIELDS + 2 {
            return Err(HeadError::TooManyFields);
        }
        Ok(empty && self.lines > 0)
    }
}

fn parse(bytes: &[u8]) -> Result<Head, HeadError> {
    let malformed = |error: &dyn std::fmt::Display| HeadError::Malformed(error.to_string());
    let mut fields = [httparse::EMPTY_HEADER; MAX_FIELDS];
    let mut request = httparse::Request::new(&mut fields);
    match request.parse(bytes) {
        Ok(httparse::Status::Complete(_)) => {}
        Ok(httparse::Status::Partial) => return Err(malformed(&"an empty line inside of the head")),
        Err(httparse::Error::TooManyHeaders) => return Err(HeadError::TooManyFields),
        Err(error) => return Err(malformed(&error)),
    }
    let method =
        Method::from_bytes(request.method.unwrap_or_default().as_bytes()).map_err(|error| malformed(&error))?;
    let uri = Uri::try_from(request.path.unwrap_or_default()).map_err(|error| malformed(&error))?;
    let mut headers = HeaderMap::with_capacity(request.headers.len());
    for field in request.headers.iter() {
        let name = HeaderName::from_bytes(field.name.as_bytes()).map_err(|error| malformed(&error))?;
        headers.append(name, HeaderValue::from_bytes(field.value).map_err(|error| malformed(&error))?);
    }
    if has_two_lengths(&headers) {
        return Err(HeadError::TwoLengths);
    }
    let http_10 = request.version == Some(0);
    if http_10 {
        // It cannot leave HTTP by this field (RFC 9110, clause 7.8).
        headers.remove(UPGRADE);
    }
    Ok(Head { method, uri, http_10, headers })
}

/// True when the length of the body is given twice.
pub(crate) fn has_two_lengths(headers: &HeaderMap) -> bool {
    let lengths = headers.get_all(CONTENT_LENGTH).iter().count();
    lengths > 1 || (lengths == 1 && headers.contains_key(TRANSFER_ENCODING))
}

/// True when a body follows the head.
pub(crate) fn has_body(headers: &HeaderMap) -> bool {
    headers.contains_key(CONTENT_LENGTH) || headers.contains_key(TRANSFER_ENCODING)
}

#[cfg(test)]
mod tests;
