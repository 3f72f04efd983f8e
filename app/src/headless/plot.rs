//! Plots as pictures: lines over two axes, in the colours of the window's dark theme.

use std::sync::Once;

use anyhow::{Context as _, anyhow, ensure};
use image::RgbImage;
use plotters::prelude::*;
use plotters::style::{FontStyle, register_font};

/// Size of a plot, pixels.
const SIZE: (u32, u32) = (1200, 720);

const BACKGROUND: RGBColor = RGBColor(0x11, 0x14, 0x18);
const TEXT: RGBColor = RGBColor(0xc8, 0xce, 0xd6);
const GRID: RGBColor = RGBColor(0x2a, 0x2f, 0x37);
const SHADE: RGBColor = RGBColor(0x2c, 0x8c, 0x8f);

/// Colours of the lines in turn; told apart with the common colour deficiencies (Okabe and Ito
/// 2008, without black).
const COLOURS: [RGBColor; 7] = [
    RGBColor(0x56, 0xb4, 0xe9),
    RGBColor(0xe6, 0x9f, 0x00),
    RGBColor(0x00, 0x9e, 0x73),
    RGBColor(0xcc, 0x79, 0xa7),
    RGBColor(0xf0, 0xe4, 0x42),
    RGBColor(0xd5, 0x5e, 0x00),
    RGBColor(0x00, 0x72, 0xb2),
];

/// Most lines that the legend names; more make it a second plot.
const MOST_NAMED: usize = 14;

/// A line of a plot; points that are not finite break it.
#[derive(Clone, Debug)]
pub struct Curve {
    /// Name in the legend.
    pub name: String,
    /// Points (x, y) in order.
    pub points: Vec<[f64; 2]>,
}

/// What to plot.
#[derive(Clone, Debug, Default)]
pub struct Plot {
    /// Title.
    pub title: String,
    /// Name and unit of the x axis.
    pub x: String,
    /// Name and unit of the y axis.
    pub y: String,
    /// The lines.
    pub curves: Vec<Curve>,
    /// Intervals of x shaded over the whole height.
    pub shaded: Vec<[f64; 2]>,
    /// Heights marked by a thin line across, with their names.
    pub levels: Vec<(String, f64)>,
    /// Rectangles `[x0, y0, x1, y1]` drawn as outlines.
    pub boxes: Vec<[f64; 4]>,
}

impl Plot {
    /// The plot as a picture of 1200 × 720 pixels.
    ///
    /// # Errors
    /// There is not one finite point, or the drawing fails.
    pub fn picture(&self) -> anyhow::Result<RgbImage> {
        let (x, y) = self.ranges()?;
        let mut pixels = vec![0; 3 * SIZE.0 as usize * SIZE.1 as usize];
        self.draw(&mut pixels, x, y).context("cannot draw the plot")?;
        RgbImage::from_raw(SIZE.0, SIZE.1, pixels).context("cannot draw the plot")
    }

    /// Range of each axis, with a little room above and below.
    fn ranges(&self) -> anyhow::Result<([f64; 2], [f64; 2])> {
        let (mut x, mut y) =
            ([f64::INFINITY, f64::NEG_INFINITY], [f64::INFINITY, f64::NEG_INFINITY]);
        let finite = |p: &&[f64; 2]| p.iter().all(|v| v.is_finite());
        for [px, py] in self.curves.iter().flat_map(|c| c.points.iter().filter(finite)) {
            x = [x[0].min(*px), x[1].max(*px)];
            y = [y[0].min(*py), y[1].max(*py)];
        }
        ensure!(x[0] <= x[1], "there is nothing to plot: no value is a number");
        for (_, level) in self.levels.iter().filter(|(_, level)| level.is_finite()) {
            y = [y[0].min(*level), y[1].max(*level)];
        }
        let room = |[low, high]: [f64; 2], share: f64| {
            let span = if high > low { high - low } else { low.abs().max(1.0) };
            [low - share * span, high + share * span]
        };
        Ok((room(x, 0.0), room(y, 0.06)))
    }

    fn draw(
        &self,
        pixels: &mut [u8],
        [x0, x1]: [f64; 2],
        [y0, y1]: [f64; 2],
    ) -> anyhow::Result<()> {
        load_font();
        let font = |size: i32| ("sans-serif", size).into_font().color(&TEXT);
        let area = BitMapBackend::with_buffer(pixels, SIZE).into_drawing_area();
        area.fill(&BACKGROUND).map_err(told)?;
        let mut chart = ChartBuilder::on(&area)
            .caption(&self.title, font(24))
            .margin(16)
            .x_label_area_size(56)
            .y_label_area_size(84)
            .build_cartesian_2d(x0..x1, y0..y1)
            .map_err(told)?;
        let shades = self.shaded.iter().map(|&[a, b]| {
            Rectangle::new([(a.max(x0), y0), (b.min(x1), y1)], SHADE.mix(0.25).filled())
        });
        chart.draw_series(shades).map_err(told)?;
        chart
            .configure_mesh()
            .x_desc(&self.x)
            .y_desc(&self.y)
            .axis_desc_style(font(20))
            .label_style(font(18))
            .axis_style(TEXT)
            .bold_line_style(GRID)
            .light_line_style(TRANSPARENT)
            .draw()
            .map_err(told)?;
        for (name, level) in &self.levels {
            let line = [(x0, *level), (x1, *level)];
            chart
                .draw_series(LineSeries::new(line, TEXT.mix(0.7)))
                .map_err(told)?
                .label(name)
                .legend(|(x, y)| PathElement::new([(x, y), (x + 24, y)], TEXT.mix(0.7)));
        }
        for (index, curve) in self.curves.iter().enumerate() {
            let style = COLOURS[index % COLOURS.len()].stroke_width(2);
            let mut named = index < MOST_NAMED && !curve.name.is_empty();
            for part in curve.points.split(|p| !p.iter().all(|v| v.is_finite())) {
                let line = part.iter().map(|&[x, y]| (x, y));
                let series = chart.draw_series(LineSeries::new(line, style)).map_err(told)?;
                if std::mem::take(&mut named) {
                    series
                        .label(&curve.name)
                        .legend(move |(x, y)| PathElement::new([(x, y), (x + 24, y)], style));
                }
            }
        }
        let boxes = self
            .boxes
            .iter()
            .map(|&[a, b, c, d]| Rectangle::new([(a, b), (c, d)], COLOURS[1].stroke_width(2)));
        chart.draw_series(boxes).map_err(told)?;
        chart
            .configure_series_labels()
            .position(SeriesLabelPosition::UpperRight)
            .margin(12)
            .legend_area_size(34)
            .background_style(BACKGROUND.mix(0.85))
            .border_style(GRID)
            .label_font(font(18))
            .draw()
            .map_err(told)?;
        area.present().map_err(told)
    }
}

/// A drawing error as the program reports them: its own type borrows the pixels.
fn told(error: impl std::fmt::Display) -> anyhow::Error {
    anyhow!("{error}")
}

/// Makes the window's own font known to the drawing, once.
fn load_font() {
    static ONCE: Once = Once::new();
    ONCE.call_once(|| {
        // A font that is refused shows as an error of the first text drawn.
        let _refused =
            register_font("sans-serif", FontStyle::Normal, epaint_default_fonts::UBUNTU_LIGHT);
    });
}

#[cfg(test)]
mod tests {
    use super::*;

    fn line() -> Plot {
        let points = (0..=100).map(|i| [f64::from(i), f64::from(i).sin()]).collect();
        Plot {
            title: "Intensity".into(),
            x: "position, nm".into(),
            y: "intensity".into(),
            curves: vec![Curve { name: "in focus".into(), points }],
            shaded: vec![[20.0, 40.0]],
            levels: vec![("threshold".into(), 0.3)],
            boxes: Vec::new(),
        }
    }

    #[test]
    fn a_plot_shows_its_line_on_the_background() {
        let picture = line().picture().unwrap();
        assert_eq!(picture.dimensions(), SIZE);
        let count =
            |RGBColor(r, g, b): RGBColor| picture.pixels().filter(|p| p.0 == [r, g, b]).count();
        assert!(count(COLOURS[0]) > 500, "{}", count(COLOURS[0]));
        assert!(count(BACKGROUND) > 200_000);
        assert_eq!(count(COLOURS[3]), 0);
    }

    #[test]
    fn a_gap_in_the_values_is_a_gap_in_the_line() {
        let mut plot = line();
        for point in &mut plot.curves[0].points[30..70] {
            point[1] = f64::NAN;
        }
        let whole = line().picture().unwrap();
        let broken = plot.picture().unwrap();
        let lit = |p: &RgbImage| p.pixels().filter(|p| p.0 == [0x56, 0xb4, 0xe9]).count();
        assert!(lit(&broken) < lit(&whole));
    }

    #[test]
    fn nothing_to_plot_is_said() {
        let mut plot = line();
        plot.curves[0].points = vec![[f64::NAN, 1.0]];
        assert!(plot.picture().unwrap_err().to_string().contains("nothing to plot"));
    }
}
