//! An ELF file in memory: where its sections are, and tables of fixed size in them, without copies.
//!
//! Read by hand, because this is on the way of every first report, in a build that optimises nothing: a table is an
//! array, and a step over it costs a few instructions.

use std::slice;

/// What may lie anywhere in a file, in any state.
///
/// # Safety
///
/// Every pattern of bits is a value, and no address is too odd for one.
pub(super) unsafe trait Plain: Copy {}

/// As many values as `bytes` hold; what is left over is left alone.
pub(super) fn table<T: Plain>(bytes: &[u8]) -> &[T] {
    debug_assert!(align_of::<T>() == 1 && size_of::<T>() > 0);
    // SAFETY: `Plain` values need no alignment and no care; that many fit, and they live as long as the bytes.
    unsafe { slice::from_raw_parts(bytes.as_ptr().cast(), bytes.len() / size_of::<T>()) }
}

/// One value.
fn value<T: Plain>(bytes: &[u8], at: usize) -> Option<T> {
    table(bytes.get(at..at.checked_add(size_of::<T>())?)?).first().copied()
}

#[derive(Clone, Copy)]
#[repr(C, packed)]
struct Header {
    magic: [u8; 4],
    class: u8,
    order: u8,
    _ident: [u8; 10],
    _kind: [u8; 24],
    sections: u64,
    _flags: [u8; 10],
    section_size: u16,
    section_count: u16,
    names: u16,
}

// SAFETY: numbers, packed.
unsafe impl Plain for Header {}

#[derive(Clone, Copy)]
#[repr(C, packed)]
struct Section {
    name: u32,
    kind: u32,
    flags: u64,
    _address: u64,
    offset: u64,
    size: u64,
    link: u32,
    info: u32,
    _rest: [u64; 2],
}

// SAFETY: numbers, packed.
unsafe impl Plain for Section {}

const NO_BITS: u32 = 8;
const COMPRESSED: u64 = 1 << 11;

/// A row of the symbol table.
#[derive(Clone, Copy)]
#[repr(C, packed)]
pub(super) struct Symbol {
    pub(super) name: u32,
    pub(super) info: u8,
    pub(super) other: u8,
    pub(super) section: u16,
    pub(super) start: u64,
    pub(super) size: u64,
}

// SAFETY: numbers, packed.
unsafe impl Plain for Symbol {}

/// The symbol table with its names.
#[derive(Clone, Copy, Default)]
pub(super) struct Table {
    pub(super) rows: &'static [Symbol],
    names: &'static [u8],
}

impl Table {
    pub(super) fn name(&self, symbol: &Symbol) -> Option<&'static str> {
        text(self.names, symbol.name as usize)
    }
}

/// Up to the next NUL.
fn text(bytes: &'static [u8], at: usize) -> Option<&'static str> {
    let rest = bytes.get(at..)?;
    // SAFETY: so many bytes are there.
    let end = unsafe { libc::memchr(rest.as_ptr().cast(), 0, rest.len()) };
    let len = (end as usize).checked_sub(rest.as_ptr() as usize)?;
    std::str::from_utf8(rest.get(..len)?).ok()
}

/// A file for 64-bit machines whose numbers begin with the low byte, as all that hooks are built for.
pub(super) struct Elf {
    bytes: &'static [u8],
    sections: &'static [Section],
    names: &'static [u8],
}

impl Elf {
    pub(super) fn parse(bytes: &'static [u8]) -> Option<Elf> {
        const CLASS_64: u8 = 2;
        const LOW_BYTE_FIRST: u8 = 1;
        let header: Header = value(bytes, 0)?;
        let is_known = header.magic == *b"\x7fELF"
            && header.class == CLASS_64
            && header.order == LOW_BYTE_FIRST
            && cfg!(target_endian = "little")
            && usize::from(header.section_size) == size_of::<Section>();
        if !is_known {
            return None;
        }
        let start = usize::try_from(header.sections).ok()?;
        let first: Option<Section> = value(bytes, start);
        // Where there are more than the header can count, the first section does.
        let count = match header.section_count {
            0 => first.map_or(0, |first| first.size as usize),
            count => count.into(),
        };
        let end = start.checked_add(count.checked_mul(size_of::<Section>())?)?;
        let sections: &[Section] = table(bytes.get(start..end)?);
        let names = match header.names {
            u16::MAX => first.map_or(0, |first| first.link as usize),
            names => names.into(),
        };
        let names = sections.get(names).and_then(|section| content(bytes, section)).unwrap_or_default();
        Some(Elf { bytes, sections, names })
    }

    /// A section's bytes; none if there is no such section, or it is compressed: reading those would take a dependency,
    /// and no compiler makes them unasked.
    pub(super) fn section(&self, name: &str) -> &'static [u8] {
        let named = |section: &&Section| {
            let at = section.name as usize;
            let end = at + name.len();
            self.names.get(at..end) == Some(name.as_bytes()) && self.names.get(end) == Some(&0)
        };
        self.sections.iter().find(named).and_then(|section| content(self.bytes, section)).unwrap_or_default()
    }

    /// The full table if the file was not stripped, else none.
    pub(super) fn symbols(&self) -> Table {
        const SYMBOLS: u32 = 2;
        self.symbols_of(SYMBOLS)
    }

    /// The table for dynamic linking.
    pub(super) fn dynamic_symbols(&self) -> Table {
        const DYNAMIC: u32 = 11;
        self.symbols_of(DYNAMIC)
    }

    fn symbols_of(&self, kind: u32) -> Table {
        let find = || {
            let section = self.sections.iter().find(|section| section.kind == kind)?;
            let names = content(self.bytes, self.sections.get(section.link as usize)?)?;
            Some(Table { rows: table(content(self.bytes, section)?), names })
        };
        find().unwrap_or_default()
    }
}

fn content(bytes: &'static [u8], section: &Section) -> Option<&'static [u8]> {
    if section.kind == NO_BITS || section.flags & COMPRESSED != 0 {
        return None;
    }
    let start = usize::try_from(section.offset).ok()?;
    bytes.get(start..start.checked_add(usize::try_from(section.size).ok()?)?)
}
