//! A first-in-first-out queue of lanes: the first of all, the first of a lane, and any one in the middle come out in constant
//! time, however many others wait.

/// Where an entry is. Stays valid after the entry is gone, and then finds nothing.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Key {
    index: u32,
    /// How often the place had been vacated when the entry came: places are used again.
    turn: u32,
}

/// Of entries `T` in lanes `L`, of which there are few.
pub(super) struct Queue<L, T> {
    places: Vec<Place<L, T>>,
    all: Ends,
    /// Those with entries.
    lanes: Vec<Lane<L>>,
    /// The first of the vacant places, which are linked by `next` of all.
    vacant: u32,
    len: usize,
}

struct Place<L, T> {
    entry: Option<(L, T)>,
    turn: u32,
    /// Among all, and in the lane.
    links: [Links; 2],
}

struct Lane<L> {
    name: L,
    ends: Ends,
    len: usize,
}

#[derive(Clone, Copy)]
struct Links {
    before: u32,
    next: u32,
}

#[derive(Clone, Copy)]
struct Ends {
    head: u32,
    tail: u32,
}

const NONE: u32 = u32::MAX;
const EMPTY: Ends = Ends { head: NONE, tail: NONE };
/// Which of the links.
const ALL: usize = 0;
const LANE: usize = 1;

impl<L: Copy + PartialEq, T> Queue<L, T> {
    pub(super) const fn new() -> Queue<L, T> {
        Queue { places: Vec::new(), all: EMPTY, lanes: Vec::new(), vacant: NONE, len: 0 }
    }

    pub(super) fn len(&self) -> usize {
        self.len
    }

    /// The entry that has been here longest, and its lane.
    pub(super) fn front(&self) -> Option<&(L, T)> {
        self.at(self.all.head)
    }

    pub(super) fn len_of(&self, lane: L) -> usize {
        self.lane(lane).map_or(0, |at| self.lanes[at].len)
    }

    /// Each lane with entries, how many, and the first one.
    pub(super) fn lanes(&self) -> impl Iterator<Item = (L, usize, &T)> {
        self.lanes.iter().filter_map(|lane| Some((lane.name, lane.len, &self.at(lane.ends.head)?.1)))
    }

    pub(super) fn push_back(&mut self, lane: L, value: T) -> Key {
        let index = if self.vacant == NONE {
            let index = u32::try_from(self.places.len()).ok().filter(|index| *index != NONE);
            let links = Links { before: NONE, next: NONE };
            self.places.push(Place { entry: None, turn: 0, links: [links; 2] });
            index.expect("memory ends before four billion closures wait")
        } else {
            let index = self.vacant;
            self.vacant = self.places[index as usize].links[ALL].next;
            index
        };
        let at = self.lane(lane).unwrap_or_else(|| {
            self.lanes.push(Lane { name: lane, ends: EMPTY, len: 0 });
            self.lanes.len() - 1
        });
        self.lanes[at].len += 1;
        self.len += 1;
        link(&mut self.places, ALL, &mut self.all, index);
        link(&mut self.places, LANE, &mut self.lanes[at].ends, index);
        let place = &mut self.places[index as usize];
        place.entry = Some((lane, value));
        Key { index, turn: place.turn }
    }

    pub(super) fn pop_front(&mut self) -> Option<T> {
        self.remove_at(self.all.head)
    }

    /// The first one of the lane.
    pub(super) fn pop_of(&mut self, lane: L) -> Option<T> {
        let at = self.lane(lane)?;
        self.remove_at(self.lanes[at].ends.head)
    }

    /// Takes the entry out, if it is still here.
    pub(super) fn remove(&mut self, key: Key) -> Option<T> {
        self.places.get(key.index as usize).filter(|place| place.turn == key.turn)?;
        self.remove_at(key.index)
    }

    fn remove_at(&mut self, index: u32) -> Option<T> {
        let place = self.places.get_mut(index as usize)?;
        let (lane, value) = place.entry.take()?;
        place.turn = place.turn.wrapping_add(1);
        unlink(&mut self.places, ALL, &mut self.all, index);
        let at = self.lane(lane).expect("a lane with an entry is there");
        unlink(&mut self.places, LANE, &mut self.lanes[at].ends, index);
        self.lanes[at].len -= 1;
        if self.lanes[at].len == 0 {
            self.lanes.swap_remove(at);
        }
        self.places[index as usize].links[ALL].next = std::mem::replace(&mut self.vacant, index);
        self.len -= 1;
        Some(value)
    }

    fn at(&self, index: u32) -> Option<&(L, T)> {
        self.places.get(index as usize)?.entry.as_ref()
    }

    fn lane(&self, name: L) -> Option<usize> {
        self.lanes.iter().position(|lane| lane.name == name)
    }
}

/// Puts a place behind the others.
fn link<L, T>(places: &mut [Place<L, T>], which: usize, ends: &mut Ends, index: u32) {
    let before = std::mem::replace(&mut ends.tail, index);
    places[index as usize].links[which] = Links { before, next: NONE };
    match places.get_mut(before as usize) {
        Some(last) => last.links[which].next = index,
        None => ends.head = index,
    }
}

fn unlink<L, T>(places: &mut [Place<L, T>], which: usize, ends: &mut Ends, index: u32) {
    let Links { before, next } = places[index as usize].links[which];
    match places.get_mut(before as usize) {
        Some(before) => before.links[which].next = next,
        None => ends.head = next,
    }
    match places.get_mut(next as usize) {
        Some(next) => next.links[which].before = before,
        None => ends.tail = before,
    }
}

#[cfg(test)]
mod tests {
    use super::Queue;
    use std::cell::Cell;

    #[test]
    fn entries_come_out_in_the_order_they_came_in() {
        let mut queue = Queue::new();
        let keys: Vec<_> = (0..5).map(|n| queue.push_back('a', n)).collect();
        assert_eq!(queue.remove(keys[2]), Some(2));
        assert_eq!(queue.remove(keys[2]), None);
        assert_eq!(queue.remove(keys[4]), Some(4));
        queue.push_back('b', 5);
        assert_eq!((queue.len(), queue.front()), (4, Some(&('a', 0))));
        let rest: Vec<_> = std::iter::from_fn(|| queue.pop_front()).collect();
        assert_eq!(rest, [0, 1, 3, 5]);
        assert_eq!((queue.len(), queue.front(), queue.lanes().count()), (0, None, 0));
    }

    #[test]
    fn a_key_never_finds_a_later_entry_in_the_same_place() {
        let mut queue = Queue::new();
        let first = queue.push_back((), "first");
        assert_eq!(queue.pop_front(), Some("first"));
        let second = queue.push_back((), "second");
        assert_eq!(first.index, second.index);
        assert_eq!(queue.remove(first), None);
        assert_eq!(queue.remove(second), Some("second"));
    }

    #[test]
    fn others_that_wait_are_not_looked_at() {
        thread_local!(static LOOKS: Cell<u32> = const { Cell::new(0) });
        #[derive(Clone, Copy)]
        struct Lane(char);
        impl PartialEq for Lane {
            fn eq(&self, other: &Lane) -> bool {
                LOOKS.set(LOOKS.get() + 1);
                self.0 == other.0
            }
        }
        let (mut queue, many) = (Queue::new(), if cfg!(miri) { 100 } else { 10_000 });
        for n in 0..many {
            queue.push_back(Lane('a'), n);
        }
        for _ in 0..10 {
            let key = queue.push_back(Lane('b'), 1);
            queue.push_back(Lane('b'), 2);
            LOOKS.set(0);
            assert_eq!(queue.lanes().map(|(lane, ..)| lane.0).collect::<String>(), "ab");
            assert_eq!((queue.len_of(Lane('a')), queue.len_of(Lane('b'))), (many, 2));
            assert_eq!(queue.remove(key), Some(1));
            assert_eq!((queue.pop_of(Lane('b')), queue.pop_of(Lane('b'))), (Some(2), None));
            assert!(LOOKS.get() <= 20, "{}", LOOKS.get());
        }
        assert_eq!(queue.len(), many);
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
        let (mut queue, mut model) = (Queue::new(), Vec::new());
        for n in 0..20_000 {
            let lane = next(3);
            match next(5) {
                0 | 1 => model.push((queue.push_back(lane, n), lane, n)),
                2 => {
                    let first = (!model.is_empty()).then(|| model.remove(0).2);
                    assert_eq!(queue.pop_front(), first);
                }
                3 => {
                    let first = model.iter().position(|(_, of, _)| *of == lane);
                    assert_eq!(queue.pop_of(lane), first.map(|first| model.remove(first).2));
                }
                _ if model.is_empty() => {}
                _ => {
                    let (key, _, n) = model.remove(next(model.len()));
                    assert_eq!(queue.remove(key), Some(n));
                }
            }
            let mut lanes: Vec<_> = queue.lanes().map(|(lane, len, first)| (lane, len, *first)).collect();
            lanes.sort_unstable();
            let of = |lane| model.iter().filter(move |(_, of, _)| *of == lane).map(|(_, _, n)| *n);
            let expected = (0..3).filter_map(|lane| Some((lane, of(lane).count(), of(lane).next()?)));
            assert_eq!(lanes, expected.collect::<Vec<_>>());
            assert_eq!((queue.len(), queue.len_of(lane)), (model.len(), of(lane).count()));
            assert_eq!(queue.front(), model.first().map(|(_, lane, n)| (*lane, *n)).as_ref());
        }
    }
}
