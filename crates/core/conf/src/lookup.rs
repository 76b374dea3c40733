//! The value of a directive: environment, then file, then the table's default.

use std::cell::RefCell;
use std::time::Duration;

use crate::env::Env;
use crate::number::{atof, atoi, span};
use crate::place::Place;
use crate::report::{Note, Notes, nearest};
use crate::table::{self, Kind, Row};
use crate::tree::Directive;

/// What is the same for all lookups of one load.
pub(crate) struct Context<'a> {
    pub(crate) env: &'a Env,
    pub(crate) root: &'a [Directive],
    pub(crate) in_docker: bool,
    /// Whether there is no file, and one vhost of defaults instead (config.md §2).
    pub(crate) env_only: bool,
    pub(crate) notes: RefCell<Notes>,
}

impl<'a> Context<'a> {
    /// Nothing but the environment and the table: what `-e` starts with.
    pub(crate) fn without_file(env: &'a Env) -> Self {
        Self { env, root: &[], in_docker: false, env_only: true, notes: RefCell::default() }
    }

    pub(crate) fn note(&self, note: Note) {
        self.notes.borrow_mut().push(note);
    }
}

/// The path of a block that the table does not know.
const NOWHERE: &str = "?";

/// A block to look names up in.
#[derive(Clone)]
pub(crate) struct Scope<'a> {
    pub(crate) context: &'a Context<'a>,
    /// Where the rows of the children are.
    path: &'static str,
    /// The block as written; none when the file has no such block, and only the environment and defaults speak.
    pub(crate) node: Option<&'a Directive>,
    children: &'a [Directive],
}

/// The words of a value and where they stand.
#[derive(Clone, Debug)]
pub(crate) struct Found {
    pub(crate) words: Vec<String>,
    pub(crate) place: Place,
}

impl Found {
    pub(crate) fn word(&self) -> &str {
        self.words.first().map(String::as_str).unwrap_or_default()
    }
}

impl<'a> Scope<'a> {
    pub(crate) fn root(context: &'a Context<'a>) -> Self {
        Self { context, path: "", node: None, children: context.root }
    }

    /// The child block of that name: the first one, or an empty one.
    pub(crate) fn block(&self, name: &str) -> Self {
        self.enter(name, self.children.iter().find(|child| child.name == name))
    }

    /// Every child block of that name.
    pub(crate) fn blocks(&self, name: &str) -> impl Iterator<Item = Self> {
        let named = self.children.iter().filter(move |child| child.name == name);
        named.map(move |child| self.enter(&child.name, Some(child)))
    }

    fn enter(&self, name: &str, node: Option<&'a Directive>) -> Self {
        // A block without a row has children without rows.
        let path = table::child(self.path, name).map_or(NOWHERE, |known| known.row.like.unwrap_or(known.row.path));
        Self { context: self.context, path, node, children: node.map_or(&[], |node| &node.children) }
    }

    /// The first word after the name of the block.
    pub(crate) fn first_word(&self) -> String {
        self.node.map(|node| node.arg0().to_owned()).unwrap_or_default()
    }

    /// The words of every occurrence of `name`, in order.
    pub(crate) fn occurrences(&self, name: &str) -> Vec<Vec<String>> {
        debug_assert!(self.row(name).repeats, "{name} counts once");
        self.all(name).map(words_of).collect()
    }

    /// Every child with its words, for blocks whose children are no directives.
    pub(crate) fn lines(&self) -> Vec<(String, Vec<String>)> {
        self.children.iter().map(|child| (child.name.clone(), words_of(child))).collect()
    }

    /// Every occurrence of `name`.
    pub(crate) fn all(&self, name: &str) -> impl Iterator<Item = &'a Directive> {
        self.children.iter().filter(move |child| child.name == name)
    }

    /// The row of the child `name`. A test loads every section, so that a name without a row cannot go unseen.
    pub(crate) fn row(&self, name: &str) -> &'static Row {
        let known = table::child(self.path, name);
        debug_assert!(known.is_some(), "no row for {name} in {}", self.path);
        known.map_or(&table::NO_ROW, |known| known.row)
    }

    /// What is said about `name`, environment first; a directive without words says nothing.
    pub(crate) fn find(&self, name: &str) -> Option<Found> {
        self.find_env(name).or_else(|| self.find_file(name))
    }

    fn find_env(&self, name: &str) -> Option<Found> {
        let known = table::child(self.path, name)?;
        let (env_name, value) =
            known.env_names.iter().find_map(|name| self.context.env.get(name).map(|value| (name.clone(), value)))?;
        let words = match known.row.kind {
            Kind::List | Kind::Rules => value.split(' ').filter(|w| !w.is_empty()).map(str::to_owned).collect(),
            _ => vec![value.to_owned()],
        };
        Some(Found { words, place: Place::Env(env_name) })
    }

    fn find_file(&self, name: &str) -> Option<Found> {
        let directive = self.children.iter().find(|child| child.name == name)?;
        let words = words_of(directive);
        (!words.is_empty()).then(|| Found { words, place: directive.value_pos().into() })
    }

    /// What is said, or the default words and no place.
    fn resolve(&self, name: &str) -> Found {
        self.find(name).unwrap_or_else(|| self.default_of(name))
    }

    /// The default of `name`: the value of the row that it follows, or the table's words.
    pub(crate) fn default_of(&self, name: &str) -> Found {
        let row = self.row(name);
        if let Some((parent, followed)) = row.like.map(|like| like.rsplit_once('.').unwrap_or(("", like))) {
            return if parent == self.path {
                self.resolve(followed)
            } else {
                Self::root(self.context).resolve(followed)
            };
        }
        let words = row.default.split(' ').filter(|w| !w.is_empty()).map(str::to_owned).collect();
        Found { words, place: Place::Nowhere }
    }

    /// The default that the row gives for the condition `when`.
    pub(crate) fn instead(&self, name: &str, when: &str) -> Found {
        let word = self.row(name).instead.iter().find(|(_, condition)| *condition == when).map(|(word, _)| *word);
        debug_assert!(word.is_some(), "no default of {name} {when}");
        Found { words: word.into_iter().map(str::to_owned).collect(), place: Place::Nowhere }
    }

    /// A value read by the rule of its row.
    pub(crate) fn get<T: Value>(&self, name: &str) -> T {
        T::read(self, name)
    }

    pub(crate) fn bool(&self, name: &str) -> bool {
        self.bool_of(name, &self.resolve(name))
    }

    /// Reads `found` as the boolean row `name`.
    pub(crate) fn bool_of(&self, name: &str, found: &Found) -> bool {
        let (row, word) = (self.row(name), found.word());
        let kind = match found.place {
            Place::Env(_) => row.env_kind.unwrap_or(row.kind),
            Place::File(_) => row.kind,
            Place::Nowhere => return word == "on",
        };
        if word != "on" && word != "off" {
            let read = if kind == Kind::B1 { "on" } else { "off" };
            self.context.note(
                Note::warning(found.place.clone(), format!("\"{word}\" is read as {read} for {}", row.path))
                    .help("write on or off"),
            );
        }
        if kind == Kind::B1 { word != "off" } else { word == "on" }
    }

    pub(crate) fn int(&self, name: &str) -> i64 {
        self.int_of(name, &self.resolve(name))
    }

    pub(crate) fn int_of(&self, name: &str, found: &Found) -> i64 {
        let number = atoi(found.word());
        self.check_number(name, found, number.whole, &number.value.to_string());
        number.value
    }

    pub(crate) fn float(&self, name: &str) -> f64 {
        let found = self.resolve(name);
        let number = atof(found.word());
        self.check_number(name, &found, number.whole, &number.value.to_string());
        number.value
    }

    pub(crate) fn span(&self, name: &str) -> Duration {
        self.span_of(name, &self.resolve(name))
    }

    /// Reads `found` as a time in the unit of the row `name`.
    pub(crate) fn span_of(&self, name: &str, found: &Found) -> Duration {
        let (micros, fraction) = match self.row(name).kind {
            Kind::Sec => (1e6, false),
            Kind::FSec => (1e6, true),
            Kind::FMs => (1e3, true),
            _ => (1e3, false),
        };
        let value = if fraction {
            let number = atof(found.word());
            self.check_number(name, found, number.whole, &number.value.to_string());
            number.value
        } else {
            self.int_of(name, found) as f64
        };
        if value < 0.0 {
            self.context
                .note(Note::warning(found.place.clone(), format!("{} is below 0 and read as 0", self.row(name).path)));
        }
        span(value, micros)
    }

    /// Warns when only part of the word is a number: SRS does not look, but the user should know.
    fn check_number(&self, name: &str, found: &Found, whole: bool, value: &str) {
        if whole || matches!(found.place, Place::Nowhere) {
            return;
        }
        let row = self.row(name);
        let message = format!("\"{}\" is read as {value} for {}", found.word(), row.path);
        self.context.note(
            Note::warning(found.place.clone(), message)
                .help(format!("write one number without a unit ({})", row.kind.name())),
        );
    }

    pub(crate) fn text(&self, name: &str) -> String {
        self.resolve(name).word().to_owned()
    }

    pub(crate) fn list(&self, name: &str) -> Vec<String> {
        self.resolve(name).words
    }

    /// A word of a closed set: `(word, value)` pairs, and the value of any other word as SRS takes it.
    pub(crate) fn word<T: Copy>(&self, name: &str, set: &[(&str, T)], other: T) -> T {
        let found = self.resolve(name);
        if let Some((_, value)) = set.iter().find(|(word, _)| *word == found.word()) {
            return *value;
        }
        let known: Vec<&str> = set.iter().map(|(word, _)| *word).collect();
        let near = nearest(found.word(), known.iter().copied()).map(|near| format!("did you mean \"{near}\"?"));
        let message = format!("\"{}\" is no word that {} knows", found.word(), self.row(name).path);
        self.context.note(
            Note::warning(found.place, message).help(format!("known words: {}", known.join(", "))).maybe_help(near),
        );
        other
    }

    /// Warns that a number is outside of what the row can mean, and says what is used.
    pub(crate) fn warn_range(&self, name: &str, message: &str) {
        self.context.note(Note::warning(self.resolve(name).place, format!("{} {message}", self.row(name).path)));
    }
}

fn words_of(directive: &Directive) -> Vec<String> {
    directive.args.iter().map(|arg| arg.text.clone()).collect()
}

/// A type that a section's field may have.
pub(crate) trait Value: Sized {
    /// Reads the child `name` of `scope`.
    fn read(scope: &Scope<'_>, name: &str) -> Self;
}

impl Value for bool {
    fn read(scope: &Scope<'_>, name: &str) -> Self {
        scope.bool(name)
    }
}

impl Value for i64 {
    fn read(scope: &Scope<'_>, name: &str) -> Self {
        scope.int(name)
    }
}

impl Value for f64 {
    fn read(scope: &Scope<'_>, name: &str) -> Self {
        scope.float(name)
    }
}

impl Value for Duration {
    fn read(scope: &Scope<'_>, name: &str) -> Self {
        scope.span(name)
    }
}

impl Value for String {
    fn read(scope: &Scope<'_>, name: &str) -> Self {
        scope.text(name)
    }
}

impl Value for Vec<String> {
    fn read(scope: &Scope<'_>, name: &str) -> Self {
        scope.list(name)
    }
}

/// Numbers that cannot be below 0 are read as the nearest value that they can be, with a warning.
macro_rules! unsigned {
    ($($ty:ty),*) => {$(
        impl Value for $ty {
            fn read(scope: &Scope<'_>, name: &str) -> Self {
                let value = scope.int(name);
                <$ty>::try_from(value).unwrap_or_else(|_| {
                    let nearest = if value < 0 { <$ty>::MIN } else { <$ty>::MAX };
                    scope.warn_range(name, &format!("cannot be {value}: {nearest} is used"));
                    nearest
                })
            }
        }
    )*};
}

unsigned!(u16, u32, usize);

#[cfg(test)]
mod tests;
