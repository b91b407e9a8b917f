//! What the program consists of in memory: which file an instruction pointer belongs to, its symbols and its lines.
//!
//! Both are asked for many addresses at once: they are found by going through tables that nobody has sorted.

#[cfg(test)]
mod against_addr2line;
mod elf;
mod functions;
mod rows;
mod symbols;
mod units;
mod wanted;

use elf::Elf;
use std::cell::OnceCell;
use std::ffi::{CStr, OsStr, c_int, c_void};
use std::fs::File;
use std::ops::Range;
use std::os::fd::AsRawFd;
use std::os::unix::ffi::OsStrExt;
use std::path::{Path, PathBuf};
use std::sync::OnceLock;
use std::{ptr, slice};
use symbols::Symbols;
use units::Units;
use wanted::Wanted;

/// The executable and the shared objects of the process.
#[derive(Default)]
pub(super) struct Modules {
    list: Vec<Module>,
    /// How many objects the dynamic linker had loaded when the list was made.
    loads: u64,
    /// How many libraries had been closed.
    unloads: u32,
}

/// One ELF file in memory.
pub(super) struct Module {
    path: PathBuf,
    /// What the linker added to the file's addresses.
    bias: usize,
    segments: Vec<Range<usize>>,
    /// Empty until it could be opened: descriptors may run out for a while.
    file: OnceCell<Elf>,
    symbols: Option<Symbols>,
    units: Option<Option<Units>>,
}

/// What the line tables say of an address.
#[derive(Clone, Default)]
pub(super) struct Lines {
    /// The functions there, innermost first, inlined ones included.
    pub(super) lines: Vec<Line>,
    /// The folder that the compiler was started in for that code.
    pub(super) folder: Option<&'static str>,
}

/// One function at an address.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Line {
    /// Of an inlined one, as the linker would know it: mangled. The outermost one is the symbol's.
    pub(super) function: Option<String>,
    /// Where nothing but lines was asked of the compiler: the name alone, without what it lies in.
    pub(super) is_plain: bool,
    pub(super) file: Option<String>,
    pub(super) line: u32,
    pub(super) column: u32,
}

impl Modules {
    /// The symbols of the functions that hold these addresses, mangled, and whether what is not known of one may become
    /// known later.
    pub(super) fn symbols(&mut self, ips: &[usize]) -> Vec<(Option<&'static str>, bool)> {
        let mut found = vec![(None, false); ips.len()];
        for (module, own) in self.by_module(ips) {
            let module = &mut self.list[module];
            let wanted = module.wanted(&own, ips);
            let symbols = module.symbols(&wanted);
            let is_unread = module.is_unread();
            for at in own {
                let place = wanted.place(module.in_file(ips[at]));
                found[at] = (place.and_then(|place| symbols.get(place).copied().flatten()), is_unread);
            }
        }
        found
    }

    /// What the line tables say of these addresses.
    pub(super) fn lines(&mut self, ips: &[usize]) -> Vec<Lines> {
        let mut found = vec![Lines::default(); ips.len()];
        for (module, own) in self.by_module(ips) {
            let module = &mut self.list[module];
            let wanted = module.wanted(&own, ips);
            let lines = module.lines(&wanted);
            for at in own {
                let place = wanted.place(module.in_file(ips[at]));
                found[at] = place.and_then(|place| lines.get(place).cloned()).unwrap_or_default();
            }
        }
        found
    }

    /// Addresses by their place in the list, put together by module.
    fn by_module(&mut self, ips: &[usize]) -> Vec<(usize, Vec<usize>)> {
        if ips.iter().any(|ip| self.place(*ip).is_none()) {
            self.refresh();
        }
        let mut modules: Vec<(usize, Vec<usize>)> = Vec::new();
        for (at, ip) in ips.iter().enumerate() {
            let Some(module) = self.place(*ip) else { continue };
            match modules.iter_mut().find(|(known, _)| *known == module) {
                Some((_, own)) => own.push(at),
                None => modules.push((module, vec![at])),
            }
        }
        modules
    }

    /// The module that holds `ip`. Looks for newly loaded ones if none does.
    pub(super) fn find(&mut self, ip: usize) -> Option<&Module> {
        if self.place(ip).is_none() {
            self.refresh();
        }
        self.place(ip).map(|at| &self.list[at])
    }

    fn place(&self, ip: usize) -> Option<usize> {
        self.list.iter().position(|module| module.holds(ip))
    }

    /// Makes the list anew if libraries have been closed since, and says whether it did.
    pub(super) fn follow(&mut self, unloads: u32) -> bool {
        let is_new = self.unloads != unloads;
        if is_new {
            // All of it: another file may have the place, and even the path, of one that was read.
            *self = Modules { unloads, ..Modules::default() };
        }
        is_new
    }

    fn refresh(&mut self) {
        let mut now = Modules { unloads: self.unloads, ..Modules::default() };
        // SAFETY: `collect` matches what is called, and `now` outlives the iteration.
        unsafe { libc::dl_iterate_phdr(Some(collect), (&raw mut now).cast()) };
        // A static program counts none.
        if now.loads == self.loads && !self.list.is_empty() {
            return;
        }
        // What was read of a module stays, if it is still where it was.
        for new in &mut now.list {
            let same =
                |old: &Module| old.bias == new.bias && old.path == new.path && old.segments == new.segments;
            if let Some(at) = self.list.iter().position(same) {
                *new = self.list.swap_remove(at);
            }
        }
        *self = now;
    }
}

// SAFETY: to be called by `dl_iterate_phdr` with a pointer to `Modules`.
unsafe extern "C" fn collect(info: *mut libc::dl_phdr_info, size: usize, data: *mut c_void) -> c_int {
    debug_assert!(size >= size_of::<libc::dl_phdr_info>());
    // SAFETY: the linker passes a valid struct, and `data` is what `refresh` passed.
    let (info, modules) = unsafe { (&*info, &mut *data.cast::<Modules>()) };
    // SAFETY: the linker says so many headers are there.
    let headers = unsafe { slice::from_raw_parts(info.dlpi_phdr, info.dlpi_phnum.into()) };
    let bias = info.dlpi_addr as usize;
    let segments = headers
        .iter()
        .filter(|header| header.p_type == libc::PT_LOAD && header.p_flags & libc::PF_X != 0)
        .map(|header| {
            let start = bias.wrapping_add(header.p_vaddr as usize);
            start..start.wrapping_add(header.p_memsz as usize)
        })
        .collect();
    let name = if info.dlpi_name.is_null() {
        c""
    } else {
        // SAFETY: a name that is not null is NUL-terminated.
        unsafe { CStr::from_ptr(info.dlpi_name) }
    };
    // The executable has no name; this one can be read even where its file was replaced meanwhile.
    let path = if name.is_empty() { OsStr::new(EXECUTABLE) } else { OsStr::from_bytes(name.to_bytes()) };
    modules.loads = info.dlpi_adds;
    modules.list.push(Module {
        path: path.into(),
        bias,
        segments,
        file: OnceCell::new(),
        symbols: None,
        units: None,
    });
    0
}

impl Module {
    fn holds(&self, ip: usize) -> bool {
        self.segments.iter().any(|segment| segment.contains(&ip))
    }

    fn file(&self) -> Option<&Elf> {
        if self.file.get().is_none() {
            // Nobody else is here: `Modules` are used under a lock.
            let _ = self.file.set(Elf::parse(read(&self.path)?)?);
        }
        self.file.get()
    }

    fn wanted(&self, own: &[usize], ips: &[usize]) -> Wanted {
        Wanted::new(own.iter().map(|at| self.in_file(ips[*at])).collect())
    }

    fn symbols(&mut self, wanted: &Wanted) -> Vec<Option<&'static str>> {
        if self.symbols.is_none() {
            let Some(file) = self.file() else { return Vec::new() };
            self.symbols = Some(Symbols::of(file));
        }
        self.symbols.as_mut().map_or_else(Vec::new, |symbols| symbols.find(wanted))
    }

    fn lines(&mut self, wanted: &Wanted) -> Vec<Lines> {
        if self.units.is_none() {
            let Some(file) = self.file() else { return Vec::new() };
            self.units = Some(Units::of(file));
        }
        let Some(Some(units)) = &mut self.units else { return Vec::new() };
        let mut found = vec![Lines::default(); wanted.addresses.len()];
        let homes = units.find(wanted);
        for (at, home) in homes.iter().enumerate() {
            // All addresses of a unit at once, when its first one is met.
            let Some(home) = *home else { continue };
            if homes[..at].contains(&Some(home)) {
                continue;
            }
            let own: Vec<usize> = (at..homes.len()).filter(|at| homes[*at] == Some(home)).collect();
            let addresses: Vec<u64> = own.iter().map(|at| wanted.addresses[*at]).collect();
            for (at, lines) in own.into_iter().zip(lines_in(units, home, &addresses)) {
                found[at] = lines;
            }
        }
        found
    }

    /// Whether what is not known of it may become known later.
    pub(super) fn is_unread(&self) -> bool {
        // The kernel's own has no file.
        self.path.is_absolute() && self.file().is_none()
    }

    /// What is missing in its file, if lines or names are.
    pub(in crate::judge) fn why_no_places(&self) -> Option<&'static str> {
        let has_lines = || self.file().is_some_and(|file| !file.section(".debug_line").is_empty());
        let no_lines = "the program was built without line tables (`debug = 0`, or stripped)";
        self.why_no_names().or_else(|| (!has_lines()).then_some(no_lines))
    }

    /// What is missing in its file, if names are.
    pub(in crate::judge) fn why_no_names(&self) -> Option<&'static str> {
        let Some(file) = self.file() else { return Some("the program's file cannot be read") };
        file.symbols().rows.is_empty().then_some("the program was stripped of its symbols")
    }

    fn in_file(&self, ip: usize) -> u64 {
        ip.wrapping_sub(self.bias) as u64
    }
}

/// What one unit says of addresses in it.
fn lines_in(units: &mut Units, home: usize, addresses: &[u64]) -> Vec<Lines> {
    let Some(unit) = units.unit(home) else { return vec![Lines::default(); addresses.len()] };
    let rows = rows::find(&unit, addresses);
    let inlined = functions::find(units, &unit, addresses);
    let folder = unit.comp_dir.and_then(|folder| std::str::from_utf8(folder.slice()).ok());
    let path = |file: u64| rows::path(&unit, &units.dwarf, file);
    let lines = |(row, inlined): (Option<rows::Row>, Vec<functions::Inlined>)| {
        let mut at = row.map_or((None, 0, 0), |row| (path(row.file), row.line, row.column));
        let mut lines = Vec::with_capacity(inlined.len() + 1);
        let line = |function, is_plain, (file, line, column): (Option<String>, u32, u32)| Line {
            function,
            is_plain,
            file,
            line,
            column: if line == 0 { 0 } else { column },
        };
        for inlined in inlined.into_iter().rev() {
            let call = (inlined.file.and_then(path), inlined.line, inlined.column);
            lines.push(line(inlined.name, inlined.is_plain, std::mem::replace(&mut at, call)));
        }
        lines.push(line(None, false, at));
        Lines { lines, folder }
    };
    rows.into_iter().zip(inlined).map(lines).collect()
}

const EXECUTABLE: &str = "/proc/self/exe";

/// The program's own file, which may be out of reach when it is wanted: after `chroot`, or without a free descriptor.
static PROGRAM: OnceLock<Option<&'static [u8]>> = OnceLock::new();

/// Opens the program's own file. Allocates nothing.
pub(in crate::judge) fn prepare() {
    PROGRAM.get_or_init(|| mapped(Path::new(EXECUTABLE)));
}

fn read(path: &Path) -> Option<&'static [u8]> {
    let program = || PROGRAM.get().copied().flatten().filter(|_| path == Path::new(EXECUTABLE));
    program().or_else(|| mapped(path))
}

/// A file as memory, for good: names borrow from it, and modules are few.
fn mapped(path: &Path) -> Option<&'static [u8]> {
    let file = File::open(path).ok()?;
    let len = usize::try_from(file.metadata().ok()?.len()).ok().filter(|len| *len > 0)?;
    // SAFETY: a new private mapping of a file that is open; nothing else is touched.
    let at =
        unsafe { libc::mmap(ptr::null_mut(), len, libc::PROT_READ, libc::MAP_PRIVATE, file.as_raw_fd(), 0) };
    if at == libc::MAP_FAILED {
        return None;
    }
    // SAFETY: the mapping has `len` readable bytes and is never undone. A program file that is truncated in place while
    // it runs breaks the program anyway.
    Some(unsafe { slice::from_raw_parts(at.cast(), len) })
}
