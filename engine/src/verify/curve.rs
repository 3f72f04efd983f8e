//! A smooth curve through measured points.

/// A piecewise cubic through points of rising x, with the slopes of parabolas through three
/// neighbours: exact for parabolas, of third order else.
pub(super) struct Curve {
    x: Vec<f64>,
    y: Vec<f64>,
    slope: Vec<f64>,
}

impl Curve {
    /// Through points whose x rises; as many y as x.
    pub fn new(x: Vec<f64>, y: Vec<f64>) -> Self {
        let chord = |i: usize| (y[i + 1] - y[i]) / (x[i + 1] - x[i]);
        let slope = |i: usize| match x.len() {
            0 | 1 => 0.0,
            2 => chord(0),
            n => {
                // The parabola through i and its neighbours, or the nearest one at an end.
                let j = i.clamp(1, n - 2);
                let (before, after) = (chord(j - 1), chord(j));
                let bend = (after - before) / (x[j + 1] - x[j - 1]);
                before + bend * (2.0 * x[i] - x[j - 1] - x[j])
            }
        };
        let slope = (0..x.len()).map(slope).collect();
        Self { x, y, slope }
    }

    /// The curve at a place; beyond its ends, the value there. 0 without points.
    pub fn at(&self, x: f64) -> f64 {
        let (Some(first), Some(last)) = (self.x.first(), self.x.last()) else { return 0.0 };
        let x = x.clamp(*first, *last);
        let after = self.x.partition_point(|v| *v < x);
        if after == 0 { self.y[0] } else { self.in_cell(after - 1, x) }
    }

    /// The cubic of the cell between points i and i + 1.
    fn in_cell(&self, i: usize, x: f64) -> f64 {
        let h = self.x[i + 1] - self.x[i];
        let t = (x - self.x[i]) / h;
        let u = 1.0 - t;
        self.y[i] * u * u * (1.0 + 2.0 * t)
            + self.y[i + 1] * t * t * (3.0 - 2.0 * t)
            + h * t * u * (self.slope[i] * u - self.slope[i + 1] * t)
    }

    /// Where the curve crosses a value in the cell after point i, if its ends lie on either side.
    pub fn root_in_cell(&self, i: usize, value: f64) -> Option<f64> {
        let above = |v: f64| v >= value;
        let (mut low, mut high) = (*self.x.get(i)?, *self.x.get(i + 1)?);
        let rises = above(self.y[i + 1]);
        if above(self.y[i]) == rises {
            return None;
        }
        // Halving ends at neighbouring numbers.
        for _ in 0..64 {
            let middle = f64::midpoint(low, high);
            if above(self.in_cell(i, middle)) == rises { high = middle } else { low = middle }
        }
        Some(f64::midpoint(low, high))
    }

    /// The first place where the curve crosses a value.
    pub fn first_root(&self, value: f64) -> Option<f64> {
        (0..self.x.len().saturating_sub(1)).find_map(|i| self.root_in_cell(i, value))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn parabolas_are_reproduced_and_their_roots_found_on_uneven_points() {
        let f = |x: f64| 3.0 - 2.0 * x + 0.5 * x * x;
        let x = vec![-1.0, 0.0, 0.7, 1.0, 3.5];
        let curve = Curve::new(x.clone(), x.iter().map(|x| f(*x)).collect());
        for i in 0..=45 {
            let x = -1.0 + f64::from(i) * 0.1;
            assert!((curve.at(x) - f(x)).abs() < 1e-12);
        }
        assert!((curve.first_root(1.6).unwrap() - (2.0 - 1.2_f64.sqrt())).abs() < 1e-12);
        assert!(curve.first_root(9.0).is_none());
    }

    #[test]
    fn ends_hold_and_few_points_make_a_line_or_a_constant() {
        let line = Curve::new(vec![1.0, 3.0], vec![5.0, 9.0]);
        assert_eq!((line.at(2.0), line.at(0.0), line.at(9.0)), (7.0, 5.0, 9.0));
        assert_eq!(Curve::new(vec![1.0], vec![5.0]).at(7.0), 5.0);
        assert_eq!(Curve::new(vec![], vec![]).at(7.0), 0.0);
        assert!(Curve::new(vec![], vec![]).first_root(0.0).is_none());
    }
}
