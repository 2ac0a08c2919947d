//! One simulation on several machines: shards, what joins them, and what is refused.
#![expect(
    clippy::disallowed_methods,
    reason = "tests start the program, write its files, and fail by panicking"
)]

mod common;

use std::os::unix::fs::symlink;
use std::path::Path;
use std::process::Command;

use common::{Run, STARTER, files, folder, starter, whimbrel};
use k8s_openapi::api::batch::v1::Job;
use serde_json::Value;
use tempfile::TempDir;
use whimbrel_simulator::ShardHeader;

/// Four blocks, the last of them short.
const TRIALS: &str = "--trials=1000";

/// Runs shard `number` of `of` in `folder`, into `number.shard`.
fn shard(folder: &Path, number: u32, of: u32, more: &[&str]) -> Run {
    let (shard, out) = (format!("{number}/{of}"), format!("{number}.shard"));
    let arguments = ["simulate", TRIALS, "--shard", &shard, "--out", &out];
    whimbrel(folder, &[&arguments, more].concat())
}

/// A folder with the starter plan and its shards.
fn sharded(of: u32) -> TempDir {
    let folder = starter();
    for number in 1..=of {
        let run = shard(folder.path(), number, of, &[]);
        assert_eq!((run.code, run.out.as_str()), (Some(0), ""), "{}", run.err);
    }
    folder
}

/// Joins them, told backwards: the order is that of the shards.
fn merge(folder: &Path, of: u32, more: &[&str]) -> Run {
    let names: Vec<String> = (1..=of).rev().map(|n| format!("{n}.shard")).collect();
    let names = names.iter().map(String::as_str);
    let arguments: Vec<&str> = ["merge"].into_iter().chain(names).collect();
    whimbrel(folder, &[&arguments, more].concat())
}

#[test]
fn joined_shards_are_one_run_to_the_byte() {
    let starter = starter();
    let whole = |more: &[&str]| {
        let run = whimbrel(starter.path(), &[&["simulate", TRIALS], more].concat());
        assert_eq!(run.code, Some(0), "{}", run.err);
        run.out
    };
    let (json, page) = (whole(&["--format=json", "--threads=1"]), whole(&[]));
    // With seven there are shards without a block.
    for of in [1, 2, 3, 4] {
        let folder = sharded(of);
        let joined = merge(folder.path(), of, &["--format=json"]);
        assert_eq!(joined.code, Some(0), "{}", joined.err);
        assert!(joined.out == json, "{of} shards come to something else");
        assert_eq!(merge(folder.path(), of, &[]).out, page);
    }
}

#[test]
fn shards_on_any_number_of_threads_are_the_same() {
    let folder = starter();
    let bytes = |threads: &str| {
        shard(folder.path(), 2, 3, &["--threads", threads]);
        std::fs::read(folder.path().join("2.shard")).unwrap()
    };
    let one = bytes("1");
    assert!(one == bytes("2"));
    assert!(one == bytes("8"));
    let printed = Command::new(env!("CARGO_BIN_EXE_whimbrel"))
        .args(["simulate", TRIALS, "--shard=2/3"])
        .current_dir(folder.path())
        .output()
        .unwrap();
    assert!(printed.stdout == one, "standard output has something else");
}

#[test]
fn requirements_are_held_against_the_whole() {
    let folder = sharded(2);
    let unmet = merge(folder.path(), 2, &["--require", "duration_days.p80 <= 1"]);
    assert_eq!(unmet.code, Some(1), "{}", unmet.err);
    assert!(unmet.err.contains("is unmet"), "{}", unmet.err);
}

/// A draft is simulated all the same; whoever joins the shards hears of its errors.
#[test]
fn errors_of_the_plan_are_told_when_the_shards_are_joined() {
    let plan = STARTER.replace("deadline = 2027-06-30", "deadline = 2027-02-02");
    let folder = folder(&[("plan.mig", plan.as_bytes())]);
    let whole = whimbrel(folder.path(), &["simulate", TRIALS, "--format=json"]);
    assert_eq!(whole.code, Some(1), "{}", whole.err);
    assert_eq!(shard(folder.path(), 1, 1, &[]).code, Some(0));
    let joined = merge(folder.path(), 1, &["--format=json"]);
    assert_eq!(joined.code, Some(1), "{}", joined.err);
    assert!(joined.err.contains("1 error in the plan"), "{}", joined.err);
    assert!(joined.out == whole.out);
}

/// `merge` of these files fails with `code` and says all of `words`; nothing is printed.
fn refused(folder: &Path, names: &[&str], code: &str, words: &[&str]) {
    let run = whimbrel(folder, &[&["merge"], names].concat());
    assert_eq!((run.code, run.out.as_str()), (Some(2), ""), "{}", run.err);
    for word in [&[code], words].concat() {
        assert!(run.err.contains(word), "{word} not in: {}", run.err);
    }
}

#[test]
fn what_is_no_whole_simulation_is_refused() {
    let folder = sharded(3);
    let path = folder.path();
    refused(
        path,
        &["1.shard", "3.shard"],
        "MG1528",
        &["1 of 3", "2/3", "help:"],
    );
    let twice = ["1.shard", "2.shard", "3.shard", "1.shard"];
    refused(path, &twice, "MG1527", &["`1.shard` and `1.shard`", "1/3"]);
    std::fs::copy(path.join("2.shard"), path.join("copy")).unwrap();
    let copied = ["1.shard", "2.shard", "3.shard", "copy"];
    refused(path, &copied, "MG1527", &["`2.shard` and `copy`", "2/3"]);
    let what = "help: name what `whimbrel simulate --shard I/N --out FILE` wrote";
    refused(path, &["1.shard", "4.shard"], "MG1501", &["4.shard", what]);
    refused(path, &["1.shard", "."], "MG1502", &["`.`", what]);
    refused(
        path,
        &["plan.mig"],
        "MG1525",
        &["`plan.mig`", "not a shard"],
    );
}

#[test]
fn shards_of_other_simulations_are_refused() {
    let folder = sharded(2);
    let path = folder.path();
    for (options, told) in [
        ([TRIALS, "--seed=2"], "the seed: 2 and 1"),
        (
            ["--trials=1001", "--seed=1"],
            "the number of trials: 1001 and 1000",
        ),
    ] {
        let other = [&["simulate", "--shard=2/2", "--out=other"], &options[..]].concat();
        let run = whimbrel(path, &other);
        assert_eq!(run.code, Some(0), "{}", run.err);
        refused(
            path,
            &["1.shard", "other"],
            "MG1526",
            &["`other` and `1.shard`", told],
        );
    }
    let run = whimbrel(path, &["simulate", TRIALS, "--shard=2/3", "--out=other"]);
    assert_eq!(run.code, Some(0), "{}", run.err);
    refused(
        path,
        &["1.shard", "other"],
        "MG1526",
        &["the number of shards: 3 and 2"],
    );
    let plan = STARTER.replace("2027", "2028");
    std::fs::write(path.join("plan.mig"), plan).unwrap();
    assert_eq!(shard(path, 2, 2, &[]).code, Some(0));
    refused(path, &["1.shard", "2.shard"], "MG1526", &["the plan"]);
}

#[test]
fn damaged_files_are_refused_by_name() {
    let folder = sharded(2);
    let path = folder.path();
    let whole = std::fs::read(path.join("2.shard")).unwrap();
    let (middle, end) = (whole.len() / 2, whole.len());
    let mut turned = whole.clone();
    turned[middle] ^= 1;
    let mut longer = whole.clone();
    longer.push(0);
    for (bytes, told) in [
        (&whole[..0], "ends too early"),
        (&whole[..middle], "ends too early"),
        (&whole[..end - 1], "ends too early"),
        (&turned[..], "digest"),
        (&longer[..], "something follows"),
    ] {
        std::fs::write(path.join("2.shard"), bytes).unwrap();
        refused(
            path,
            &["1.shard", "2.shard"],
            "MG1525",
            &["`2.shard`", told],
        );
    }
}

fn senseless(folder: &Path, arguments: &[&str], words: &[&str]) {
    let run = whimbrel(folder, &[&["simulate"], arguments].concat());
    assert_eq!(
        (run.code, run.out.as_str()),
        (Some(2), ""),
        "{arguments:?}: {}",
        run.err
    );
    for word in [&["MG1513"], words].concat() {
        assert!(run.err.contains(word), "{arguments:?}: {}", run.err);
    }
}

#[test]
fn what_makes_no_sense_is_told() {
    let folder = starter();
    let refused = |arguments: &[&str], words: &[&str]| senseless(folder.path(), arguments, words);
    refused(
        &["--trials", "0"],
        &["--trials", "expected a whole number from 1 to 10000000"],
    );
    refused(&["--trials", "-5"], &["--trials", "-5"]);
    refused(&["--trials", "many"], &["--trials", "many"]);
    for seed in ["-1", "18446744073709551616", "lucky", "1.5", ""] {
        refused(&["--seed", seed], &["--seed", "0 to 18446744073709551615"]);
    }
    for shard in ["0/4", "5/4"] {
        refused(&["--shard", shard], &["--shard", "from 1/4 to 4/4"]);
    }
    refused(&["--shard", "1/0"], &["--shard", "at least one shard"]);
    for shard in ["1", "1-4", "a/b", "+1/4", "1/4/2"] {
        refused(&["--shard", shard], &["--shard", "as in `3/16`"]);
    }
    refused(
        &["--shard=1/2", "--until-converged"],
        &["converged", "--trials N"],
    );
    refused(
        &["--shard=1/2", "--require", "cost.p80 < 1"],
        &["--require", "merge"],
    );
    refused(
        &["--shard=1/2", "--shards=2", "--emit=kubernetes-job"],
        &["cannot be used with"],
    );
    refused(&["--shards=2"], &["--emit"]);
    refused(&["--emit=kubernetes-job"], &["--shards"]);
    refused(&["--shards=0", "--emit=kubernetes-job"], &["--shards"]);
    refused(&["--out=file"], &["--shard"]);
    for format in ["--shard=1/2", "--shards=2"] {
        let emit: &[&str] = if format == "--shards=2" {
            &["--emit=kubernetes-job"]
        } else {
            &[]
        };
        let all = [&[format, "--format=json"], emit].concat();
        refused(&all, &["JSON", "help: leave `--format` out"]);
    }
    refused(
        &["--shard=5/8", "--trials=1000"],
        &["too few for 8 shards", "4 shards or fewer"],
    );
    for threads in ["0", "1025", "-1", "many"] {
        refused(&["--threads", threads], &["a whole number from 1 to 1024"]);
    }
    refused(&["--today=2027-13-01"], &["a day", "`2027-01-31`"]);
    refused(&["--why", "-1"], &["`p1` to `p99`"]);
}

#[test]
fn a_job_that_no_cluster_takes_is_refused() {
    let folder = starter();
    let refused = |arguments: &[&str], words: &[&str]| senseless(folder.path(), arguments, words);
    // A shard is whole blocks of 256 trials.
    refused(
        &["--trials=1000", "--shards=5", "--emit=kubernetes-job"],
        &["too few for 5 shards", "4 shards or fewer"],
    );
    let emit = ["--shards=2", "--emit=kubernetes-job"];
    for image in ["a b", "$(x)", "", "a//b", "a:", "-a"] {
        let image = format!("--image={image}");
        refused(
            &[&emit[..], &[&image]].concat(),
            &["no reference to an image"],
        );
    }
    for claim in ["Bad", "a_b", "-a", "a.", ""] {
        let claim = format!("--claim={claim}");
        refused(
            &[&emit[..], &[&claim]].concat(),
            &["cannot be the name of a claim"],
        );
    }
}

/// A run that does not find out what it was to says so on the page, and beside the document.
#[test]
fn a_run_that_does_not_converge_says_so() {
    let folder = starter();
    let run = |format| {
        let arguments = ["simulate", "--until-converged", "--trials=100", format];
        whimbrel(folder.path(), &arguments)
    };
    let said = "not converged to ± 1.0 %: `duration_days.p80` ±";
    let human = run("--format=human");
    assert!(
        human.out.contains(said) && !human.err.contains(said),
        "{}",
        human.out
    );
    let json = run("--format=json");
    assert!(json.err.contains(said), "{}", json.err);
    assert!(serde_json::from_str::<Value>(&json.out).is_ok());
}

/// Asked before an hour of trials is run for nothing.
#[test]
fn a_place_that_cannot_be_written_is_told_at_once() {
    let folder = starter();
    let before = files(folder.path());
    for (out, code) in [(".", "MG1502"), ("plan.mig/1.shard", "MG1505")] {
        // Would take for ever.
        let arguments = ["simulate", "--trials=10000000", "--shard=1/1", "--out", out];
        let run = whimbrel(folder.path(), &arguments);
        assert_eq!((run.code, run.out.as_str()), (Some(2), ""), "{}", run.err);
        assert!(run.err.contains(code), "{}", run.err);
    }
    assert_eq!(files(folder.path()), before);
}

/// A shard replaces a shard and what is empty; all else stays as it was, the plan before all.
#[test]
fn only_a_shard_is_replaced() {
    let folder = folder(&[
        (
            "plan.mig",
            format!("import \"empty.mig\"\n{STARTER}").as_bytes(),
        ),
        ("empty.mig", b""),
        ("notes.txt", b"call the bank\n"),
        ("empty.txt", b""),
        ("magic.txt", b"whimbrel sharks\n"),
        ("cut.shard", b"whimbrel shard\n"),
    ]);
    for (link, to) in [("plan.link", "plan.mig"), ("notes.link", "notes.txt")] {
        symlink(to, folder.path().join(link)).unwrap();
    }
    let before = files(folder.path());
    for (out, words) in [
        ("plan.mig", "is a file of a plan"),
        ("./empty.mig", "is a file of a plan"),
        ("plan.link", "is a file of a plan"),
        ("notes.txt", "is not a shard"),
        ("notes.link", "is not a shard"),
        ("magic.txt", "is not a shard"),
    ] {
        // Would take for ever.
        let arguments = ["simulate", "--trials=10000000", "--shard=1/1", "--out", out];
        let run = whimbrel(folder.path(), &arguments);
        assert_eq!((run.code, run.out.as_str()), (Some(2), ""), "{}", run.err);
        for word in ["MG1510", out, words, "help: name another file"] {
            assert!(run.err.contains(word), "{}", run.err);
        }
    }
    assert_eq!(files(folder.path()), before);

    let arguments = |out| ["simulate", TRIALS, "--shard=1/1", "--out", out];
    for out in ["empty.txt", "cut.shard", "empty.txt"] {
        let run = whimbrel(folder.path(), &arguments(out));
        assert_eq!(run.code, Some(0), "{}", run.err);
    }
    symlink("cut.shard", folder.path().join("shard.link")).unwrap();
    std::fs::write(folder.path().join("cut.shard"), b"").unwrap();
    let run = whimbrel(folder.path(), &arguments("shard.link"));
    assert_eq!(run.code, Some(0), "{}", run.err);
    let link = std::fs::symlink_metadata(folder.path().join("shard.link"));
    assert!(link.unwrap().is_symlink());
    let read = |name| std::fs::read(folder.path().join(name)).unwrap();
    assert_eq!(read("cut.shard"), read("empty.txt"));
    assert!(ShardHeader::read(&read("cut.shard")).is_ok());
}

fn manifest(folder: &Path, more: &[&str]) -> String {
    let arguments = ["simulate", TRIALS, "--emit=kubernetes-job"];
    let run = whimbrel(folder, &[&arguments, more].concat());
    assert_eq!(run.code, Some(0), "{}", run.err);
    run.out
}

/// Kubernetes' own types take the manifest and give it back: it has no field that they do not know,
/// and none of another type.
#[test]
fn the_job_is_one_of_kubernetes() {
    let folder = starter();
    let awkward = [
        "--shards=4",
        "--image",
        "registry:5000/a:1.0",
        "--claim",
        "yes",
        "--threads=2",
    ];
    for more in [&["--shards=3"][..], &awkward] {
        let text = manifest(folder.path(), more);
        let written: Value = serde_saphyr::from_str(&text).unwrap();
        let job: Job = serde_saphyr::from_str(&text).unwrap();
        assert_eq!(serde_json::to_value(&job).unwrap(), written);
    }
    let job: Job = serde_saphyr::from_str(&manifest(folder.path(), &awkward)).unwrap();
    let spec = job.spec.unwrap();
    assert_eq!(
        (spec.completions, spec.completion_mode.as_deref()),
        (Some(4), Some("Indexed"))
    );
    let pod = spec.template.spec.unwrap();
    assert_eq!(
        pod.containers[0].image.as_deref(),
        Some("registry:5000/a:1.0")
    );
    let volume = &pod.volumes.unwrap()[0];
    let claim = volume.persistent_volume_claim.as_ref().unwrap();
    assert_eq!(claim.claim_name, "yes");
}

/// Carries the pods out here, as the kubelet would, and joins what they leave.
#[test]
fn the_pods_of_the_job_run_the_shards() {
    let claim = folder(&[("plan/shop $(HOME)'s.mig", STARTER.as_bytes())]);
    let path = "plan/shop $(HOME)'s.mig";
    let text = manifest(claim.path(), &["--shards=3", path]);
    let job: Job = serde_saphyr::from_str(&text).unwrap();
    let pod = job.spec.unwrap().template.spec.unwrap();
    let container = &pod.containers[0];
    assert_eq!(container.working_dir.as_deref(), Some("/work"));
    let words = [&container.command, &container.args];
    // The kubelet replaces $(NAME) by a variable, and $$ by $.
    let words = words
        .into_iter()
        .flatten()
        .flatten()
        .map(|word| word.replace("$$", "$"));
    let words: Vec<String> = words.collect();
    let program = Path::new(env!("CARGO_BIN_EXE_whimbrel")).parent().unwrap();
    for index in 0..3 {
        let pod = Command::new(&words[0])
            .args(&words[1..])
            .current_dir(claim.path())
            .env("JOB_COMPLETION_INDEX", index.to_string())
            .env("PATH", format!("{}:/usr/bin:/bin", program.display()))
            .output()
            .unwrap();
        assert!(
            pod.status.success(),
            "{}",
            String::from_utf8_lossy(&pod.stderr)
        );
    }
    let shards = [
        "merge",
        "shards/1.shard",
        "shards/2.shard",
        "shards/3.shard",
    ];
    let joined = whimbrel(claim.path(), &[&shards[..], &["--format=json"]].concat());
    assert_eq!(joined.code, Some(0), "{}", joined.err);
    let whole = whimbrel(claim.path(), &["simulate", TRIALS, "--format=json", path]);
    assert!(joined.out == whole.out);
}
