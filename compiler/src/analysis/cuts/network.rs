//! Who couples whom in one component, by small numbers: what every search for a cut runs on.
//!
//! A *coupling* is what one bridge covers. It says that each of its users goes after each of its
//! owners but itself. A service that both uses and owns it stands between the two: the others it
//! uses it with go after it, and it goes after the others that own it. So a coupling is one or two
//! *halves*, in each of which users and owners differ, and it is kept or cut as a whole.

use petgraph::algo::kosaraju_scc;
use petgraph::graph::{DiGraph, NodeIndex};
use petgraph::visit::NodeFiltered;
use whimbrel_plan::{Arena, Id};

macro_rules! ids {
    ($($(#[$doc:meta])* $name:ident),*) => {$(
        $(#[$doc])*
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub(in super::super) struct $name(u32);

        impl Id for $name {
            fn new(index: usize) -> Self {
                Self(u32::try_from(index).unwrap_or(u32::MAX))
            }
            fn index(self) -> usize {
                self.0 as usize
            }
        }
    )*};
}

ids! {
    /// A service of the component.
    Vertex,
    /// A coupling.
    CouplingId,
    /// A half of a coupling.
    HalfId
}

/// What one bridge covers.
#[derive(Clone, Debug, PartialEq)]
pub(in super::super) struct Coupling {
    /// Ascending.
    pub users: Vec<Vertex>,
    /// Ascending.
    pub owners: Vec<Vertex>,
    /// Infinite where nothing can be bridged.
    pub cost: f64,
}

impl Coupling {
    /// Who both uses and owns it.
    fn between(&self) -> impl Iterator<Item = Vertex> {
        let both = self.users.iter().copied();
        both.filter(|user| self.owners.binary_search(user).is_ok())
    }

    /// Whether it makes a circle all by itself: two that both use and own it.
    pub fn is_circle(&self) -> bool {
        self.between().nth(1).is_some()
    }
}

/// Part of a coupling; no user is an owner.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Half {
    pub coupling: CouplingId,
    pub users: Vec<Vertex>,
    pub owners: Vec<Vertex>,
}

/// A component.
#[derive(Clone, Debug, Default)]
pub(in super::super) struct Network {
    pub couplings: Arena<CouplingId, Coupling>,
    pub(super) halves: Arena<HalfId, Half>,
    /// The halves of each coupling; none of a circle, which no order keeps.
    pub(super) halves_of: Arena<CouplingId, Vec<HalfId>>,
    /// The halves each service uses.
    pub(super) uses: Arena<Vertex, Vec<HalfId>>,
    /// The halves each service owns.
    pub(super) owns: Arena<Vertex, Vec<HalfId>>,
    /// The couplings of each service, and whether it uses and whether it owns each.
    pub(super) touches: Arena<Vertex, Vec<(CouplingId, bool, bool)>>,
    /// Services, then couplings; users lead to couplings and these to owners.
    graph: DiGraph<(), ()>,
}

/// Which couplings are cut.
pub(in super::super) type CutMask = Arena<CouplingId, bool>;

impl Network {
    pub fn new(services: usize, couplings: Vec<Coupling>) -> Self {
        let halves = || (0..services).map(|_| Vec::new()).collect();
        let mut network = Self {
            uses: halves(),
            owns: halves(),
            touches: (0..services).map(|_| Vec::new()).collect(),
            ..Self::default()
        };
        for _ in 0..services {
            network.graph.add_node(());
        }
        for coupling in couplings {
            let id = network.couplings.push(coupling);
            network.halves_of.push(Vec::new());
            network.draw(id);
            network.halve(id);
        }
        network
    }

    fn draw(&mut self, id: CouplingId) {
        let Coupling { users, owners, .. } = &self.couplings[id];
        let middle = self.graph.add_node(());
        for &user in users {
            let owns = owners.binary_search(&user).is_ok();
            self.touches[user].push((id, true, owns));
            self.graph
                .add_edge(NodeIndex::new(user.index()), middle, ());
        }
        for &owner in owners {
            if users.binary_search(&owner).is_err() {
                self.touches[owner].push((id, false, true));
            }
            self.graph
                .add_edge(middle, NodeIndex::new(owner.index()), ());
        }
    }

    fn halve(&mut self, id: CouplingId) {
        let Coupling { users, owners, .. } = &self.couplings[id];
        let mut between = self.couplings[id].between();
        let parts = match (between.next(), between.next()) {
            (Some(_), Some(_)) => return,
            (Some(middle), None) => {
                let but = |all: &[Vertex]| -> Vec<Vertex> {
                    all.iter().copied().filter(|&one| one != middle).collect()
                };
                vec![(vec![middle], but(owners)), (but(users), vec![middle])]
            }
            (None, _) => vec![(users.clone(), owners.clone())],
        };
        for (users, owners) in parts {
            if users.is_empty() || owners.is_empty() {
                continue;
            }
            let half = self.halves.push(Half {
                coupling: id,
                users: users.clone(),
                owners: owners.clone(),
            });
            self.halves_of[id].push(half);
            users.iter().for_each(|&user| self.uses[user].push(half));
            owners.iter().for_each(|&one| self.owns[one].push(half));
        }
    }

    /// How many services.
    pub fn len(&self) -> usize {
        self.uses.len()
    }

    /// Services, couplings and the ends of these: what one pass over all of it costs.
    pub fn size(&self) -> usize {
        let ends = |coupling: &Coupling| coupling.users.len() + coupling.owners.len();
        self.len() + self.couplings.values().map(ends).sum::<usize>() + self.couplings.len()
    }

    /// No coupling cut.
    pub fn whole(&self) -> CutMask {
        self.couplings.ids().map(|_| false).collect()
    }

    /// What a cut costs.
    pub fn cost(&self, cut: &CutMask) -> f64 {
        let cut = self.couplings.iter().filter(|(id, _)| cut[*id]);
        cut.map(|(_, coupling)| coupling.cost).sum()
    }

    /// Whether a cut cuts anything, and nothing that cannot be bridged.
    pub fn is_cut(&self, cut: &CutMask) -> bool {
        cut.values().any(|cut| *cut) && self.cost(cut).is_finite()
    }

    /// The sets of services that still need one another, each ascending; singletons included.
    pub fn components(&self, cut: &CutMask) -> Vec<Vec<Vertex>> {
        let services = self.len();
        let left = NodeFiltered::from_fn(&self.graph, |node: NodeIndex| {
            let coupling = node.index().checked_sub(services);
            coupling.is_none_or(|at| !cut[CouplingId::new(at)])
        });
        let service =
            |node: NodeIndex| (node.index() < services).then(|| Vertex::new(node.index()));
        let sets = kosaraju_scc(&left).into_iter().map(|set| {
            let mut set: Vec<Vertex> = set.into_iter().filter_map(service).collect();
            set.sort_unstable();
            set
        });
        sets.filter(|set| !set.is_empty()).collect()
    }

    /// The services of the largest of these sets.
    pub fn largest(&self, cut: &CutMask) -> usize {
        let sizes = self.components(cut).into_iter().map(|set| set.len());
        sizes.max().unwrap_or(0)
    }
}

/// Some of a component's services, with the couplings between them.
#[derive(Debug)]
pub(super) struct Piece {
    pub network: Network,
    /// The coupling of the component that each of the piece is part of.
    pub within: Arena<CouplingId, CouplingId>,
}

impl Network {
    /// What still couples `services`, ascending, with one another when `cut` is taken away.
    pub(super) fn piece(&self, services: &[Vertex], cut: &CutMask) -> Piece {
        let place = |vertex: &Vertex| services.binary_search(vertex).ok().map(Vertex::new);
        let inside = |all: &[Vertex]| -> Vec<Vertex> { all.iter().filter_map(place).collect() };
        let touched = services.iter().flat_map(|&vertex| &self.touches[vertex]);
        let touched = touched.map(|(id, ..)| *id);
        let mut touched: Vec<CouplingId> = touched.filter(|id| !cut[*id]).collect();
        touched.sort_unstable();
        touched.dedup();
        let parts = touched.into_iter().map(|id| {
            let Coupling {
                users,
                owners,
                cost,
            } = &self.couplings[id];
            let coupling = Coupling {
                users: inside(users),
                owners: inside(owners),
                cost: *cost,
            };
            (coupling, id)
        });
        let couples = |(part, _): &(Coupling, _)| {
            let others = |user| part.owners.iter().any(|owner| owner != user);
            part.users.iter().any(others)
        };
        let (couplings, within): (Vec<_>, _) = parts.filter(couples).unzip();
        Piece {
            network: Self::new(services.len(), couplings),
            within: Vec::into_iter(within).collect(),
        }
    }
}
