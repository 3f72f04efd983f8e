// A layer of a film: dose of clear field in the middle of it, share of the lower image, and the two
// images it lies between.
struct Layer {
    float dose;
    float share;
    unsigned upper;
    unsigned lower;
};
