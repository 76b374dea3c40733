//! JSON replies. The API answers nearly everything with status 200 and says in `code` what went wrong.

use bytes::Bytes;
use http::header::CONTENT_TYPE;
use http::{HeaderValue, StatusCode};
use weir_httpd::{Body, Reply};

use weir_json::{Value, object};

/// A JSON document.
pub(crate) fn json(value: &Value) -> Reply {
    text("application/json", value.render())
}

/// A text whose type is known.
pub(crate) fn text(kind: &'static str, text: impl Into<Bytes>) -> Reply {
    Reply {
        status: StatusCode::OK,
        headers: vec![(CONTENT_TYPE, HeaderValue::from_static(kind))],
        body: Body::Bytes(text.into()),
    }
}

/// `{"code":N}`, with a number of `errors.md` §1.
pub(crate) fn code(code: u16) -> Reply {
    json(&object! { "code": code })
}
