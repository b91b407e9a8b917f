//! Who called what: the API as its user knows it, the line in the user's code, the way to it from the poll, the owner.

use super::items::Items;
use super::lanes;
use super::names::Name;
use super::places::{self, Step};
use super::poll_end;
use super::rules::{is_data_format, is_drop};
use crate::judge::owners::{is_own_crate, package};
use crate::judge::remedies::{Executor, Place};
use crate::judge::verdict::{Frame, Owner};
use crate::model::{Engine, Guarding, Record, Role};
use std::sync::Arc;

/// A stack with its lines, innermost first, inlined functions included.
pub(super) struct Story<'p> {
    steps: Vec<&'p Step>,
    /// Theirs.
    names: Vec<&'p Name>,
    /// The first step in the user's own code.
    own: Option<usize>,
    /// The first step that is an async body or a trait's `poll`.
    poll: Option<usize>,
    /// The first step beyond the outermost guarded poll.
    end: usize,
    guarding: Guarding,
    is_told: bool,
    /// The folder that the compiler was started in for the user's code: its file names start there.
    root: Option<&'static str>,
}

impl<'p> Story<'p> {
    /// Of a stack, the first `end` places of which have had their lines read, where that may tell something.
    pub(super) fn of(places: &'p [Arc<places::Place>], end: usize, guarding: Guarding) -> Story<'p> {
        let (mut steps, mut names) = (Vec::with_capacity(places.len()), Vec::with_capacity(places.len()));
        let mut is_told = true;
        for (at, place) in places.iter().enumerate() {
            let place = &**place;
            let name = place.name();
            if at >= end || name.is_precompiled() {
                steps.push(&*place.bare);
                names.push(name);
                continue;
            }
            // C has no tasks to hide.
            is_told &= !name.has_crate() || name.is_in(Items::Ours) || place.has_lines();
            for step in place.steps() {
                steps.push(step);
                names.push(&step.name);
            }
        }
        let end = (poll_end(&names, guarding) + usize::from(!guarding.is_runtime())).min(steps.len());
        let own = own_step(&steps[..end]);
        let is_runtime = guarding.is_runtime();
        let poll = (0..end).find(|at| is_poll(&names[..end], *at, is_runtime));
        // That of C is where its build script ran.
        let rust =
            own.and_then(|own| (own..end).find(|at| steps[*at].is_own() && steps[*at].name.has_crate()));
        let root = rust.or(own).and_then(|own| steps[own].folder);
        Story { own, poll, end, guarding, is_told, root, steps, names }
    }

    /// Whether all that lies below the poll is known, inlined functions included.
    pub(super) fn is_told(&self) -> bool {
        self.is_told
    }

    /// The names of all steps.
    pub(super) fn names(&self) -> &[&'p Name] {
        &self.names
    }

    /// Which of the steps below the poll are the user's own code.
    pub(super) fn own(&self) -> Vec<bool> {
        self.steps[..self.end].iter().map(|step| step.is_own()).collect()
    }

    /// The first step that is not part of the blocking API: the user's, or an async body of anybody. Without lines
    /// nothing tells whose a step is; then a dependency's counts as well.
    fn caller(&self) -> usize {
        let foreign = |step: &&Step| step.name.has_crate() && !step.name.is_toolchain();
        let known = [self.own, self.poll].into_iter().flatten().min();
        known.or_else(|| self.steps[..self.end].iter().position(foreign)).unwrap_or(self.end)
    }

    /// Where the API was called.
    pub(super) fn caller_ip(&self) -> Option<u64> {
        self.steps[..self.end].get(self.caller()).map(|step| step.ip as u64)
    }

    /// The API as the user knows it.
    pub(super) fn api(&self, record: &Record) -> String {
        if let Some(call) = record.call {
            if call.role == Role::Marked || record.engine == Engine::Call || self.is_at_call() {
                return call.api.path.to_owned();
            }
        }
        let caller = self.caller();
        // A closure that a macro of somebody else's has written into the caller is no API.
        let item = self.steps[..self.end].get(caller).map(|step| step.name.item());
        let callable = |step: &&&Step| {
            step.name.krate().is_some_and(|krate| krate != "core" && krate != "alloc")
                && !step.is_ours()
                && item != Some(step.name.item())
        };
        match self.steps[..caller].iter().rfind(callable) {
            Some(step) => step.name.public().to_owned(),
            None => self.symbol(record),
        }
    }

    /// The C function, where no Rust function lies between: the outermost one of a C library, else libc's.
    fn symbol(&self, record: &Record) -> String {
        let called =
            self.steps[..self.caller()].iter().rfind(|step| !step.name.path.is_empty() && !step.is_ours());
        match called {
            Some(step) if step.name.krate().is_none() => step.name.path.clone(),
            _ => record.symbol.to_owned(),
        }
    }

    /// Whether the typed call in progress is what blocks: the blocking code may also lie in one of its arguments.
    fn is_at_call(&self) -> bool {
        let guarded = Name::parse(&self.guarding.function());
        match self.own {
            Some(own) => self.steps[own].name.item() == guarded.item(),
            None => true,
        }
    }

    /// Where what blocks lies, seen from the user's code.
    pub(super) fn place(&self, record: &Record) -> Place {
        let caller = self.caller().min(self.end);
        let is_code = |step: &&&Step| !step.name.is_toolchain() && !step.is_ours();
        let below = &self.steps[..self.poll.unwrap_or(self.end)];
        let inner = || self.steps[..caller].iter().filter(is_code);
        if record.call.is_some() && self.is_at_call() {
            Place::Here
        } else if below.iter().any(|step| is_drop(&step.name)) {
            Place::Drop
        } else if self.poll.is_some_and(|poll| poll == caller && !self.steps[poll].is_own()) {
            Place::Awaited
        } else if inner().any(|step| step.name.krate().is_some()) {
            Place::Dependency
        } else if inner().any(|step| !step.name.path.is_empty()) || self.is_c(caller) {
            Place::C
        } else {
            Place::Here
        }
    }

    /// Whether a step is a function of C.
    fn is_c(&self, at: usize) -> bool {
        self.steps[..self.end].get(at).is_some_and(|step| is_c(&step.name))
    }

    /// What polls the future.
    pub(super) fn executor(&self, record: &Record) -> Executor {
        match record.worker.is_some() || record.task.is_some() {
            true => Executor::Tokio,
            false => lanes::polled_by(self.steps.iter().map(|step| &*step.name)),
        }
    }

    /// The innermost line of the user's own code.
    pub(super) fn location(&self, record: &Record) -> Option<Arc<Frame>> {
        let own = self.own.map(|at| self.frame(self.steps[at]));
        let Some(call) = record.call else { return own };
        if own.is_some() && record.engine != Engine::Call && call.role != Role::Marked {
            return own;
        }
        let own = if call.role == Role::Marked { self.caller_of(call.api.path) } else { own };
        let mut frame = own.map(|own| Frame::clone(&own)).unwrap_or_else(|| Frame {
            function: record.guarding.function(),
            file: None,
            line: 0,
            column: 0,
            krate: record.guarding.place.site().map(|site| site.package.to_owned()),
            own: true,
        });
        frame.file = Some(call.at.file().to_owned());
        (frame.line, frame.column) = (call.at.line(), call.at.column());
        Some(Arc::new(frame))
    }

    /// The user's code that called a marked fn.
    fn caller_of(&self, marked: &str) -> Option<Arc<Frame>> {
        let marked = Name::parse(marked);
        let at = self.steps[..self.end].iter().rposition(|step| step.name.item() == marked.item())?;
        self.steps[at + 1..self.end].iter().find(|step| step.is_own()).map(|step| self.frame(step))
    }

    /// From the API's caller down to the poll, without the toolchain's frames and ours.
    pub(super) fn chain(&self) -> Vec<Arc<Frame>> {
        let mut chain: Vec<Arc<Frame>> = self.steps[self.caller().min(self.end)..self.end]
            .iter()
            .filter(|step| step.name.has_crate() || step.is_own() && is_c(&step.name))
            .filter(|step| !step.name.is_toolchain() && !step.is_ours())
            .map(|step| self.frame(step))
            .collect();
        chain.dedup_by(|b, a| a.function == b.function && a.line == b.line);
        chain
    }

    /// The package of the nearest async body or `poll`; `None` if there is none between the call and the guard.
    pub(super) fn owner(&self) -> Option<Owner> {
        let (names, is_runtime) = (&self.names, self.guarding.is_runtime());
        let is_owner = |at: &usize| {
            !names[*at].is_in(Items::Ours)
                && !names[*at].is_toolchain()
                && is_poll(&names[..self.end], *at, is_runtime)
        };
        let step = &self.steps[(0..self.end).find(is_owner)?];
        // A line may be that of a dependency's macro (`select!`); the symbol then still is of the user's crate.
        let same_crate = |other: &&&Step| other.is_own() && other.name.krate() == step.name.krate();
        let own =
            step.is_own() || step.name.krate().is_some() && self.steps.iter().any(|other| same_crate(&other));
        Some(match &step.file {
            Some(_) if own => Owner::Workspace,
            Some(file) => match package(file) {
                Some((name, version)) => Owner::Dependency { name, version },
                None => Owner::Unknown,
            },
            // Without lines the crate is all there is; that of a guard is known.
            None => match (step.name.krate(), self.guarding.place.site()) {
                (Some(krate), _) if is_own_crate(krate) => Owner::Workspace,
                (Some(krate), Some(site)) if site.krate() == krate => return None,
                _ => Owner::Unknown,
            },
        })
    }

    /// The function whose future a task runs that no guard covers.
    pub(super) fn task(&self) -> Option<Arc<Frame>> {
        let is_code = |step: &&&Step| step.name.has_crate() && !step.name.is_toolchain() && !step.is_ours();
        let outermost = self.steps[..self.end].iter().rfind(is_code);
        outermost.filter(|_| self.guarding.is_runtime()).map(|step| self.frame(step))
    }

    fn frame(&self, step: &Step) -> Arc<Frame> {
        step.frame(self.root)
    }
}

fn is_c(name: &Name) -> bool {
    !name.has_crate() && !name.path.is_empty()
}

/// The user's innermost step. One that a data format calls back, to read or write more, comes after the one that called
/// the format: it may be a derive's, which has no line of its own.
fn own_step(steps: &[&Step]) -> Option<usize> {
    let is_called_back = |at: usize| {
        let inner = steps[..at].iter().rfind(|step| !step.name.is_toolchain() && !step.is_ours());
        is_data_format(&steps[at].name) && inner.is_some_and(|inner| is_data_format(&inner.name))
    };
    let mut own = (0..steps.len()).filter(|at| steps[*at].is_own());
    let first = own.clone().next();
    own.find(|at| !is_called_back(*at)).or(first)
}

/// Whether a frame is an async body or a trait's `poll`.
///
/// By its name an async body is a closure. It is told from one by its caller: a `poll`, or another async body that it
/// is not written in; or the `runtime`, which has called what the steps end in.
pub(super) fn is_poll(names: &[&Name], at: usize, runtime: bool) -> bool {
    let name = names[at];
    if name.is_async_body() {
        return !name.is_in(Items::Ours);
    }
    if name.is_in(Items::Ours) || name.is_toolchain() || !name.is_closure() {
        return name.is_poll && !name.is_in(Items::Ours) && !name.is_toolchain();
    }
    match names.get(at + 1) {
        Some(caller) if caller.is_poll => true,
        Some(caller) => {
            caller.is_closure() && caller.item() != name.item() && is_poll(names, at + 1, runtime)
        }
        None => runtime,
    }
}

#[cfg(test)]
mod tests {
    use super::super::program::Line;
    use super::*;

    #[test]
    fn what_a_data_format_calls_back_is_not_the_place() {
        let own = |names: &[&str]| {
            let steps: Vec<Step> = names
                .iter()
                .map(|name| {
                    let name = Name::parse(name);
                    // A derive's functions are of the user's crate.
                    let ours = name.path.starts_with("app::");
                    let file = ours.then(|| "/home/me/app/src/lib.rs".to_owned());
                    Step::new(0, Arc::new(name), Line { file, ..Line::default() }, None)
                })
                .collect();
            own_step(&steps.iter().collect::<Vec<_>>())
        };
        let format = "<json::Reader<std::fs::File> as serde_core::de::Deserializer>::deserialize_struct";
        let derived = "<app::State as serde_core::de::Deserialize>::deserialize::<json::Reader>";
        let visitor = "<app::_::Visitor as serde_core::de::Visitor>::visit_map";
        let read = ["<std::fs::File as std::io::Read>::read", format, visitor, format, derived];
        let load = ["json::from_reader", "app::load::{{closure}}"];
        assert_eq!(own(&[&read[..], &load[..]].concat()), Some(6));
        // Nobody else's: then it is better than none.
        assert_eq!(own(&read), Some(2));
        // What an implementation does by itself.
        assert_eq!(own(&["std::fs::read", derived, "json::from_reader", "app::load"]), Some(1));
        assert_eq!(own(&["std::fs::read", "app::load", "app::f"]), Some(1));
    }

    #[test]
    fn an_async_body_is_told_from_a_closure_by_its_caller() {
        let first = |names: &[&str]| {
            let names: Vec<Name> = names.iter().map(|name| Name::parse(name)).collect();
            let names: Vec<&Name> = names.iter().collect();
            (0..names.len()).find(|at| is_poll(&names, *at, false))
        };
        let poll = "<guard_runtime::guarded::Guarded<F> as core::future::future::Future>::poll";
        assert_eq!(first(&["std::fs::read", "app::f::{{closure}}", poll]), Some(1));
        // Awaited directly by another async body.
        assert_eq!(first(&["dep::f::{{closure}}", "app::g::{{closure}}", poll]), Some(0));
        // A closure of a synchronous dependency, and one of the async body itself.
        assert_eq!(
            first(&["dep::Conn::query::{{closure}}", "dep::Conn::with", "app::g::{{closure}}", poll]),
            Some(2)
        );
        assert_eq!(
            first(&[
                "app::g::{{closure}}::{{closure}}",
                "core::option::Option<T>::map",
                "app::g::{{closure}}",
                poll
            ]),
            Some(2)
        );
    }
}
