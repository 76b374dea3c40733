use super::*;

/// The marks of `text` on one line each, words in brackets, with their places.
fn check(text: &str, expect: &str) {
    let file = Arc::new(SourceFile { name: "t".into(), text: text.into() });
    let mut lexer = Lexer::new(&file);
    let mut seen = String::new();
    loop {
        let token = match lexer.next_token() {
            Ok(token) => token,
            Err(note) => {
                seen += &format!("{} {}", note.place, note.message);
                break;
            }
        };
        let mark = match token.mark {
            Mark::Word(word) => format!("[{word}]"),
            Mark::End => ";".into(),
            Mark::Open => "{".into(),
            Mark::Close => "}".into(),
            Mark::Line => "\n".into(),
            Mark::File => break,
        };
        seen += &mark;
    }
    assert_eq!(seen, expect);
}

// row: config.md §1 1
#[test]
fn blanks_and_marks() {
    check("listen\t1935 ;\r\nvhost a{}", "[listen][1935];\n[vhost][a]{}");
    check("a;b;c{d;}", "[a];[b];[c]{[d];}");
    check("", "");
    // A closing brace closes only where a token may start.
    check("a b}c;", "[a][b}c];");
}

// row: config.md §1 3
#[test]
fn comments() {
    check("# all of it; {\na#b #c\n;#d", "\n[a#b]\n;");
}

// row: config.md §1 4
#[test]
fn quotes() {
    check("a \"; { } # ' x\" '\"';", "[a][; { } # ' x][\"];");
    check("a\"b c'd;", "[a\"b][c'd];");
    check("\"a\"{'b';", "[a]{[b];");
    check("a \"b\\\" c;", "[a][b\\][c];");
    check("a \"b\"c;", "[a]t:1:6 expected a blank, \";\" or \"{\" after the closing \", found \"c\"");
    check("a 'b\nc';", "[a]t:1:3 this ' is never closed");
    check("'", "t:1:1 this ' is never closed");
}

// row: config.md §1 5
#[test]
fn empty_quotes_are_no_words() {
    check("a \"\" '' b;", "[a][b];");
    check("''", "");
    check(&"\"\" ".repeat(100_000), "");
}

#[test]
fn columns_are_characters() {
    check("é é 'x'y", "[é][é]t:1:8 expected a blank, \";\" or \"{\" after the closing ', found \"y\"");
    check("\u{feff}é '", "[é]t:1:3 this ' is never closed");
}
