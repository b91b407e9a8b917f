//! A first-in-first-out queue from whose middle an entry can be taken, each in constant time.

/// Where an entry is. Stays valid after the entry is gone, and then finds nothing.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Key {
    index: u32,
    /// How often the place had been vacated when the entry came: places are used again.
    turn: u32,
}

pub(super) struct Queue<T> {
    places: Vec<Place<T>>,
    head: u32,
    tail: u32,
    /// The first of the vacant places, which are linked by `next`.
    vacant: u32,
    len: usize,
}

struct Place<T> {
    value: Option<T>,
    turn: u32,
    before: u32,
    next: u32,
}

const NONE: u32 = u32::MAX;

impl<T> Queue<T> {
    pub(super) const fn new() -> Queue<T> {
        Queue { places: Vec::new(), head: NONE, tail: NONE, vacant: NONE, len: 0 }
    }

    pub(super) fn len(&self) -> usize {
        self.len
    }

    /// The entry that has been here longest.
    pub(super) fn front(&self) -> Option<&T> {
        self.places.get(self.head as usize)?.value.as_ref()
    }

    /// The first entry that is such a one. Looks at all before it.
    pub(super) fn find(&self, is_one: impl Fn(&T) -> bool) -> Option<(Key, &T)> {
        let mut index = self.head;
        while let Some(place) = self.places.get(index as usize) {
            if let Some(value) = place.value.as_ref().filter(|value| is_one(value)) {
                return Some((Key { index, turn: place.turn }, value));
            }
            index = place.next;
        }
        None
    }

    pub(super) fn push_back(&mut self, value: T) -> Key {
        let index = if self.vacant == NONE {
            let index = u32::try_from(self.places.len()).ok().filter(|index| *index != NONE);
            self.places.push(Place { value: None, turn: 0, before: NONE, next: NONE });
            index.expect("memory ends before four billion closures wait")
        } else {
            let index = self.vacant;
            self.vacant = self.places[index as usize].next;
            index
        };
        let tail = std::mem::replace(&mut self.tail, index);
        let place = &mut self.places[index as usize];
        (place.value, place.before, place.next) = (Some(value), tail, NONE);
        let key = Key { index, turn: place.turn };
        match self.places.get_mut(tail as usize) {
            Some(last) => last.next = index,
            None => self.head = index,
        }
        self.len += 1;
        key
    }

    pub(super) fn pop_front(&mut self) -> Option<T> {
        let turn = self.places.get(self.head as usize)?.turn;
        self.remove(Key { index: self.head, turn })
    }

    /// Takes the entry out, if it is still here.
    pub(super) fn remove(&mut self, key: Key) -> Option<T> {
        let place = self.places.get_mut(key.index as usize).filter(|place| place.turn == key.turn)?;
        let value = place.value.take()?;
        let (before, next) = (place.before, place.next);
        place.turn = place.turn.wrapping_add(1);
        place.next = std::mem::replace(&mut self.vacant, key.index);
        match self.places.get_mut(before as usize) {
            Some(before) => before.next = next,
            None => self.head = next,
        }
        match self.places.get_mut(next as usize) {
            Some(next) => next.before = before,
            None => self.tail = before,
        }
        self.len -= 1;
        Some(value)
    }
}

#[cfg(test)]
mod tests {
    use super::Queue;
    use std::collections::VecDeque;

    #[test]
    fn entries_come_out_in_the_order_they_came_in() {
        let mut queue = Queue::new();
        let keys: Vec<_> = (0..5).map(|n| queue.push_back(n)).collect();
        assert_eq!(queue.remove(keys[2]), Some(2));
        assert_eq!(queue.remove(keys[2]), None);
        assert_eq!(queue.remove(keys[4]), Some(4));
        queue.push_back(5);
        assert_eq!((queue.len(), queue.front()), (4, Some(&0)));
        let rest: Vec<_> = std::iter::from_fn(|| queue.pop_front()).collect();
        assert_eq!(rest, [0, 1, 3, 5]);
        assert_eq!((queue.len(), queue.front()), (0, None));
    }

    #[test]
    fn a_key_never_finds_a_later_entry_in_the_same_place() {
        let mut queue = Queue::new();
        let first = queue.push_back("first");
        assert_eq!(queue.pop_front(), Some("first"));
        let second = queue.push_back("second");
        assert_eq!(first.index, second.index);
        assert_eq!(queue.remove(first), None);
        assert_eq!(queue.remove(second), Some("second"));
    }

    #[test]
    fn it_behaves_like_a_list_under_random_use() {
        let mut random = 0x9e37_79b9_u32;
        let mut next = move |below: usize| {
            random ^= random << 13;
            random ^= random >> 17;
            random ^= random << 5;
            random as usize % below
        };
        let (mut queue, mut model) = (Queue::new(), VecDeque::new());
        for n in 0..20_000 {
            match next(4) {
                0 | 1 => model.push_back((queue.push_back(n), n)),
                2 => assert_eq!(queue.pop_front(), model.pop_front().map(|(_, n)| n)),
                _ if model.is_empty() => {}
                _ => {
                    let (key, n) = model.remove(next(model.len())).unwrap();
                    assert_eq!(queue.remove(key), Some(n));
                }
            }
            let odd = model.iter().map(|(_, n)| n).find(|n| **n % 2 == 1);
            assert_eq!(queue.find(|n| n % 2 == 1).map(|(_, n)| n), odd);
            assert_eq!(queue.len(), model.len());
            assert_eq!(queue.front(), model.front().map(|(_, n)| n));
        }
    }
}
