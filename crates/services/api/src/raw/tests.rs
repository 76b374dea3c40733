use super::*;

/// Rid and step of what is shown.
fn shown(reloads: &Reloads) -> (String, Step) {
    let Attempt { rid, step, .. } = reloads.last();
    (rid, step)
}

// row: http-api.md §3.3 rpc=reload-fetch
#[tokio::test]
async fn an_end_is_told_of_the_reload_that_ended() {
    let reloads = Reloads::default();
    assert_eq!(reloads.last(), Attempt::default());
    reloads.ask();
    let (first, step) = shown(&reloads);
    assert_eq!((first.len(), step), (7, Step::Init));
    reloads.begin().await;
    reloads.tell(Step::Parsing, None);
    assert_eq!(shown(&reloads), (first.clone(), Step::Parsing));

    // Another one, asked for twice while the first is under way: it has not begun, whatever comes of the first.
    reloads.ask();
    let (second, step) = shown(&reloads);
    assert_eq!(step, Step::Init);
    assert_ne!(second, first);
    reloads.ask();
    reloads.tell(Step::Transforming, Some((1023, "broken".to_owned())));
    assert_eq!(reloads.last(), Attempt { rid: second.clone(), ..Attempt::default() });

    reloads.begin().await;
    assert_eq!(shown(&reloads), (second.clone(), Step::Init));
    reloads.finish(Some("after a restart: pid".to_owned()));
    let last = reloads.last();
    assert_eq!((last.rid, last.step, last.err), (second, Step::Finished, 0));
    assert_eq!(last.msg, "Success; after a restart: pid");

    // Two that asked are one, and it has been.
    let more = tokio::time::timeout(std::time::Duration::from_millis(20), reloads.begin()).await;
    assert!(more.is_err());
}
