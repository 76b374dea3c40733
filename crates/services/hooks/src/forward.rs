//! Asking where a stream is forwarded to (`forward.backend`, hooks.md §4).

use weir_conf::Vhost;
use weir_fetch::without_secrets;
use weir_hub::{Client, Stream};

use crate::answer::Fault;
use crate::event::Subject;
use crate::hooks::Hooks;

/// Why there is no list of destinations: the publish is refused then.
#[derive(Debug, thiserror::Error)]
pub enum ForwardError {
    /// The backend says no, or does not answer.
    #[error("{url} was asked where to forward to: {why}")]
    Backend {
        /// Of the backend, without secrets.
        url: String,
        /// What it did.
        why: String,
        /// SRS's number for it.
        code: u16,
    },
    /// The answer holds no list of URLs.
    #[error("{url} was asked where to forward to, and its answer has no data.urls")]
    NoUrls {
        /// Of the backend, without secrets.
        url: String,
    },
}

impl ForwardError {
    /// SRS's number for it.
    pub fn code(&self) -> u16 {
        match self {
            ForwardError::Backend { code, .. } => *code,
            ForwardError::NoUrls { .. } => 1030,
        }
    }
}

impl Hooks {
    /// Where the backend wants a publish forwarded to; none without a backend. With one, an empty list is nowhere, whatever
    /// `forward.destination` says.
    pub async fn on_forward(
        &self,
        vhost: &Vhost,
        stream: &Stream,
        publisher: &Client,
    ) -> Result<Option<Vec<String>>, ForwardError> {
        // SRS: of several, the first.
        let Some(backend) = vhost.forward.backend.split_whitespace().next() else { return Ok(None) };
        let body = Subject::of_publisher(publisher, stream).on_forward(&self.ids).render();
        let url = without_secrets(backend);
        let fault =
            |fault: Fault| ForwardError::Backend { url: url.clone(), why: fault.to_string(), code: fault.code() };
        let answer = self.post(backend, &body, &vhost.http_hooks.secret).await.map_err(fault)?;
        let urls = answer.pointer("/data/urls").and_then(serde_json::Value::as_array);
        let urls = urls.and_then(|urls| urls.iter().map(|one| one.as_str().map(str::to_owned)).collect());
        urls.map(Some).ok_or(ForwardError::NoUrls { url })
    }
}

#[cfg(test)]
mod tests;
