#pragma once

// The C face of OpenCV's classical learning (ml, features2d, kmeans, solve) that the Swift module `Comparison` calls.
//
// Conventions: images are 8-bit RGB, rows top to bottom, tightly packed; matrices are row-major 32-bit floats; all memory
// is the caller's. OpenCV stays on the calling thread, and its random numbers come from the given seed.
#include "CStatus.h"

CS_BEGIN

/// Nine channels (RGB, HSV, Lab) of 16 bins and three moments each; and the length of a SIFT descriptor.
enum { CLColourBins = 16, CLColourFeatures = 9 * (16 + 3), CLDescriptorLength = 128 };

/// Of each channel the shares of its pixels in 16 equal bins, then mean, standard deviation and the cube root of the third
/// central moment, each divided by the channel's range. Channels: red, green, blue, hue, saturation, value, L, a, b.
CSStatus cl_colour_features(const uint8_t *pixels, int32_t width, int32_t height, float *features, CSError *error);

/// SIFT descriptors (Lowe 2004) of the at most `maximum` strongest key points, each divided by its sum and rooted
/// (Arandjelovic and Zisserman 2012). `descriptors` has room for `maximum` of them; `count` may be 0.
CSStatus cl_descriptors(const uint8_t *pixels, int32_t width, int32_t height, int32_t maximum, float *descriptors,
                        int32_t *count, CSError *error);

/// Centres `[clusters, width]` of k-means (started as k-means++) over `[rows, width]`; at least as many rows as clusters.
CSStatus cl_kmeans(const float *values, int32_t rows, int32_t width, int32_t clusters, int32_t iterations,
                   uint64_t seed, float *centres, CSError *error);

/// The nearest centre of each row, `[rows]`.
CSStatus cl_nearest(const float *values, int32_t rows, int32_t width, const float *centres, int32_t clusters,
                    int32_t *nearest, CSError *error);

/// A trained classifier.
typedef struct CLModel CLModel;
void cl_model_free(CLModel *model);

/// The numbers that the model stores.
int64_t cl_model_parameters(const CLModel *model);

/// The scores `[rows, classes]` for `[rows, width]`: margins of a support vector machine, votes of the others.
CSStatus cl_model_scores(const CLModel *model, const float *values, int32_t rows, double *scores, CSError *error);

/// A support vector machine for each class against the rest, with the kernel exp(-gamma |x - y|^2). Labels `[rows]`.
CSStatus cl_svm(const float *values, const int32_t *labels, int32_t rows, int32_t width, int32_t classes, double gamma,
                double cost, CLModel **model, CSError *error);

/// A random forest; each split looks at the square root of `width` features.
CSStatus cl_forest(const float *values, const int32_t *labels, int32_t rows, int32_t width, int32_t classes,
                   int32_t trees, int32_t depth, uint64_t seed, CLModel **model, CSError *error);

/// The `neighbours` nearest rows vote.
CSStatus cl_neighbours(const float *values, const int32_t *labels, int32_t rows, int32_t width, int32_t classes,
                       int32_t neighbours, CLModel **model, CSError *error);

/// 1 / (1 + exp(-(x · weights + biases))): `[rows, width]` by `[width, nodes]` to `[rows, nodes]`.
CSStatus cl_hidden_layer(const float *values, int32_t rows, int32_t width, const float *weights, const float *biases,
                         int32_t nodes, float *hidden, CSError *error);

/// (I / c + HᵀH)⁻¹ HᵀT for each c, by Cholesky's factors in double precision: H `[rows, nodes]`, T `[rows, outputs]`, the
/// result `[costs, nodes, outputs]`.
CSStatus cl_ridge(const float *hidden, const float *targets, int32_t rows, int32_t nodes, int32_t outputs,
                  const double *costs, int32_t costCount, float *weights, CSError *error);

CS_END
