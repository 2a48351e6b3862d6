#include "group.hpp"

#include <ATen/Parallel.h>
#include <ATen/autocast_mode.h>

#include <climits>
#include <cstring>

#if defined(__GLIBC__)
#include <malloc.h>
#endif

namespace F = torch::nn::functional;

Autocast::Autocast(bool enabled) : enabled(enabled), before(at::autocast::is_autocast_enabled(at::kCPU)) {
    if (!enabled) return;
    at::autocast::set_autocast_enabled(at::kCPU, true);
    at::autocast::set_autocast_dtype(at::kCPU, at::kBFloat16);
    at::autocast::increment_nesting();
}

Autocast::~Autocast() {
    if (!enabled) return;
    if (at::autocast::decrement_nesting() == 0) at::autocast::clear_cache();
    at::autocast::set_autocast_enabled(at::kCPU, before);
}

torch::Tensor imageTensor(const float *images, int64_t n, int64_t c, int64_t h, int64_t w) {
    if (images == nullptr || n < 1 || c < 1 || h < 1 || w < 1)
        throw std::invalid_argument("images must be [n, c, h, w] with every axis at least 1");
    // from_blob reads the caller's memory; the change of layout copies it unless there is one channel only.
    auto view = torch::from_blob(const_cast<float *>(images), {n, c, h, w}, torch::kFloat32);
    auto copy = view.contiguous(torch::MemoryFormat::ChannelsLast);
    return copy.data_ptr() == view.data_ptr() ? copy.clone() : copy;
}

static torch::Tensor convolve(const NodeValue &node, torch::Tensor x, const Lookup &lookup) {
    const int64_t *v = node.integers;
    const int64_t top = v[6], left = v[7], bottom = v[8], right = v[9];
    std::vector<int64_t> padding = {top, left};
    if (top != bottom || left != right) {
        x = at::constant_pad_nd(x, {left, right, top, bottom});
        padding = {0, 0};
    }
    torch::Tensor bias = v[5] ? lookup(node.name + ".bias") : torch::Tensor();
    return at::conv2d(x, lookup(node.name + ".weight"), bias, {v[3], v[3]}, padding, {1, 1}, v[4]);
}

// Draws for every image of the batch what is left out, so that several processes leave out what one would.
static torch::Tensor dropOut(const CTNetwork &network, const torch::Tensor &x, double rate) {
    if (network.group == nullptr || rate == 0) return at::dropout(x, rate, true);
    auto sizes = x.sizes().vec();
    sizes[0] = network.share.whole;
    const auto kept = at::empty(sizes, x.options(), x.suggest_memory_format()).bernoulli_(1 - rate).div_(1 - rate);
    return x * ownRows(network, kept);
}

static torch::Tensor apply(CTNetwork &network, const NodeValue &node, std::vector<torch::Tensor> &results,
                           bool training, const Lookup &lookup) {
    const torch::Tensor &x = results[node.inputs[0]];
    const int64_t *v = node.integers;
    const bool trains = training && !(node.stage < network.frozenStages);
    switch (node.operation) {
        case CTConvolution: return convolve(node, x, lookup);
        case CTBatchNormalization:
            if (trains && network.group != nullptr) return normalizeWhole(network, node, x, lookup);
            return at::batch_norm(x, lookup(node.name + ".weight"), lookup(node.name + ".bias"),
                                  lookup(node.name + ".running_mean"), lookup(node.name + ".running_var"),
                                  trains, node.reals[1], node.reals[0], false);
        case CTRelu: return at::relu(x);
        case CTRelu6: return at::hardtanh(x, 0, 6);
        case CTSigmoid: return at::sigmoid(x);
        case CTSilu: return at::silu(x);
        case CTMaxPool: return at::max_pool2d(x, {v[0], v[0]}, {v[1], v[1]}, {v[2], v[2]});
        case CTAveragePool: return at::avg_pool2d(x, {v[0], v[0]}, {v[1], v[1]}, {v[2], v[2]}, false, false);
        case CTGlobalAveragePool: return x.to(torch::kFloat32).mean({2, 3});
        case CTAdd: return x + results[node.inputs[1]];
        case CTMultiply: {
            const torch::Tensor &y = results[node.inputs[1]];
            return x.dim() == 4 && y.dim() == 2 ? x * y.to(x.dtype()).unsqueeze(-1).unsqueeze(-1) : x * y;
        }
        case CTConcatenate: {
            std::vector<torch::Tensor> parts;
            for (int32_t input : node.inputs) parts.push_back(results[input]);
            return at::cat(parts, 1);
        }
        case CTDropout: return trains ? dropOut(network, x, node.reals[0]) : x;
        case CTLinear: return at::linear(x, lookup(node.name + ".weight"), lookup(node.name + ".bias"));
        default: throw std::invalid_argument("node " + node.name + " has an unknown operation");
    }
}

// Gives each image the channel means and deviations between its own and those of another image of the batch (MixStyle,
// Zhou, Yang, Qiao and Xiang, ICLR 2021), the share being drawn from Beta(0.3, 0.3).
static torch::Tensor mixStyles(CTNetwork &network, const torch::Tensor &x) {
    const auto type = x.scalar_type();
    torch::Tensor values = x.to(torch::kFloat32), mean, deviation;
    {
        torch::NoGradGuard noGradients;
        mean = values.mean({2, 3}, true);
        deviation = (values.var({2, 3}, false, true) + 1e-6).sqrt();
    }
    const auto means = wholeRows(network, mean), deviations = wholeRows(network, deviation);
    const auto order = torch::randperm(means.size(0), torch::kInt64);
    const auto concentration = torch::full({means.size(0), 1, 1, 1}, 0.3);
    const auto first = at::_standard_gamma(concentration) + 1e-6, second = at::_standard_gamma(concentration) + 1e-6;
    const auto share = first / (first + second);
    const auto mixed = [&](const torch::Tensor &rows) {
        return ownRows(network, share * rows + (1 - share) * rows.index_select(0, order));
    };
    const auto mixedMean = mixed(means), mixedDeviation = mixed(deviations);
    return ((values - mean) * (mixedDeviation / deviation) + mixedMean).to(type);
}

static bool endsStage(const CTNetwork &network, size_t node) {
    return node + 1 == network.nodes.size() || network.nodes[node + 1].stage > network.nodes[node].stage;
}

Outputs forward(CTNetwork &network, const torch::Tensor &images, bool training, const Lookup &lookup) {
    std::vector<torch::Tensor> results(network.nodes.size() + 1);
    results[0] = images;
    Outputs outputs;
    const bool mixes = training && network.options.styleMixing > 0 && network.options.styleMixingStages > 0 &&
                       torch::rand({1}).item<double>() < network.options.styleMixing;
    for (size_t i = 0; i < network.nodes.size(); i++) {
        const NodeValue &node = network.nodes[i];
        const bool gradients = at::GradMode::is_enabled() && !(node.stage < network.frozenStages);
        torch::AutoGradMode mode(gradients);
        results[i + 1] = apply(network, node, results, training, lookup);
        if (mixes && node.stage < network.options.styleMixingStages && results[i + 1].dim() == 4 && endsStage(network, i))
            results[i + 1] = mixStyles(network, results[i + 1]);
        const int32_t number = static_cast<int32_t>(i) + 1;
        if (number == network.logits) outputs.logits = results[number];
        if (number == network.embedding) outputs.embedding = results[number];
        if (number == network.features) outputs.features = results[number];
        for (int32_t input : node.inputs)
            if (network.lastUse[input] == number) results[input].reset();
    }
    return outputs;
}

static void declare(CTNetwork &network, const NodeValue &node) {
    const int64_t *v = node.integers;
    auto parameter = [&](const char *suffix, torch::Tensor value) {
        network.parameters[node.name + suffix] = value.requires_grad_(true);
        network.stages[node.name + suffix] = node.stage;
    };
    if (node.operation == CTConvolution) {
        if (v[0] < 1 || v[1] < 1 || v[4] < 1 || v[0] % v[4] != 0 || v[1] % v[4] != 0)
            throw std::invalid_argument("node " + node.name + ": channels are not divisible by groups");
        parameter(".weight",
                  torch::zeros({v[1], v[0] / v[4], v[2], v[10]}).contiguous(torch::MemoryFormat::ChannelsLast));
        if (v[5]) parameter(".bias", torch::zeros({v[1]}));
    } else if (node.operation == CTLinear) {
        parameter(".weight", torch::zeros({v[1], v[0]}));
        parameter(".bias", torch::zeros({v[1]}));
    } else if (node.operation == CTBatchNormalization) {
        parameter(".weight", torch::ones({v[0]}));
        parameter(".bias", torch::zeros({v[0]}));
        network.buffers[node.name + ".running_mean"] = torch::zeros({v[0]});
        network.buffers[node.name + ".running_var"] = torch::ones({v[0]});
    }
}

CSStatus ct_network_create(const CTNode *nodes, int32_t nodeCount, int32_t logits, int32_t embedding, int32_t features,
                           CTNetwork **network, CSError *error) {
    return guarded(error, [&] {
        auto made = std::make_unique<CTNetwork>();
        made->logits = logits;
        made->embedding = embedding;
        made->features = features;
        made->lastUse.assign(nodeCount + 1, 0);
        for (int32_t i = 0; i < nodeCount; i++) {
            NodeValue node{nodes[i].name, nodes[i].operation, nodes[i].stage, {}, {}, {}};
            for (int32_t j = 0; j < nodes[i].inputCount; j++) {
                const int32_t input = nodes[i].inputs[j];
                if (input < 0 || input > i)
                    throw std::invalid_argument("node " + node.name + " reads a result that does not precede it");
                node.inputs.push_back(input);
                made->lastUse[input] = i + 1;
            }
            if (node.inputs.empty()) throw std::invalid_argument("node " + node.name + " reads nothing");
            const bool two = node.operation == CTAdd || node.operation == CTMultiply;
            if (two && node.inputs.size() != 2) throw std::invalid_argument("node " + node.name + " needs two inputs");
            std::memcpy(node.integers, nodes[i].integers, sizeof node.integers);
            std::memcpy(node.reals, nodes[i].reals, sizeof node.reals);
            declare(*made, node);
            made->nodes.push_back(std::move(node));
        }
        for (int32_t output : {logits, embedding, features})
            if (output < 1 || output > nodeCount) throw std::invalid_argument("an output is not a node");
        *network = made.release();
    });
}

void ct_network_free(CTNetwork *network) { delete network; }

void ct_prepare(int32_t threads) {
    if (threads > 0) at::set_num_threads(threads);
#if defined(__GLIBC__)
    // Activations come and go by the hundred megabytes each step. Left to its defaults glibc returns them to the
    // system every time and faults them in again; keep them instead (mallopt(3)).
    mallopt(M_MMAP_MAX, 0);
    mallopt(M_TRIM_THRESHOLD, INT_MAX);
    mallopt(M_TOP_PAD, 64 << 20);
#endif
}

int32_t ct_has_bfloat16(void) {
#if defined(__x86_64__)
    return __builtin_cpu_supports("avx512bf16") ? 1 : 0;
#else
    return 0;
#endif
}
