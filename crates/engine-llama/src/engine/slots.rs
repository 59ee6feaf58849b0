//! Which read prompts are kept, and where a new one is put. Decides only; the runner moves the cache.
//!
//! A slot is one sequence of llama.cpp's cache, which holds the tokens that it has read. A new prompt copies the
//! longest beginning that any slot shares with it (copies cost nothing: the cache's cells are shared) and takes the place of the
//! slot whose loss costs least.

use crate::prompt::common;

/// The slots, and how many cells of the cache they may take together.
pub(crate) struct Slots<T> {
    slots: Vec<Slot<T>>,
    cells: usize,
    turn: u64,
}

struct Slot<T> {
    tokens: Vec<T>,
    /// While a job works in it: how many cells it may come to need.
    reserved: Option<usize>,
    last_used: u64,
}

/// Where a prompt goes.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Place {
    pub(crate) slot: usize,
    /// The slot that has the beginning; may be `slot` itself.
    pub(crate) source: usize,
    /// How many tokens of it.
    pub(crate) keep: usize,
    /// Slots to be emptied first, so that there is room.
    pub(crate) emptied: Vec<usize>,
}

impl<T: Copy + PartialEq> Slots<T> {
    pub(crate) fn new(slots: usize, cells: usize) -> Self {
        let empty = || Slot { tokens: Vec::new(), reserved: None, last_used: 0 };
        Self { slots: (0..slots).map(|_| empty()).collect(), cells, turn: 0 }
    }

    /// Takes a slot for `prompt` and for `more` cells beside it, or nothing while there is no room. The last token of
    /// the prompt is always read anew: what follows it is what is asked.
    pub(crate) fn place(&mut self, prompt: &[T], more: usize) -> Option<Place> {
        let shared = |slot: &Slot<T>| common(&slot.tokens, prompt).min(prompt.len().saturating_sub(1));
        let source = (0..self.slots.len()).max_by_key(|at| shared(&self.slots[*at]))?;
        let keep = shared(&self.slots[source]);
        let free = |at: &usize| self.slots[*at].reserved.is_none();
        let cheapest = (0..self.slots.len())
            .filter(free)
            .min_by_key(|at| (self.loss(*at, prompt), self.slots[*at].last_used))?;
        let wanted = prompt.len() + more;
        // In its source it takes the least room, at the price of what the source had beyond the beginning.
        let (slot, emptied) = [Some(cheapest), Some(source).filter(free)]
            .into_iter()
            .flatten()
            .find_map(|slot| self.room(wanted, slot, source).map(|emptied| (slot, emptied)))?;
        for at in &emptied {
            self.slots[*at].tokens.clear();
        }
        self.turn += 1;
        self.slots[slot] =
            Slot { tokens: prompt[..keep].to_vec(), reserved: Some(wanted), last_used: self.turn };
        Some(Place { slot, source, keep, emptied })
    }

    /// The tokens of a slot that nothing else has, and that `prompt` would not keep.
    fn loss(&self, at: usize, prompt: &[T]) -> usize {
        let tokens = &self.slots[at].tokens;
        let others = self.slots.iter().enumerate().filter(|(other, _)| *other != at);
        let elsewhere = others.map(|(_, slot)| common(tokens, &slot.tokens)).max().unwrap_or(0);
        tokens.len() - elsewhere.max(common(tokens, prompt))
    }

    /// Which slots have to be emptied, oldest first, for `wanted` cells in `slot`. Counts shared cells once for each slot, and
    /// so may empty one more than it must.
    fn room(&self, wanted: usize, slot: usize, source: usize) -> Option<Vec<usize>> {
        let mut others: Vec<usize> = (0..self.slots.len()).filter(|at| *at != slot).collect();
        others.sort_by_key(|at| self.slots[*at].last_used);
        let taken = |at: usize| self.slots[at].reserved.unwrap_or(self.slots[at].tokens.len());
        let mut total = wanted + others.iter().map(|at| taken(*at)).sum::<usize>();
        let mut emptied = Vec::new();
        for at in others {
            if total <= self.cells {
                break;
            }
            if at != source && self.slots[at].reserved.is_none() && taken(at) > 0 {
                total -= taken(at);
                emptied.push(at);
            }
        }
        (total <= self.cells).then_some(emptied)
    }

    /// Tells that a slot has read a token.
    pub(crate) fn read(&mut self, slot: usize, token: T) {
        self.slots[slot].tokens.push(token);
    }

    /// Gives a slot back; what it has read stays.
    pub(crate) fn release(&mut self, slot: usize) {
        self.slots[slot].reserved = None;
    }

    /// Forgets everything that no job works in; for a cache whose state is not known.
    pub(crate) fn forget(&mut self) {
        for slot in &mut self.slots {
            slot.tokens.clear();
        }
    }

    /// The longest beginning of `prompt` that some slot has read.
    pub(crate) fn known(&self, prompt: &[T]) -> usize {
        self.slots.iter().map(|slot| common(&slot.tokens, prompt)).max().unwrap_or(0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Reads these prompts one after another, and gives for each where it went and what it kept.
    fn read(slots: usize, cells: usize, prompts: &[&str]) -> Vec<(usize, usize)> {
        let mut slots = Slots::new(slots, cells);
        prompts.iter().map(|prompt| read_one(&mut slots, prompt)).collect()
    }

    fn read_one(slots: &mut Slots<u8>, prompt: &str) -> (usize, usize) {
        let place = slots.place(prompt.as_bytes(), 0).unwrap();
        for token in &prompt.as_bytes()[place.keep..] {
            slots.read(place.slot, *token);
        }
        slots.release(place.slot);
        (place.slot, place.keep)
    }

    #[test]
    fn what_prompts_begin_with_is_read_once() {
        assert_eq!(read(3, 100, &["system one", "system two", "system two"]), [(0, 0), (1, 7), (2, 9)]);
    }

    #[test]
    fn many_questions_after_one_beginning_do_not_drive_out_another_beginning() {
        let mut prompts = vec!["another beginning: x"];
        prompts.extend(["one beginning: a", "one beginning: b", "one beginning: c", "one beginning: d"]);
        prompts.push("another beginning: y");
        assert_eq!(read(3, 1000, &prompts).last(), Some(&(0, 19)));
    }

    #[test]
    fn a_full_cache_gives_up_the_oldest_and_never_what_is_worked_in() {
        let mut slots = Slots::new(3, 20);
        assert_eq!(read_one(&mut slots, "aaaaaaaa"), (0, 0));
        assert_eq!(read_one(&mut slots, "bbbbbbbb"), (1, 0));
        let third = slots.place(b"cccccccc", 0).unwrap();
        assert_eq!(third.emptied, [0]);
        let none = slots.place(b"dddddddddddd", 9);
        assert_eq!(none, None, "the third is worked in");
        slots.release(third.slot);
        assert!(slots.place(b"dddddddddddd", 8).is_some());
    }

    #[test]
    fn a_prompt_that_fits_alone_always_finds_room_once_nobody_works() {
        let mut slots = Slots::new(3, 10);
        assert_eq!(read_one(&mut slots, "abcdefgh"), (0, 0));
        assert_eq!(read_one(&mut slots, "abcdijklmn"), (0, 4));
    }

    #[test]
    fn there_is_no_place_while_all_slots_are_worked_in() {
        let mut slots = Slots::new(1, 100);
        assert!(slots.place(b"a", 0).is_some());
        assert_eq!(slots.place(b"a", 0), None);
        slots.release(0);
        assert!(slots.place(b"a", 0).is_some());
    }
}
