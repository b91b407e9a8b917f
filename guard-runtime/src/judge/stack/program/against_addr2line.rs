//! Test only: symbols and lines are those that `object` and addr2line find, in this very program.

use super::{EXECUTABLE, Line, Modules, mapped};
use addr2line::Context;
use addr2line::gimli::{Dwarf, EndianSlice, LittleEndian, SectionId};
use object::{Object, ObjectSection, ObjectSymbol, SymbolKind};
use std::path::Path;

/// More would only take longer.
const ADDRESSES: usize = 3_000;

#[test]
fn lines_and_inlined_functions_are_those_of_addr2line() {
    let file = mapped(Path::new(EXECUTABLE)).expect("this program's file");
    let elf = object::File::parse(file).expect("an ELF file");
    let section = |id: SectionId| -> Result<_, ()> {
        let data = elf.section_by_name(id.name()).and_then(|section| section.data().ok()).unwrap_or_default();
        Ok(EndianSlice::new(data, LittleEndian))
    };
    let context = Context::from_dwarf(Dwarf::load(section).unwrap()).unwrap();

    let mut functions: Vec<(u64, u64, &str)> = elf
        .symbols()
        .filter(|symbol| symbol.kind() == SymbolKind::Text && symbol.is_definition() && symbol.size() > 0)
        .map(|symbol| (symbol.address(), symbol.size(), symbol.name().unwrap()))
        .collect();
    functions.sort_unstable();
    let step = (functions.len() * 3).div_ceil(ADDRESSES);
    // The first, the last and some byte between of every n-th function.
    let inside = |(at, (start, size, _)): (usize, &(u64, u64, &str))| {
        [*start, start + size - 1, start + (at as u64 * 37) % size]
    };
    let addresses: Vec<u64> = functions.iter().enumerate().step_by(step).flat_map(inside).collect();
    let bias = bias();
    let ips: Vec<usize> = addresses.iter().map(|address| *address as usize + bias).collect();

    let mut modules = Modules::default();
    let symbols = modules.symbols(&ips);
    let lines = modules.lines(&ips);
    // Again and again: once sorted they are the same.
    for _ in 0..20 {
        let part = &ips[..ips.len().min(50)];
        assert_eq!(modules.symbols(part), symbols[..part.len()]);
        let again = modules.lines(part);
        assert!(again.iter().zip(&lines).all(|(again, before)| again.lines == before.lines));
    }
    let (mut inlined, mut with_lines) = (0, 0);
    for (at, address) in addresses.iter().enumerate() {
        let symbol = symbols[at].0.expect("each address is in a function");
        let named = functions
            .iter()
            .any(|(start, size, name)| (*start..start + size).contains(address) && *name == symbol);
        assert!(named, "{address:#x} is not in {symbol}");
        let expected = expected(&context, *address);
        let found: Vec<Line> =
            lines[at].lines.iter().map(|line| Line { is_plain: false, ..line.clone() }).collect();
        assert_eq!(found, expected, "{address:#x} in {symbol}");
        inlined += usize::from(expected.len() > 1);
        with_lines += usize::from(expected.iter().any(|line| line.line > 0));
    }
    assert!(inlined > 100 && with_lines * 10 > addresses.len() * 8, "{inlined} {with_lines}");
}

fn expected(context: &Context<EndianSlice<'_, LittleEndian>>, address: u64) -> Vec<Line> {
    let mut lines = Vec::new();
    let mut frames = context.find_frames(address).skip_all_loads().unwrap();
    while let Some(frame) = frames.next().unwrap() {
        let at = frame.location.as_ref();
        lines.push(Line {
            function: frame.function.map(|name| name.raw_name().unwrap().into_owned()),
            is_plain: false,
            file: at.and_then(|at| at.file).map(str::to_owned),
            line: at.and_then(|at| at.line).unwrap_or(0),
            column: at.and_then(|at| at.column).unwrap_or(0),
        });
    }
    // The symbol's own name is the better one.
    if let Some(last) = lines.last_mut() {
        last.function = None;
    }
    lines
}

/// What the linker added to this program's addresses.
fn bias() -> usize {
    let mut modules = Modules::default();
    modules.find(bias as *const () as usize).expect("this program is loaded").bias
}
