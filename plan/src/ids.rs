//! Whether the ids of a plan that was read stand for something.
//!
//! The compiler takes ids from the plan's own arenas, which trust them. Those of a file may come
//! from anywhere, so whoever reads a plan asks this first. The plan is walked as it is serialised:
//! a new field with an id is asked about without a line here.

use std::fmt::{self, Display};

use serde::ser::{
    self, Serialize, SerializeMap, SerializeSeq, SerializeStruct, SerializeStructVariant,
    SerializeTuple, SerializeTupleStruct, SerializeTupleVariant, Serializer,
};

use crate::Plan;

impl Plan {
    /// Whether every id stands for something in this plan.
    #[must_use]
    pub fn has_all_it_refers_to(&self) -> bool {
        let walk = Walk {
            plan: self,
            id: None,
        };
        self.serialize(walk).is_ok()
    }

    /// How many things there are that an id of this type may stand for.
    fn count(&self, id: &str) -> usize {
        let inventory = &self.inventory;
        match id {
            "BatchId" => self.batches.len(),
            "BridgeId" => self.bridges.len(),
            "CalendarId" => self.calendars.len(),
            "DriverId" => self.drivers.len(),
            "FreezeId" => self.freezes.len(),
            "LinkId" => inventory.links.len(),
            "MeasureId" => self.measures.len(),
            "PlatformId" => inventory.platforms.len(),
            "RelationId" => inventory.relations.len(),
            "ResourceId" => inventory.resources.len(),
            "RoleId" => self.roles.len(),
            "ServiceId" => inventory.services.len(),
            "StepId" => self.steps.len(),
            "TeamId" => inventory.teams.len(),
            "WindowId" => self.windows.len(),
            _ => 0,
        }
    }
}

/// Goes through everything and looks at ids only.
#[derive(Clone, Copy)]
struct Walk<'p> {
    plan: &'p Plan,
    /// The type of the id that comes next.
    id: Option<&'static str>,
}

/// An id stands for nothing.
#[derive(Debug)]
struct Dangling;

impl Display for Dangling {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("an id stands for nothing")
    }
}

impl std::error::Error for Dangling {}

impl ser::Error for Dangling {
    fn custom<T: Display>(_: T) -> Self {
        Self
    }
}

impl Walk<'_> {
    /// Into what is no id itself.
    fn inside(self) -> Self {
        Self { id: None, ..self }
    }

    fn index(self, index: u64) -> Result<(), Dangling> {
        let stands = self.id.is_none_or(|id| index < self.plan.count(id) as u64);
        if stands { Ok(()) } else { Err(Dangling) }
    }
}

macro_rules! leaves {
    ($($method:ident: $type:ty),* $(,)?) => {$(
        fn $method(self, _: $type) -> Result<(), Dangling> {
            Ok(())
        }
    )*};
}

macro_rules! branches {
    ($($method:ident($($argument:ty),*);)*) => {$(
        fn $method(self, $(_: $argument),*) -> Result<Self, Dangling> {
            Ok(self.inside())
        }
    )*};
}

impl Serializer for Walk<'_> {
    type Ok = ();
    type Error = Dangling;
    type SerializeSeq = Self;
    type SerializeTuple = Self;
    type SerializeTupleStruct = Self;
    type SerializeTupleVariant = Self;
    type SerializeMap = Self;
    type SerializeStruct = Self;
    type SerializeStructVariant = Self;

    leaves! {
        serialize_bool: bool, serialize_i8: i8, serialize_i16: i16, serialize_i32: i32,
        serialize_i64: i64, serialize_u8: u8, serialize_u16: u16, serialize_f32: f32,
        serialize_f64: f64, serialize_char: char, serialize_str: &str, serialize_bytes: &[u8],
        serialize_unit_struct: &'static str,
    }

    branches! {
        serialize_seq(Option<usize>);
        serialize_tuple(usize);
        serialize_tuple_struct(&'static str, usize);
        serialize_tuple_variant(&'static str, u32, &'static str, usize);
        serialize_map(Option<usize>);
        serialize_struct(&'static str, usize);
        serialize_struct_variant(&'static str, u32, &'static str, usize);
    }

    fn serialize_u32(self, value: u32) -> Result<(), Dangling> {
        self.index(u64::from(value))
    }

    fn serialize_u64(self, value: u64) -> Result<(), Dangling> {
        self.index(value)
    }

    fn serialize_none(self) -> Result<(), Dangling> {
        Ok(())
    }

    fn serialize_unit(self) -> Result<(), Dangling> {
        Ok(())
    }

    fn serialize_some<T: Serialize + ?Sized>(self, value: &T) -> Result<(), Dangling> {
        value.serialize(self)
    }

    fn serialize_unit_variant(
        self,
        _: &'static str,
        _: u32,
        _: &'static str,
    ) -> Result<(), Dangling> {
        Ok(())
    }

    fn serialize_newtype_struct<T: Serialize + ?Sized>(
        self,
        name: &'static str,
        value: &T,
    ) -> Result<(), Dangling> {
        let id = name.ends_with("Id").then_some(name);
        value.serialize(Self { id, ..self })
    }

    fn serialize_newtype_variant<T: Serialize + ?Sized>(
        self,
        _: &'static str,
        _: u32,
        _: &'static str,
        value: &T,
    ) -> Result<(), Dangling> {
        value.serialize(self.inside())
    }
}

macro_rules! items {
    ($($trait:ident $method:ident),* $(,)?) => {$(
        impl $trait for Walk<'_> {
            type Ok = ();
            type Error = Dangling;

            fn $method<T: Serialize + ?Sized>(&mut self, value: &T) -> Result<(), Dangling> {
                value.serialize(*self)
            }

            fn end(self) -> Result<(), Dangling> {
                Ok(())
            }
        }
    )*};
}

items! {
    SerializeSeq serialize_element,
    SerializeTuple serialize_element,
    SerializeTupleStruct serialize_field,
    SerializeTupleVariant serialize_field,
}

macro_rules! fields {
    ($($trait:ident),* $(,)?) => {$(
        impl $trait for Walk<'_> {
            type Ok = ();
            type Error = Dangling;

            fn serialize_field<T: Serialize + ?Sized>(
                &mut self,
                _: &'static str,
                value: &T,
            ) -> Result<(), Dangling> {
                value.serialize(*self)
            }

            fn end(self) -> Result<(), Dangling> {
                Ok(())
            }
        }
    )*};
}

fields! { SerializeStruct, SerializeStructVariant }

impl SerializeMap for Walk<'_> {
    type Ok = ();
    type Error = Dangling;

    fn serialize_key<T: Serialize + ?Sized>(&mut self, key: &T) -> Result<(), Dangling> {
        key.serialize(*self)
    }

    fn serialize_value<T: Serialize + ?Sized>(&mut self, value: &T) -> Result<(), Dangling> {
        value.serialize(*self)
    }

    fn end(self) -> Result<(), Dangling> {
        Ok(())
    }
}
