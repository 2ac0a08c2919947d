//! The attributes of an object: few for each, and as many of these lists as statements, so that
//! looking through a list is quicker than hashing, and costs one allocation.

use super::object::Given;

/// Attributes by name, in the order written.
#[derive(Clone, Debug, Default)]
pub(crate) struct Attributes(Vec<(&'static str, Given)>);

impl Attributes {
    /// An empty list with room for so many.
    pub fn with_capacity(many: usize) -> Self {
        Self(Vec::with_capacity(many))
    }

    /// The attribute of that name.
    pub fn get(&self, name: &str) -> Option<&Given> {
        let known = self.0.iter().find(|(known, _)| *known == name);
        known.map(|(_, given)| given)
    }

    /// Whether it is given.
    pub fn contains_key(&self, name: &str) -> bool {
        self.get(name).is_some()
    }

    /// Gives it, in place of what was given before.
    pub fn insert(&mut self, name: &'static str, given: Given) {
        match self.0.iter_mut().find(|(known, _)| *known == name) {
            Some((_, known)) => *known = given,
            None => self.0.push((name, given)),
        }
    }

    /// Takes out those that are not to be kept, which may be changed on the way.
    pub fn retain(&mut self, mut keep: impl FnMut(&'static str, &mut Given) -> bool) {
        self.0.retain_mut(|(name, given)| keep(name, given));
    }

    /// Names and attributes, in the order written.
    pub fn iter(&self) -> impl Iterator<Item = (&'static str, &Given)> {
        self.0.iter().map(|(name, given)| (*name, given))
    }

    /// Attributes, in the order written.
    pub fn values(&self) -> impl Iterator<Item = &Given> {
        self.0.iter().map(|(_, given)| given)
    }
}
