#pragma once

// The C face of OpenCV's classical learning (ml, features2d, kmeans, solve) that the Swift module `Comparison` calls.
//
// Conventions: images are 8-bit RGB, rows top to bottom, tightly packed; matrices are row-major 32-bit floats; all memory
// is the caller's. Every function that can fail returns a status and, on failure, copies a zero-terminated English text
// into `error` (at most `errorCapacity` bytes). No C++ exception leaves these functions. OpenCV stays on the calling
// thread, and whatever it draws by lot comes from the given seed.
#include <stddef.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

typedef enum {
    CLearningSucceeded = 0,
    /// The input cannot be processed; the text says why.
    CLearningRefused = 1,
    CLearningOutOfMemory = 2,
} CLearningStatus;

/// Nine channels (RGB, HSV, Lab) of 16 bins and three moments each; and the length of a SIFT descriptor.
enum { CLColourBins = 16, CLColourFeatures = 9 * (16 + 3), CLDescriptorLength = 128 };

/// Of each channel the shares of its pixels in 16 equal bins, then mean, standard deviation and the cube root of the third
/// central moment, each divided by the channel's range. Channels: red, green, blue, hue, saturation, value, L, a, b.
CLearningStatus cl_colour_features(const uint8_t *pixels, int32_t width, int32_t height, float *features, char *error,
                                   size_t errorCapacity);

/// SIFT descriptors (Lowe 2004) of the at most `maximum` strongest key points, each divided by its sum and rooted
/// (Arandjelovic and Zisserman 2012). `descriptors` has room for `maximum` of them; `count` may be 0.
CLearningStatus cl_descriptors(const uint8_t *pixels, int32_t width, int32_t height, int32_t maximum, float *descriptors,
                               int32_t *count, char *error, size_t errorCapacity);

/// Centres `[clusters, width]` of k-means (started as k-means++) over `[rows, width]`; at least as many rows as clusters.
CLearningStatus cl_kmeans(const float *values, int32_t rows, int32_t width, int32_t clusters, int32_t iterations,
                          uint64_t seed, float *centres, char *error, size_t errorCapacity);

/// The nearest centre of each row, `[rows]`.
CLearningStatus cl_nearest(const float *values, int32_t rows, int32_t width, const float *centres, int32_t clusters,
                           int32_t *nearest, char *error, size_t errorCapacity);

/// A classifier that has learnt.
typedef struct cl_model cl_model;
void cl_model_free(cl_model *model);

/// The numbers that the model stores.
int64_t cl_model_parameters(const cl_model *model);

/// What the model says of `[rows, width]`, `[rows, classes]`: margins of a support vector machine, votes of the others.
CLearningStatus cl_model_scores(const cl_model *model, const float *values, int32_t rows, double *scores, char *error,
                                size_t errorCapacity);

/// A support vector machine for each class against the rest, with the kernel exp(-gamma |x - y|^2). Labels `[rows]`.
CLearningStatus cl_svm(const float *values, const int32_t *labels, int32_t rows, int32_t width, int32_t classes,
                       double gamma, double cost, cl_model **model, char *error, size_t errorCapacity);

/// A random forest; each split looks at the square root of `width` features.
CLearningStatus cl_forest(const float *values, const int32_t *labels, int32_t rows, int32_t width, int32_t classes,
                          int32_t trees, int32_t depth, uint64_t seed, cl_model **model, char *error,
                          size_t errorCapacity);

/// The `neighbours` nearest rows vote.
CLearningStatus cl_neighbours(const float *values, const int32_t *labels, int32_t rows, int32_t width, int32_t classes,
                              int32_t neighbours, cl_model **model, char *error, size_t errorCapacity);

/// 1 / (1 + exp(-(x · weights + biases))): `[rows, width]` by `[width, nodes]` to `[rows, nodes]`.
CLearningStatus cl_hidden_layer(const float *values, int32_t rows, int32_t width, const float *weights,
                                const float *biases, int32_t nodes, float *hidden, char *error, size_t errorCapacity);

/// (I / c + HᵀH)⁻¹ HᵀT for each c, by Cholesky's factors in double precision: H `[rows, nodes]`, T `[rows, outputs]`, the
/// result `[costs, nodes, outputs]`.
CLearningStatus cl_ridge(const float *hidden, const float *targets, int32_t rows, int32_t nodes, int32_t outputs,
                         const double *costs, int32_t costCount, float *weights, char *error, size_t errorCapacity);

#ifdef __cplusplus
}
#endif
