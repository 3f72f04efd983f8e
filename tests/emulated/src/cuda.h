// What a kernel's CUDA text needs to run on the processor: its words, and groups of threads that
// take turns from barrier to barrier. Threads run one after the other, in order or in reverse, so
// that a missing barrier shows as a result that depends on the order.

// Few headers, since a text is compiled for every set of constants.
#include <setjmp.h>
#include <stddef.h>
#include <stdint.h>
#include <ucontext.h>

extern "C" {
void* malloc(size_t);
void* memcpy(void*, const void*, size_t);
void* memset(void*, int, size_t);
float expf(float);
float fabsf(float);
float floorf(float);
float fmaxf(float, float);
float fminf(float, float);
float logf(float);
float powf(float, float);
float rintf(float);
float sqrtf(float);
}

#define __global__
#define __device__
#define __launch_bounds__(threads)
#define __restrict__ __restrict
#define __shared__ static __attribute__((section("group_memory")))

struct uint3 { unsigned x, y, z; };
struct alignas(8) uint2 { unsigned x, y; };
struct alignas(16) uint4 { unsigned x, y, z, w; };
struct alignas(8) float2 { float x, y; };
struct float3 { float x, y, z; };
struct alignas(16) float4 { float x, y, z, w; };

static inline uint2 make_uint2(unsigned x, unsigned y) { return {x, y}; }
static inline uint4 make_uint4(unsigned x, unsigned y, unsigned z, unsigned w) { return {x, y, z, w}; }
static inline float2 make_float2(float x, float y) { return {x, y}; }
static inline float3 make_float3(float x, float y, float z) { return {x, y, z}; }
static inline float4 make_float4(float x, float y, float z, float w) { return {x, y, z, w}; }

static inline int min(int a, int b) { return a < b ? a : b; }
static inline int max(int a, int b) { return a > b ? a : b; }
static inline unsigned min(unsigned a, unsigned b) { return a < b ? a : b; }
static inline unsigned max(unsigned a, unsigned b) { return a > b ? a : b; }

static inline unsigned __popc(unsigned bits) { return (unsigned)__builtin_popcount(bits); }
static inline unsigned __float_as_uint(float value) {
    unsigned bits;
    memcpy(&bits, &value, 4);
    return bits;
}
static inline float __uint_as_float(unsigned bits) {
    float value;
    memcpy(&value, &bits, 4);
    return value;
}

// Threads take turns, so that plain reads and writes are whole.
template <class T> static inline T exchanged(T* at, T value) {
    const T old = *at;
    *at = value;
    return old;
}
static inline int atomicAdd(int* at, int value) {
    return exchanged(at, (int)((unsigned)*at + (unsigned)value));
}
static inline unsigned atomicAdd(unsigned* at, unsigned value) { return exchanged(at, *at + value); }
static inline unsigned atomicOr(unsigned* at, unsigned value) { return exchanged(at, *at | value); }
static inline unsigned atomicExch(unsigned* at, unsigned value) { return exchanged(at, value); }

static uint3 threadIdx, blockIdx;

namespace emulated {

extern "C" {
// The linker knows where the memory of a group begins and ends.
extern char __start_group_memory[] __attribute__((weak, visibility("hidden")));
extern char __stop_group_memory[] __attribute__((weak, visibility("hidden")));
}

const size_t STACK = 1 << 16;
const unsigned LARGEST_GROUP = 1024;

// A thread of the group; it is kept from group to group and begins anew where it has ended.
struct Thread {
    jmp_buf place;
    void* stack;
    bool has_begun;
    bool is_done;
};

static Thread threads[LARGEST_GROUP];
static Thread* running;
static jmp_buf turns;
static void (*body)(void**);
static void** arguments;

// Lets the next thread have its turn.
static __attribute__((noinline)) void pass_on() {
    if (_setjmp(running->place) == 0) {
        _longjmp(turns, 1);
    }
}

static void forever() {
    for (;;) {
        body(arguments);
        running->is_done = true;
        pass_on();
    }
}

// Runs a thread up to its next barrier or its end.
static __attribute__((noinline)) void resume(Thread* thread) {
    running = thread;
    if (_setjmp(turns) != 0) {
        return;
    }
    if (thread->has_begun) {
        _longjmp(thread->place, 1);
    }
    thread->has_begun = true;
    if (thread->stack == nullptr) {
        thread->stack = malloc(STACK);
    }
    ucontext_t context;
    getcontext(&context);
    context.uc_stack.ss_sp = thread->stack;
    context.uc_stack.ss_size = STACK;
    context.uc_link = nullptr;
    makecontext(&context, forever, 0);
    setcontext(&context);
}

// Runs one group. Whether its threads all came to each barrier.
static bool group(unsigned count, bool reverse) {
    for (unsigned i = 0; i < count; i += 1) {
        threads[i].is_done = false;
    }
    unsigned done = 0;
    while (done == 0) {
        for (unsigned i = 0; i < count; i += 1) {
            threadIdx.x = reverse ? count - 1 - i : i;
            resume(&threads[threadIdx.x]);
            done += running->is_done ? 1 : 0;
        }
    }
    if (done < count) {
        // Those that wait are given up.
        for (unsigned i = 0; i < count; i += 1) {
            threads[i].has_begun = false;
        }
    }
    return done == count;
}

// The places 0, 1, ... as a type.
template <size_t... Own> struct Places {};
template <size_t Left, size_t... Own> struct Count : Count<Left - 1, Left - 1, Own...> {};
template <size_t... Own> struct Count<0, Own...> {
    typedef Places<Own...> type;
};

template <class... Pointers, size_t... Own>
static void call(void (*kernel)(Pointers...), void** pointers, Places<Own...>) {
    kernel((Pointers)pointers[Own]...);
}

// Calls a kernel with as many pointers as it takes.
template <class... Pointers>
static void spread(void (*kernel)(Pointers...), void** pointers) {
    call(kernel, pointers, typename Count<sizeof...(Pointers)>::type());
}

// Bytes that a group's threads share.
static size_t shared_bytes() {
    return (size_t)(__stop_group_memory - __start_group_memory);
}

// Runs all groups of a step. Whether threads of every group came to each barrier.
static bool groups(
    void (*kernel)(void**), void** pointers, const unsigned* count, unsigned per_group, bool reverse,
    bool has_barriers
) {
    body = kernel;
    arguments = pointers;
    const uint64_t all = (uint64_t)count[0] * count[1] * count[2];
    for (uint64_t turn = 0; turn < all; turn += 1) {
        const uint64_t own = reverse ? all - 1 - turn : turn;
        blockIdx.x = (unsigned)(own % count[0]);
        blockIdx.y = (unsigned)(own / count[0] % count[1]);
        blockIdx.z = (unsigned)(own / count[0] / count[1]);
        // Nothing may hang on what a group before has left: neither a number nor a small integer.
        memset(__start_group_memory, 0xff, shared_bytes());
        if (has_barriers) {
            if (!group(per_group, reverse)) {
                return false;
            }
            continue;
        }
        for (unsigned i = 0; i < per_group; i += 1) {
            threadIdx.x = reverse ? per_group - 1 - i : i;
            kernel(pointers);
        }
    }
    return true;
}

}  // namespace emulated

static inline void __syncthreads() { emulated::pass_on(); }
