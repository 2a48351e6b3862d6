// The network behind the C interface, shared by network.cpp and training.cpp.
#pragma once
#include <torch/torch.h>

#include <functional>
#include <guarded.hpp>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "CTorch.h"

struct NodeValue {
    std::string name;
    int32_t operation;
    int32_t stage;
    std::vector<int32_t> inputs;
    int64_t integers[11];
    double reals[2];
};

// Which rows of a batch this process has.
struct BatchShare {
    int64_t first = 0, own = 0, whole = 0;
    std::vector<int64_t> rows;  // of each process; empty where there is one only
};

struct CTNetwork {
    std::vector<NodeValue> nodes;
    int32_t logits = 0, embedding = 0, features = 0;
    std::map<std::string, torch::Tensor> parameters;  // trained
    std::map<std::string, torch::Tensor> buffers;     // running statistics
    std::map<std::string, int32_t> stages;            // of each parameter
    std::map<std::string, torch::Tensor> averages;    // of parameters and buffers; empty without averaging
    std::unique_ptr<torch::optim::Optimizer> optimizer;
    CTTraining options{};
    torch::Tensor classWeights;
    int32_t frozenStages = 0;
    std::vector<int32_t> lastUse;  // of each result, so that it is dropped after it
    CTGroup *group = nullptr;      // trains the network together with others; null for one process
    BatchShare share;              // of the present step
};

struct Outputs {
    torch::Tensor logits, embedding, features;
};

using Lookup = std::function<const torch::Tensor &(const std::string &)>;
Outputs forward(CTNetwork &network, const torch::Tensor &images, bool training, const Lookup &lookup);
torch::Tensor imageTensor(const float *images, int64_t n, int64_t c, int64_t h, int64_t w);

// Turns on bfloat16 autocasting for the present scope.
struct Autocast {
    explicit Autocast(bool enabled);
    ~Autocast();
    Autocast(const Autocast &) = delete;
    bool enabled, before;
};

// `guarded` for a body that calls libtorch, whose exceptions carry a backtrace.
template <typename Body> CSStatus guarded(const CSError *error, Body &&body) noexcept {
    return cstatus::guarded(error, [&] {
        try {
            body();
        } catch (const c10::Error &thrown) {
            throw std::runtime_error(thrown.what_without_backtrace());
        }
    });
}
