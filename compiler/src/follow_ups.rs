//! What rules find only because something could not be read. It goes when that is put right, and
//! would hide it until then.

use rustc_hash::FxHashSet;
use whimbrel_lang::{Diagnostic, Level, Span};

use crate::check::object::Object;
use crate::top::Top;

/// What cannot be read of a plan.
pub(crate) struct Unread {
    /// The places of what has an attribute that is missing or cannot be read.
    places: FxHashSet<Span>,
    /// Some batch does not say what its members are.
    members: bool,
    /// Some waiver may be for what nobody could look at, and some name may be used there.
    anything: bool,
}

impl Unread {
    pub fn new(top: &Top, found: &[Diagnostic]) -> Self {
        let mut unread = Self {
            places: FxHashSet::default(),
            members: false,
            anything: found.iter().any(|one| one.level == Level::Error),
        };
        for object in &top.objects {
            unread.object(object);
        }
        unread
    }

    fn object(&mut self, object: &Object) {
        let mut rows = object.block.attributes.iter();
        let lacks = rows.any(|row| row.required && object.get(row.name).is_none());
        if lacks || !object.broken.is_empty() {
            self.places.insert(object.span);
            self.members |= object.block.keyword == "batch" && object.get("members").is_none();
        }
        for child in &object.children {
            self.object(child);
        }
    }

    /// The findings of rules that are about something else.
    pub fn keep(&self, findings: Vec<Diagnostic>) -> impl Iterator<Item = Diagnostic> {
        let findings = findings.into_iter();
        findings.filter(|finding| !self.explains(finding))
    }

    /// Whether a finding of a rule is about what could not be read.
    fn explains(&self, found: &Diagnostic) -> bool {
        match found.code.name {
            "service-in-none" => self.members,
            "unused-waiver" | "unused-definition" => self.anything,
            _ => self.places.contains(&found.primary.span),
        }
    }
}
