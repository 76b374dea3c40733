//! Where a client's token stands, and how it is compared.

use weir_hub::Request;

/// Names of the parameter that carries a token in a URL or a stream key.
const NAMES: [&str; 2] = ["token", "key"];

/// The token of a request: what stands behind `Bearer`, else the parameter.
pub(crate) fn of(request: &Request) -> Option<&str> {
    request.bearer.as_deref().or_else(|| in_query(request.param.trim_start_matches('?')))
}

/// The token among the parameters of a URL.
pub fn in_query(query: &str) -> Option<&str> {
    let value = |name: &str| {
        let mut pairs = query.split('&').filter_map(|pair| pair.split_once('='));
        pairs.find(|(key, _)| *key == name).map(|(_, value)| value)
    };
    NAMES.into_iter().find_map(value).filter(|token| !token.is_empty())
}

/// A URL as it may be shown: without its token.
pub fn hidden(url: &str) -> String {
    let Some((before, query)) = url.split_once('?') else { return url.to_owned() };
    let shown = query.split('&').map(|pair| match pair.split_once('=') {
        Some((name, _)) if NAMES.contains(&name) => format!("{name}=..."),
        _ => pair.to_owned(),
    });
    format!("{before}?{}", shown.collect::<Vec<_>>().join("&"))
}

/// Compares in a time that does not tell how much was right.
pub fn same(given: &str, wanted: &str) -> bool {
    aws_lc_rs::constant_time::verify_slices_are_equal(given.as_bytes(), wanted.as_bytes()).is_ok()
}

#[cfg(test)]
mod tests;
