//! Floats in text as the hexadecimal digits of their bits, little end first: exact, and a text
//! takes no less memory than what is read from it.

use std::fmt;

use serde::de::{Error, Visitor};
use serde::{Deserializer, Serializer};

/// Lists of `f32`, for `#[serde(with)]`.
pub mod f32s {
    use super::{Deserializer, Error, Hex, Serializer, text};

    pub fn serialize<S: Serializer>(values: &[f32], to: S) -> Result<S::Ok, S::Error> {
        to.serialize_str(&text(values.iter().flat_map(|v| v.to_bits().to_le_bytes())))
    }

    pub fn deserialize<'de, D: Deserializer<'de>>(from: D) -> Result<Vec<f32>, D::Error> {
        let bytes = from.deserialize_str(Hex)?;
        let (values, rest) = bytes.as_chunks();
        match rest {
            [] => Ok(values.iter().map(|v| f32::from_bits(u32::from_le_bytes(*v))).collect()),
            _ => Err(D::Error::invalid_length(bytes.len(), &"a whole number of 4-byte floats")),
        }
    }
}

/// Lists of `f64`, for `#[serde(with)]`.
pub mod f64s {
    use super::{Deserializer, Error, Hex, Serializer, text};

    pub fn serialize<S: Serializer>(values: &[f64], to: S) -> Result<S::Ok, S::Error> {
        to.serialize_str(&text(values.iter().flat_map(|v| v.to_bits().to_le_bytes())))
    }

    pub fn deserialize<'de, D: Deserializer<'de>>(from: D) -> Result<Vec<f64>, D::Error> {
        let bytes = from.deserialize_str(Hex)?;
        let (values, rest) = bytes.as_chunks();
        match rest {
            [] => Ok(values.iter().map(|v| f64::from_bits(u64::from_le_bytes(*v))).collect()),
            _ => Err(D::Error::invalid_length(bytes.len(), &"a whole number of 8-byte floats")),
        }
    }
}

fn text(bytes: impl Iterator<Item = u8>) -> String {
    let digit = |nibble: u8| char::from_digit(u32::from(nibble), 16).unwrap_or('0');
    bytes.flat_map(|byte| [digit(byte >> 4), digit(byte & 15)]).collect()
}

/// Reads pairs of hexadecimal digits.
struct Hex;

impl Visitor<'_> for Hex {
    type Value = Vec<u8>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("pairs of hexadecimal digits")
    }

    fn visit_str<E: Error>(self, text: &str) -> Result<Vec<u8>, E> {
        let (pairs, rest) = text.as_bytes().as_chunks();
        let digit = |c: u8| char::from(c).to_digit(16).map(|d| d as u8);
        let byte = |&[high, low]: &[u8; 2]| Some(digit(high)? << 4 | digit(low)?);
        let bytes: Option<Vec<u8>> = pairs.iter().map(byte).collect();
        match bytes {
            Some(bytes) if rest.is_empty() => Ok(bytes),
            _ => Err(E::custom("floats are not pairs of hexadecimal digits")),
        }
    }
}

#[cfg(test)]
mod tests {
    use serde::{Deserialize, Serialize};

    #[derive(Debug, PartialEq, Serialize, Deserialize)]
    struct Both {
        #[serde(with = "super::f32s")]
        narrow: Vec<f32>,
        #[serde(with = "super::f64s")]
        wide: Vec<f64>,
    }

    #[test]
    fn every_float_comes_back_with_its_bits() {
        let narrow = [0, 1, 0x8000_0000, 0x3f80_0000, 0x7f7f_ffff, 0xc2f6_e979].map(f32::from_bits);
        let wide = [0.1, -0.0, f64::MIN_POSITIVE / 3.0, f64::MAX, 1.0 / 3.0];
        let both = Both { narrow: narrow.to_vec(), wide: wide.to_vec() };
        let text = serde_json::to_string(&both).unwrap();
        let back: Both = serde_json::from_str(&text).unwrap();
        let bits = |b: &Both| -> Vec<u64> {
            let narrow = b.narrow.iter().map(|v| u64::from(v.to_bits()));
            narrow.chain(b.wide.iter().map(|v| v.to_bits())).collect()
        };
        assert_eq!(bits(&back), bits(&both));
    }

    #[test]
    fn what_is_no_list_of_floats_is_refused() {
        for text in [r#""3f""#, r#""3f80000""#, r#""zz800000""#, "7", r#""é3""#] {
            let text = format!(r#"{{"narrow": {text}, "wide": ""}}"#);
            assert!(serde_json::from_str::<Both>(&text).is_err(), "{text}");
        }
        assert!(serde_json::from_str::<Both>(r#"{"narrow": "", "wide": "00000000"}"#).is_err());
    }
}
