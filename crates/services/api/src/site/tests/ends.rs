//! Ending clients.

use weir_hub::{Entry, Gate, Refusal, Verdict};

use super::*;

/// A gate that never answers.
struct Silent;

impl Gate for Silent {
    fn admit<'a>(&'a self, _: &'a Entry) -> Verdict<'a> {
        Box::pin(std::future::pending())
    }
}

/// A publisher that waits to be let in, and a player that does, until what `of` names of the publisher is ended.
async fn check(of: impl Fn(&House) -> String) {
    let house = House::new(CONF);
    house.hub.guard(vec![Arc::new(Silent)]);
    let (publish, play) = (request("9k72z660", ClientKind::FmlePublish), request("4c341279", ClientKind::RtmpPlay));
    let end = async {
        while house.hub.clients().len() < 2 {
            tokio::task::yield_now().await;
        }
        assert!(house.body(&of(&house)).await.starts_with(r#"{"code":0,"#));
    };
    let published = async { tokio::join!(house.hub.publish(&publish), end).0 };
    tokio::select! {
        refused = published => assert!(matches!(refused, Err(Refusal::Kicked)), "{refused:?}"),
        _ = house.hub.subscribe(&play) => panic!("the player was not asked to end"),
    }
}

#[tokio::test]
async fn who_waits_to_publish_is_ended_with_its_stream_or_by_its_id() {
    check(|house| format!("DELETE /api/v1/streams/{}", house.hub.streams()[0].id)).await;
    check(|_| "DELETE /api/v1/clients/9k72z660".to_owned()).await;
}

#[tokio::test]
async fn a_stream_that_nobody_publishes_has_no_publisher_to_end() {
    let house = House::new(CONF);
    let _player = house.hub.subscribe(&request("4c341279", ClientKind::RtmpPlay)).await.expect("anybody may play");
    let line = format!("DELETE /api/v1/streams/{}", house.hub.streams()[0].id);
    assert!(house.body(&line).await.starts_with(r#"{"code":2049"#));
}
