//! Variables in paths and mounts (config.md §17).

/// The variables of `http_remux.mount` and `http_static.mount`.
pub const MOUNT_VARIABLES: [&str; 3] = ["vhost", "app", "stream"];

/// Replaces each `[name]` of `template` by its value among `variables`. A value is never looked into again, so that a
/// stream named `[app]` stays what it is; names that are not given stay as they are.
pub fn expand(template: &str, variables: &[(&str, &str)]) -> String {
    let mut text = String::with_capacity(template.len());
    let mut rest = template;
    while let Some((before, after)) = rest.split_once('[') {
        text += before;
        let variable = variables.iter().find_map(|(name, value)| {
            let rest = after.strip_prefix(name)?.strip_prefix(']')?;
            Some((*value, rest))
        });
        rest = match variable {
            Some((value, rest)) => {
                text += value;
                rest
            }
            None => {
                text.push('[');
                after
            }
        };
    }
    text + rest
}

#[cfg(test)]
mod tests;
