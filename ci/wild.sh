#!/usr/bin/env bash
# Puts `#[no_block(warn(all))]` on every async fn of published crates and says whether they still compile, warn as before
# and pass their tests; then plants one blocking call in each and looks whether it is warned about.
#
#   ci/wild.sh                    every crate of the list below
#   ci/wild.sh NAME...            some of them
#   WILD_TESTS=1 ci/wild.sh ...   runs their unit tests as well, with and without the attribute
#
# Needs cargo and python3. Works in the target folder; sources come from the registry, by name and version.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."
command -v python3 >/dev/null || { echo "SKIPPED: wild needs python3"; exit 0; }
exec python3 - "$@" <<'PY'
import collections, json, os, re, shutil, subprocess, sys

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


def copy(src, variant):
    name = os.path.basename(src)
    # The same path in both variants: then cargo builds the dependencies once, and messages are the same.
    to = os.path.join(work, variant, name)
    shutil.rmtree(to, ignore_errors=True)
    shutil.copytree(src, to)
    subprocess.run(["chmod", "-R", "u+w", to])
    # Its versions may be older than what guard-runtime needs.
    if os.path.exists(os.path.join(to, "Cargo.lock")):
        os.remove(os.path.join(to, "Cargo.lock"))
    with open(os.path.join(to, "Cargo.toml"), "a") as f:
        f.write(f'\n[dependencies.guard-runtime]\npath = "{root}/guard-runtime"\n\n[workspace]\n')
    return to


ASYNC = re.compile(r"^(\s*)((?:pub(?:\([^)]*\))?\s+)?(?:unsafe )?async fn (\w+))")


def annotate(folder, plant):
    """Annotates every async fn with a body; returns how many, and where a call was planted."""
    count, planted = 0, None
    for at, _, files in os.walk(os.path.join(folder, "src")):
        for file in sorted(files):
            if not file.endswith(".rs"):
                continue
            path = os.path.join(at, file)
            lines = open(path).read().split("\n")
            out, depth_doc, doc = [], 0, False
            for i, line in enumerate(lines):
                found = ASYNC.match(line)
                # A signature may go on for lines: it has a body if a brace comes before a semicolon.
                rest = "\n".join(lines[i:i + 40])
                sig = re.search(r"[;{]", re.sub(r"\[[^\]]*;[^\]]*\]", "", rest[rest.find("fn "):]))
                if found and sig and sig.group() == "{" and "macro_rules!" not in "\n".join(lines[max(0, i - 30):i]):
                    out.append(found.group(1) + "#[::guard_runtime::no_block(warn(all))]")
                    count += 1
                    if plant and planted is None and line.rstrip().endswith("{") and not any("cfg(" in l for l in lines[:i]):
                        out.append(line)
                        out.append("::std::thread::sleep(::std::time::Duration::from_nanos(1));")
                        planted = (os.path.relpath(path, folder), len(out))
                        continue
                out.append(line)
            open(path, "w").write("\n".join(out))
    return count, planted


def check(folder, args, lib=True):
    out = subprocess.run(["cargo", "check", "--lib", "--message-format=json", *args.split()], cwd=folder, env=env, capture_output=True, text=True)
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
    return sorted(set(re.findall(r"^test (\S+) \.\.\. (\w+)", out.stdout, re.M))), out.returncode


failed = []
chosen = [c for c in CRATES if not sys.argv[1:] or c[0] in sys.argv[1:]]
for name, version, args in chosen:
    src = source(name, version)
    if not src:
        print(f"SKIPPED: {name} {version} cannot be had")
        continue
    plain = copy(src, "crates")
    rc, before, err = check(plain, args)
    if rc:
        print(f"SKIPPED: {name} {version} does not compile here as it is: {err.strip().splitlines()[-1:]}")
        continue
    tests_before = unit_tests(plain, args) if os.environ.get("WILD_TESTS") else None
    annotated = copy(src, "crates")
    count, _ = annotate(annotated, plant=False)
    rc, after, err = check(annotated, args)
    errors = [m["rendered"] for m in after if m["level"] == "error"]
    ours = [m for m in after if "in_async_code" in m["message"]]
    lost, new = words(before) - words(after), words(after) - words(before)
    problem = []
    if rc or errors:
        problem.append(f"{len(errors)} errors\n" + "\n".join(errors[:4]) + ("" if errors else err[-1500:]))
    if lost or new:
        problem.append(f"other warnings lost {dict(lost)}, new {dict(new)}")
    if tests_before is not None and not problem:
        tests_after = unit_tests(annotated, args)
        if tests_after != tests_before:
            problem.append(f"tests differ: {sorted(set(tests_before[0]) ^ set(tests_after[0]))[:6]}")
    if not problem:
        _, planted = annotate(copy(src, "crates"), plant=True)
        _, messages, _ = check(annotated, args)
        seen = {(s["file_name"], s["line_start"]) for m in messages if "std::thread::sleep" in m["message"] for s in m["spans"]}
        if planted is None:
            print(f"note: {name}: no place to plant a call")
        elif planted not in seen:
            problem.append(f"the call planted at {planted} was not warned about")
    tested = f", {len(tests_before[0])} tests" if tests_before else ""
    print(f"{name} {version}: {count} async fns{tested}, {len(ours)} warned calls: {'FAILED' if problem else 'ok'}")
    for m in ours[:8]:
        s = [s for s in m["spans"] if s["is_primary"]][0]
        print("    ", f'{s["file_name"]}:{s["line_start"]}', m["message"].split("`")[3])
    for text in problem:
        print(text)
    if problem:
        failed.append(name)
print("wild:", "FAILED " + " ".join(failed) if failed else "all as before")
sys.exit(1 if failed else 0)
PY
