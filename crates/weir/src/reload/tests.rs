use super::*;

/// What the log and the API say of a reload from `old` to `new`.
#[track_caller]
fn check(old: &str, new: &str, log: &str, api: Option<&str>) {
    let load = |text: &str| Config::from_text(&format!("listen 1935; {text}")).expect("a configuration").config;
    let diff = Diff::between(&load(old), &load(new));
    assert_eq!((&*words(&diff), after_restart(&diff).as_deref()), (log, api));
}

#[test]
fn what_counts_now_is_told_apart_from_what_does_not() {
    check("", "", "nothing is different", None);
    check(
        "vhost a { } vhost b { dvr { dvr_apply live/a; } }",
        "vhost b { enabled off; dvr { dvr_apply live/b; } } vhost c { } stats { enabled off; } http_api { crossdomain off; }",
        "changed vhost b: enabled; vhosts added c; vhosts removed a; after a restart stats.enabled; \
         without effect http_api.crossdomain, vhost b: dvr.dvr_apply",
        Some("after a restart stats.enabled"),
    );
}

#[test]
fn a_line_names_the_first_ones() {
    let many: String = (0..30).map(|at| format!("vhost v{at:02} {{ }} ")).collect();
    let first: Vec<String> = (0..20).map(|at| format!("v{at:02}")).collect();
    check("", &many, &format!("vhosts added {} and 10 more", first.join(", ")), None);
}
