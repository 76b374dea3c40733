use super::{Attributes, Broken};

#[test]
fn lists() {
    let list = "A=1,B-2=\"x,y=\",C=YES,URI=\"\"";
    let found = Attributes::parse(list).expect("a list");
    assert_eq!(
        (found.get("A"), found.get("B-2"), found.get("C"), found.get("D")),
        (Some("1"), Some("x,y="), Some("YES"), None)
    );
    assert_eq!((found.quoted("A"), found.quoted("URI")), (None, Some("")));
    assert_eq!(found.end_of_quoted("B-2").map(|end| &list[end..=end]), Some("\""));
}

#[test]
fn broken_lists() {
    let check = |list: &str, expect: Broken| assert_eq!(Attributes::parse(list).map(|_| ()), Err(expect), "{list}");
    check("", Broken::Name(0));
    check("A", Broken::Name(0));
    check("=1", Broken::Name(0));
    check("a=1", Broken::Name(0));
    check("A=1,", Broken::Name(4));
    check("A=1, B=2", Broken::Name(4));
    check("A=", Broken::Empty(2));
    check("A=1 ", Broken::Empty(2));
    check("A=x\"y\"", Broken::Empty(2));
    check("A=\"1", Broken::Quote(2));
    check("A=\"1\"2", Broken::Quote(5));
    check("A=1,A=2", Broken::Twice(4));
    let many: Vec<String> = (0..65).map(|n| format!("A{n}=1")).collect();
    check(&many.join(","), Broken::Many);
}
