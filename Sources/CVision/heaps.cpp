#include <cstdlib>

#if defined(__GLIBC__)
#include <malloc.h>
#include <unistd.h>

#include <algorithm>

namespace {

/// As many heaps as processors, from the start of every program that decodes images. The C library's own rule is eight times as
/// many, one a thread, and what lies free in one serves no other: a photograph of 60 megapixels then takes 10 MB more
/// (mallopt(3); Tests/Server/test_memory.py).
__attribute__((constructor)) void shareHeaps() {
    mallopt(M_ARENA_MAX, static_cast<int>(std::max(1L, sysconf(_SC_NPROCESSORS_ONLN))));
}

}  // namespace
#endif
