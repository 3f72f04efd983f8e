// A layer of a film: dose of clear field in the middle of it, share of the lower image, and the two
// images it lies between.
struct Layer {
    dose: f32,
    share: f32,
    upper: u32,
    lower: u32,
}
