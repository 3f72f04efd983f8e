//! Equal things of a cell put together: the same shape, text or instance in many places is written
//! once, with a repetition.

use std::collections::HashMap;
use std::hash::Hash;

use super::bytes::{Vector, plus};
use super::properties::{Coded, Tables};
use super::repetition::{arrange, bytes, kept, repeated};
use crate::layout::{Properties, Repetition};

/// Things by what they are. Takes them in any number, in n log n time.
pub(super) struct Collector<'t, K> {
    tables: &'t Tables<'t>,
    kinds: HashMap<K, u32>,
    repetitions: Numbered<Vec<u8>>,
    properties: Numbered<Vec<Coded>>,
    items: Vec<Item>,
}

#[derive(Clone, Copy)]
struct Item {
    kind: u32,
    properties: u32,
    repetition: u32,
    at: Vector,
}

/// Things to write, in the order to write them.
pub(super) struct Collected<K> {
    kinds: Vec<K>,
    properties: Vec<Vec<Coded>>,
    groups: Vec<Group>,
}

struct Group {
    kind: u32,
    properties: u32,
    at: Vector,
    repetition: Vec<u8>,
}

/// Values by number, in the order of their first use; number 0 is the empty value.
struct Numbered<T>(HashMap<T, u32>);

impl<T: Hash + Eq + Default> Numbered<T> {
    fn new() -> Self {
        Self(HashMap::from([(T::default(), 0)]))
    }

    fn number(&mut self, value: T) -> u32 {
        let next = self.0.len() as u32;
        *self.0.entry(value).or_insert(next)
    }

    fn into_list(self) -> Vec<T> {
        let mut all: Vec<(T, u32)> = self.0.into_iter().collect();
        all.sort_unstable_by_key(|(_, number)| *number);
        all.into_iter().map(|(value, _)| value).collect()
    }
}

impl<'t, K: Hash + Eq + Ord> Collector<'t, K> {
    pub fn new(tables: &'t Tables<'t>) -> Self {
        Self {
            tables,
            kinds: HashMap::new(),
            repetitions: Numbered::new(),
            properties: Numbered::new(),
            items: Vec::new(),
        }
    }

    /// Takes a thing at its place. Repetitions that it has are kept as they are.
    pub fn add(
        &mut self,
        kind: K,
        at: Vector,
        repetition: Option<&Repetition>,
        properties: &Properties,
    ) {
        let next = self.kinds.len() as u32;
        let kind = *self.kinds.entry(kind).or_insert(next);
        let properties = match properties {
            None => 0,
            Some(_) => self.properties.number(self.tables.coded(properties)),
        };
        let Some(repetition) = repetition else {
            return self.items.push(Item { kind, properties, repetition: 0, at });
        };
        for (by, steps) in kept(repetition) {
            let repetition = self.repetitions.number(bytes(&steps));
            self.items.push(Item { kind, properties, repetition, at: plus(at, by) });
        }
    }

    /// Puts equal things together.
    pub fn collected(self) -> Collected<K> {
        let mut kinds: Vec<(K, u32)> = self.kinds.into_iter().collect();
        kinds.sort_unstable();
        let mut ranks = vec![0u32; kinds.len()];
        for ((_, number), rank) in kinds.iter().zip(0..) {
            ranks[*number as usize] = rank;
        }
        let mut items = self.items;
        for item in &mut items {
            item.kind = ranks[item.kind as usize];
        }
        let group = |i: &Item| (i.kind, i.properties, i.repetition);
        items.sort_unstable_by_key(|i| (group(i), [i.at[1], i.at[0]]));
        let repetitions = self.repetitions.into_list();
        let mut groups = Vec::new();
        for alike in items.chunk_by(|a, b| group(a) == group(b)) {
            let Item { kind, properties, repetition, .. } = alike[0];
            let mut put = |at, repetition| groups.push(Group { kind, properties, at, repetition });
            if repetition != 0 {
                let repetition = &repetitions[repetition as usize];
                for item in alike {
                    put(item.at, repetition.clone());
                }
            } else if let [one] = alike {
                put(one.at, Vec::new());
            } else {
                let mut places: Vec<Vector> = alike.iter().map(|item| item.at).collect();
                while !places.is_empty() {
                    let again = repeated(&places);
                    places.dedup();
                    for (at, steps) in arrange(&places) {
                        put(at, bytes(&steps));
                    }
                    places = again;
                }
            }
        }
        let kinds = kinds.into_iter().map(|(kind, _)| kind).collect();
        Collected { kinds, properties: self.properties.into_list(), groups }
    }
}

impl<K> Collected<K> {
    /// Everything in order: what, where, its repetition in bytes, its properties.
    pub fn groups(&self) -> impl Iterator<Item = (&K, Vector, &[u8], &[Coded])> {
        self.groups.iter().map(|group| {
            let properties = &self.properties[group.properties as usize];
            (&self.kinds[group.kind as usize], group.at, &group.repetition[..], &properties[..])
        })
    }
}
