//! Changing a recipe by path: `fragments.run_nm` to `80`.

use toml::{Table, Value};

use super::Recipe;
use crate::opc::OpcError;

impl Recipe {
    /// This recipe with values changed, each by its path in the TOML file
    /// (`optimiser.stages.0.step_nm.1`), checked as a whole afterwards.
    ///
    /// # Errors
    /// A path that leads nowhere, a value of the wrong kind or out of range.
    pub fn with<'a>(
        &self,
        changes: impl IntoIterator<Item = (&'a str, &'a str)>,
    ) -> Result<Self, OpcError> {
        let refused = |reason| OpcError::Recipe { name: self.name.clone(), reason };
        let table = Table::try_from(self).map_err(|e| refused(e.to_string()))?;
        let mut root = Value::Table(table);
        for (path, value) in changes {
            change(&mut root, path, value).map_err(refused)?;
        }
        let recipe: Self = root.try_into().map_err(|e: toml::de::Error| {
            refused(e.message().lines().map(str::trim).collect::<Vec<_>>().join("; "))
        })?;
        recipe.validate()?;
        Ok(recipe)
    }
}

/// Puts a value where a path leads. A key that the recipe does not know is refused when the whole
/// is read back, by a message that lists the known ones.
fn change(root: &mut Value, path: &str, text: &str) -> Result<(), String> {
    let (parents, key) = path.rsplit_once('.').unwrap_or(("", path));
    let mut place = root;
    for step in parents.split('.').filter(|step| !step.is_empty()) {
        place = child(place, step)
            .ok_or_else(|| format!("{path}: there is no '{step}' in this recipe"))?;
    }
    match place {
        Value::Table(table) => {
            table.insert(key.to_owned(), read(text));
            Ok(())
        }
        Value::Array(items) => {
            let count = items.len();
            let item = key.parse::<usize>().ok().and_then(|index| items.get_mut(index));
            *item.ok_or_else(|| format!("{path}: there are only 0 to {}", count.max(1) - 1))? =
                read(text);
            Ok(())
        }
        _ => Err(format!("{path}: {parents} is a single value")),
    }
}

/// The value under one step of a path.
fn child<'a>(place: &'a mut Value, step: &str) -> Option<&'a mut Value> {
    match place {
        Value::Table(table) => table.get_mut(step),
        Value::Array(items) => items.get_mut(step.parse::<usize>().ok()?),
        _ => None,
    }
}

/// A TOML value where the text is one, else the text itself, so that words need no quotes.
fn read(text: &str) -> Value {
    toml::from_str::<Table>(&format!("value = {text}"))
        .ok()
        .filter(|table| table.len() == 1)
        .and_then(|mut table| table.remove("value"))
        .unwrap_or_else(|| Value::String(text.to_owned()))
}
