//! The forms of the language that are no block of the schema: what brings files together, what
//! repeats, what guards.

/// A fixed form of a statement, or of a part of one.
#[derive(Debug)]
pub struct Form {
    /// The word it begins with, or is known by.
    pub keyword: &'static str,
    /// Its shape: what is written as it is, and the parts in capitals.
    pub shape: &'static str,
    /// Whether a statement of a file may begin with it.
    pub top: bool,
    /// One sentence, without its full stop.
    pub doc: &'static str,
    /// What there is to know beside, in sentences.
    pub more: &'static str,
    /// An example that stands by itself at the top of a file.
    pub example: &'static str,
}

/// Words that join the parts of a statement; none of them may begin one.
pub const RESERVED: &[&str] = &["of", "on", "until", "because", "in", "for", "remaining"];

/// The fixed forms, in the order in which a reader meets them.
pub static FORMS: &[Form] = &[
    Form {
        keyword: "use",
        shape: "use std.MODULE.{NAME, NAME}",
        top: true,
        doc: "takes names from the standard library",
        more: "One name needs no braces. `std.patterns` has the patterns, `std.classes` published \
               figures as values.",
        example: "use std.patterns.{strangler_fig, expand_contract}",
    },
    Form {
        keyword: "import",
        shape: "import \"FILE\"",
        top: true,
        doc: "brings in everything another file of the project says",
        more: "The path is relative to the file it stands in and stays inside the project. Files \
               that import each other in a ring are an error.",
        example: "import \"inventory.mig\"",
    },
    Form {
        keyword: "let",
        shape: "let NAME = VALUE",
        top: true,
        doc: "names a value",
        more: "The name serves in every file of the plan and may be used before it is defined. \
               `because \"…\"` behind the value says why.",
        example: "let keep = 3d because \"ADR 14\"",
    },
    Form {
        keyword: "defaults",
        shape: "defaults BLOCK { … }",
        top: true,
        doc: "fills in what the blocks of one kind in the same file leave out",
        more: "What a block says itself goes first, then the arguments of its pattern, then the \
               defaults, then the pattern.",
        example: "defaults service { tier = supporting; kind = stateless }",
    },
    Form {
        keyword: "for",
        shape: "for NAME in LIST { … }",
        top: true,
        doc: "repeats its statements for every element of a list or range",
        more: "It may stand at the top of a file, in a block and in a pattern. Inside, the name \
               stands for the element, in strings as `${NAME}`.",
        example: "for shard in 1..3 { service \"search_${shard}\" { tier = supporting } }",
    },
    Form {
        keyword: "pattern",
        shape: "pattern NAME(PARAMETER: TYPE = DEFAULT, …) for KIND { … }",
        top: true,
        doc: "says how things of one kind move: steps, gates and what must hold",
        more: "KIND is `service`, `datastore`, `topic`, `queue`, `cache`, `volume` or `phase`; \
               inside, that word names the thing that moves. A parameter without a default must \
               be given. Types are `duration`, `effort`, `number`, `ratio`, `size`, `rate`, \
               `money`, `text`, `boolean` and `list<…>`. Steps follow one another; `together` \
               runs them side by side.",
        example: "pattern restart(pause: duration = 5min) for service {\n  step stop  { does = \
                  manual(\"stop ${service}\"); takes = 1wh }\n  step start { does = \
                  deploy.apply(service); soak = pause }\n}",
    },
    Form {
        keyword: "require",
        shape: "require CONDITION, \"MESSAGE\"",
        top: false,
        doc: "refuses a call of the pattern whose arguments do not fit",
        more: "It stands in a pattern. The message is shown where the pattern is called.",
        example: "pattern shift(weights: list<ratio> = [50%, 100%]) for service {\n  require \
                  weights.last == 100%, \"the last weight must be 100 %\"\n  step go { does = \
                  traffic.shift(service, to: 100%) }\n}",
    },
    Form {
        keyword: "waive",
        shape: "waive RULE on TARGET until DATE because \"REASON\"",
        top: true,
        doc: "accepts one finding of a rule, for one thing and for a time",
        more: "RULE is the name or the code of the rule. A waiver that is not used, has expired \
               or gives no reason is a finding itself.",
        example: "waive single-point-estimate on discovery until 2027-03-01 because \"booked, ADR 14\"",
    },
    Form {
        keyword: "scenario",
        shape: "scenario NAME { … }",
        top: true,
        doc: "says what is otherwise under a name, chosen with `--scenario`",
        more: "Its statements are laid over the plan by kind and name, before names resolve: \
               attributes replace, relations add, and blocks of one name become one. `migration` \
               needs no name there. Setting `strategy` leaves the batches to the compiler, unless \
               the scenario writes some. `let`, `defaults`, `for` and anything new may stand in \
               it. `without service ads` takes a thing out, and inside a block `without calls \
               ads` a relation of it; lists do without it by themselves, and what needs it \
               otherwise is an error until the scenario says what becomes of the need. Scenarios \
               that nobody has chosen are checked for names and types.",
        example: "team payments { engineers = 5 }\nscenario big_team {\n  team payments { engineers = 9 }\n}",
    },
    Form {
        keyword: "because",
        shape: "VALUE because \"REASON\"",
        top: false,
        doc: "says why a value is what it is",
        more: "It may stand behind the value of any attribute. Answers of the checklist and \
               waivers must have one.",
        example: "checklist { automation = 4 because \"canary and rollback are automated\" }",
    },
    Form {
        keyword: "remaining",
        shape: "members = remaining",
        top: false,
        doc: "stands for everything with a `move` that no other batch names",
        more: "One batch of a plan may have it. The word names nothing else.",
        example: "batch rest { members = remaining; mode = parallel }",
    },
];
