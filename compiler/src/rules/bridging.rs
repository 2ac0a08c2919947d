//! Bridges that help, as text to paste: over one edge, or over what cuts a cycle.

use whimbrel_lang::Level;
use whimbrel_plan::{BridgeOver, CycleHop, Edge, Node, Plan, ServiceId};

use super::context::{Context, counted};
use crate::analysis::cuts::{self, Cut, CutKind, EXACT_UP_TO};
use crate::analysis::hops::Reading;
use crate::bridge_text::bridge_texts;

/// The most bridges that a help writes out. More are listed by `whimbrel plan`.
const WRITTEN_OUT: usize = 8;

/// The most services of a component that is cut for a help: nobody would paste what cuts a larger
/// one before looking at the whole of it.
const CUT_UP_TO: usize = 60;

/// What to do about components, over all edges that no bridge covers.
pub(super) struct Advice<'a> {
    context: &'a Context<'a>,
    components: Vec<Vec<ServiceId>>,
    /// In the order of the components, that which halves one before the full one.
    cuts: Vec<Cut>,
}

impl<'a> Advice<'a> {
    /// Cuts the components, each of which is told of.
    pub fn about(context: &'a Context<'a>, components: Vec<Vec<ServiceId>>) -> Self {
        let cuttable = components.iter().map(|services| match services.len() {
            ..=CUT_UP_TO => services.clone(),
            _ => Vec::new(),
        });
        let cuttable: Vec<_> = cuttable.collect();
        let (edges, inventory) = (&context.graph.edges, context.inventory);
        let cuts = cuts::rank(edges, inventory, &cuttable, Reading::All, context.weights);
        Self {
            context,
            components,
            cuts,
        }
    }

    /// What to do about the cycle told of one of them.
    pub fn help(&self, component: usize, level: Level, hops: &[CycleHop]) -> String {
        let bound = hops.iter().all(|hop| hop.binding);
        let together = match (bound, level) {
            (true, Level::Error) => "move them in one batch with `cutover = together`",
            (true, _) => "they move as one unit",
            (false, _) => {
                "no order follows from it, because not every hop binds: keep them in one batch"
            }
        };
        let size = self.components.get(component).map_or(0, Vec::len);
        if size > CUT_UP_TO {
            return format!("{together}, or cut it as `whimbrel plan` says");
        }
        let halving = self.cut(component, CutKind::Halving);
        let halving = halving.filter(|_| size > EXACT_UP_TO).map(|cut| {
            let left = cut.largest;
            let bridges = self.bridges(cut);
            format!(", or begin with the cut that leaves at most {left} of {size} services needing one another: {bridges}")
        });
        let full = self.cut(component, CutKind::Full).map(|cut| {
            let bridges = self.bridges(cut);
            let which = if size > EXACT_UP_TO {
                "the full cut"
            } else {
                "the cheapest cut"
            };
            format!(", or take {which}: {bridges}")
        });
        let ways = [halving, full].into_iter().flatten();
        std::iter::once(together.to_owned()).chain(ways).collect()
    }

    fn cut(&self, component: usize, kind: CutKind) -> Option<&Cut> {
        let start = self.cuts.partition_point(|cut| cut.component < component);
        let mut of = self.cuts.iter().skip(start);
        of.find(|cut| cut.component > component || cut.kind == kind)
            .filter(|cut| cut.component == component)
    }

    /// The bridges of a cut as text to paste, or how many there are.
    fn bridges(&self, cut: &Cut) -> String {
        if cut.edges.len() > WRITTEN_OUT {
            let bridges = counted(cut.edges.len(), "bridge");
            return format!("{bridges}, which `whimbrel plan` lists");
        }
        let edges = cut.edges.iter();
        let bridges: Vec<_> = edges.map(|edge| (edge.over(), edge.by)).collect();
        let texts = bridge_texts(self.context.inventory, &bridges, known(self.context.plan));
        format!("`{}`", texts.join("; "))
    }
}

/// The names of the bridges that the plan has.
fn known(plan: Option<&Plan>) -> impl Iterator<Item = &str> {
    let bridges = plan.into_iter().flat_map(|plan| plan.bridges.values());
    bridges.map(|bridge| bridge.name.as_str())
}

/// A bridge over an edge, or over the resource at its end.
pub(super) fn bridge(context: &Context<'_>, edge: &Edge) -> String {
    let by = cuts::usual_bridge(&context.graph.edges, context.inventory, edge);
    let over = match (edge.from, edge.to) {
        (_, Node::Resource(id)) | (Node::Resource(id), _) => BridgeOver::Resource(id),
        (Node::Service(from), Node::Service(to)) => BridgeOver::Edge { from, to },
    };
    bridge_texts(context.inventory, &[(over, by)], known(context.plan)).concat()
}
