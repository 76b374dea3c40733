//! Handles to values that a reload replaces.

use std::sync::Arc;

use arc_swap::{ArcSwap, Guard};

/// A shared handle to the newest `T`: a reload stores, sessions load. Clones see the same value.
#[derive(Debug)]
pub struct Live<T>(Arc<ArcSwap<T>>);

impl<T> Live<T> {
    /// A handle to `value`.
    pub fn new(value: impl Into<Arc<T>>) -> Self {
        Self(Arc::new(ArcSwap::new(value.into())))
    }

    /// The newest value, without touching a reference count. Keep the guard for one step of work, not across a wait:
    /// `Arc::clone(&guard)` is for that.
    pub fn load(&self) -> Guard<Arc<T>> {
        self.0.load()
    }

    /// Replaces the value for every clone of this handle; who holds the old one keeps it until dropped.
    pub fn store(&self, value: impl Into<Arc<T>>) {
        self.0.store(value.into());
    }

    /// Whether both handles are clones of one another.
    pub fn same(&self, other: &Self) -> bool {
        Arc::ptr_eq(&self.0, &other.0)
    }
}

impl<T> Clone for Live<T> {
    fn clone(&self) -> Self {
        Self(Arc::clone(&self.0))
    }
}

#[cfg(test)]
mod tests;
