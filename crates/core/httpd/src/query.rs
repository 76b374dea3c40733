//! [`Query`]: the part of a URL behind the `?`, read as SRS reads it.

/// The pairs of a query.
///
/// SRS: the text is cut at every `=`, `,`, `&&`, `&` and `;`, and the pieces are paired in their order, whatever stood
/// between them. A key without a value therefore takes the next key as its value. Nothing is percent-decoded.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct Query {
    pairs: Vec<(String, String)>,
}

impl Query {
    /// Reads a query, without its `?`. Every text is one.
    pub fn parse(text: &str) -> Query {
        let mut pieces = pieces(text).into_iter();
        let mut pairs = Vec::new();
        while let Some(key) = pieces.next() {
            pairs.push((key.to_owned(), pieces.next().unwrap_or_default().to_owned()));
        }
        Query { pairs }
    }

    /// The value of a key; of the last one when it stands there twice.
    pub fn get(&self, key: &str) -> Option<&str> {
        self.pairs.iter().rev().find(|(name, _)| name == key).map(|(_, value)| value.as_str())
    }
}

/// The pieces between the cuts. An empty one counts, except behind the last cut.
fn pieces(text: &str) -> Vec<&str> {
    let mut pieces = Vec::new();
    let mut rest = text;
    while let Some(at) = rest.find(['=', ',', '&', ';']) {
        let (piece, tail) = rest.split_at(at);
        pieces.push(piece);
        let cut = if tail.starts_with("&&") { 2 } else { 1 };
        rest = tail.get(cut..).unwrap_or_default();
    }
    if !rest.is_empty() {
        pieces.push(rest);
    }
    pieces
}

#[cfg(test)]
mod tests;
