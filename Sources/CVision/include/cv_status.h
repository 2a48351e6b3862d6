#pragma once

/// What a CVision function answers.
typedef enum {
    CVisionSucceeded = 0,
    /// The input cannot be processed; the text says why.
    CVisionRefused = 1,
    /// Memory could not be had.
    CVisionOutOfMemory = 2,
} CVStatus;
