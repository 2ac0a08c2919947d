//! The files of a hand-off, in memory, and the manifest that lists them.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use crate::error::HandoffError;
use crate::names::sha256;

/// One file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Artefact {
    /// What is in it.
    pub bytes: Vec<u8>,
    /// Whether it is to be run.
    pub executable: bool,
}

/// All files by path below the output folder, `/` between folders.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Artefacts {
    files: BTreeMap<String, Artefact>,
}

/// A line of the manifest.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ManifestFile {
    /// Path below the output folder.
    pub path: String,
    /// SHA-256 of its bytes.
    pub sha256: String,
    /// Whether it is to be run.
    pub executable: bool,
}

/// `MANIFEST.json`: what was written, so that a later build removes only that.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Manifest {
    /// 1.
    pub version: u32,
    /// Hash of the plan.
    pub plan_hash: String,
    /// Seed of the estimates.
    pub seed: u64,
    /// Every file but the manifest itself, by path.
    pub files: Vec<ManifestFile>,
}

/// Path of the manifest.
pub const MANIFEST: &str = "MANIFEST.json";

impl Artefacts {
    /// The files, by path.
    pub fn iter(&self) -> impl Iterator<Item = (&str, &Artefact)> {
        self.files.iter().map(|(path, file)| (path.as_str(), file))
    }

    /// One file.
    #[must_use]
    pub fn get(&self, path: &str) -> Option<&Artefact> {
        self.files.get(path)
    }

    /// How many files there are.
    #[must_use]
    pub fn len(&self) -> usize {
        self.files.len()
    }

    /// Whether there are none.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.files.is_empty()
    }

    pub(crate) fn text(
        &mut self,
        path: impl Into<String>,
        text: String,
    ) -> Result<(), HandoffError> {
        self.add(path.into(), text, false)
    }

    pub(crate) fn script(
        &mut self,
        path: impl Into<String>,
        text: String,
    ) -> Result<(), HandoffError> {
        self.add(path.into(), text, true)
    }

    fn add(&mut self, path: String, text: String, executable: bool) -> Result<(), HandoffError> {
        if !is_below(&path) {
            return Err(HandoffError::OutsidePath(path));
        }
        if self.files.contains_key(&path) {
            return Err(HandoffError::Duplicate(path));
        }
        let bytes = text.into_bytes();
        self.files.insert(path, Artefact { bytes, executable });
        Ok(())
    }

    pub(crate) fn seal(&mut self, plan_hash: &str, seed: u64) -> Result<(), HandoffError> {
        let files = self
            .files
            .iter()
            .map(|(path, file)| ManifestFile {
                path: path.clone(),
                sha256: sha256(&file.bytes),
                executable: file.executable,
            })
            .collect();
        let manifest = Manifest {
            version: 1,
            plan_hash: plan_hash.to_owned(),
            seed,
            files,
        };
        let json = serde_json::to_string_pretty(&manifest)
            .map_err(|error| HandoffError::Json(error.to_string()))?;
        self.text(MANIFEST, json + "\n")
    }
}

/// Whether a path stays below the folder it is joined to, on any system.
fn is_below(path: &str) -> bool {
    !path.is_empty()
        && path.split('/').all(|part| {
            !matches!(part, "" | "." | "..")
                && !part
                    .chars()
                    .any(|c| c.is_control() || matches!(c, '\\' | ':'))
        })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn paths_that_leave_the_folder_are_refused() {
        for path in [
            "",
            "/etc/passwd",
            "../x",
            "a/../../x",
            "a//b",
            "./a",
            "c:/x",
            "a\\b",
            "a\nb",
        ] {
            let refused = Artefacts::default().text(path, String::new());
            assert_eq!(
                refused,
                Err(HandoffError::OutsidePath(path.to_owned())),
                "{path}"
            );
        }
    }

    #[test]
    fn a_path_is_written_once() {
        let mut files = Artefacts::default();
        files.text("a", String::new()).unwrap();
        assert_eq!(
            files.text("a", String::new()),
            Err(HandoffError::Duplicate("a".into()))
        );
    }

    #[test]
    fn the_manifest_lists_every_other_file() {
        let mut files = Artefacts::default();
        files.script("b/run", "abc".into()).unwrap();
        files.text("a", String::new()).unwrap();
        files.seal("ff", 7).unwrap();
        let manifest: Manifest =
            serde_json::from_slice(&files.get(MANIFEST).unwrap().bytes).unwrap();
        let listed: Vec<_> = manifest
            .files
            .iter()
            .map(|file| file.path.as_str())
            .collect();
        assert_eq!(listed, ["a", "b/run"]);
        // FIPS 180-2, appendix B.1.
        assert_eq!(
            manifest.files[1].sha256,
            "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"
        );
    }
}
