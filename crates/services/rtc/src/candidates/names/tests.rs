use std::sync::atomic::{AtomicUsize, Ordering};

use tokio::sync::Notify;

use super::*;

/// A resolver that answers when it may, and counts what it was asked.
fn slow(go: Arc<Notify>, asked: Arc<AtomicUsize>) -> Lookup {
    Arc::new(move |_| {
        let go = go.clone();
        asked.fetch_add(1, Ordering::SeqCst);
        Box::pin(async move {
            go.notified().await;
            vec![[203, 0, 113, 7].into()]
        })
    })
}

fn names(names: &[&str]) -> BTreeSet<String> {
    names.iter().map(|name| (*name).to_owned()).collect()
}

/// The addresses of `a`, if they are soon known.
async fn resolve(table: &Names) -> Vec<IpAddr> {
    let deadline = Instant::now() + Duration::from_millis(20);
    table.resolve_all(&names(&["a"]), deadline).await.remove("a").unwrap_or_default()
}

#[tokio::test]
async fn a_slow_resolver_holds_nobody_up() {
    let (go, asked) = (Arc::new(Notify::new()), Arc::new(AtomicUsize::new(0)));
    let table = Names::new(slow(go.clone(), asked.clone()));
    assert!(resolve(&table).await.is_empty());
    assert!(resolve(&table).await.is_empty());
    assert_eq!(asked.load(Ordering::SeqCst), 1, "the first lookup is still under way");
    go.notify_one();
    while resolve(&table).await.is_empty() {}
    assert_eq!(resolve(&table).await.len(), 1);
    assert_eq!(asked.load(Ordering::SeqCst), 1, "what is known is not asked for");
}

#[tokio::test]
async fn lookups_and_names_are_bounded() {
    let (go, asked) = (Arc::new(Notify::new()), Arc::new(AtomicUsize::new(0)));
    let table = Names::new(slow(go.clone(), asked.clone()));
    let many: BTreeSet<String> = (0..100).map(|number| format!("n{number}")).collect();
    table.resolve_all(&many, Instant::now()).await;
    assert_eq!(asked.load(Ordering::SeqCst), MAX_LOOKUPS);
    let at_once = Names::new(Arc::new(|_| Box::pin(std::future::ready(Vec::new()))));
    for number in 0..2 * MAX_NAMES {
        at_once.resolve_all(&names(&[&number.to_string()]), Instant::now() + Duration::from_secs(1)).await;
    }
    assert!(lock(&at_once.known).len() <= MAX_NAMES);
}

#[tokio::test]
async fn the_system_knows_this_machine() {
    let ips = system()("localhost".to_owned()).await;
    assert!(ips.iter().all(IpAddr::is_loopback));
}
