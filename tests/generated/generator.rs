//! Makes random async fns that are type-correct, out of templates.

mod items;

/// xorshift: the same choices in each run.
struct Random(u64);

impl Random {
    fn below(&mut self, n: usize) -> usize {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        (self.0 % n as u64) as usize
    }
}

/// What is in scope where something is generated.
#[derive(Clone, Default)]
struct Scope {
    nums: Vec<String>,
    texts: Vec<String>,
    lists: Vec<String>,
    paths: Vec<String>,
    /// The parameters that cannot be moved into a task.
    shared: bool,
    /// They may be changed: nothing else may hold them.
    changes: bool,
    fallible: bool,
    awaits: bool,
}

impl Scope {
    /// Inside a closure.
    fn in_closure(&self) -> Self {
        Scope { changes: false, fallible: false, awaits: false, ..self.clone() }
    }

    /// Inside an `async` block.
    fn in_block(&self) -> Self {
        Scope { changes: false, fallible: false, awaits: true, ..self.clone() }
    }

    /// Inside an `async move` block: what is copied.
    fn moved(&self) -> Self {
        Scope { nums: self.nums.clone(), awaits: true, ..Scope::default() }
    }
}

pub(crate) struct Generator {
    random: Random,
    names: usize,
}

impl Generator {
    pub(crate) fn new(seed: u64) -> Self {
        Generator { random: Random(0x9e37_79b9_7f4a_7c15 ^ seed), names: 0 }
    }

    fn pick<'t>(&mut self, list: &'t [String]) -> Option<&'t str> {
        if list.is_empty() { None } else { Some(&list[self.random.below(list.len())]) }
    }

    fn name(&mut self, stem: &str) -> String {
        self.names += 1;
        format!("{stem}_{}", self.names)
    }

    /// A `u64`.
    fn num(&mut self, depth: usize, s: &Scope) -> String {
        let variable = self.pick(&s.nums).map(str::to_owned);
        if depth == 0 {
            return variable.unwrap_or_else(|| format!("{}u64", self.random.below(90)));
        }
        let d = depth - 1;
        let closure = s.in_closure();
        match self.random.below(40) {
            0 => format!("({} + {})", self.num(d, s), self.num(d, s)),
            1 => format!("size({}.len())", self.text(d, s)),
            2 => format!("{}.iter().map(|x| x + {}).sum::<u64>()", self.list(d, s), self.num(d, &closure)),
            3 => format!(
                "match {} {{ Some(n) if n > {} => n, Some(_) => {}, None => {} }}",
                self.opt(d, s),
                self.num(d, s),
                self.num(d, s),
                self.num(d, s)
            ),
            4 => format!("if {} {{ {} }} else {{ {} }}", self.flag(d, s), self.num(d, s), self.num(d, s)),
            5 => {
                let (stmts, inner) = self.block(d, s);
                format!("{{ {stmts} {} }}", self.num(d, &inner))
            }
            6 if s.fallible => format!("{}?", self.res(d, s)),
            7 if s.awaits => format!("work({}).await", self.num(d, s)),
            8 if s.awaits => format!("async {{ {} }}.await", self.num(d, &s.in_block())),
            9 if s.awaits => format!("async move {{ {} }}.await", self.num(d, &s.moved())),
            10 => format!("(|| {})()", self.num(d, &closure)),
            11 => {
                format!("Some({}).map(|n| n + {}).unwrap_or_default()", self.num(d, s), self.num(d, &closure))
            }
            12 => format!("{}.unwrap_or_else(|| {})", self.opt(d, s), self.num(d, &closure)),
            13 => format!("fs::metadata({}).map_or(0, |found| found.len())", self.path(s)),
            14 => format!("read({})", self.num(d, s)),
            15 => format!("tools::write({}, {})", self.num(d, s), self.num(d, s)),
            16 => format!("id({})", self.num(d, s)),
            17 if s.shared => format!("any.read({})", self.num(d, s)),
            18 if s.shared => format!("generic.read({})", self.num(d, s)),
            19 if s.shared => "id(*lock.lock().unwrap())".to_owned(),
            20 if s.shared => "door.lock()".to_owned(),
            21 => format!("Door::new({}).open().wait({})", self.num(d, s), self.num(d, s)),
            22 if s.awaits => format!("Door::new({}).fetch({}).await", self.num(d, s), self.num(d, s)),
            23 => format!("<Door as Look>::read(&Door::new({}), {})", self.num(d, s), self.num(d, s)),
            24 => format!(
                "{}.iter().copied().fold({}, |a, b| a ^ b ^ {})",
                self.list(d, s),
                self.num(d, s),
                self.num(d, &closure)
            ),
            25 => format!("u64::from({})", self.flag(d, s)),
            26 => format!("{}.read_door({})", self.text(d, s), self.num(d, s)),
            27 if s.shared => format!("shared.inner.lock({})", self.num(d, s)),
            28 => format!("apply(|n| n + {}, {})", self.num(d, &closure), self.num(d, s)),
            29 => format!("old({})", self.num(d, s)),
            30 if s.shared && s.awaits => format!("shared.joined({}).await", self.num(d, s)),
            31 => format!("std::cmp::max({}, {})", self.num(d, s), self.num(d, s)),
            33 if s.fallible => {
                format!("size(io::read_to_string(File::open({}).map_err(Error::from)?)?.len())", self.path(s))
            }
            34 => format!("fs::read_dir({}).map_or(0, |found| size(found.count()))", self.path(s)),
            35 => format!("io::copy(&mut {}.as_bytes(), &mut Vec::new()).unwrap_or(1)", self.text(d, s)),
            36 => format!(
                "{{ let shelves = [Mutex::new({})]; id(*shelves[zero() % shelves.len()].lock().unwrap()) }}",
                self.num(d, s)
            ),
            37 if s.awaits => format!(
                "tokio::time::timeout(Duration::from_secs(1), work({})).await.unwrap_or(1)",
                self.num(d, s)
            ),
            38 if s.awaits => format!("tokio::spawn(work({})).await.unwrap_or_default()", self.num(d, s)),
            32 => format!("size(vec![{}; 2].len())", self.num(d, s)),
            _ => variable.unwrap_or_else(|| self.num(d, s)),
        }
    }

    fn flag(&mut self, depth: usize, s: &Scope) -> String {
        let d = depth.saturating_sub(1);
        match self.random.below(if depth == 0 { 2 } else { 9 }) {
            0 => format!("{} > 3", self.num(d, s)),
            1 => format!("{}.is_empty()", self.text(d, s)),
            2 => format!("matches!({}, Some(n) if n > {})", self.opt(d, s), self.num(d, s)),
            3 => format!("{}.exists()", self.path(s)),
            4 => format!("(!({}) && {})", self.flag(d, s), self.flag(d, s)),
            5 => format!("{}.iter().any(|x| *x > {})", self.list(d, s), self.num(d, &s.in_closure())),
            6 if s.shared => "door.exists()".to_owned(),
            7 => format!("{}.is_some_and(|n| n > {})", self.opt(d, s), self.num(d, &s.in_closure())),
            _ => format!("{} == {}", self.num(d, s), self.num(d, s)),
        }
    }

    /// A `String`.
    fn text(&mut self, depth: usize, s: &Scope) -> String {
        let d = depth.saturating_sub(1);
        match self.random.below(if depth == 0 { 2 } else { 6 }) {
            0 => "String::from(\"text\")".to_owned(),
            2 => format!("format!(\"{{}} {{:?}}\", {}, {})", self.num(d, s), self.opt(d, s)),
            3 => format!("{}.display().to_string()", self.path(s)),
            4 => format!("fs::read_to_string({}).unwrap_or_default()", self.path(s)),
            5 => format!("{}.to_string()", self.num(d, s)),
            _ => self.pick(&s.texts).map_or("String::new()".to_owned(), |name| format!("{name}.clone()")),
        }
    }

    /// A `Vec<u64>`.
    fn list(&mut self, depth: usize, s: &Scope) -> String {
        let d = depth.saturating_sub(1);
        match self.random.below(if depth == 0 { 2 } else { 5 }) {
            0 => "vec![1u64, 2]".to_owned(),
            2 => format!("vec![{}, {}]", self.num(d, s), self.num(d, s)),
            3 => format!("(0..{} % 5).collect::<Vec<u64>>()", self.num(d, s)),
            4 => format!(
                "{}.into_iter().filter(|x| *x != {}).collect::<Vec<_>>()",
                self.list(d, s),
                self.num(d, &s.in_closure())
            ),
            _ => self.pick(&s.lists).map_or("Vec::<u64>::new()".to_owned(), |name| format!("{name}.clone()")),
        }
    }

    /// An `Option<u64>`.
    fn opt(&mut self, depth: usize, s: &Scope) -> String {
        let d = depth.saturating_sub(1);
        match self.random.below(if depth == 0 { 2 } else { 7 }) {
            0 => "None::<u64>".to_owned(),
            2 => format!("{}.first().copied()", self.list(d, s)),
            3 => format!("{}.ok()", self.res(d, s)),
            4 => format!("{}.and_then(|n| n.checked_sub({}))", self.opt(d, s), self.num(d, &s.in_closure())),
            5 if s.shared => "queue.try_recv().ok()".to_owned(),
            6 if s.shared => "queue.recv().ok()".to_owned(),
            _ => format!("Some({})", self.num(d, s)),
        }
    }

    /// A `Result<u64, Error>`.
    fn res(&mut self, depth: usize, s: &Scope) -> String {
        let d = depth.saturating_sub(1);
        let fallible = Scope { fallible: true, ..s.in_closure() };
        match self.random.below(if depth == 0 { 2 } else { 6 }) {
            0 => format!("fails({})", self.num(d, s)),
            2 => format!("{}.ok_or(Error)", self.opt(d, s)),
            3 => format!(
                "(|| -> Result<u64, Error> {{ Ok({} + {}?) }})()",
                self.num(d, &fallible),
                self.res(d, &fallible)
            ),
            4 if s.awaits => format!(
                "async {{ Ok::<u64, Error>({}) }}.await",
                self.num(d, &Scope { fallible: true, ..s.in_block() })
            ),
            5 => format!(
                "fs::read({}).map(|data| size(data.len()) + {}).map_err(Error::from)",
                self.path(s),
                self.num(d, &s.in_closure())
            ),
            _ => format!("Ok::<u64, Error>({})", self.num(d, s)),
        }
    }

    /// A reference to a path.
    fn path(&mut self, s: &Scope) -> String {
        self.pick(&s.paths).map_or("Path::new(\"a\")".to_owned(), |name| format!("{name}.as_path()"))
    }

    /// A few statements, and what is in scope behind them.
    fn block(&mut self, depth: usize, s: &Scope) -> (String, Scope) {
        let (mut text, mut inner) = (String::new(), s.clone());
        for _ in 0..self.random.below(4) {
            let stmt = self.stmt(depth, &mut inner);
            text += &stmt;
            text.push('\n');
        }
        (text, inner)
    }

    fn stmt(&mut self, depth: usize, s: &mut Scope) -> String {
        let d = depth.saturating_sub(1);
        let stem = ["n", "read", "lock", "wait", "join", "sleep", "path"][self.random.below(7)];
        let n = self.name(stem);
        let closure = s.in_closure();
        match self.random.below(if depth == 0 { 6 } else { 45 }) {
            0 => {
                let text = format!("let {n} = {};", self.num(d, s));
                s.nums.push(n);
                text
            }
            1 => {
                let text = format!("let mut {n} = {}; {n} += {};", self.num(d, s), self.num(d, s));
                s.nums.push(n);
                text
            }
            2 => {
                let text = format!("let {n} = {};", self.text(d, s));
                s.texts.push(n);
                text
            }
            3 => {
                let text = format!("let mut {n} = {};", self.list(d, s));
                s.lists.push(n);
                text
            }
            4 => {
                let text = format!("let {n} = PathBuf::from({});", self.text(d, s));
                s.paths.push(n);
                text
            }
            5 => format!("let {n} = {};", self.num(d, s)),
            6 => {
                let (body, _) =
                    self.block(d, &Scope { nums: [s.nums.clone(), vec![n.clone()]].concat(), ..s.clone() });
                format!("if let Some({n}) = {} {{ {body} }}", self.opt(d, s))
            }
            7 => {
                let (body, _) = self.block(d, s);
                format!("let mut {n} = 0; while {n} < 3 && {} {{ {n} += 1; {body} }}", self.flag(d, s))
            }
            8 => {
                let (body, _) =
                    self.block(d, &Scope { nums: [s.nums.clone(), vec![n.clone()]].concat(), ..s.clone() });
                format!("for {n} in {} {{ {body} }}", self.list(d, s))
            }
            9 => {
                let text = format!(
                    "let {n} = |a: u64| a + {}; let result_{n} = {n}({});",
                    self.num(d, &closure),
                    self.num(d, s)
                );
                s.nums.push(format!("result_{n}"));
                text
            }
            10 => {
                let text = format!(
                    "let mut total_{n} = {}; let mut {n} = |by: u64| total_{n} += by + {}; {n}(1); {n}({});",
                    self.num(d, s),
                    self.num(d, &closure),
                    self.num(d, s)
                );
                s.nums.push(format!("total_{n}"));
                text
            }
            11 => format!("let {n} = {}; let take_{n} = move || {n}; drop(take_{n}());", self.text(d, s)),
            12 if s.awaits => {
                let text = format!(
                    "let {n} = tokio::spawn(async move {{ {} }}).await.unwrap_or(1);",
                    self.num(d, &s.moved())
                );
                s.nums.push(n);
                text
            }
            13 if s.awaits => format!("let {n} = tokio::spawn(work({})); drop({n}.await);", self.num(d, s)),
            14 if s.awaits => {
                let (body, _) = self.block(d, s);
                format!(
                    "tokio::select! {{ {n} = work({}) => {{ {body} drop({n}); }} _ = async {{ {} }}, if {} => {{}} }}",
                    self.num(d, s),
                    self.num(d, &s.in_block()),
                    self.flag(d, s)
                )
            }
            15 if s.awaits => format!(
                "let ({n}, _) = tokio::join!(work({}), async {{ {} }});",
                self.num(d, s),
                self.num(d, &s.in_block())
            ),
            16 => format!("important({});", self.num(d, s)),
            17 => format!("{};", self.res(d, s)),
            18 => format!("work({});", self.num(d, s)),
            19 if s.fallible => format!("if {} {{ return Err(Error); }}", self.flag(d, s)),
            20 => {
                let text = format!(
                    "let mut {n} = {}; let slot_{n} = &mut {n}; slot_{n}.push({}); {n}.retain(|x| *x > {});",
                    self.list(d, s),
                    self.num(d, s),
                    self.num(d, &closure)
                );
                s.lists.push(n);
                text
            }
            21 => format!("{{ let read = |x: u64| x + 1; let {n} = read({}); drop({n}); }}", self.num(d, s)),
            22 => format!("'{n}: loop {{ if {} {{ break '{n}; }} if true {{ break; }} }}", self.flag(d, s)),
            23 if s.shared => format!(
                "{{ let {n} = lock.lock().unwrap(); println!(\"{{}} {{}}\", {n}, {}); }}",
                self.num(d, &closure)
            ),
            24 => format!(
                "assert!({}, \"{{}} {{}}\", {}, {});",
                self.flag(d, s),
                self.num(d, s),
                self.text(d, s)
            ),
            25 => format!(
                "let Rooms {{ door: {n}, .. }} = Rooms {{ door: {}, more: {} }}; drop({n});",
                self.num(d, s),
                self.num(d, s)
            ),
            26 if s.changes => {
                let still = Scope { changes: false, ..s.clone() };
                format!("door.set({}); shared.list.push(door.lock());", self.num(d, &still))
            }
            27 if s.awaits => format!(
                "let {n} = async {{ {}; drop({}) }}; {n}.await;",
                self.num(d, &s.in_block()),
                self.text(d, &s.in_block())
            ),
            29 if s.fallible => {
                let (body, _) = self.block(d, s);
                format!("for {n} in fs::read_dir({})? {{ drop({n}?); {body} }}", self.path(s))
            }
            30 => {
                let (body, _) = self.block(d, s);
                format!(
                    "match fs::read_dir({}) {{ Ok({n}) => for entry in {n} {{ drop(entry); {body} }}, Err(_) => {{}} }}",
                    self.path(s)
                )
            }
            31 if s.awaits => format!(
                "let mut {n} = tokio::task::JoinSet::new(); {n}.spawn(work({})); {n}.spawn(async move {{ {} }}); \
                 while let Some(done) = {n}.join_next().await {{ drop(done); }}",
                self.num(d, s),
                self.num(d, &s.moved())
            ),
            32 if s.changes => {
                let still = Scope { changes: false, shared: false, ..s.clone() };
                format!(
                    "{{ let mut {n} = |x: u64| door.set(x + {}); {n}({}); {n}(1); }}",
                    self.num(d, &still.in_closure()),
                    self.num(d, &still)
                )
            }
            33 if s.awaits => {
                let text = format!(
                    "let {n} = async |x: u64| x + {}; let called_{n} = {n}({}).await;",
                    self.num(d, &s.in_block()),
                    self.num(d, s)
                );
                s.nums.push(format!("called_{n}"));
                text
            }
            34 => format!(
                "let {n}: Box<dyn Fn(u64) -> u64> = Box::new(move |x| x + {}); drop({n}({}));",
                self.num(d, &s.moved().in_closure()),
                self.num(d, s)
            ),
            35 => format!(
                "thread::scope(|scope| {{ let {n} = scope.spawn(|| {}); drop({n}.join()); }});",
                self.num(d, &s.moved().in_closure())
            ),
            36 if s.fallible => {
                let text = format!("let Some({n}) = {} else {{ return Err(Error) }};", self.opt(d, s));
                s.nums.push(n);
                text
            }
            37 if s.fallible => format!(
                "let mut {n} = File::open({}).map_err(|_| Error)?; io::copy(&mut {n}, &mut io::sink())?; drop({n}.metadata()?);",
                self.path(s)
            ),
            38 => {
                format!("assert_eq!({}, {}, \"{{}}\", {});", self.num(d, s), self.num(d, s), self.num(d, s))
            }
            39 => {
                let text = format!("let {n} = dbg!({});", self.num(d, s));
                s.nums.push(n);
                text
            }
            40 if s.fallible => format!(
                "let {n} = fs::read_dir({})?; let all_{n}: Vec<_> = {n}.flatten().map(|entry| entry.path()).collect(); drop(all_{n});",
                self.path(s)
            ),
            41 => format!("let ({n}, _) = ({}, {}); drop({n});", self.text(d, s), self.flag(d, s)),
            42 => format!(
                "let {n} = |x: &Path| x.exists() || {}; drop({n}({}));",
                self.flag(d, &closure),
                self.path(s)
            ),
            43 => format!("info!(read({})); set!(*{}, 1);", self.num(d, s), "(&mut 2)"),
            28 => format!(
                "match ({}, {}) {{ (Some({n}), true) => drop({n}), (None, _) | (_, false) => drop({}) }}",
                self.opt(d, s),
                self.flag(d, s),
                self.num(d, s)
            ),
            _ => format!("drop({});", self.text(d, s)),
        }
    }

    /// An item that the attribute goes on: mostly an async fn.
    pub(crate) fn function(&mut self, i: usize) -> String {
        match i % 8 {
            5 => self.method(i),
            6 => self.boxed(i),
            7 => self.closure(i),
            _ => self.async_fn(i),
        }
    }

    fn async_fn(&mut self, i: usize) -> String {
        let scope = Scope {
            nums: vec!["first".into()],
            lists: vec!["list".into()],
            paths: vec!["path".into()],
            shared: true,
            changes: true,
            fallible: true,
            awaits: true,
            ..Scope::default()
        };
        let (mut body, mut inner) = self.block(3, &scope);
        for _ in 0..2 {
            body += &self.stmt(3, &mut inner);
            body.push('\n');
        }
        let value = self.num(2, &inner);
        format!(
            "pub async fn f_{i}<G: Look>(first: u64, path: PathBuf, list: Vec<u64>, door: &mut Door, any: &dyn Look, \
             generic: G, lock: &Mutex<u64>, queue: &Receiver<u64>, shared: &mut Shared) -> Result<u64, Error> {{\n\
             {body}Ok({value})\n}}\n"
        )
    }
}
