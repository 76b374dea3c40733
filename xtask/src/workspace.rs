//! What the chores know of the workspace: its root, its files as git sees them, its packages as cargo sees them.

use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{Context, Result, ensure};
use serde_json::Value;

/// The root folder of the repository: xtask stands directly below it.
pub(crate) fn root() -> PathBuf {
    let here = Path::new(env!("CARGO_MANIFEST_DIR"));
    here.parent().unwrap_or(here).to_path_buf()
}

/// Every file that git tracks or would track, relative to the root, in order.
pub(crate) fn files(root: &Path) -> Result<Vec<String>> {
    let listing = stdout_of(Command::new("git").current_dir(root).args([
        "ls-files",
        "-z",
        "--cached",
        "--others",
        "--exclude-standard",
    ]))?;
    let mut files: Vec<String> =
        listing.split('\0').filter(|name| !name.is_empty() && root.join(name).is_file()).map(String::from).collect();
    files.sort();
    files.dedup();
    Ok(files)
}

/// A workspace member.
#[derive(Debug, Clone, Default)]
pub(crate) struct Package {
    pub(crate) name: String,
    /// Its folder, relative to the root, `/` between parts.
    pub(crate) folder: String,
    /// The root files of its library and binaries, relative to the workspace root.
    pub(crate) crate_roots: Vec<String>,
    pub(crate) dependencies: Vec<Dependency>,
}

/// One line of a dependency table, of any kind (normal, dev, build).
#[derive(Debug, Clone)]
pub(crate) struct Dependency {
    pub(crate) name: String,
    /// Folder of a path dependency, relative to the root; `None` for one from a registry.
    pub(crate) folder: Option<String>,
}

/// The members of the workspace, as `cargo metadata` tells them.
pub(crate) fn packages(root: &Path) -> Result<Vec<Package>> {
    let cargo = std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into());
    let text =
        stdout_of(Command::new(cargo).current_dir(root).args(["metadata", "--no-deps", "--format-version", "1"]))?;
    let metadata: Value = serde_json::from_str(&text).context("cargo metadata is not JSON")?;
    list(&metadata["packages"]).map(|package| parse_package(root, package)).collect()
}

fn parse_package(root: &Path, package: &Value) -> Result<Package> {
    let manifest = text(package, "manifest_path")?;
    let folder = Path::new(manifest).parent().context("a manifest without a folder")?;
    let crate_roots = list(&package["targets"])
        .filter(|target| list(&target["kind"]).any(|kind| matches!(kind.as_str(), Some("lib" | "bin"))))
        .map(|target| Ok(relative(root, Path::new(text(target, "src_path")?))))
        .collect::<Result<_>>()?;
    let dependencies = list(&package["dependencies"])
        .map(|dependency| {
            Ok(Dependency {
                name: text(dependency, "name")?.to_owned(),
                folder: dependency["path"].as_str().map(|path| relative(root, Path::new(path))),
            })
        })
        .collect::<Result<_>>()?;
    Ok(Package { name: text(package, "name")?.to_owned(), folder: relative(root, folder), crate_roots, dependencies })
}

fn list(value: &Value) -> impl Iterator<Item = &Value> {
    value.as_array().into_iter().flatten()
}

fn text<'a>(value: &'a Value, key: &str) -> Result<&'a str> {
    value[key].as_str().with_context(|| format!("cargo metadata has no `{key}`"))
}

fn relative(root: &Path, path: &Path) -> String {
    path.strip_prefix(root).unwrap_or(path).to_string_lossy().replace('\\', "/")
}

fn stdout_of(command: &mut Command) -> Result<String> {
    let output = command.output().with_context(|| format!("cannot start {command:?}"))?;
    ensure!(output.status.success(), "{command:?} failed: {}", String::from_utf8_lossy(&output.stderr).trim());
    String::from_utf8(output.stdout).with_context(|| format!("{command:?} printed something that is not UTF-8"))
}
