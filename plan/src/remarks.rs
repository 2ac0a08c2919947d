//! What a reader must bear in mind and no figure says: needs taken on trust, platforms that cannot
//! be switched off.

use crate::{
    CallMode, Inventory, Node, Plan, PlatformId, Relation, RelationKind, ResourceKind, ServiceId,
};

/// How many names a sentence gives before it counts the rest.
const SHOWN: usize = 5;

impl Plan {
    /// One sentence each; none makes a total a lower bound, as [`Plan::unknown`] does.
    #[must_use]
    pub fn remarks(&self) -> Vec<String> {
        let staying = self.migration.from.iter().filter_map(|&platform| {
            let names: Vec<&str> = self.staying(platform).map(|node| self.name(node)).collect();
            let platform = &self.inventory.platforms[platform].name;
            let stay = if names.len() == 1 { "stays" } else { "stay" };
            (!names.is_empty()).then(|| {
                let names = listed(&names);
                format!("`{platform}` cannot be switched off afterwards: {names} {stay} on it")
            })
        });
        guessed_needs(&self.inventory)
            .into_iter()
            .chain(staying)
            .collect()
    }

    /// What is on a platform today and does not leave it.
    pub fn staying(&self, platform: PlatformId) -> impl Iterator<Item = Node> {
        let services = self.inventory.services.iter();
        let services = services.filter(move |(_, it)| it.on == Some(platform) && !it.moves);
        let resources = self.inventory.resources.iter();
        let resources = resources.filter(move |(_, it)| {
            // An instance is there for what it holds, and a table in what holds it.
            let counts = !matches!(it.kind, ResourceKind::Instance | ResourceKind::Table);
            it.on == Some(platform) && !it.moves && counts
        });
        let services = services.map(|(id, _)| Node::Service(id));
        services.chain(resources.map(|(id, _)| Node::Resource(id)))
    }
}

/// A need left out is hard, as a guess. Nobody waits for what is asynchronous.
fn guessed_needs(inventory: &Inventory) -> Option<String> {
    let guessed = |fact: &&Relation| {
        let needs = !matches!(fact.kind, RelationKind::Pins | RelationKind::Seen);
        needs && fact.need_guessed && fact.mode == CallMode::Sync
    };
    let from = inventory.relations.values().filter(guessed);
    let mut services: Vec<ServiceId> = from.map(|fact| fact.from).collect();
    services.dedup();
    let names: Vec<&str> = services
        .iter()
        .map(|id| inventory.services[*id].name.as_str())
        .collect();
    (!names.is_empty()).then(|| {
        let names = listed(&names);
        format!(
            "no `need` is given, and it is taken to be hard, in what {names} call, read or write"
        )
    })
}

/// `` `a`, `b` `` and how many more.
#[must_use]
pub fn listed(names: &[&str]) -> String {
    let quoted = names.iter().take(SHOWN).map(|name| format!("`{name}`"));
    let quoted = quoted.collect::<Vec<_>>().join(", ");
    match names.len().saturating_sub(SHOWN) {
        0 => quoted,
        more => format!("{quoted} and {more} more"),
    }
}
