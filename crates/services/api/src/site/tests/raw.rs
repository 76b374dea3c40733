use super::*;
use crate::Step;

fn house(raw_api: &str) -> House {
    House::new(&format!("listen 1935; http_api {{ enabled on; listen 1985; raw_api {{ {raw_api} }} }}"))
}

/// What the raw API answers with such a configuration.
async fn check(raw_api: &str, query: &str, expect: &str) {
    let line = format!("GET /api/v1/raw?{query}");
    assert_eq!(house(raw_api).body(&line).await, expect, "{raw_api} {line}");
}

// row: http-api.md §3.3 rpc=raw
// row: http-api.md §3.3 raw_api disabled
// row: http-api.md §3.3 missing/other rpc
// row: errors.md §1 1060
// row: errors.md §1 1061
#[tokio::test]
async fn the_raw_api_answers_what_it_is_allowed_to() {
    let told = r#"{"code":0,"http_api":{"enabled":true,"listen":"1985","crossdomain":true,"raw_api":{"enabled":"#;
    let rest = r#""allow_query":false,"allow_update":false}}}"#;
    check("", "rpc=raw", &format!(r#"{told}false,"allow_reload":false,{rest}"#)).await;
    check("enabled on; allow_reload on;", "rpc=raw", &format!(r#"{told}true,"allow_reload":true,{rest}"#)).await;
    check("", "rpc=reload", r#"{"code":1061}"#).await;
    check("enabled on;", "rpc=reload", r#"{"code":1061}"#).await;
    check("", "rpc=reload-fetch", r#"{"code":1061}"#).await;
    check("enabled on;", "rpc=query", r#"{"code":1060}"#).await;
    check("enabled on;", "", r#"{"code":1060}"#).await;
    check("enabled on;", "rpc=reload-fetch", r#"{"code":0,"data":{"err":0,"msg":"Success","state":0,"rid":""}}"#).await;
}

// row: http-api.md §3 /api/v1/raw
// row: http-api.md §3.3 rpc=reload
// row: http-api.md §3.3 rpc=reload-fetch
#[tokio::test]
async fn a_reload_is_asked_for_and_followed() {
    let house = house("enabled on; allow_reload on;");
    let fetch = async || house.body("GET /api/v1/raw?rpc=reload-fetch").await;
    assert_eq!(house.body("GET /api/v1/raw?rpc=reload").await, r#"{"code":0}"#);
    let reloads = &house.parts.reloads;
    reloads.begin().await;
    let rid = reloads.last().rid;
    assert_eq!(rid.len(), 7);
    assert_eq!(fetch().await, format!(r#"{{"code":0,"data":{{"err":0,"msg":"Success","state":0,"rid":"{rid}"}}}}"#));
    reloads.tell(Step::Parsing, Some((1023, "code=1023(ConfigInvalid) : no".to_owned())));
    let told = format!(r#"{{"err":1023,"msg":"code=1023(ConfigInvalid) : no","state":10,"rid":"{rid}"}}"#);
    assert!(fetch().await.contains(&told), "{told}");
    reloads.ask();
    assert_ne!(reloads.last().rid, rid);
}
