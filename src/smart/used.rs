//! Logins that came back: each does so once. What is remembered is bounded; beyond it the oldest are forgotten, whose codes the
//! EHR takes no second time either.

use std::collections::{HashSet, VecDeque};
use std::sync::{Mutex, MutexGuard, PoisonError};

/// Most that are remembered.
const MOST: usize = 20_000;

#[derive(Debug, Default)]
struct Remembered {
    handles: HashSet<String>,
    order: VecDeque<String>,
}

/// Handles of logins that came back.
#[derive(Debug, Default)]
pub(super) struct Used(Mutex<Remembered>);

impl Used {
    fn remembered(&self) -> MutexGuard<'_, Remembered> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Whether it is the first time.
    pub(super) fn first(&self, handle: &str) -> bool {
        let mut remembered = self.remembered();
        if !remembered.handles.insert(handle.to_owned()) {
            return false;
        }
        remembered.order.push_back(handle.to_owned());
        if remembered.order.len() > MOST
            && let Some(oldest) = remembered.order.pop_front()
        {
            remembered.handles.remove(&oldest);
        }
        true
    }

    /// Whether it came back.
    pub(super) fn has(&self, handle: &str) -> bool {
        self.remembered().handles.contains(handle)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_comes_back_once_and_few_are_remembered() {
        let used = Used::default();
        assert!(used.first("a") && !used.first("a") && used.has("a") && !used.has("b"));
        for number in 0..MOST {
            assert!(used.first(&number.to_string()));
        }
        assert!(!used.has("a") && used.has("0"));
        let remembered = used.remembered();
        assert_eq!((remembered.handles.len(), remembered.order.len()), (MOST, MOST));
    }
}
