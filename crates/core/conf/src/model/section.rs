//! How sections of the model are declared: the fields once, the reading of each by its type.

use crate::lookup::{Scope, Value};

/// A struct that is read from a block.
pub(crate) trait Section: Sized {
    /// Reads every field from the block `scope`.
    fn read_section(scope: &Scope<'_>) -> Self;
}

impl<T: Section> Value for T {
    fn read(scope: &Scope<'_>, name: &str) -> Self {
        T::read_section(&scope.block(name))
    }
}

/// Declares a section: each field is the directive of its name, or of the name after `=`. A field in brackets before
/// the others is the first word of the block itself.
macro_rules! section {
    (
        $(#[$doc:meta])*
        $name:ident $([$(#[$wdoc:meta])* $word:ident])? { $($field:ident $(= $directive:literal)?: $ty:ty),* $(,)? }
    ) => {
        $(#[$doc])*
        #[derive(Clone, Debug, PartialEq)]
        pub struct $name {
            $($(#[$wdoc])* pub $word: String,)?
            $(
                #[doc = concat!("The directive `", directive_name!($field $($directive)?), "` of this block.")]
                pub $field: $ty,
            )*
        }

        impl $crate::model::section::Section for $name {
            fn read_section(scope: &$crate::lookup::Scope<'_>) -> Self {
                Self {
                    $($word: scope.first_word(),)?
                    $($field: scope.get(directive_name!($field $($directive)?)),)*
                }
            }
        }

        impl $crate::diff::Compare for $name {
            fn compare(&self, new: &Self, path: &str, found: &mut Vec<String>) {
                $($crate::diff::note(&self.$word, &new.$word, path, found);)?
                $($crate::diff::Compare::compare(
                    &self.$field,
                    &new.$field,
                    &$crate::diff::child(path, directive_name!($field $($directive)?)),
                    found,
                );)*
            }

            fn keep(&mut self, old: &Self, path: &str, kept: &std::collections::BTreeSet<String>) {
                $($crate::diff::Compare::keep(
                    &mut self.$field,
                    &old.$field,
                    &$crate::diff::child(path, directive_name!($field $($directive)?)),
                    kept,
                );)*
            }
        }
    };
}

/// The name of the directive behind a field.
macro_rules! directive_name {
    ($field:ident) => {
        stringify!($field)
    };
    ($field:ident $directive:literal) => {
        $directive
    };
}

/// Declares a closed set of words; `else` is what SRS makes of any other word.
macro_rules! words {
    ($(#[$doc:meta])* $name:ident { $($(#[$vdoc:meta])* $variant:ident = $word:literal),* $(,)? } else $other:ident) => {
        $(#[$doc])*
        #[derive(Clone, Copy, Debug, PartialEq, Eq)]
        pub enum $name { $($(#[$vdoc])* $variant,)* }

        impl $name {
            /// The words and their meanings.
            const WORDS: &'static [(&'static str, Self)] = &[$(($word, Self::$variant)),*];

            /// The word as it is written in a configuration.
            pub fn as_str(self) -> &'static str {
                Self::WORDS.iter().find(|(_, value)| *value == self).map_or("", |(word, _)| *word)
            }
        }

        impl $crate::lookup::Value for $name {
            fn read(scope: &$crate::lookup::Scope<'_>, name: &str) -> Self {
                scope.word(name, Self::WORDS, Self::$other)
            }
        }

        $crate::diff::whole!($name);
    };
}
