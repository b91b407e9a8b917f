//! What the program consists of in memory: which file an instruction pointer belongs to, its symbols and its lines.

use addr2line::Context;
use addr2line::gimli::{self, Dwarf, EndianSlice, LittleEndian};
use object::elf::{FileHeader64, SHN_UNDEF, STT_FUNC};
use object::read::elf::{ElfFile64, Sym, SymbolTable};
use object::{Endianness, Object, ObjectSection, SymbolIndex};
use std::borrow::Cow;
use std::cell::OnceCell;
use std::ffi::{CStr, OsStr, c_int, c_void};
use std::fs::File;
use std::ops::Range;
use std::os::fd::AsRawFd;
use std::os::unix::ffi::OsStrExt;
use std::path::{Path, PathBuf};
use std::sync::OnceLock;
use std::{ptr, slice};

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
    symbols: OnceCell<Symbols>,
    lines: OnceCell<Option<Lines>>,
}

type Elf = ElfFile64<'static, Endianness>;
type Lines = Context<EndianSlice<'static, LittleEndian>>;

/// One function at an instruction pointer, inlined ones included.
pub(super) struct Line {
    /// As the linker knows it: mangled.
    pub(super) function: Option<String>,
    pub(super) file: Option<String>,
    pub(super) line: u32,
    pub(super) column: u32,
}

impl Modules {
    /// The module that holds `ip`. Looks for newly loaded ones if none does.
    pub(super) fn find(&mut self, ip: usize) -> Option<&Module> {
        if !self.list.iter().any(|module| module.holds(ip)) {
            self.refresh();
        }
        self.list.iter().find(|module| module.holds(ip))
    }

    /// Makes the list anew if libraries have been closed since.
    pub(super) fn follow(&mut self, unloads: u32) {
        if self.unloads != unloads {
            // All of it: another file may have the place, and even the path, of one that was read.
            *self = Modules { unloads, ..Modules::default() };
        }
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
        symbols: OnceCell::new(),
        lines: OnceCell::new(),
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
            let _ = self.file.set(Elf::parse(read(&self.path)?).ok()?);
        }
        self.file.get()
    }

    /// The symbol of the function that holds `ip`, mangled. The first call reads the symbol table: about 50 ms for a
    /// large binary.
    pub(super) fn symbol(&self, ip: usize) -> Option<&'static str> {
        let file = self.file()?;
        self.symbols.get_or_init(|| Symbols::read(file)).find(file, self.in_file(ip))
    }

    /// The functions at `ip`, innermost first, if the file has line tables. The first call finds out which unit is
    /// where: about 0.1 s for a large binary; the first one in a unit reads its lines.
    pub(super) fn lines(&self, ip: usize) -> Vec<Line> {
        let Some(context) = self.context() else { return Vec::new() };
        let mut lines = Vec::new();
        // Split debug information is left alone: the lines are in the file itself.
        let Ok(mut frames) = context.find_frames(self.in_file(ip)).skip_all_loads() else { return lines };
        while let Ok(Some(frame)) = frames.next() {
            let location = frame.location.as_ref();
            let name = frame.function.as_ref().and_then(|name| Some(name.raw_name().ok()?.into_owned()));
            lines.push(Line {
                function: name,
                file: location.and_then(|at| at.file).map(str::to_owned),
                line: location.and_then(|at| at.line).unwrap_or(0),
                column: location.and_then(|at| at.column).unwrap_or(0),
            });
        }
        lines
    }

    /// The folder that the compiler was started in for the code at `ip`.
    pub(super) fn folder(&self, ip: usize) -> Option<String> {
        let context = self.context()?;
        let unit = context.find_dwarf_and_unit(self.in_file(ip)).skip_all_loads()?;
        std::str::from_utf8(unit.comp_dir?.slice()).ok().map(str::to_owned)
    }

    fn context(&self) -> Option<&Lines> {
        let file = self.file()?;
        self.lines.get_or_init(|| open_lines(file)).as_ref()
    }

    /// Whether what is not known of it may become known later.
    pub(super) fn is_unread(&self) -> bool {
        // The kernel's own has no file.
        self.path.is_absolute() && self.file().is_none()
    }

    /// What is missing in its file, if lines or names are.
    pub(super) fn why_no_places(&self) -> Option<&'static str> {
        let has_lines = || self.file().is_some_and(|file| file.section_by_name(".debug_line").is_some());
        let no_lines = "the program was built without line tables (`debug = 0`, or stripped)";
        self.why_no_names().or_else(|| (!has_lines()).then_some(no_lines))
    }

    /// What is missing in its file, if names are.
    pub(super) fn why_no_names(&self) -> Option<&'static str> {
        let Some(file) = self.file() else { return Some("the program's file cannot be read") };
        file.elf_symbol_table().is_empty().then_some("the program was stripped of its symbols")
    }

    fn in_file(&self, ip: usize) -> u64 {
        ip.wrapping_sub(self.bias) as u64
    }
}

/// The functions of one ELF file by address. Names are looked up later: there may be a million, and a handful is asked
/// for.
#[derive(Default)]
struct Symbols {
    functions: Vec<Function>,
}

struct Function {
    start: u64,
    size: u64,
    symbol: SymbolIndex,
}

/// The full table if the file was not stripped, else the one for dynamic linking.
fn table(elf: &Elf) -> &SymbolTable<'static, FileHeader64<Endianness>> {
    let full = elf.elf_symbol_table();
    if full.is_empty() { elf.elf_dynamic_symbol_table() } else { full }
}

impl Symbols {
    fn read(elf: &Elf) -> Symbols {
        let endian = elf.endian();
        let mut functions: Vec<Function> = table(elf)
            .enumerate()
            .filter(|(_, symbol)| symbol.st_type() == STT_FUNC && symbol.st_shndx(endian) != SHN_UNDEF)
            .map(|(index, symbol)| Function {
                start: symbol.st_value(endian),
                size: symbol.st_size(endian),
                symbol: index,
            })
            .collect();
        functions.sort_unstable_by_key(|function| function.start);
        Symbols { functions }
    }

    fn find(&self, elf: &Elf, at: u64) -> Option<&'static str> {
        let end = self.functions.partition_point(|function| function.start <= at);
        let start = self.functions[..end].last()?.start;
        let alike = self.functions[..end].iter().rev().take_while(|function| function.start == start);
        let holds = alike.filter(|function| function.size == 0 || at < function.start + function.size);
        let (endian, table) = (elf.endian(), table(elf));
        let name = |function: &Function| {
            std::str::from_utf8(table.symbol_name(endian, table.symbol(function.symbol).ok()?).ok()?).ok()
        };
        // The compiler gives equal functions one address: `UdpSocket::send` is `TcpStream::write`. A trait's method is
        // the likelier one to have been meant; beyond that any order will do, but always the same.
        holds.filter_map(name).max_by_key(|name| (is_trait_method(name), *name))
    }
}

fn open_lines(elf: &Elf) -> Option<Lines> {
    let section = |id: gimli::SectionId| -> Result<_, gimli::Error> {
        // Compressed ones would need a dependency, and no compiler makes them unasked.
        let data = match elf.section_by_name(id.name()).map(|section| section.uncompressed_data()) {
            Some(Ok(Cow::Borrowed(data))) => data,
            _ => &[],
        };
        Ok(EndianSlice::new(data, LittleEndian))
    };
    Context::from_dwarf(Dwarf::load(section).ok()?).ok()
}

fn is_trait_method(symbol: &str) -> bool {
    format!("{:#}", rustc_demangle::demangle(symbol))
        .split_once('>')
        .is_some_and(|(of, _)| of.contains(" as "))
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
