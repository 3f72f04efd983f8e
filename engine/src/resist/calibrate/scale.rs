//! The scales on which parameters of different units move alike.

use crate::resist::{Parameter, ResistError, VerticalResist};

/// How a parameter is told to the optimiser.
#[derive(Clone, Copy, Debug, PartialEq)]
enum Scale {
    /// As it is.
    Plain,
    /// ln v: equal steps are equal shares. Needs v > 0.
    Log,
    /// ln(v − 1): for orders above 1.
    LogAboveOne,
    /// ln(1 − v): for concentrations below 1.
    LogBelowOne,
}

fn scale(parameter: Parameter) -> Scale {
    match parameter {
        Parameter::APerUm => Scale::Plain,
        Parameter::N | Parameter::NNotch => Scale::LogAboveOne,
        Parameter::MTh => Scale::LogBelowOne,
        _ => Scale::Log,
    }
}

/// The optimiser's coordinate of a value.
fn position(parameter: Parameter, value: f64) -> f64 {
    match scale(parameter) {
        Scale::Plain => value,
        Scale::Log => value.ln(),
        Scale::LogAboveOne => (value - 1.0).ln(),
        Scale::LogBelowOne => (1.0 - value).ln(),
    }
}

fn value(parameter: Parameter, position: f64) -> f64 {
    match scale(parameter) {
        Scale::Plain => position,
        Scale::Log => position.exp(),
        Scale::LogAboveOne => 1.0 + position.exp(),
        Scale::LogBelowOne => 1.0 - position.exp(),
    }
}

/// ∂value/∂position.
pub(super) fn stretch(parameter: Parameter, value: f64) -> f64 {
    match scale(parameter) {
        Scale::Plain => 1.0,
        Scale::Log => value,
        Scale::LogAboveOne => value - 1.0,
        Scale::LogBelowOne => value - 1.0,
    }
}

/// The parameters to move, found by name and checked against the resist they start from.
pub(super) fn free_parameters(
    start: &VerticalResist,
    names: &[&str],
) -> Result<Vec<Parameter>, ResistError> {
    let mut free = Vec::new();
    for name in names {
        let parameter: Parameter = name.parse()?;
        let Some(value) = start.get(parameter) else {
            return Err(ResistError::Unknown {
                what: "parameter of this resist",
                name: (*name).into(),
                known: start.parameters().map(Parameter::name).collect::<Vec<_>>().join(", "),
            });
        };
        if free.contains(&parameter) {
            return Err(ResistError::Mismatch(format!("{name} is named twice")));
        }
        if !position(parameter, value).is_finite() {
            let name = parameter.name();
            return Err(ResistError::Parameter {
                name,
                value,
                expected: "above 0 to be calibrated",
            });
        }
        free.push(parameter);
    }
    if free.is_empty() {
        return Err(ResistError::Mismatch("no parameter to calibrate is named".into()));
    }
    Ok(free)
}

/// The optimiser's coordinates of a resist.
pub(super) fn positions(resist: &VerticalResist, free: &[Parameter]) -> Vec<f64> {
    free.iter().map(|&p| position(p, resist.get(p).unwrap_or(1.0))).collect()
}

/// The resist at these coordinates, brought back into its ranges; coordinates follow where it was.
pub(super) fn place(
    resist: &VerticalResist,
    free: &[Parameter],
    positions: &mut [f64],
) -> Result<VerticalResist, ResistError> {
    let mut moved = *resist;
    for (&parameter, at) in free.iter().zip(positions.iter()) {
        let range = parameter.range();
        moved.set(parameter, value(parameter, *at).clamp(*range.start(), *range.end()))?;
    }
    for (&parameter, at) in free.iter().zip(positions.iter_mut()) {
        let kept = within(&moved, parameter);
        if kept != value(parameter, *at) && kept > 0.0 {
            *at = position(parameter, kept);
        }
        moved.set(parameter, kept)?;
    }
    moved.validate()?;
    Ok(moved)
}

/// A parameter's value, moved to where it does not contradict the others.
fn within(resist: &VerticalResist, parameter: Parameter) -> f64 {
    let get = |p: Parameter| resist.get(p);
    let value = get(parameter).unwrap_or(1.0);
    let (low, high) = match parameter {
        Parameter::ThresholdNm => (0.0, 0.999 * resist.thickness_nm),
        Parameter::ThicknessNm => (resist.threshold_nm / 0.999, f64::MAX),
        Parameter::APerUm => (-resist.dill.b_per_um, f64::MAX),
        Parameter::BPerUm => (-resist.dill.a_per_um, f64::MAX),
        Parameter::RMin => (0.0, get(Parameter::RResin).or(get(Parameter::RMax)).unwrap_or(value)),
        Parameter::RMax => {
            (get(Parameter::RResin).or(get(Parameter::RMin)).unwrap_or(0.0), f64::MAX)
        }
        Parameter::RResin => {
            let low = get(Parameter::RMin).unwrap_or(0.0);
            (low, get(Parameter::RMax).unwrap_or(f64::MAX).max(low))
        }
        _ => return value,
    };
    value.max(low).min(high)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::resist::ResistModel;

    fn start() -> VerticalResist {
        let Some(ResistModel::Vertical(resist)) = ResistModel::preset("generic-car") else {
            panic!()
        };
        resist
    }

    #[test]
    fn coordinates_give_the_values_back_and_the_stretch_is_their_derivative() {
        let resist = start();
        for parameter in resist.parameters() {
            let v = resist.get(parameter).unwrap();
            let at = position(parameter, v);
            if !at.is_finite() {
                continue;
            }
            assert!((value(parameter, at) - v).abs() < 1e-12 * v.abs().max(1.0));
            let finite = (value(parameter, at + 1e-6) - value(parameter, at - 1e-6)) / 2e-6;
            assert!((stretch(parameter, v) - finite).abs() < 1e-6 * finite.abs(), "{parameter:?}");
        }
    }

    #[test]
    fn parameters_that_cannot_move_are_refused_and_those_that_contradict_are_held() {
        let resist = start();
        let error = |names: &[&str]| free_parameters(&resist, names).unwrap_err().to_string();
        assert!(error(&["r_resin"]).contains("n_notch"));
        assert!(error(&["speed"]).contains("speed"));
        assert!(error(&["n", "n"]).contains("twice"));
        assert!(error(&[]).contains("no parameter"));
        let dark = VerticalResist { diffusion_nm: 0.0, ..resist };
        let message = free_parameters(&dark, &["diffusion_nm"]).unwrap_err().to_string();
        assert!(message.contains("above 0 to be calibrated"), "{message}");

        let free = free_parameters(&resist, &["threshold_nm", "r_min"]).unwrap();
        let mut at = vec![500f64.ln(), 1e9f64.ln()];
        let moved = place(&resist, &free, &mut at).unwrap();
        assert!((moved.threshold_nm - 99.9).abs() < 1e-9);
        assert_eq!(moved.get(Parameter::RMin), resist.get(Parameter::RMax));
        assert_eq!(positions(&moved, &free), at);
    }
}
