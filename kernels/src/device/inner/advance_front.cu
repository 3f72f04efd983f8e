// Settings: as for start_top. Shape: voxels along z, y, x, blocks along z, y, x,
// colour of the blocks that are visited.

// An axis after the plan: where the front would have started, and its weight. Of each side the first
// and the second neighbour; weights of the lower side at first and at second order, and the share of
// its second difference.
__device__ inline float2 planned(unsigned bits, float2 lower, float2 upper, float3 weights, float even) {
    float near = NEVER;
    float far = upper.y;
    float3 own = make_float3(even, 2.25f * even, 1.0f / 3.0f);
    if ((bits & 1u) != 0u) {
        near = lower.x;
        far = lower.y;
        own = weights;
    } else if ((bits & 2u) != 0u) {
        near = upper.x;
    }
    if ((bits & 4u) != 0u) {
        return make_float2(near + own.z * (near - far), own.y);
    }
    return make_float2(near, own.x);
}

extern "C" __global__ void __launch_bounds__(THREADS) advance_front(
    const float* __restrict__ settings,
    const unsigned* __restrict__ shape,
    const float* __restrict__ slow,
    const unsigned* __restrict__ plan,
    float* __restrict__ times,
    unsigned* __restrict__ rests,
    unsigned* __restrict__ anything
) {
    // Times of a block of 8 x 8 columns with two columns of each neighbour: 8 x 12 x 12.
    __shared__ float block[1152];
    __shared__ unsigned is_stale;
    __shared__ unsigned woken;
    const unsigned local = threadIdx.x;
    const unsigned nz = shape[0];
    const unsigned ny = shape[1];
    const unsigned nx = shape[2];
    const unsigned blocks_z = shape[3];
    const unsigned blocks_y = shape[4];
    const unsigned blocks_x = shape[5];
    // Blocks of one colour: none of them is another's neighbour.
    const unsigned half_row = (blocks_x + 1u) / 2u;
    const unsigned own = blockIdx.x + blockIdx.y * GROUP_ROW;
    const unsigned bz = own / (blocks_y * half_row);
    const unsigned by = (own / half_row) % blocks_y;
    const unsigned bx = 2u * (own % half_row) + ((bz + by + shape[6]) & 1u);
    const bool is_block = bz < blocks_z && bx < blocks_x;
    const unsigned index = (bz * blocks_y + by) * blocks_x + bx;
    if (local == 0u) {
        is_stale = is_block ? 1u - rests[index] : 0u;
        woken = 0u;
    }
    __syncthreads();
    if (is_stale == 0u) {
        return;
    }
    const int top = (int)(bz * 8u);
    for (unsigned i = local; i < 1152u; i += THREADS) {
        const int z = top + (int)(i / 144u);
        const int y = (int)(by * 8u + (i / 12u) % 12u) - 2;
        const int x = (int)(bx * 8u + i % 12u) - 2;
        float time = NEVER;
        if (z < (int)nz && y >= 0 && y < (int)ny && x >= 0 && x < (int)nx) {
            time = times[((unsigned)z * ny + (unsigned)y) * nx + (unsigned)x];
        }
        block[i] = time;
    }
    // This thread's column, with two voxels above and below.
    const unsigned y = by * 8u + local / 8u;
    const unsigned x = bx * 8u + local % 8u;
    const unsigned centre = (local / 8u + 2u) * 12u + local % 8u + 2u;
    const bool is_inside = y < ny && x < nx;
    float column[12];
    float slowness[8];
#pragma unroll
    for (unsigned i = 0u; i < 12u; i += 1u) {
        const int z = top + (int)i - 2;
        column[i] = NEVER;
        if (z < 0 && TOP == 1u) {
            column[i] = 0.0f;
        }
        if (is_inside && z >= 0 && z < (int)nz) {
            column[i] = times[((unsigned)z * ny + y) * nx + x];
        }
    }
#pragma unroll
    for (unsigned i = 0u; i < 8u; i += 1u) {
        const unsigned z = bz * 8u + i;
        slowness[i] = is_inside && z < nz ? slow[(z * ny + y) * nx + x] : 0.0f;
    }
    __syncthreads();
    const float wz = settings[0];
    const float wy = settings[1];
    const float wx = settings[2];
    unsigned moves = 0u;
    for (unsigned pair = 0u; pair < PASSES; pair += 1u) {
#pragma unroll
        for (unsigned up = 0u; up < 2u; up += 1u) {
#pragma unroll
            for (unsigned step = 0u; step < 8u; step += 1u) {
                // Down, then up; beside the column times are those of the pass before.
                const unsigned i = up == 1u ? 7u - step : step;
                const float s = slowness[i];
                if (s > 0.0f) {
                    const unsigned z = bz * 8u + i;
                    const unsigned at = i * 144u + centre;
                    const float old = column[i + 2u];
                    float new_ = old;
                    if (SECOND == 1u) {
                        float3 weights = make_float3(wz, 2.25f * wz, 1.0f / 3.0f);
                        if (TOP == 1u && z == 0u) {
                            weights = make_float3(4.0f * wz, 4.0f * wz, 0.0f);
                        } else if (TOP == 1u && z == 1u) {
                            weights = make_float3(wz, 25.0f / 9.0f * wz, 0.8f);
                        }
                        const unsigned bits = plan[(z * ny + y) * nx + x];
                        const float2 above = make_float2(column[i + 1u], column[i]);
                        const float2 below = make_float2(column[i + 3u], column[i + 4u]);
                        const float2 before = make_float2(block[at - 12u], block[at - 24u]);
                        const float2 after = make_float2(block[at + 12u], block[at + 24u]);
                        const float2 left = make_float2(block[at - 1u], block[at - 2u]);
                        const float2 right = make_float2(block[at + 1u], block[at + 2u]);
                        new_ = solve(
                            planned(bits, above, below, weights, wz),
                            planned(bits >> 3u, before, after, make_float3(wy, 2.25f * wy, 1.0f / 3.0f), wy),
                            planned(bits >> 6u, left, right, make_float3(wx, 2.25f * wx, 1.0f / 3.0f), wx),
                            s
                        );
                        new_ = fminf(new_, NEVER);
                    } else {
                        const float above = column[i + 1u];
                        const float below = column[i + 3u];
                        float weight = wz;
                        if (TOP == 1u && z == 0u && above <= below) {
                            weight = 4.0f * wz;
                        }
                        new_ = solve(
                            make_float2(fminf(above, below), weight),
                            make_float2(fminf(block[at - 12u], block[at + 12u]), wy),
                            make_float2(fminf(block[at - 1u], block[at + 1u]), wx),
                            s
                        );
                        new_ = fminf(new_, old);
                    }
                    column[i + 2u] = new_;
                    // Movement at the end of a visit asks for another one.
                    if (pair + 1u == PASSES && fabsf(new_ - old) > settings[3] * s + 4e-7f * new_) {
                        moves |= 1u;
                    }
                }
            }
            __syncthreads();
#pragma unroll
            for (unsigned i = 0u; i < 8u; i += 1u) {
                block[i * 144u + centre] = column[i + 2u];
            }
            __syncthreads();
        }
    }
#pragma unroll
    for (unsigned i = 0u; i < 8u; i += 1u) {
        const float s = slowness[i];
        if (s > 0.0f) {
            const unsigned place = ((bz * 8u + i) * ny + y) * nx + x;
            const float new_ = column[i + 2u];
            if (fabsf(new_ - times[place]) > settings[3] * s + 4e-7f * new_) {
                // Which neighbours see it: above, below, before, after, left, right.
                moves |= 2u;
                moves |= (i < 2u ? 4u : 0u) | (i >= 6u ? 8u : 0u);
                moves |= (local < 16u ? 16u : 0u) | (local >= 48u ? 32u : 0u);
                moves |= (local % 8u < 2u ? 64u : 0u) | (local % 8u >= 6u ? 128u : 0u);
            }
            times[place] = new_;
        }
    }
    atomicOr(&woken, moves);
    __syncthreads();
    if (local == 0u) {
        const unsigned all = woken;
        rests[index] = 1u - (all & 1u);
        if (all != 0u) {
            atomicExch(&anything[0], 1u);
        }
        if ((all & 4u) != 0u && bz > 0u) {
            atomicExch(&rests[index - blocks_y * blocks_x], 0u);
        }
        if ((all & 8u) != 0u && bz + 1u < blocks_z) {
            atomicExch(&rests[index + blocks_y * blocks_x], 0u);
        }
        if ((all & 16u) != 0u && by > 0u) {
            atomicExch(&rests[index - blocks_x], 0u);
        }
        if ((all & 32u) != 0u && by + 1u < blocks_y) {
            atomicExch(&rests[index + blocks_x], 0u);
        }
        if ((all & 64u) != 0u && bx > 0u) {
            atomicExch(&rests[index - 1u], 0u);
        }
        if ((all & 128u) != 0u && bx + 1u < blocks_x) {
            atomicExch(&rests[index + 1u], 0u);
        }
    }
}
