#pragma once

// How every native function of this package answers. CONTRIBUTING.md, "Native code", has the rules.
#include <stddef.h>
#include <stdint.h>

// Declarations of C, between these, are C for C++ too.
#ifdef __cplusplus
#define CS_BEGIN extern "C" {
#define CS_END }
#else
#define CS_BEGIN
#define CS_END
#endif

CS_BEGIN

typedef enum {
    CSSucceeded = 0,
    /// What the caller gave cannot be processed.
    CSRefused = 1,
    /// A result is NaN or infinite.
    CSNotFinite = 2,
    CSOutOfMemory = 3,
    /// The library behind the function failed.
    CSFailed = 4,
    /// Another process or machine that takes part ended or cannot be reached.
    CSUnreachable = 5,
} CSStatus;

/// The caller's memory for an English text that says why a function failed, cut to fit and ended by a zero.
typedef struct {
    char *text;
    size_t capacity;
} CSError;

/// Copies `text` to `error`, which may be null, and returns `status`.
CSStatus cs_report(const CSError *error, CSStatus status, const char *text);

CS_END
