//! The one bound on the shape of every JSON that comes in: how deep it is nested, and that each text in it is one.
//!
//! It holds for what is read into types and for what is passed on unread. JSON that is recorded is wrapped a few levels
//! deeper, and its readers, here and in clients, give up somewhere above a hundred levels. A text with half of a surrogate
//! pair is one that strict readers refuse, with everything around it.

use std::fmt;

use domain::Rejection;
use ruma::api::error::ErrorKind;
use serde::de::{DeserializeSeed, Deserializer, Error, MapAccess, SeqAccess, Visitor};

/// Arrays and objects within each other, at most.
pub(crate) const DEPTH_MAX: usize = 64;

/// Refuses what no reader of this JSON should have to meet.
///
/// # Errors
/// 400 `M_NOT_JSON` when it is not JSON, 400 `M_BAD_JSON` when it is nested over [`DEPTH_MAX`] levels.
pub(crate) fn check(json: &[u8]) -> Result<(), Rejection> {
    let mut reader = serde_json::Deserializer::from_slice(json);
    let checked = Levels(DEPTH_MAX).deserialize(&mut reader).and_then(|()| reader.end());
    checked.map_err(|error| {
        if error.is_data() {
            Rejection::bad_json(format!("The request body is nested over {DEPTH_MAX} levels deep."))
        } else {
            Rejection::new(400, ErrorKind::NotJson, "The request body is not JSON.")
        }
    })
}

/// Reads one value, and allows so many levels in it.
#[derive(Clone, Copy)]
struct Levels(usize);

impl Levels {
    fn below<E: Error>(self) -> Result<Self, E> {
        self.0.checked_sub(1).map(Self).ok_or_else(|| E::custom("nested too deep"))
    }
}

impl<'de> DeserializeSeed<'de> for Levels {
    type Value = ();

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<(), D::Error> {
        deserializer.deserialize_any(self)
    }
}

impl<'de> Visitor<'de> for Levels {
    type Value = ();

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("JSON")
    }

    fn visit_unit<E>(self) -> Result<(), E> {
        Ok(())
    }

    fn visit_bool<E>(self, _: bool) -> Result<(), E> {
        Ok(())
    }

    fn visit_i64<E>(self, _: i64) -> Result<(), E> {
        Ok(())
    }

    fn visit_u64<E>(self, _: u64) -> Result<(), E> {
        Ok(())
    }

    fn visit_f64<E>(self, _: f64) -> Result<(), E> {
        Ok(())
    }

    fn visit_str<E>(self, _: &str) -> Result<(), E> {
        Ok(())
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut items: A) -> Result<(), A::Error> {
        let inside = self.below()?;
        while items.next_element_seed(inside)?.is_some() {}
        Ok(())
    }

    fn visit_map<A: MapAccess<'de>>(self, mut entries: A) -> Result<(), A::Error> {
        let inside = self.below()?;
        // A key is a text, so it takes no level.
        while entries.next_key_seed(Levels(0))?.is_some() {
            entries.next_value_seed(inside)?;
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use serde_json::{Value, json};

    use super::{DEPTH_MAX, check};

    fn nested(levels: usize, open: &str, close: &str) -> Vec<u8> {
        format!("{}1{}", open.repeat(levels), close.repeat(levels)).into_bytes()
    }

    fn errcode(json: &[u8]) -> Option<String> {
        check(json).err().map(|rejection| rejection.kind.errcode().to_string())
    }

    #[test]
    fn the_bound_is_exact_for_arrays_and_objects_and_there_is_no_stack_to_exhaust() {
        for (open, close) in [("[", "]"), (r#"{"a":"#, "}"), (r#"[{"a":"#, "}]")] {
            let a_pair = open.len() > 2 && open.starts_with('[');
            let most = if a_pair { DEPTH_MAX / 2 } else { DEPTH_MAX };
            assert_eq!(errcode(&nested(most, open, close)), None);
            for levels in [most + 1, 126, 127, 128, 1_000_000] {
                assert_eq!(errcode(&nested(levels, open, close)).as_deref(), Some("M_BAD_JSON"), "{levels} of {open}");
            }
        }
    }

    #[test]
    fn what_is_no_json_is_refused() {
        let cases: [&[u8]; 12] = [
            b"",
            b"{",
            b"nul",
            b"{} {}",
            b"{\"a\":1,}",
            b"[1e999]",
            br#""\ud800""#,
            br#"{"\udc00":1}"#,
            br#"{"a":"\ud800\ud800"}"#,
            b"\"\xff\"",
            b"{\"\xc3\":1}",
            b"\"\n\"",
        ];
        for case in cases {
            assert_eq!(errcode(case).as_deref(), Some("M_NOT_JSON"), "{}", String::from_utf8_lossy(case));
        }
    }

    fn any_json() -> impl Strategy<Value = Value> {
        let leaf = prop_oneof![
            Just(Value::Null),
            any::<bool>().prop_map(Value::from),
            any::<i64>().prop_map(Value::from),
            any::<u64>().prop_map(Value::from),
            (-1e300..1e300).prop_map(|number: f64| json!(number)),
            any::<String>().prop_map(Value::from),
        ];
        leaf.prop_recursive(6, 64, 8, |inner| {
            prop_oneof![
                prop::collection::vec(inner.clone(), 0..8).prop_map(Value::from),
                prop::collection::btree_map(any::<String>(), inner, 0..8).prop_map(|map| json!(map)),
            ]
        })
    }

    proptest! {
        #[test]
        fn what_is_written_by_a_json_writer_passes(value in any_json()) {
            prop_assert!(check(&serde_json::to_vec(&value).unwrap()).is_ok());
            prop_assert!(check(&serde_json::to_vec_pretty(&value).unwrap()).is_ok());
        }

        #[test]
        fn what_passes_is_read_by_serde_json(bytes in prop::collection::vec(prop::sample::select(&br#"{}[]",:\ud80019eE+-. tfn"#[..]), 0..24)) {
            if check(&bytes).is_ok() {
                prop_assert!(serde_json::from_slice::<Value>(&bytes).is_ok());
            }
        }
    }
}
