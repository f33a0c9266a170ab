//! Which steps can start: those of which everything that comes first has succeeded.

use std::collections::{BTreeSet, VecDeque};

/// The steps of a plan that have not begun, by their place in the list.
#[derive(Debug)]
pub struct Schedule {
    /// Those that wait for nothing, in the order in which they became ready.
    ready: VecDeque<usize>,
    /// For how many others each step still waits.
    waits: Vec<usize>,
    /// Which steps wait for each.
    followers: Vec<Vec<usize>>,
}

impl Schedule {
    /// All steps, none of them begun: `after` has for each the places of those that come first.
    pub fn new<'a>(after: impl IntoIterator<Item = &'a BTreeSet<usize>>) -> Self {
        let after: Vec<&BTreeSet<usize>> = after.into_iter().collect();
        let mut followers = vec![Vec::new(); after.len()];
        for (place, first) in
            after.iter().enumerate().flat_map(|(place, all)| all.iter().map(move |first| (place, *first)))
        {
            followers[first].push(place);
        }
        let waits: Vec<usize> = after.iter().map(|all| all.len()).collect();
        let ready = (0..after.len()).filter(|place| waits[*place] == 0).collect();
        Self { ready, waits, followers }
    }

    /// Whether there is a step that can start now.
    pub fn can_start(&self) -> bool {
        !self.ready.is_empty()
    }

    /// Takes a step that can start, if there is one now.
    pub fn start(&mut self) -> Option<usize> {
        self.ready.pop_front()
    }

    /// Says that a step has succeeded: others may start now.
    pub fn succeeded(&mut self, place: usize) {
        for follower in std::mem::take(&mut self.followers[place]) {
            self.waits[follower] -= 1;
            if self.waits[follower] == 0 {
                self.ready.push_back(follower);
            }
        }
    }

    /// The steps that were never started, in order.
    pub fn left(&self) -> Vec<usize> {
        let waiting = (0..self.waits.len()).filter(|place| self.waits[*place] > 0);
        let mut left: Vec<usize> = waiting.chain(self.ready.iter().copied()).collect();
        left.sort_unstable();
        left
    }
}
