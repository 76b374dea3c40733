use std::collections::BTreeSet;

use serde_json::Value;

use super::*;

fn document() -> Value {
    serde_json::from_str(OPENAPI).expect("docs/openapi.json is JSON")
}

/// A path that is served and not described, or described and not served, is an error of `docs/openapi.json`.
#[tokio::test]
async fn the_document_describes_what_is_served() {
    let leaves = LEAVES.iter().map(|(name, _)| format!("{V1}{name}"));
    let below = [VHOSTS, STREAMS, CLIENTS].map(|list| format!("{list}{{id}}"));
    let others = ["/".to_owned(), METRICS.to_owned(), format!("{STREAMS}{{id}}{DETAIL}")];
    let served: BTreeSet<_> = leaves.chain(PREFIXES.map(str::to_owned)).chain(below).chain(others).collect();
    let described: BTreeSet<_> = document()["paths"].as_object().expect("paths").keys().cloned().collect();
    assert_eq!(described, served);
}

#[tokio::test]
async fn the_document_is_served() {
    let body = House::new(CONF).body("GET /api/v1/openapi.json").await;
    assert_eq!(body, OPENAPI);
}

/// Most paths answer every method alike; these two act.
#[tokio::test]
async fn what_may_be_deleted_is_described() {
    let house = House::new(CONF);
    let document = document();
    for (list, may) in [(VHOSTS, false), (STREAMS, true), (CLIENTS, true)] {
        let is_described = document["paths"][format!("{list}{{id}}")].get("delete").is_some();
        let reply = house.ask(&format!("DELETE {list}nope")).await;
        assert_eq!((is_described, reply.status == StatusCode::OK), (may, may), "{list}");
    }
}
