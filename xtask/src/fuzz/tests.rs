use super::*;

fn check(args: &[&str], expect: Option<(u32, &[&str])>) {
    let args: Vec<String> = args.iter().map(ToString::to_string).collect();
    let plan = parse(&args).ok().map(|plan| (plan.minutes, plan.targets));
    let expect =
        expect.map(|(minutes, targets)| (minutes, targets.iter().map(ToString::to_string).collect::<Vec<_>>()));
    assert_eq!(plan, expect, "{args:?}");
}

#[test]
fn arguments() {
    check(&[], Some((1, &[])));
    check(&["--minutes", "10", "amf0", "conf"], Some((10, &["amf0", "conf"])));
    check(&["amf0", "--minutes", "3"], Some((3, &["amf0"])));
    check(&["--minutes"], None);
    check(&["--minutes", "ten"], None);
    check(&["--hours", "1"], None);
}
