//! [`Asking`]: a question on its way, which a client that goes does not take back.

use std::future::Future;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll, ready};
use std::time::Duration;

use weir_hub::{Question, Refusal};

use crate::outbox::Outbox;

/// A question that was put goes on for so long when its client has gone: a server that is there has taken it by then, and
/// one that is dead holds no place in the line from those who wait.
const LAST_WORDS: Duration = Duration::from_secs(1);

/// The calls to the URLs of an event, one after another. Whoever drops it has it go on behind its back, if the first of
/// them was sent: what is told of the client waits for it, so that a server hears of an end after the beginning, and of
/// none without one.
pub(crate) struct Asking {
    /// Nothing as soon as it is over.
    pub(crate) calls: Option<Calls>,
    pub(crate) question: Arc<Question>,
    pub(crate) outbox: Arc<Outbox>,
    pub(crate) vhost: String,
    /// Of what is told of the client.
    pub(crate) order: String,
}

pub(crate) type Calls = Pin<Box<dyn Future<Output = Result<(), Refusal>> + Send>>;

impl Future for Asking {
    type Output = Result<(), Refusal>;

    fn poll(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Self::Output> {
        let Some(calls) = &mut self.calls else { return Poll::Pending };
        let answer = ready!(calls.as_mut().poll(context));
        self.calls = None;
        self.question.answer(answer.is_ok());
        Poll::Ready(answer)
    }
}

impl Drop for Asking {
    fn drop(&mut self) {
        let Some(calls) = self.calls.take().filter(|_| self.question.withdraw()) else { return };
        let question = self.question.clone();
        let rest = async move {
            let answer = calls.await;
            question.answer(answer.is_ok());
        };
        self.outbox.hold(&self.vhost, self.order.clone(), LAST_WORDS, rest);
    }
}
