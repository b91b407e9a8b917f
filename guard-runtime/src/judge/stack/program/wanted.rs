//! The addresses that one pass over a table looks for.

/// As many parts as a program's code is cut into, to find the next address without a search.
const PARTS: usize = 1024;

/// Addresses in order, with a table that leads to the next one.
///
/// A binary has a hundred thousand functions, of which a stack wants fifty. To sort them all takes longer than to look
/// at each once, if that look is short.
pub(super) struct Wanted {
    /// In order, each once.
    pub(super) addresses: Vec<u64>,
    /// For each part, the first address in it or behind it.
    next: Vec<u32>,
    start: u64,
    shift: u32,
}

impl Wanted {
    pub(super) fn new(mut addresses: Vec<u64>) -> Wanted {
        addresses.sort_unstable();
        addresses.dedup();
        let start = addresses.first().copied().unwrap_or(0);
        let span = addresses.last().map_or(0, |last| last - start);
        let mut shift = 0;
        while (span >> shift) as usize >= PARTS {
            shift += 1;
        }
        let mut next = vec![0; (span >> shift) as usize + 1];
        let mut filled = 0;
        for (at, address) in addresses.iter().enumerate() {
            let own = ((address - start) >> shift) as usize;
            while filled <= own {
                next[filled] = at as u32;
                filled += 1;
            }
        }
        Wanted { addresses, next, start, shift }
    }

    /// The first address that is not below `at`, by its place; as many as there are if there is none.
    #[inline]
    pub(super) fn from(&self, at: u64) -> usize {
        if at <= self.start {
            return 0;
        }
        let part = ((at - self.start) >> self.shift) as usize;
        if part >= self.next.len() {
            return self.addresses.len();
        }
        let mut next = self.next[part] as usize;
        while next < self.addresses.len() && self.addresses[next] < at {
            next += 1;
        }
        next
    }

    /// Where an address is in the list.
    pub(super) fn place(&self, address: u64) -> Option<usize> {
        self.addresses.binary_search(&address).ok()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_next_address_is_found_from_everywhere() {
        for addresses in [vec![], vec![7], vec![5, 5, 9], (0..300).map(|n| n * n * 97 + 11).collect()] {
            let wanted = Wanted::new(addresses);
            let ends = wanted.addresses.iter().flat_map(|address| [address - 1, *address, address + 1]);
            for at in ends.chain([0, 1, 1 << 40]) {
                let next = wanted.addresses.partition_point(|address| *address < at);
                assert_eq!(wanted.from(at), next, "{at} in {:?}", wanted.addresses);
            }
        }
    }
}
