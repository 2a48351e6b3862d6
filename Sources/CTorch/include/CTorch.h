// A C interface to libtorch: a network built from a list of operations, trained and run on the CPU.
// A network must be used by one thread at a time. Where a step answers `CSNotFinite`, it left the weights as they were.
#pragma once
#include "CStatus.h"

CS_BEGIN

enum {
    CTConvolution = 0,
    CTBatchNormalization,
    CTRelu,
    CTRelu6,
    CTSigmoid,
    CTSilu,
    CTMaxPool,
    CTAveragePool,
    CTGlobalAveragePool,
    CTAdd,
    CTMultiply,
    CTConcatenate,
    CTDropout,
    CTLinear,
};

// One operation. Results are numbered: 0 is the image, node i yields result i + 1.
typedef struct {
    const char *name;  // parameters are <name>.weight, <name>.bias, <name>.running_mean, <name>.running_var
    int32_t operation;
    int32_t stage;  // for freezing; ascending along the list is not required
    const int32_t *inputs;
    int32_t inputCount;
    // convolution: in, out, height of the kernel, stride, groups, bias, top, left, bottom, right, width of the kernel
    // batch normalization: channels; pools: kernel, stride, padding; linear: in, out
    int64_t integers[11];
    // batch normalization: epsilon, momentum; dropout: rate
    double reals[2];
} CTNode;

typedef struct CTNetwork CTNetwork;

// `logits`, `embedding` and `features` are result numbers.
CSStatus ct_network_create(const CTNode *nodes, int32_t nodeCount, int32_t logits, int32_t embedding, int32_t features,
                           CTNetwork **network, CSError *error);
void ct_network_free(CTNetwork *network);

// Which copy of a tensor is meant.
enum {
    CTValue = 0,
    CTAverage = 1,       // exponential moving average
    CTGradient = 2,       // of the last ct_gradients call; read only
    CTFirstMoment = 3,   // of AdamW, or the momentum of SGD
    CTSecondMoment = 4,  // of AdamW
    CTSteps = 5,         // one value: the steps that AdamW has taken with this parameter
};
CSStatus ct_network_set(CTNetwork *network, const char *name, int32_t kind, const float *values, int64_t count,
                        CSError *error);
CSStatus ct_network_get(CTNetwork *network, const char *name, int32_t kind, float *values, int64_t count,
                        CSError *error);

typedef struct {
    int32_t adamW;  // 1 AdamW, 0 SGD with Nesterov momentum
    double beta1;   // the momentum, for SGD
    double beta2;
    double epsilon;
    double weightDecay;  // on weights of two and more axes only
    double averageDecay;  // of the moving average; 0 keeps none
    double gradientClip;  // largest norm of the whole gradient; 0 does not clip
    double labelSmoothing;
    double nucleusGuidance;  // weight of minus log of the share of the evidence that lies on nuclei; 0 none
    double distillation;  // share of the loss that is the distance from a teacher's answers; 0 none
    double distillationTemperature;
    const float *classWeights;  // one a class, or null
    int32_t classCount;
    int32_t bfloat16;
    double styleMixing;  // probability that a step mixes the statistics of pairs of images; 0 never
    int32_t styleMixingStages;  // after each stage below this
    int64_t completedSteps;  // 0, or where a resumed training stands
} CTTraining;
// Begins, or resumes, training with the present values; moments and averages start anew and may then be set.
CSStatus ct_training_begin(CTNetwork *network, const CTTraining *options, CSError *error);

// Stages below `stages` keep their weights and use their running statistics.
CSStatus ct_training_freeze(CTNetwork *network, int32_t stages, CSError *error);

// The label of an image of no class: training asks for the same probability of each class.
enum { CTNoClass = -1 };

// Images and what is asked of them. What may be null is then not asked.
typedef struct {
    const float *images;    // [n, c, h, w]
    const int64_t *labels;  // [n]
    int64_t n, c, h, w;
    const float *nuclei;   // [n, h, w], from 0 to 1; may be null
    const float *weights;  // [n], of each image's cross entropy in the loss; null: 1/n each
    const float *teacher;  // [n, classes], a teacher's answers before softmax; may be null
    float *losses;         // [n], gets each image's cross entropy, labels unsmoothed; may be null
} CTBatch;

// One optimiser step. `seed` decides dropout.
CSStatus ct_training_step(CTNetwork *network, const CTBatch *batch, double learningRate, uint64_t seed, double *loss,
                          int64_t *correct, CSError *error);

// One optimiser step down the mean squared distance of the first output from `targets`, which has its shape.
CSStatus ct_reconstruction_step(CTNetwork *network, const float *images, int64_t n, int64_t c, int64_t h, int64_t w,
                                const float *targets, int64_t targetCount, double learningRate, uint64_t seed,
                                double *loss, CSError *error);

// One optimiser step down the weighted mean of the binary cross entropies of the first output, before the sigmoid, against
// `targets`, from 0 to 1. Targets and weights have the output's shape, whatever it is: `[n, classes]`, or `[n, 1, h, w]` for
// a heat map. A weight of 0 leaves a value out; not all may be 0.
CSStatus ct_target_step(CTNetwork *network, const float *images, int64_t n, int64_t c, int64_t h, int64_t w,
                        const float *targets, const float *weights, int64_t targetCount, double learningRate,
                        uint64_t seed, double *loss, CSError *error);

// Gradients of the mean cross entropy, with batch statistics if `training`; moves nothing but running statistics.
CSStatus ct_gradients(CTNetwork *network, const float *images, const int64_t *labels, int64_t n, int64_t c, int64_t h,
                      int64_t w, int32_t training, double *loss, CSError *error);

// Outputs for images [n, c, h, w] in evaluation mode; an output of which no values are asked for is left out.
// `average` takes the moving averages instead of the values.
CSStatus ct_forward(CTNetwork *network, const float *images, int64_t n, int64_t c, int64_t h, int64_t w,
                    int32_t average, int32_t bfloat16, float *logits, int64_t logitsCount, float *embedding,
                    int64_t embeddingCount, float *features, int64_t featuresCount, CSError *error);

// The processes that train one network together, through libtorch's c10d with Gloo. Every process makes the same calls in the
// same order. Where one of them ended or cannot be reached, the others get `CSUnreachable`, and the group is of no more use.
typedef struct CTGroup CTGroup;
// Process 0 listens at host and port, and waits until all `size` processes have come; the others look for it. Looking takes at
// most about `joinSeconds`, and each later exchange waits for the slowest process for at most `waitSeconds`.
CSStatus ct_group_join(const char *host, uint16_t port, int32_t rank, int32_t size, int32_t joinSeconds,
                       int32_t waitSeconds, CTGroup **group, CSError *error);
void ct_group_free(CTGroup *group);
// Adds each value up over all processes, in place; all get the same sums to the last bit.
CSStatus ct_group_sum(CTGroup *group, double *values, int64_t count, CSError *error);
// Gives every process the bytes of process 0, in place.
CSStatus ct_group_broadcast(CTGroup *group, uint8_t *bytes, int64_t count, CSError *error);
// From now on a step's batch, and that of `ct_gradients`, is a part of a batch that all processes share, in the order of their
// ranks: loss, gradients, batch statistics and random choices are those of the whole. `group` has to outlive the network.
void ct_network_join(CTNetwork *network, CTGroup *group);
// Gives every process the parameters, running statistics and averages of process 0.
CSStatus ct_network_broadcast(CTNetwork *network, CSError *error);

// For the whole process: the threads that libtorch uses within an operation, and an allocator that keeps its memory.
void ct_prepare(int32_t threads);
// 1 where the processor multiplies bfloat16 in hardware.
int32_t ct_has_bfloat16(void);

CS_END
