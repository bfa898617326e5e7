//! The house as its sources show it: every file with its module and all paths that it mentions.
//!
//! Tests are free: modules under `#[cfg(test)]`, and files and folders named `tests`, are left out.

use std::path::{Path, PathBuf};

use syn::spanned::Spanned as _;
use syn::visit::{self, Visit};

/// The five packages that the walls bind, with their folders.
pub(crate) const PACKAGES: [(&str, &str); 6] = [
    ("sextant", "src"),
    ("shared", "shared/src"),
    ("crawler", "crawler/src"),
    ("indexer", "indexer/src"),
    ("server", "server/src"),
    ("space", "tests/space/src"),
];

/// A source file.
pub(crate) struct File {
    /// From the repository's root.
    pub(crate) path: String,
    /// Absolute, `shared::store::pool`.
    pub(crate) module: String,
    pub(crate) text: String,
    pub(crate) mentions: Vec<Mention>,
    /// Lines of `async` functions, blocks and closures.
    pub(crate) asyncs: Vec<usize>,
    /// Method calls by name.
    pub(crate) calls: Vec<(String, usize)>,
    /// Patterns of each `match`: its line, and each arm's pattern as text.
    pub(crate) matches: Vec<(usize, Vec<String>)>,
}

/// A path in a file, resolved as far as it can be: `shared::store::pool::Store`, `std::env::var`.
pub(crate) struct Mention {
    pub(crate) path: String,
    pub(crate) line: usize,
}

pub(crate) fn root() -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR"))
}

/// All files of the packages.
pub(crate) fn load() -> Vec<File> {
    let mut sources = Vec::new();
    for (package, folder) in PACKAGES {
        let folder_path = root().join(folder);
        let mut found = Vec::new();
        collect(&folder_path, &mut found);
        found.sort();
        for path in found {
            let module = module_of(package, path.strip_prefix(&folder_path).expect("a file of the folder"));
            let text = std::fs::read_to_string(&path).expect("a readable source");
            let path = path.strip_prefix(root()).expect("a file of ours").display().to_string();
            sources.push((path, module, text));
        }
    }
    let modules: Vec<String> = sources.iter().map(|(_, module, _)| module.clone()).collect();
    sources.into_iter().map(|(path, module, text)| parse(path, module, text, &modules)).collect()
}

fn collect(folder: &Path, found: &mut Vec<PathBuf>) {
    for entry in std::fs::read_dir(folder).expect("a folder of ours") {
        let path = entry.expect("an entry").path();
        let named = |name: &str| path.file_name().is_some_and(|own| own == name);
        if path.is_dir() {
            if !named("tests") {
                collect(&path, found);
            }
        } else if path.extension().is_some_and(|ending| ending == "rs") && !named("tests.rs") {
            found.push(path);
        }
    }
}

fn module_of(package: &str, path: &Path) -> String {
    let mut module = package.to_owned();
    for part in path.with_extension("").components() {
        let part = part.as_os_str().to_string_lossy();
        if !matches!(part.as_ref(), "lib" | "main") {
            module.push_str("::");
            module.push_str(&part);
        }
    }
    module
}

/// Reads one file; `modules` are all modules of the house, to tell a child module from a crate.
pub(crate) fn parse(path: String, module: String, text: String, modules: &[String]) -> File {
    let tree = syn::parse_file(&text).unwrap_or_else(|error| panic!("{path}: {error}"));
    let mut reader = Reader { module: &module, modules, file: Found::default() };
    reader.visit_file(&tree);
    let Found { mentions, asyncs, calls, matches } = reader.file;
    File { path, module, text, mentions, asyncs, calls, matches }
}

#[derive(Default)]
struct Found {
    mentions: Vec<Mention>,
    asyncs: Vec<usize>,
    calls: Vec<(String, usize)>,
    matches: Vec<(usize, Vec<String>)>,
}

struct Reader<'a> {
    module: &'a str,
    modules: &'a [String],
    file: Found,
}

impl Reader<'_> {
    fn mention(&mut self, segments: &[String], line: usize) {
        if let Some(path) = self.resolve(segments) {
            self.file.mentions.push(Mention { path, line });
        }
    }

    /// `crate`, `self`, `super` and child modules become absolute; a single name says nothing.
    fn resolve(&self, segments: &[String]) -> Option<String> {
        let first = segments.first()?;
        let package = self.module.split("::").next()?;
        let mut base: Vec<&str> = self.module.split("::").collect();
        let mut rest = segments;
        if first == "crate" {
            base = vec![package];
            rest = rest.get(1..)?;
        } else if first == "self" {
            rest = rest.get(1..)?;
        } else if first == "super" {
            while rest.first().is_some_and(|segment| segment == "super") {
                base.pop();
                rest = rest.get(1..)?;
            }
        } else if self.modules.contains(&format!("{}::{first}", self.module)) {
        } else if segments.len() < 2 {
            return None;
        } else {
            base = Vec::new();
        }
        let mut path: Vec<&str> = base;
        path.extend(rest.iter().map(String::as_str));
        Some(path.join("::"))
    }

    fn use_tree(&mut self, tree: &syn::UseTree, prefix: &mut Vec<String>) {
        match tree {
            syn::UseTree::Path(path) => {
                prefix.push(path.ident.to_string());
                self.use_tree(&path.tree, prefix);
                prefix.pop();
            }
            syn::UseTree::Group(group) => {
                for tree in &group.items {
                    self.use_tree(tree, prefix);
                }
            }
            syn::UseTree::Name(syn::UseName { ident })
            | syn::UseTree::Rename(syn::UseRename { ident, .. }) => {
                let mut path = prefix.clone();
                if ident != "self" {
                    path.push(ident.to_string());
                }
                self.mention(&path, ident.span().start().line);
            }
            syn::UseTree::Glob(glob) => self.mention(&prefix.clone(), glob.span().start().line),
        }
    }
}

fn is_test(attributes: &[syn::Attribute]) -> bool {
    attributes.iter().any(|attribute| {
        attribute.path().is_ident("cfg")
            && attribute.meta.require_list().is_ok_and(|list| list.tokens.to_string().contains("test"))
    })
}

impl<'ast> Visit<'ast> for Reader<'_> {
    fn visit_item_mod(&mut self, item: &'ast syn::ItemMod) {
        if !is_test(&item.attrs) {
            visit::visit_item_mod(self, item);
        }
    }

    fn visit_item_use(&mut self, item: &'ast syn::ItemUse) {
        self.use_tree(&item.tree, &mut Vec::new());
    }

    fn visit_path(&mut self, path: &'ast syn::Path) {
        let segments: Vec<String> = path.segments.iter().map(|segment| segment.ident.to_string()).collect();
        if 1 < segments.len() {
            self.mention(&segments, path.span().start().line);
        }
        visit::visit_path(self, path);
    }

    fn visit_signature(&mut self, signature: &'ast syn::Signature) {
        if let Some(token) = signature.asyncness {
            self.file.asyncs.push(token.span().start().line);
        }
        visit::visit_signature(self, signature);
    }

    fn visit_expr_async(&mut self, block: &'ast syn::ExprAsync) {
        self.file.asyncs.push(block.async_token.span().start().line);
        visit::visit_expr_async(self, block);
    }

    fn visit_expr_method_call(&mut self, call: &'ast syn::ExprMethodCall) {
        self.file.calls.push((call.method.to_string(), call.method.span().start().line));
        visit::visit_expr_method_call(self, call);
    }

    fn visit_expr_match(&mut self, expression: &'ast syn::ExprMatch) {
        let arms = expression.arms.iter().map(|arm| tokens(&arm.pat)).collect();
        self.file.matches.push((expression.match_token.span().start().line, arms));
        visit::visit_expr_match(self, expression);
    }
}

fn tokens(pattern: &syn::Pat) -> String {
    use quote::ToTokens as _;
    pattern.to_token_stream().to_string().replace(' ', "")
}
