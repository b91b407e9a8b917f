//! Items of other kinds than an async fn: methods that change `self`, boxed futures of generics, returned closures.

use super::{Generator, Scope};

impl Generator {
    /// What a fn of these parameters has in scope: `first: u64, path: PathBuf, list: Vec<u64>`.
    fn plain(awaits: bool, fallible: bool) -> Scope {
        Scope {
            nums: vec!["first".into()],
            lists: vec!["list".into()],
            paths: vec!["path".into()],
            awaits,
            fallible,
            ..Scope::default()
        }
    }

    /// One that changes `self` and its parameters, and perhaps never looks at them again.
    pub(super) fn method(&mut self, i: usize) -> String {
        let scope = Self::plain(true, true);
        let (body, inner) = self.block(2, &scope);
        let mut num = || self.num(1, &inner);
        let (a, b, c, d, e) = (num(), num(), num(), num(), num());
        let flag = self.flag(1, &inner);
        let ends = [
            "self.open = false;",
            "self.n += 1; list = Vec::new();",
            "n = 7; set!(self.n, n);",
            "drop(self);",
        ];
        let end = ends[self.random.below(ends.len())];
        format!(
            "impl Shop{i} {{\npub async fn run(mut self, first: u64, path: PathBuf, mut list: Vec<u64>, mut n: u64, none: String) \
             -> Result<u64, Error> {{\n{body}\nself.n = {a};\nif {flag} {{ self.open = false; return Ok({b}); }}\n\
             match {c} {{ 1 => self.n += {d}, 2 => set!(n, 3), _ => {{ self.open ^= true; }} }}\n\
             tokio::select! {{ _ = work(1) => self.n = 2, _ = work(2) => {{ n += 1; }} }}\nlet value = {e};\n{end}\nOk(value)\n}}\n}}\n\
             pub struct Shop{i} {{ pub n: u64, pub open: bool, pub door: Door }}\n"
        )
    }

    /// One that returns a boxed future of a generic's.
    pub(super) fn boxed(&mut self, i: usize) -> String {
        let scope = Self::plain(false, false);
        let (body, inner) = self.block(2, &scope);
        let (flag, a, b) = (self.flag(1, &inner), self.num(1, &inner), self.num(1, &inner));
        // A future of its own would need `C::Item: 'static`.
        let tail = match self.random.below(2) {
            0 => format!("conn.fetch({a})"),
            _ => format!("match {a} {{ 0 => conn.fetch(1), n => conn.fetch(n) }}"),
        };
        format!(
            "pub fn f_{i}<C: Conn>(conn: &C, first: u64, path: PathBuf, list: Vec<u64>) -> BoxFuture<'static, C::Item> {{\n\
             {body}\nif {flag} {{ return conn.fetch({b}); }}\n{tail}\n}}\n"
        )
    }

    /// One that returns a closure.
    pub(super) fn closure(&mut self, i: usize) -> String {
        let scope = Self::plain(true, false);
        let (body, inner) = self.block(2, &scope);
        let a = self.num(1, &inner);
        format!(
            "pub async fn f_{i}(first: u64, path: PathBuf, list: Vec<u64>) -> impl Fn(&Door, u64) -> u64 {{\n{body}\n\
             let value = {a};\nmove |door, n| door.lock() + n + value\n}}\n"
        )
    }
}
