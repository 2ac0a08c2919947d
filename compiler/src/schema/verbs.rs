//! The fixed vocabulary of what executors can do.

use super::Type;

/// The attribute of a platform or instance that names the executor of a verb.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Family {
    /// `deploy`
    Deploy,
    /// `traffic`
    Traffic,
    /// `flags`
    Flags,
    /// `data`
    Data,
    /// `monitor`
    Monitor,
    /// `queue`
    Queue,
    /// `cache`
    Cache,
    /// `session`
    Session,
    /// `notify`
    Notify,
    /// Carried out by the `bash` executor without being named.
    Script,
    /// Carried out by a person.
    Person,
}

impl Family {
    /// The attribute that names its executor.
    #[must_use]
    pub fn attribute(self) -> Option<&'static str> {
        match self {
            Self::Deploy => Some("deploy"),
            Self::Traffic => Some("traffic"),
            Self::Flags => Some("flags"),
            Self::Data => Some("data"),
            Self::Monitor => Some("monitor"),
            Self::Queue => Some("queue"),
            Self::Cache => Some("cache"),
            Self::Session => Some("session"),
            Self::Notify => Some("notify"),
            Self::Script | Self::Person => None,
        }
    }
}

/// A parameter of a verb, after what it acts on.
#[derive(Debug)]
pub struct VerbParameter {
    /// Its name.
    pub name: &'static str,
    /// What it takes.
    pub ty: Type,
    /// Whether it must be given.
    pub required: bool,
}

/// A verb.
#[derive(Debug)]
pub struct Verb {
    /// `traffic.shift`
    pub name: &'static str,
    /// Who carries it out.
    pub family: Family,
    /// Whether its first argument is what it acts on.
    pub subject: bool,
    /// Further parameters, in order.
    pub parameters: &'static [VerbParameter],
    /// The kind of step that does it, unless the step says otherwise.
    pub kind: &'static str,
    /// One sentence, as an imperative.
    pub doc: &'static str,
}

const fn optional(name: &'static str, ty: Type) -> VerbParameter {
    VerbParameter {
        name,
        ty,
        required: false,
    }
}

const fn required(name: &'static str, ty: Type) -> VerbParameter {
    VerbParameter {
        name,
        ty,
        required: true,
    }
}

macro_rules! verbs {
    ($($name:literal $family:ident $kind:literal ($($parameter:expr),*) $doc:literal;)*) => {
        &[$(Verb {
            name: $name,
            family: Family::$family,
            subject: !matches!(Family::$family, Family::Script | Family::Person),
            parameters: &[$($parameter),*],
            kind: $kind,
            doc: $doc,
        }),*]
    };
}

/// All verbs.
pub static VERBS: &[Verb] = verbs! {
    "deploy.apply" Deploy "deploy" () "install it on the new platform";
    "deploy.remove" Deploy "decommission" (optional("from", Type::Text))
        "remove it from a platform";
    "traffic.mirror" Traffic "validate" (optional("share", Type::Ratio))
        "send a copy of its requests to the new side";
    "traffic.shift" Traffic "shift" (required("to", Type::Ratio))
        "send this share of its requests to the new side";
    "flag.set" Flags "shift" (required("to", Type::Ratio), optional("flag", Type::Text))
        "switch a feature flag on for this share of users";
    "schema.expand" Data "deploy" (optional("file", Type::Text))
        "add what the new version needs, keeping what the old one uses";
    "schema.contract" Data "tidy" (optional("file", Type::Text))
        "remove what only the old version used";
    "data.bootstrap" Data "bootstrap" () "copy everything there is";
    "data.backfill" Data "bootstrap" (optional("rows", Type::Integer), optional("pause", Type::Duration))
        "copy what is missing in small batches, resumable";
    "data.dual_write" Data "replicate" (optional("enabled", Type::Boolean))
        "write to both sides";
    "data.cdc_start" Data "replicate" (optional("lag", Type::Duration))
        "start carrying changes to the new side";
    "data.cdc_stop" Data "tidy" () "stop carrying changes";
    "data.switch_reads" Data "cutover" (optional("to", Type::Text)) "read from the new side";
    "data.back_sync" Data "replicate" (optional("lag", Type::Duration))
        "carry changes from the new side back to the old";
    "validate.counts" Data "validate" () "compare counts";
    "validate.sums" Data "validate" () "compare sums of key numbers";
    "validate.checksums" Data "validate" () "compare row hashes";
    "validate.samples" Data "validate" (optional("rows", Type::Integer))
        "compare sampled records in depth";
    "compare.responses" Monitor "validate" (optional("mismatch", Type::Ratio))
        "compare what old and new answer";
    "health" Monitor "validate" () "check that it serves";
    "queue.pause" Queue "deploy" () "pause the old consumers";
    "queue.drain" Queue "replicate" () "wait until nothing is left";
    "queue.resume" Queue "cutover" () "start the new consumers";
    "cache.flush" Cache "deploy" () "empty it";
    "cache.warm" Cache "bootstrap" () "fill it before it serves";
    "cache.version" Cache "deploy" (optional("prefix", Type::Text)) "give its keys a new prefix";
    "session.centralise" Session "deploy" () "move sessions to a store both sides reach";
    "session.reset" Session "cutover" () "end all sessions once";
    "monitor.install" Monitor "deploy" () "install alerts and dashboards";
    "notify.announce" Notify "notify" (optional("text", Type::Text)) "tell those concerned";
    "notify.status" Notify "notify" (optional("text", Type::Text)) "post the status";
    "run" Script "deploy" (required("script", Type::Text)) "run a script of the project";
    "manual" Person "tidy" (required("text", Type::Text)) "have a person do it";
};

/// The verb of that name.
#[must_use]
pub fn verb(name: &str) -> Option<&'static Verb> {
    VERBS.iter().find(|verb| verb.name == name)
}
