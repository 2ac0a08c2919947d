//! Bridges as plan text to paste.

use rustc_hash::FxHashSet;
use whimbrel_lang::written;
use whimbrel_plan::{BridgeOver, BridgeTechnique, Inventory, ResourceId, ResourceKind};

use crate::schema::Kind;

/// One line of plan text for each bridge. No two have one name, nor that of a bridge that the plan
/// has already.
#[must_use]
pub fn bridge_texts<'a>(
    inventory: &Inventory,
    bridges: &[(BridgeOver, BridgeTechnique)],
    known: impl IntoIterator<Item = &'a str>,
) -> Vec<String> {
    let mut taken: FxHashSet<String> = known.into_iter().map(str::to_owned).collect();
    let text = |(bridged, by): &(BridgeOver, BridgeTechnique)| {
        let (over, base) = over(inventory, bridged);
        let name = free(&base, &mut taken);
        let by = technique(*by);
        format!("bridge {name} {{ over = {over}; by = {by} }}")
    };
    bridges.iter().map(text).collect()
}

/// What a bridge is over, as it is written and in the words of a name.
fn over(inventory: &Inventory, over: &BridgeOver) -> (String, String) {
    match *over {
        BridgeOver::Resource(id) => {
            let name = &inventory.resources[id].name;
            (reference(inventory, id), identifier(name))
        }
        BridgeOver::Edge { from, to } => {
            let [from, to] = [from, to].map(|id| inventory.services[id].name.as_str());
            let over = format!("{} -> {}", written(from), written(to));
            (over, identifier(&format!("{from}_{to}")))
        }
    }
}

/// A resource as a reference names it: by its path, and by its kind where the path alone could be
/// read as something else.
fn reference(inventory: &Inventory, id: ResourceId) -> String {
    let resource = &inventory.resources[id];
    let path = path(inventory, id);
    let others = inventory.resources.values();
    let same_name = others.filter(|other| other.name == resource.name).count() > 1;
    let first = path.split('.').next().unwrap_or_default();
    let is_kind = Kind::SHARED.iter().any(|kind| kind.keyword() == first);
    if same_name || is_kind {
        format!("{}.{path}", kind(resource.kind).keyword())
    } else {
        path
    }
}

/// The names from the datastore of a table to itself; another resource stands for itself.
fn path(inventory: &Inventory, id: ResourceId) -> String {
    let resource = &inventory.resources[id];
    let above = resource
        .parent
        .filter(|_| resource.kind == ResourceKind::Table);
    let within = above.and_then(|above| {
        let store = &inventory.resources[above].name;
        let name = resource
            .name
            .strip_prefix(store.as_str())?
            .strip_prefix('.')?;
        Some(format!("{}.{}", written(store), written(name)))
    });
    within.unwrap_or_else(|| written(&resource.name))
}

fn kind(kind: ResourceKind) -> Kind {
    match kind {
        ResourceKind::Instance => Kind::Instance,
        ResourceKind::Datastore => Kind::Datastore,
        ResourceKind::Table => Kind::Table,
        ResourceKind::Topic => Kind::Topic,
        ResourceKind::Queue => Kind::Queue,
        ResourceKind::Cache => Kind::Cache,
        ResourceKind::Volume => Kind::Volume,
        ResourceKind::External => Kind::External,
    }
}

/// What can be said of a name in one word that needs no quotes.
fn identifier(name: &str) -> String {
    let letter = |letter: char| {
        if letter.is_ascii_alphanumeric() || letter == '-' {
            letter
        } else {
            '_'
        }
    };
    let word: String = name.chars().map(letter).collect();
    let mut word = word.trim_matches(['-', '_']).to_owned();
    while word.contains("--") {
        word = word.replace("--", "-");
    }
    if word.starts_with(|first: char| first.is_ascii_alphabetic()) {
        word
    } else {
        format!("over_{word}")
    }
}

fn free(base: &str, taken: &mut FxHashSet<String>) -> String {
    let first = format!("{base}_bridge");
    let further = (2_u32..).map(|number| format!("{base}_bridge_{number}"));
    let mut names = std::iter::once(first).chain(further);
    let name = names.find(|name| taken.insert(name.clone()));
    name.unwrap_or_default()
}

fn technique(by: BridgeTechnique) -> &'static str {
    match by {
        BridgeTechnique::Cdc => "cdc",
        BridgeTechnique::DualWrite => "dual_write",
        BridgeTechnique::BackSync => "back_sync",
        BridgeTechnique::Mirror => "mirror",
        BridgeTechnique::Adapter => "adapter",
        BridgeTechnique::Proxy => "proxy",
    }
}
