//! What an executor's templates may use by name. The hand-off gives it to them; a test of the
//! command line holds this table to what it gives.

/// Where a value is given.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum GivenTo {
    /// Templates of verbs.
    Scripts,
    /// Templates of files for the whole plan.
    Files,
    /// Both.
    Both,
}

/// Name or `name.field`, where it is given, and what it is.
pub const TEMPLATE_VALUES: &[(&str, GivenTo, &str)] = &[
    ("plan.hash", GivenTo::Both, "the hash of the plan"),
    ("plan.name", GivenTo::Both, "the name of the migration"),
    ("plan.zone", GivenTo::Both, "its time zone"),
    (
        "executor.name",
        GivenTo::Both,
        "the executor, as the plan uses it",
    ),
    ("executor.verified", GivenTo::Both, "its `verified`"),
    (
        "settings",
        GivenTo::Both,
        "its settings by name: `settings.port`; durations in seconds, sizes in bytes",
    ),
    (
        "step.name",
        GivenTo::Scripts,
        "the step, such as `orders/shift_25`",
    ),
    (
        "role",
        GivenTo::Scripts,
        "what the script is for: act, check, undo, verification, measure",
    ),
    ("sentence", GivenTo::Scripts, "what the step does, in words"),
    (
        "verb",
        GivenTo::Scripts,
        "the verb, such as `traffic.shift`",
    ),
    (
        "args",
        GivenTo::Scripts,
        "the verb's arguments by name: `args.to`; one that may be left out needs a `default`",
    ),
    (
        "arguments",
        GivenTo::Scripts,
        "the same as a list of `name=value`",
    ),
    (
        "file",
        GivenTo::Scripts,
        "the first argument that is a text",
    ),
    (
        "subject.name",
        GivenTo::Scripts,
        "what is acted on, as the plan calls it",
    ),
    (
        "subject.slug",
        GivenTo::Scripts,
        "the same in `[a-z0-9_-]`, unlike any other",
    ),
    (
        "subject.object",
        GivenTo::Scripts,
        "the same in `[a-z0-9_]`, for objects of a database",
    ),
    (
        "subject.kind",
        GivenTo::Scripts,
        "`service`, `resource` or `migration`",
    ),
    ("subject.old", GivenTo::Scripts, "a service's `endpoint`"),
    (
        "subject.new",
        GivenTo::Scripts,
        "a service's `new_endpoint`",
    ),
    (
        "subject.tables",
        GivenTo::Scripts,
        "the tables of a datastore",
    ),
    (
        "subject.engine",
        GivenTo::Scripts,
        "the engine of a resource",
    ),
    (
        "subject.queries",
        GivenTo::Scripts,
        "the queries of the plan's own measures of it, each with `name` and `query`",
    ),
    (
        "executor_path",
        GivenTo::Scripts,
        "the way from the script to the executor's files",
    ),
    (
        "up",
        GivenTo::Scripts,
        "the way from the script to the folder of all scripts",
    ),
    (
        "services",
        GivenTo::Files,
        "every service: the fields of `subject`, `acts` (whether the executor acts on it) and `mirrored`",
    ),
    (
        "members",
        GivenTo::Files,
        "everything that moves: `name`, `quoted` for PromQL, `measured`, the measures that concern it, and `queries`, those of the plan's own",
    ),
    (
        "triggers",
        GivenTo::Files,
        "the rollback triggers: `name`, `doc`, `measure`, `own` (whether the plan defines it), `quantile`, `comparison`, `limit`, `limit_shown`, `hold`",
    ),
    (
        "migration_quoted",
        GivenTo::Files,
        "the migration's name, quoted for PromQL",
    ),
    (
        "new_side",
        GivenTo::Files,
        "the setting of that name, quoted for PromQL",
    ),
    ("mirrors", GivenTo::Files, "whether any service is mirrored"),
];
