// A piece of an outline, from its lower end up. Heights within a pixel are whole 2^-24 parts, so
// that what pieces cover cancels exactly; sums wrap, and wrapped sums of small results are right.
struct Segment {
    int x;
    // Columns of tiles it touches, first and last, 15 bits each; bit 30: covers what is right of
    // it, else uncovers.
    unsigned columns;
    // First and last row it touches.
    int y0;
    int y1;
    // Where it starts in column x, and how far it goes right.
    float fx;
    float dx;
    // Where it starts in row y0, and ends in row y1.
    int bottom;
    int top;
};

const int ONE = 16777216;
const int TILE = 64;

__device__ inline unsigned first_column(const Segment& s) { return s.columns & 0x7fffu; }

__device__ inline unsigned last_column(const Segment& s) { return (s.columns >> 15u) & 0x7fffu; }

// Height covered in a row, with its sign.
__device__ inline int cover(const Segment& s, int row) {
    const int low = row == s.y0 ? s.bottom : 0;
    const int high = row == s.y1 ? s.top : ONE;
    return (s.columns >> 30u) == 1u ? high - low : low - high;
}
