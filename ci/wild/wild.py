"""What ci/wild.sh runs; it says what that is."""

import collections, json, os, re, shutil, subprocess, sys

sys.path.insert(0, os.path.dirname(__file__))
from rows import ROWS

# name, version, cargo's arguments
CRATES = [
    ("object_store", "0.12.4", "--no-default-features --features fs,http,aws"),
    ("redis", "0.32.7", "--features tokio-comp,aio,connection-manager"),
    ("rumqttc", "0.25.0", "--no-default-features"),
    ("tokio-tungstenite", "0.28.0", ""),
    ("bb8", "0.9.0", ""),
    ("deadpool", "0.12.3", "--features rt_tokio_1"),
    ("tower-http", "0.6.6", "--features full"),
    ("tokio-postgres", "0.7.13", ""),
    ("async-compression", "0.4.32", "--features tokio,gzip"),
    ("reqwest", "0.12.23", "--no-default-features --features json,stream"),
    ("tokio-util", "0.7.16", "--features full"),
    ("lapin", "3.7.2", "--no-default-features --features rustls--ring"),
]

# Crates of our own, in the words of each edition: ci/wild/mini.rs, with what is new in that edition.
MINI = [("mini-2018", "2018"), ("mini-2021", "2021"), ("mini-2024", "2024")]

# On top of what clippy says by itself. Everything in here is about calls, locks or futures.
LINTS = [
    "clippy::pedantic",
    "clippy::await_holding_lock",
    "clippy::await_holding_refcell_ref",
    "clippy::let_underscore_future",
    "clippy::let_underscore_must_use",
    "let_underscore_drop",
    "unused_must_use",
]

root = os.getcwd()
meta = json.loads(subprocess.run(["cargo", "metadata", "--no-deps", "--format-version=1"], capture_output=True, text=True, check=True).stdout)
work = os.path.join(meta["target_directory"], "wild")
target = os.path.join(work, "target")
env = dict(os.environ, CARGO_TARGET_DIR=target, CARGO_TERM_COLOR="never")


def source(name, version):
    """The crate's source folder, fetched by cargo."""
    folder = os.path.join(work, "fetch", name)
    os.makedirs(os.path.join(folder, "src"), exist_ok=True)
    open(os.path.join(folder, "src", "lib.rs"), "w").close()
    with open(os.path.join(folder, "Cargo.toml"), "w") as f:
        f.write(f'[package]\nname = "fetch"\nversion = "0.0.0"\nedition = "2021"\n[workspace]\n[dependencies]\n{name} = {{ version = "={version}", default-features = false }}\n')
    out = subprocess.run(["cargo", "metadata", "--format-version=1"], cwd=folder, env=env, capture_output=True, text=True)
    if out.returncode:
        return None
    for package in json.loads(out.stdout)["packages"]:
        if package["name"] == name and package["version"] == version:
            return os.path.dirname(package["manifest_path"])


def mini(name, edition):
    """One of our own crates."""
    folder = os.path.join(work, "mini", name)
    os.makedirs(os.path.join(folder, "src"), exist_ok=True)
    with open(os.path.join(folder, "Cargo.toml"), "w") as f:
        f.write(f'[package]\nname = "{name}"\nversion = "0.0.0"\nedition = "{edition}"\n[dependencies]\ntokio = {{ version = "1", features = ["full"] }}\n')
    source = open(os.path.join(os.path.dirname(__file__), "mini.rs")).read()
    since = re.split(r"^// since (\d+)\n", source, flags=re.M)
    kept = since[0] + "".join(part for year, part in zip(since[1::2], since[2::2]) if year <= edition)
    with open(os.path.join(folder, "src", "lib.rs"), "w") as f:
        f.write(kept)
    return folder


def copy(src, variant):
    name = os.path.basename(src)
    # The same path in both variants: then cargo builds the dependencies once, and messages are the same.
    to = os.path.join(work, variant, name)
    shutil.rmtree(to, ignore_errors=True)
    # With times of now: cargo takes a file for unchanged that is older than what it built last, planted calls and all.
    shutil.copytree(src, to, copy_function=shutil.copy)
    subprocess.run(["chmod", "-R", "u+w", to])
    # Its versions may be older than what guard-runtime needs.
    if os.path.exists(os.path.join(to, "Cargo.lock")):
        os.remove(os.path.join(to, "Cargo.lock"))
    with open(os.path.join(to, "Cargo.toml"), "a") as f:
        f.write(f'\n[dependencies.guard-runtime]\npath = "{root}/guard-runtime"\n\n[workspace]\n')
    return to


ASYNC = re.compile(r"^(\s*)((?:pub(?:\([^)]*\))?\s+)?(?:unsafe )?async fn (\w+))")


def annotate(folder, plant):
    """Annotates every async fn with a body; returns how many, and where calls were planted."""
    count, planted = 0, []
    for at, _, files in os.walk(os.path.join(folder, "src")):
        for file in sorted(files):
            if not file.endswith(".rs"):
                continue
            path = os.path.join(at, file)
            lines = open(path).read().split("\n")
            out = []
            for i, line in enumerate(lines):
                found = ASYNC.match(line)
                # A signature may go on for lines: it has a body if a brace comes before a semicolon.
                rest = "\n".join(lines[i:i + 40])
                sig = re.search(r"[;{]", re.sub(r"\[[^\]]*;[^\]]*\]", "", rest[rest.find("fn "):]))
                if found and sig and sig.group() == "{" and "macro_rules!" not in "\n".join(lines[max(0, i - 30):i]):
                    # Above what makes a sync fn of it, such as `#[tokio::test]`.
                    above = len(out)
                    while above and re.match(r"\s*(#\[|//)", out[above - 1]):
                        above -= 1
                    makes_sync = [k for k in range(above, len(out)) if re.search(r"(::test|::main)\b", out[k])]
                    out.insert(makes_sync[0] if makes_sync else len(out), found.group(1) + "#[::guard_runtime::no_block(warn(all))]")
                    count += 1
                    # What comes after is compiled with the tests alone.
                    tests = any("#[cfg(test)]" in above for above in lines[:i])
                    if plant and not tests and line.rstrip().endswith("{"):
                        out.append(line)
                        out.append("::std::thread::sleep(::std::time::Duration::from_nanos(1));")
                        planted.append((os.path.relpath(path, folder), len(out)))
                        continue
                out.append(line)
            open(path, "w").write("\n".join(out))
    return count, planted


def check(folder, args, clippy=False):
    # What a crate denies is no error here: lints are compared, all of them.
    lints = [word for lint in LINTS for word in ("-W", lint)] + ["--cap-lints", "warn"] if clippy else []
    command = ["cargo", "clippy" if clippy else "check", "--lib", "--message-format=json", *args.split()]
    out = subprocess.run(command + (["--"] + lints if lints else []), cwd=folder, env=env, capture_output=True, text=True)
    messages = []
    for line in out.stdout.splitlines():
        try:
            m = json.loads(line)
        except ValueError:
            continue
        if m.get("reason") == "compiler-message" and m["manifest_path"].startswith(folder):
            messages.append(m["message"])
    return out.returncode, messages, out.stderr


def words(messages):
    """The other warnings, without places: the attribute's lines move those."""
    kinds = collections.Counter()
    for m in messages:
        ours = "in_async_code" in m["message"]
        if not ours and m["spans"] and "guard_runtime" not in m["message"]:
            kinds[m["message"]] += 1
    return kinds


def unit_tests(folder, args):
    out = subprocess.run(["cargo", "test", "--lib", *args.split(), "--", "--test-threads=2"], cwd=folder, env=dict(env, NO_BLOCK_ACTION="log", NO_BLOCK_OUTPUT=os.path.join(folder, "guard.log")), capture_output=True, text=True)
    names = sorted(set(re.findall(r"^test (\S+) \.\.\. (\w+)", out.stdout, re.M)))
    if out.returncode and not names:
        print(f"note: the tests of {os.path.basename(folder)} do not build here:", out.stderr.strip().splitlines()[-1:])
    return names, out.returncode


def try_crate(name, version, src, args):
    """What is wrong with the annotated crate, one text each; None where it cannot be tried."""
    plain = copy(src, "crates")
    rc, before, err = check(plain, args)
    if rc:
        print(f"SKIPPED: {name} {version} does not compile here as it is: {err.strip().splitlines()[-1:]}")
        return None
    rc, linted_before, err = check(plain, args, clippy=True)
    if rc:
        linted_before = None
        print(f"note: {name}: clippy does not get through it as it is: {err.strip().splitlines()[-1:]}")
    tests_before = unit_tests(plain, args) if os.environ.get("WILD_TESTS") else None
    annotated = copy(src, "crates")
    count, _ = annotate(annotated, plant=False)
    problem = []

    def compare(what, before, rc, after, err):
        errors = [m["rendered"] for m in after if m["level"] == "error"]
        if rc or errors:
            problem.append(f"{what}: {len(errors)} errors\n" + "\n".join(errors[:4]) + ("" if errors else err[-1500:]))
        lost, new = words(before) - words(after), words(after) - words(before)
        if lost or new:
            problem.append(f"{what}: other warnings lost {dict(lost)}, new {dict(new)}")

    rc, after, err = check(annotated, args)
    compare("check", before, rc, after, err)
    ours = [m for m in after if "in_async_code" in m["message"]]
    if linted_before is not None and not problem:
        compare("clippy", linted_before, *check(annotated, args, clippy=True))
    if tests_before is not None and not problem:
        tests_after = unit_tests(annotated, args)
        if tests_after != tests_before:
            problem.append(f"tests differ: {sorted(set(tests_before[0]) ^ set(tests_after[0]))[:6]}")
    if not problem:
        _, planted = annotate(copy(src, "crates"), plant=True)
        _, messages, _ = check(annotated, args)
        seen = {(s["file_name"], s["line_start"]) for m in messages if "std::thread::sleep" in m["message"] for s in m["spans"]} & set(planted)
        # A file with one seen is compiled; what its `cfg`s leave out of it, the other variant of the fn stands for.
        compiled = {file for file, _ in seen}
        missed = [at for at in planted if at[0] in compiled and at not in seen]
        if not planted:
            print(f"note: {name}: no place to plant a call")
        elif not seen or len(missed) > len(planted) // 10:
            problem.append(f"of {len(planted)} planted calls, {len(seen)} were warned about; not: {missed[:8]}")
        else:
            print(f"     {len(seen)} of {len(planted)} planted calls warned about; the rest is not compiled here, {len(missed)} of it by a `cfg` in a file that is")
    tested = f", {len(tests_before[0])} tests" if tests_before else ""
    lints = f", {len(linted_before)} warnings of clippy" if linted_before is not None else ""
    print(f"{name} {version}: {count} async fns{tested}, {len(ours)} warned calls{lints}: {'FAILED' if problem else 'ok'}")
    for m in ours[:8]:
        s = [s for s in m["spans"] if s["is_primary"]][0]
        print("    ", f'{s["file_name"]}:{s["line_start"]}', m["message"].split("`")[3])
    for text in problem:
        print(text)
    return problem


def rows(name, version, features, code):
    folder = os.path.join(work, "rows", f"{name}-{version}")
    os.makedirs(os.path.join(folder, "src"), exist_ok=True)
    more = {"diesel": 'libsqlite3-sys = { version = "*", features = ["bundled"] }\n', "rusqlite": 'parking_lot = "0.12"\n', "pbkdf2": 'sha2 = "0.10"\n'}.get(name, "")
    with open(os.path.join(folder, "Cargo.toml"), "w") as f:
        f.write(f'[package]\nname = "rows"\nversion = "0.0.0"\nedition = "2021"\n[workspace]\n[dependencies]\nguard-runtime = {{ path = "{root}/guard-runtime" }}\n{more}{name} = {{ version = "{version}", features = {json.dumps(features)} }}\n')
    source = "#![forbid(unused_imports)]\n#![allow(dead_code)]\n" + re.sub(r"^async fn", "#[guard_runtime::no_block(warn(all))]\nasync fn", code.strip(), flags=re.M) + "\n"
    with open(os.path.join(folder, "src", "lib.rs"), "w") as f:
        f.write(source)
    rc, messages, err = check(folder, "")
    errors = [m["rendered"] for m in messages if m["level"] == "error"]
    if rc and not errors:
        print(f"SKIPPED: {name} {version}: {err.strip().splitlines()[-1:]}")
        return None
    said = {s["line_start"] for m in messages if "in_async_code" in m["message"] for s in m["spans"] if s["is_primary"]}
    expected = {i + 1 for i, line in enumerate(source.split("\n")) if "// WARN" in line}
    if errors or said != expected:
        print(f"{name} {version}: FAILED: not warned {sorted(expected - said)}, unexpected {sorted(said - expected)}\n" + "\n".join(errors[:3]))
        return ["rows differ"]
    print(f"{name} {version}: {len(said)} calls warned, the rest silent: ok")
    return []


wanted = sys.argv[1:]
results = {}
for name, version, args in CRATES:
    if not wanted or name in wanted:
        src = source(name, version)
        if not src:
            print(f"SKIPPED: {name} {version} cannot be had")
        results[name] = try_crate(name, version, src, args) if src else None
for name, edition in MINI:
    if not wanted or name in wanted or "mini" in wanted:
        results[name] = try_crate(name, "0.0.0", mini(name, edition), "")
for name, versions, features, code in ROWS:
    if not wanted or f"rows-{name}" in wanted or "rows" in wanted:
        for version in versions:
            results[f"{name}-{version}"] = rows(name, version, features, code)

skipped = [name for name, problem in results.items() if problem is None]
failed = [name for name, problem in results.items() if problem]
if skipped:
    print(f"SKIPPED {len(skipped)} of {len(results)}:", *skipped)
if not results:
    print("wild: FAILED: no such crate:", *wanted)
elif len(skipped) * 2 > len(results):
    print("wild: FAILED: most could not be tried, which proves nothing")
elif failed:
    print("wild: FAILED", *failed)
else:
    print("wild: all as before")
sys.exit(1 if failed or not results or len(skipped) * 2 > len(results) else 0)
