//! The serialiser behind it.

use std::fmt::Display;
use std::io::Write as _;

use serde::ser::{
    Error, Serialize, SerializeMap, SerializeSeq, SerializeStruct, SerializeStructVariant,
    SerializeTuple, SerializeTupleStruct, SerializeTupleVariant, Serializer,
};
use serde_json::Error as Problem;

use super::Manner;

/// Texts that name a service or a resource without an id.
const TEXTS_THAT_NAME: [&str; 3] = ["of", "on", "used_by"];

/// Writes JSON, or something shorter of which other bytes mean another value.
pub(super) struct Writer<'w, 'a> {
    out: &'w mut Vec<u8>,
    manner: Manner<'a>,
    /// Whether it is JSON.
    json: bool,
    depth: u32,
    /// The type of the id whose position is written next.
    id: Option<&'static str>,
    /// Whether the position of an executor is written next.
    executor: bool,
    /// Whether the texts written next may be names.
    names: bool,
}

impl<'w, 'a> Writer<'w, 'a> {
    pub(super) fn new(out: &'w mut Vec<u8>, manner: Manner<'a>, json: bool) -> Self {
        Self {
            out,
            manner,
            json,
            depth: 0,
            id: None,
            executor: false,
            names: false,
        }
    }

    fn text(&mut self, text: &str) -> Result<(), Problem> {
        if self.json {
            return serde_json::to_writer(&mut *self.out, text);
        }
        self.out.push(b'"');
        self.out.extend(text.len().to_ne_bytes());
        self.out.extend(text.as_bytes());
        Ok(())
    }

    fn number(&mut self, value: u64) -> Result<(), Problem> {
        let names = self.manner.names;
        if let Some(id) = self.id.take() {
            let at = usize::try_from(value).map_err(Problem::custom)?;
            let name = names.name(id, at);
            let own = self
                .manner
                .own
                .and_then(|own| name.strip_prefix(own.called));
            return match own.filter(|rest| rest.starts_with('/')) {
                Some(local) => self.text(&format!("…{local}")),
                None => self.text(&name),
            };
        }
        if self.executor {
            let at = usize::try_from(value).map_err(Problem::custom)?;
            return self.text(names.executor(at));
        }
        self.raw(value, b'#', &value.to_ne_bytes())
    }

    /// A value that JSON writes as `value`: shorter, as `bytes` behind a mark of their number.
    fn raw(&mut self, value: impl Display, mark: u8, bytes: &[u8]) -> Result<(), Problem> {
        if self.json {
            return write!(self.out, "{value}").map_err(Problem::io);
        }
        self.out.push(mark);
        self.out.extend(bytes);
        Ok(())
    }

    fn open(&mut self, bracket: u8, close: u8) -> Inside<'_, 'w, 'a> {
        self.out.push(bracket);
        self.depth += 1;
        Inside {
            writer: self,
            close,
            variant: false,
            empty: true,
            skipped: false,
        }
    }

    /// `{"variant":` and what follows.
    fn open_variant(
        &mut self,
        variant: &str,
        bracket: u8,
        close: u8,
    ) -> Result<Inside<'_, 'w, 'a>, Problem> {
        self.variant(variant)?;
        let mut inside = self.open(bracket, close);
        inside.variant = true;
        Ok(inside)
    }

    fn variant(&mut self, variant: &str) -> Result<(), Problem> {
        self.out.push(b'{');
        self.text(variant)?;
        self.out.push(b':');
        Ok(())
    }

    /// Whether a field is written; what its value may be.
    fn field(&mut self, key: &str) -> bool {
        if key == "location" || (self.depth == 1 && self.manner.without.contains(&key)) {
            return false;
        }
        self.executor = key == "executor";
        self.names = TEXTS_THAT_NAME.contains(&key);
        true
    }
}

/// `text` with the word `own` written `…`.
fn without_own(text: &str, own: &str) -> Option<String> {
    let part_of_word = |letter: char| letter.is_alphanumeric() || matches!(letter, '_' | '-');
    let mut out = String::new();
    let mut done = 0;
    for (at, _) in text.match_indices(own) {
        let (before, after) = (text.get(..at)?, text.get(at + own.len()..)?);
        if !before.ends_with(part_of_word) && !after.starts_with(part_of_word) {
            out.push_str(text.get(done..at)?);
            out.push('…');
            done = at + own.len();
        }
    }
    (done > 0).then(|| format!("{out}{}", text.get(done..).unwrap_or_default()))
}

/// Inside a list or a map.
pub(super) struct Inside<'i, 'w, 'a> {
    writer: &'i mut Writer<'w, 'a>,
    close: u8,
    /// Whether a variant's brace is closed, too.
    variant: bool,
    empty: bool,
    /// Whether the entry whose key was written last is left out.
    skipped: bool,
}

impl Inside<'_, '_, '_> {
    fn separate(&mut self) {
        if !self.empty && self.writer.json {
            self.writer.out.push(b',');
        }
        self.empty = false;
    }

    fn item<T: Serialize + ?Sized>(&mut self, value: &T) -> Result<(), Problem> {
        self.separate();
        value.serialize(&mut *self.writer)
    }

    fn entry<T: Serialize + ?Sized>(&mut self, key: &str, value: &T) -> Result<(), Problem> {
        if !self.writer.field(key) {
            return Ok(());
        }
        self.separate();
        self.writer.text(key)?;
        if self.writer.json {
            self.writer.out.push(b':');
        }
        value.serialize(&mut *self.writer)?;
        (self.writer.executor, self.writer.names) = (false, false);
        Ok(())
    }

    fn close(self) {
        self.writer.out.push(self.close);
        if self.variant {
            self.writer.out.push(b'}');
        }
        self.writer.depth = self.writer.depth.saturating_sub(1);
    }
}

macro_rules! numbers {
    ($($method:ident: $type:ty => $as:ident),* $(,)?) => {$(
        fn $method(self, value: $type) -> Result<(), Problem> {
            self.$as(value.into())
        }
    )*};
}

impl<'i, 'w, 'a> Serializer for &'i mut Writer<'w, 'a> {
    type Ok = ();
    type Error = Problem;
    type SerializeSeq = Inside<'i, 'w, 'a>;
    type SerializeTuple = Inside<'i, 'w, 'a>;
    type SerializeTupleStruct = Inside<'i, 'w, 'a>;
    type SerializeTupleVariant = Inside<'i, 'w, 'a>;
    type SerializeMap = Inside<'i, 'w, 'a>;
    type SerializeStruct = Inside<'i, 'w, 'a>;
    type SerializeStructVariant = Inside<'i, 'w, 'a>;

    numbers! {
        serialize_u8: u8 => number, serialize_u16: u16 => number, serialize_u32: u32 => number,
        serialize_u64: u64 => number, serialize_f32: f32 => serialize_f64,
        serialize_i8: i8 => serialize_i64, serialize_i16: i16 => serialize_i64,
        serialize_i32: i32 => serialize_i64,
    }

    fn serialize_i64(self, value: i64) -> Result<(), Problem> {
        self.raw(value, b'-', &value.to_ne_bytes())
    }

    fn serialize_f64(self, value: f64) -> Result<(), Problem> {
        if self.json {
            return serde_json::to_writer(&mut *self.out, &value);
        }
        self.out.push(b'f');
        self.out.extend(value.to_ne_bytes());
        Ok(())
    }

    fn serialize_bool(self, value: bool) -> Result<(), Problem> {
        self.raw(value, if value { b'y' } else { b'n' }, &[])
    }

    fn serialize_char(self, value: char) -> Result<(), Problem> {
        self.text(value.encode_utf8(&mut [0; 4]))
    }

    fn serialize_str(self, text: &str) -> Result<(), Problem> {
        let names = self.manner.names;
        let text = if self.names { names.text(text) } else { text };
        match self.manner.own.and_then(|own| without_own(text, own.told)) {
            Some(text) => self.text(&text),
            None => self.text(text),
        }
    }

    fn serialize_bytes(self, bytes: &[u8]) -> Result<(), Problem> {
        self.collect_seq(bytes)
    }

    fn serialize_none(self) -> Result<(), Problem> {
        self.raw("null", b'0', &[])
    }

    fn serialize_some<T: Serialize + ?Sized>(self, value: &T) -> Result<(), Problem> {
        value.serialize(self)
    }

    fn serialize_unit(self) -> Result<(), Problem> {
        self.serialize_none()
    }

    fn serialize_unit_struct(self, _: &'static str) -> Result<(), Problem> {
        self.serialize_none()
    }

    fn serialize_unit_variant(
        self,
        _: &'static str,
        _: u32,
        variant: &'static str,
    ) -> Result<(), Problem> {
        self.text(variant)
    }

    fn serialize_newtype_struct<T: Serialize + ?Sized>(
        self,
        name: &'static str,
        value: &T,
    ) -> Result<(), Problem> {
        self.id = name.ends_with("Id").then_some(name);
        value.serialize(self)
    }

    fn serialize_newtype_variant<T: Serialize + ?Sized>(
        self,
        _: &'static str,
        _: u32,
        variant: &'static str,
        value: &T,
    ) -> Result<(), Problem> {
        self.variant(variant)?;
        value.serialize(&mut *self)?;
        self.out.push(b'}');
        Ok(())
    }

    fn serialize_seq(self, _: Option<usize>) -> Result<Inside<'i, 'w, 'a>, Problem> {
        Ok(self.open(b'[', b']'))
    }

    fn serialize_tuple(self, _: usize) -> Result<Inside<'i, 'w, 'a>, Problem> {
        Ok(self.open(b'[', b']'))
    }

    fn serialize_tuple_struct(
        self,
        _: &'static str,
        _: usize,
    ) -> Result<Inside<'i, 'w, 'a>, Problem> {
        Ok(self.open(b'[', b']'))
    }

    fn serialize_tuple_variant(
        self,
        _: &'static str,
        _: u32,
        variant: &'static str,
        _: usize,
    ) -> Result<Inside<'i, 'w, 'a>, Problem> {
        self.open_variant(variant, b'[', b']')
    }

    fn serialize_map(self, _: Option<usize>) -> Result<Inside<'i, 'w, 'a>, Problem> {
        Ok(self.open(b'{', b'}'))
    }

    fn serialize_struct(self, _: &'static str, _: usize) -> Result<Inside<'i, 'w, 'a>, Problem> {
        Ok(self.open(b'{', b'}'))
    }

    fn serialize_struct_variant(
        self,
        _: &'static str,
        _: u32,
        variant: &'static str,
        _: usize,
    ) -> Result<Inside<'i, 'w, 'a>, Problem> {
        self.open_variant(variant, b'{', b'}')
    }
}

macro_rules! lists {
    ($($trait:ident::$method:ident),* $(,)?) => {$(
        impl $trait for Inside<'_, '_, '_> {
            type Ok = ();
            type Error = Problem;

            fn $method<T: Serialize + ?Sized>(&mut self, value: &T) -> Result<(), Problem> {
                self.item(value)
            }

            fn end(self) -> Result<(), Problem> {
                self.close();
                Ok(())
            }
        }
    )*};
}

lists! {
    SerializeSeq::serialize_element,
    SerializeTuple::serialize_element,
    SerializeTupleStruct::serialize_field,
    SerializeTupleVariant::serialize_field,
}

macro_rules! structs {
    ($($trait:ident),* $(,)?) => {$(
        impl $trait for Inside<'_, '_, '_> {
            type Ok = ();
            type Error = Problem;

            fn serialize_field<T: Serialize + ?Sized>(
                &mut self,
                key: &'static str,
                value: &T,
            ) -> Result<(), Problem> {
                self.entry(key, value)
            }

            fn end(self) -> Result<(), Problem> {
                self.close();
                Ok(())
            }
        }
    )*};
}

structs! { SerializeStruct, SerializeStructVariant }

impl SerializeMap for Inside<'_, '_, '_> {
    type Ok = ();
    type Error = Problem;

    fn serialize_key<T: Serialize + ?Sized>(&mut self, key: &T) -> Result<(), Problem> {
        let key = serde_json::to_value(key)?;
        let key = key
            .as_str()
            .ok_or_else(|| Problem::custom("a key is a text"))?;
        self.skipped = !self.writer.field(key);
        if self.skipped {
            return Ok(());
        }
        self.separate();
        self.writer.text(key)?;
        if self.writer.json {
            self.writer.out.push(b':');
        }
        Ok(())
    }

    fn serialize_value<T: Serialize + ?Sized>(&mut self, value: &T) -> Result<(), Problem> {
        if !self.skipped {
            value.serialize(&mut *self.writer)?;
        }
        (self.writer.executor, self.writer.names) = (false, false);
        Ok(())
    }

    fn end(self) -> Result<(), Problem> {
        self.close();
        Ok(())
    }
}
