//! Where a function's code begins: the file and the name in it that its handler says.

use std::fs;
use std::path::{Path, PathBuf};

use crate::files::package::{BOOTSTRAP, stays_behind};

/// Why a function would not start.
#[derive(Debug, PartialEq, Eq)]
pub struct Fault {
    /// What is missing.
    pub message: String,
    /// What to do about it.
    pub help: String,
    /// Whether it is certain; a name may come about in ways that reading the file does not show.
    pub certain: bool,
}

/// What would keep the code in a folder from starting; `None` also where that cannot be told from its files.
pub fn fault(folder: &Path, runtime: &str, handler: &str) -> Option<Fault> {
    if let Some(part) = left_behind(handler) {
        return Some(missing(
            format!("`{handler}` lies in `{part}`, which is not packed"),
            "what begins with a dot and `__pycache__` stay behind: put the file elsewhere",
        ));
    }
    if handler.split('/').any(|part| part == "..") {
        return Some(missing(
            format!("`{handler}` leads up by `..`, which Lambda does not follow"),
            "name the file from the folder of the code",
        ));
    }
    // `java` of `java8.al2`, `nodejs` of `nodejs22.x`.
    let language = runtime.split(|c: char| !c.is_ascii_alphabetic()).next().unwrap_or(runtime);
    match language {
        "python" => python(folder, handler),
        "nodejs" => node(folder, handler),
        "ruby" => ruby(folder, handler),
        "java" => java(folder, handler),
        "dotnet" | "dotnetcore" => dotnet(folder, handler),
        "provided" | "go" => bootstrap(folder, runtime),
        _ => None,
    }
}

/// The part of a handler's path that is no part of the package.
fn left_behind(handler: &str) -> Option<&str> {
    let folders = handler.rsplit_once('/').map_or("", |(folders, _)| folders).split('/');
    let hidden = folders.filter(|part| ![".", ".."].contains(part)).find(|part| stays_behind(part));
    hidden.or_else(|| handler.split(['/', '.']).find(|part| *part == "__pycache__"))
}

fn missing(message: String, help: impl Into<String>) -> Fault {
    Fault { message, help: help.into(), certain: true }
}

fn nameless(handler: &str) -> Fault {
    let file = handler.trim_matches('.');
    missing(format!("`{handler}` names no function in a file"), format!("write `{file}.handler`"))
}

fn doubtful(message: String, help: String) -> Fault {
    Fault { message, help, certain: false }
}

/// `lib/app.handler`: the module `lib.app`, a file or a package, and a name in it.
fn python(folder: &Path, handler: &str) -> Option<Fault> {
    let Some((module, name)) = handler.rsplit_once('.').filter(|(module, name)| !module.is_empty() && !name.is_empty())
    else {
        return Some(nameless(handler));
    };
    let path = folder.join(module.replace('.', "/"));
    let places = [".py", "/__init__.py"].map(|end| with_end(&path, end));
    let text = match first_file(&places) {
        Some(file) => fs::read_to_string(file).ok()?,
        // Compiled, it tells nothing.
        None if compiled(&path) => return None,
        None => return Some(no_file(module, &format!("{}.py", module.replace('.', "/")))),
    };
    let defines = |line: &str| {
        let word = |text: &str| text.split(|c: char| !c.is_alphanumeric() && c != '_').any(|word| word == name);
        let definition = line.trim_start().trim_start_matches("async ");
        let assigned = line.split_once('=').is_some_and(|(left, _)| word(left));
        (definition.starts_with("def ") || definition.starts_with("class ") || line.contains("import") || assigned)
            && word(line)
    };
    let open = text.contains("import *") || text.contains("globals()") || text.contains("import (");
    if open || text.lines().any(|line| !line.trim_start().starts_with('#') && defines(line)) {
        return None;
    }
    Some(doubtful(
        format!("nothing in `{module}` is called `{name}`: every call of the function would fail"),
        format!("define `def {name}(event, context):` there, or name another `handler`"),
    ))
}

#[expect(clippy::case_sensitive_file_extension_comparisons, reason = "Python knows `.so` alone")]
fn compiled(path: &Path) -> bool {
    let (Some(parent), Some(name)) = (path.parent(), path.file_name().and_then(|name| name.to_str())) else {
        return false;
    };
    let entries = fs::read_dir(parent).into_iter().flatten().flatten();
    entries.filter_map(|entry| entry.file_name().into_string().ok()).any(|file| {
        file.strip_prefix(name).is_some_and(|end| end == ".pyc" || (end.starts_with('.') && end.ends_with(".so")))
    })
}

/// `lib/index.handler`: the file is what stands before the first dot of the last part.
fn node(folder: &Path, handler: &str) -> Option<Fault> {
    let base = handler.rfind('/').map_or(0, |slash| slash + 1);
    let Some((file, name)) =
        handler[base..].split_once('.').filter(|(file, name)| !file.is_empty() && !name.is_empty())
    else {
        return Some(nameless(handler));
    };
    let module = format!("{}{file}", &handler[..base]);
    let path = folder.join(&module);
    let places = ["", ".js", ".mjs", ".cjs", "/index.js"].map(|end| with_end(&path, end));
    let Some(file) = first_file(&places) else {
        let elsewhere = path.join("package.json").exists() || folder.join("node_modules").join(&module).exists();
        if elsewhere {
            return None;
        }
        if with_end(&path, ".ts").exists() {
            return Some(missing(
                format!("`{module}.ts` is TypeScript, which Lambda does not run"),
                "make JavaScript of it, with `build`",
            ));
        }
        return Some(no_file(&module, &format!("{module}.js")));
    };
    let text = fs::read_to_string(file).ok()?;
    let name = name.split('.').next().unwrap_or(name);
    let word = |line: &str| line.split(|c: char| !c.is_alphanumeric() && c != '_' && c != '$').any(|word| word == name);
    // What is made by a bundler, or passed on from elsewhere, does not show its names.
    let open = ["module.exports =", "module.exports=", "export *", "Object.defineProperty", "__export", "0 &&"];
    if open.iter().any(|sign| text.contains(sign)) || text.contains("export") && text.lines().any(word) {
        return None;
    }
    Some(doubtful(
        format!("`{module}` exports nothing that is called `{name}`: every call of the function would fail"),
        format!("write `exports.{name} = …` or `export const {name} = …` there, or name another `handler`"),
    ))
}

/// `app.handler` or `app.Module::Class.method`.
fn ruby(folder: &Path, handler: &str) -> Option<Fault> {
    let Some((file, _)) = handler.split_once('.').filter(|(file, method)| !file.is_empty() && !method.is_empty())
    else {
        return Some(nameless(handler));
    };
    let path = folder.join(format!("{file}.rb"));
    if path.is_file() { None } else { Some(no_file(file, &format!("{file}.rb"))) }
}

/// `example.Handler::handleRequest`: a class file at its place, or whatever jar there is in `lib`, where Lambda looks for them.
fn java(folder: &Path, handler: &str) -> Option<Fault> {
    let class = handler.split("::").next().unwrap_or(handler);
    let file = format!("{}.class", class.replace('.', "/"));
    if folder.join(&file).is_file() || has_jar(&folder.join("lib")) {
        return None;
    }
    Some(missing(
        format!("there is neither `{file}` in the code, for the handler `{handler}`, nor a jar in `lib`"),
        "compile it, with `build`",
    ))
}

fn has_jar(folder: &Path) -> bool {
    let entries = fs::read_dir(folder).into_iter().flatten().flatten();
    entries.into_iter().any(|entry| entry.path().extension().is_some_and(|end| end == "jar") && entry.path().is_file())
}

/// `Assembly::Type::Method`, or the assembly alone.
fn dotnet(folder: &Path, handler: &str) -> Option<Fault> {
    let assembly = handler.split("::").next().unwrap_or(handler);
    let file = format!("{assembly}.dll");
    if folder.join(&file).is_file() {
        return None;
    }
    Some(missing(format!("there is no `{file}` in the code, for the handler `{handler}`"), "publish it, with `build`"))
}

fn bootstrap(folder: &Path, runtime: &str) -> Option<Fault> {
    if !runtime.starts_with("provided") || folder.join(BOOTSTRAP).is_file() {
        return None;
    }
    Some(missing(
        format!("there is no file `{BOOTSTRAP}` in the code, which `{runtime}` runs"),
        format!("put the program into the folder as `{BOOTSTRAP}`, or write a `build` that does"),
    ))
}

fn no_file(module: &str, file: &str) -> Fault {
    missing(
        format!("there is no `{file}` in the code: the handler could not be found"),
        format!("the handler is `file.function`, and its file is `{module}`"),
    )
}

fn with_end(path: &Path, end: &str) -> PathBuf {
    let mut text = path.as_os_str().to_owned();
    text.push(end);
    text.into()
}

fn first_file(places: &[PathBuf]) -> Option<&PathBuf> {
    places.iter().find(|place| place.is_file())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn told(files: &[(&str, &str)], runtime: &str, handler: &str) -> Option<(bool, String)> {
        let folder = tempfile::tempdir().unwrap();
        for (name, text) in files {
            let path = folder.path().join(name);
            fs::create_dir_all(path.parent().unwrap()).unwrap();
            fs::write(path, text).unwrap();
        }
        fault(folder.path(), runtime, handler).map(|fault| (fault.certain, fault.message))
    }

    #[test]
    fn a_handler_whose_file_and_name_are_there_is_found() {
        for (file, text, runtime, handler) in [
            ("app.py", "def handler(event, context):\n    pass\n", "python3.13", "app.handler"),
            ("app.py", "from lib import handler\n", "python3.13", "app.handler"),
            ("app.py", "handler = wrap(main)\n", "python3.13", "app.handler"),
            ("app.py", "if True:\n    def handler(e, c): pass\n", "python3.13", "app.handler"),
            ("app.py", "from lib import *\n", "python3.13", "app.handler"),
            ("src/app.py", "async def handler(e, c): pass", "python3.13", "src/app.handler"),
            ("src/app.py", "def handler(e, c): pass", "python3.13", "src.app.handler"),
            ("app/__init__.py", "def handler(e, c): pass", "python3.13", "app.handler"),
            ("index.js", "exports.handler = 1", "nodejs22.x", "./index.handler"),
            ("app.cpython-313-x86_64-linux-gnu.so", "", "python3.13", "app.handler"),
            ("index.js", "exports.handler = async () => {};", "nodejs22.x", "index.handler"),
            ("index.mjs", "export const handler = async () => {};", "nodejs22.x", "index.handler"),
            ("lib/index.cjs", "module.exports = { handler };", "nodejs22.x", "lib/index.handler"),
            ("index.mjs", "export { main as handler };", "nodejs22.x", "index.handler"),
            ("app.rb", "def handler(event:, context:) end", "ruby3.4", "app.handler"),
            ("lib/app.jar", "", "java21", "example.Handler::handleRequest"),
            ("example/Handler.class", "", "java21", "example.Handler"),
            ("Shop.dll", "", "dotnet8", "Shop::Shop.Function::Handle"),
            ("bootstrap", "#!/bin/sh", "provided.al2023", "any"),
            ("x", "", "brainfuck1.0", "app.handler"),
        ] {
            assert_eq!(told(&[(file, text)], runtime, handler), None, "{file}: {text}");
        }
    }

    #[test]
    fn a_handler_that_would_not_start_is_told_for_certain_or_as_a_doubt() {
        for (file, text, runtime, handler, certain, expected) in [
            ("app.py", "def handler(e, c): pass", "python3.13", "nope.handler", true, "no `nope.py`"),
            (
                "app.py",
                "def main(e, c): pass",
                "python3.13",
                "app.handler",
                false,
                "nothing in `app` is called `handler`",
            ),
            ("app.py", "# def handler(e, c): pass", "python3.13", "app.handler", false, "is called `handler`"),
            ("app.py", "", "python3.13", "handler", true, "names no function"),
            ("app.py", "", "python3.13", "app.", true, "names no function"),
            ("index.js", "", "nodejs22.x", ".handler", true, "names no function"),
            ("app.rb", "", "ruby3.4", "app.", true, "names no function"),
            ("app.js", "exports.handler = 1", "nodejs22.x", "index.handler", true, "no `index.js`"),
            ("index.ts", "export const handler = 1", "nodejs22.x", "index.handler", true, "is TypeScript"),
            ("index.js", "exports.main = 1", "nodejs22.x", "index.handler", false, "exports nothing"),
            ("app.rb", "", "ruby3.4", "main.handler", true, "no `main.rb`"),
            ("Handler.java", "", "java8.al2", "example.Handler", true, "neither `example/Handler.class`"),
            ("x.jar", "", "java21", "example.Handler", true, "neither `example/Handler.class`"),
            ("app.py", "def handler(e, c): pass", "python3.13", "sub/../app.handler", true, "leads up by `..`"),
            (
                ".lib/app.py",
                "def handler(e, c): pass",
                "python3.13",
                ".lib/app.handler",
                true,
                "`.lib`, which is not packed",
            ),
            ("__pycache__/app.py", "", "python3.13", "__pycache__.app.handler", true, "`__pycache__`, which is not"),
            ("Handler.java", "", "java21", "example.Handler", true, "neither `example/Handler.class`"),
            ("Shop.cs", "", "dotnet8", "Shop::A::B", true, "no `Shop.dll`"),
            ("main", "", "provided.al2023", "any", true, "no file `bootstrap`"),
        ] {
            let (sure, message) = told(&[(file, text)], runtime, handler).unwrap_or_default();
            assert!(sure == certain && message.contains(expected), "{runtime} {handler}: {sure} {message}");
        }
    }
}
