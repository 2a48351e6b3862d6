#include <cmath>

#include "group.hpp"

using torch::optim::AdamW;
using torch::optim::AdamWOptions;
using torch::optim::AdamWParamState;
using torch::optim::SGD;
using torch::optim::SGDOptions;
using torch::optim::SGDParamState;

static torch::Tensor &find(std::map<std::string, torch::Tensor> &tensors, const std::string &name) {
    auto found = tensors.find(name);
    if (found == tensors.end()) throw std::invalid_argument("the network has no tensor " + name);
    return found->second;
}

static torch::Tensor &valueOf(CTNetwork &network, const std::string &name) {
    auto found = network.buffers.find(name);
    return found != network.buffers.end() ? found->second : find(network.parameters, name);
}

// The optimiser's moment of a parameter, made of zeros where it has none yet.
static torch::Tensor momentOf(CTNetwork &network, const std::string &name, bool second) {
    if (!network.optimizer) throw std::invalid_argument("moments exist only while training");
    torch::Tensor &parameter = find(network.parameters, name);
    auto &slot = network.optimizer->state()[parameter.unsafeGetTensorImpl()];
    if (network.options.adamW) {
        if (!slot) {
            auto state = std::make_unique<AdamWParamState>();
            state->step(0);
            state->exp_avg(torch::zeros_like(parameter));
            state->exp_avg_sq(torch::zeros_like(parameter));
            slot = std::move(state);
        }
        auto &state = static_cast<AdamWParamState &>(*slot);
        return second ? state.exp_avg_sq() : state.exp_avg();
    }
    if (second) throw std::invalid_argument("SGD keeps no second moment");
    if (!slot) {
        auto state = std::make_unique<SGDParamState>();
        state->momentum_buffer(torch::zeros_like(parameter));
        slot = std::move(state);
    }
    return static_cast<SGDParamState &>(*slot).momentum_buffer();
}

static torch::Tensor tensorOf(CTNetwork &network, const std::string &name, int32_t kind) {
    switch (kind) {
        case CTValue: return valueOf(network, name);
        case CTAverage: return find(network.averages, name);
        case CTGradient: {
            torch::Tensor gradient = find(network.parameters, name).grad();
            if (!gradient.defined()) throw std::invalid_argument(name + " has no gradient");
            return gradient;
        }
        case CTFirstMoment: return momentOf(network, name, false);
        case CTSecondMoment: return momentOf(network, name, true);
        default: throw std::invalid_argument("unknown kind of tensor");
    }
}

// How many steps a parameter has taken; AdamW corrects its moments by it.
static int64_t stepsOf(CTNetwork &network, const std::string &name, const float *newValue) {
    if (!network.options.adamW) return 0;
    momentOf(network, name, false);
    auto &slot = network.optimizer->state()[find(network.parameters, name).unsafeGetTensorImpl()];
    auto &state = static_cast<AdamWParamState &>(*slot);
    if (newValue != nullptr) state.step(static_cast<int64_t>(*newValue));
    return state.step();
}

static void requireCount(const torch::Tensor &tensor, int64_t count, const std::string &name) {
    if (tensor.numel() != count)
        throw std::invalid_argument(name + " holds " + std::to_string(tensor.numel()) + " values, not " +
                                    std::to_string(count));
}

CSStatus ct_network_set(CTNetwork *network, const char *name, int32_t kind, const float *values, int64_t count,
                        CSError *error) {
    return guarded(error, [&] {
        torch::NoGradGuard noGradients;
        if (kind == CTSteps) return void(stepsOf(*network, name, values));
        torch::Tensor tensor = tensorOf(*network, name, kind);
        requireCount(tensor, count, name);
        tensor.copy_(torch::from_blob(const_cast<float *>(values), tensor.sizes(), torch::kFloat32));
    });
}

CSStatus ct_network_get(CTNetwork *network, const char *name, int32_t kind, float *values, int64_t count,
                        CSError *error) {
    return guarded(error, [&] {
        torch::NoGradGuard noGradients;
        if (kind == CTSteps) return void(*values = static_cast<float>(stepsOf(*network, name, nullptr)));
        torch::Tensor tensor = tensorOf(*network, name, kind);
        requireCount(tensor, count, name);
        torch::from_blob(values, tensor.sizes(), torch::kFloat32).copy_(tensor);
    });
}

CSStatus ct_training_begin(CTNetwork *network, const CTTraining *options, CSError *error) {
    return guarded(error, [&] {
        torch::NoGradGuard noGradients;
        network->options = *options;
        network->options.classWeights = nullptr;
        network->classWeights = torch::Tensor();
        if (options->classWeights != nullptr)
            network->classWeights =
                torch::from_blob(const_cast<float *>(options->classWeights), {options->classCount}).clone();
        std::vector<torch::Tensor> decayed, plain;
        for (auto &[name, parameter] : network->parameters)
            (parameter.dim() > 1 ? decayed : plain).push_back(parameter);
        auto groups = [&](auto base) {
            std::vector<torch::optim::OptimizerParamGroup> result;
            auto without = base;
            without.weight_decay(0);
            result.emplace_back(decayed, std::make_unique<decltype(base)>(base));
            result.emplace_back(plain, std::make_unique<decltype(base)>(without));
            return result;
        };
        if (options->adamW) {
            AdamWOptions base(1e-3);
            base.betas({options->beta1, options->beta2}).eps(options->epsilon).weight_decay(options->weightDecay);
            network->optimizer = std::make_unique<AdamW>(groups(base), base);
        } else {
            SGDOptions base(1e-3);
            base.momentum(options->beta1).weight_decay(options->weightDecay).nesterov(options->beta1 > 0);
            network->optimizer = std::make_unique<SGD>(groups(base), base);
        }
        network->averages.clear();
        if (options->averageDecay > 0) {
            for (auto &[name, value] : network->parameters) network->averages[name] = value.detach().clone();
            for (auto &[name, value] : network->buffers) network->averages[name] = value.clone();
        }
    });
}

CSStatus ct_training_freeze(CTNetwork *network, int32_t stages, CSError *error) {
    return guarded(error, [&] {
        network->frozenStages = stages;
        for (auto &[name, parameter] : network->parameters) {
            parameter.requires_grad_(network->stages[name] >= stages);
            if (network->stages[name] < stages) parameter.mutable_grad().reset();
        }
    });
}

static torch::Tensor labelTensor(const CTNetwork &network, const int64_t *labels, int64_t n) {
    auto tensor = torch::from_blob(const_cast<int64_t *>(labels), {n}, torch::kInt64);
    const int64_t classes = network.nodes[network.logits - 1].integers[1];
    if (tensor.min().item<int64_t>() < CTNoClass || tensor.max().item<int64_t>() >= classes)
        throw std::invalid_argument("labels must lie from 0 to " + std::to_string(classes - 1) + ", or be " +
                                    std::to_string(CTNoClass) + " for an image of no class");
    return tensor;
}

// [n], the cross entropy of each image; that of an image of no class is the distance from the same probability for each.
static torch::Tensor crossEntropies(const CTNetwork &network, const torch::Tensor &logits, const torch::Tensor &labels,
                                    double smoothing) {
    const auto classless = labels.eq(CTNoClass);
    const auto known = at::cross_entropy_loss(logits, labels.masked_fill(classless, 0), network.classWeights,
                                              at::Reduction::None, -100, smoothing);
    return at::where(classless, -at::log_softmax(logits, 1).mean(1), known);
}

// [n], what each image's cross entropy counts for in the mean over the whole batch; with class weights the mean of the images
// that show a class is weighted.
static torch::Tensor shareInMean(CTNetwork &network, const torch::Tensor &labels) {
    const auto known = labels.ne(CTNoClass);
    const double whole = static_cast<double>(network.share.whole);
    const double count = wholeSum(network, known.sum().item<double>());
    double weight = count;
    if (network.classWeights.defined())
        weight = wholeSum(network,
                          network.classWeights.index_select(0, labels.index({known})).sum().item<double>());
    return at::where(known, count / (weight * whole), 1 / whole).to(torch::kFloat32);
}

// This process's part of the mean distance from a teacher's answers over the images that show a class,
// T² KL(teacher ‖ student) with both answers divided by T (Hinton, Vinyals and Dean 2015, section 2).
static torch::Tensor distillation(CTNetwork &network, const torch::Tensor &logits, const torch::Tensor &teacher,
                                  const torch::Tensor &labels, double temperature) {
    const auto known = labels.ne(CTNoClass).to(torch::kFloat32);
    const auto target = at::log_softmax(teacher / temperature, 1);
    const auto answer = at::log_softmax(logits / temperature, 1);
    const auto distances = (target.exp() * (target - answer)).sum(1) * temperature * temperature;
    return (distances * known).sum() / std::max(1.0, wholeSum(network, known.sum().item<double>()));
}

// A cell of the feature map that nuclei cover to this share counts as lying on them.
static const double coveredShare = 0.5;

// Minus the logarithm of the share of the evidence that lies on nuclei: evidence is what the linear classifier makes of a
// cell of the feature map, for and against any class. Images of no class or without nuclei are not asked. The mean is over
// `whole` images.
static torch::Tensor guidance(const Outputs &outputs, int64_t whole, const torch::Tensor &classifier,
                              const torch::Tensor &nuclei, const torch::Tensor &labels) {
    const auto features = outputs.features.to(torch::kFloat32);
    if (features.dim() != 4 || classifier.size(1) != features.size(1))
        throw std::invalid_argument("guidance needs a linear classifier on the mean of the feature map");
    const auto centred = classifier - classifier.mean(0, true);
    const auto evidence = at::einsum("ck,nkhw->nchw", {centred, features}).abs().sum(1);
    const auto cover = at::adaptive_avg_pool2d(nuclei.unsqueeze(1), {features.size(2), features.size(3)}).squeeze(1);
    const auto on = (cover / coveredShare).clamp_max(1);
    const auto share = (evidence * on).sum({1, 2}) / (evidence.sum({1, 2}) + 1e-6);
    const auto asked = labels.ne(CTNoClass).logical_and(cover.sum({1, 2}).gt(0)).to(torch::kFloat32);
    return -((share + 1e-3).log() * asked).sum() / whole;
}

// Running statistics change in the forward pass; where the step fails they go back, so that a failed step moves nothing.
static std::map<std::string, torch::Tensor> copyOf(const std::map<std::string, torch::Tensor> &tensors) {
    std::map<std::string, torch::Tensor> copies;
    for (auto &[name, tensor] : tensors) copies[name] = tensor.clone();
    return copies;
}

static void setLearningRate(torch::optim::Optimizer &optimizer, double learningRate) {
    for (auto &group : optimizer.param_groups()) group.options().set_lr(learningRate);
}

// average += (1 - decay) (value - average); the decay grows from small values so that early averages forget the start.
static void updateAverages(CTNetwork &network) {
    if (network.averages.empty()) return;
    const double step = static_cast<double>(network.options.completedSteps);
    const double decay = std::min(network.options.averageDecay, (1 + step) / (10 + step));
    std::vector<torch::Tensor> averages, values;
    for (auto &[name, average] : network.averages) {
        averages.push_back(average);
        values.push_back(valueOf(network, name).detach());
    }
    at::_foreach_lerp_(averages, values, 1 - decay);
}

// This process's part of what is to become small; the parts of all processes add up to it.
using Objective = std::function<torch::Tensor(const Outputs &)>;

// One optimiser step down an objective, which all processes take alike. Returns the network's first output; it is in single
// precision, for the objective too.
static torch::Tensor descend(CTNetwork &network, const torch::Tensor &input, const Objective &objectiveOf,
                             double learningRate, double *loss) {
    shareBatch(network, input.size(0));
    auto statistics = copyOf(network.buffers);
    auto fail = [&](const std::string &what) {
        torch::NoGradGuard noGradients;
        for (auto &[name, buffer] : network.buffers) buffer.copy_(statistics[name]);
        network.optimizer->zero_grad();
        throw cstatus::NotFinite(what + " is not finite at step " + std::to_string(network.options.completedSteps + 1));
    };
    Lookup lookup = [&](const std::string &name) -> const torch::Tensor & { return valueOf(network, name); };
    Outputs outputs;
    torch::Tensor objective;
    {
        Autocast autocast(network.options.bfloat16 != 0);
        outputs = forward(network, input, true, lookup);
        outputs.logits = outputs.logits.to(torch::kFloat32);
        objective = objectiveOf(outputs);
    }
    *loss = wholeSum(network, objective.item<double>());
    if (!std::isfinite(*loss)) fail("the loss");
    network.optimizer->zero_grad();
    objective.backward();
    std::vector<torch::Tensor> trained;
    for (auto &[name, parameter] : network.parameters)
        if (parameter.requires_grad() && parameter.grad().defined()) trained.push_back(parameter);
    sumGradients(network, trained);
    const double clip = network.options.gradientClip > 0 ? network.options.gradientClip : 1e30;
    const double norm = torch::nn::utils::clip_grad_norm_(trained, clip);
    if (!std::isfinite(norm)) fail("the gradient");
    setLearningRate(*network.optimizer, learningRate);
    network.optimizer->step();
    network.options.completedSteps += 1;
    torch::NoGradGuard noGradients;
    updateAverages(network);
    return outputs.logits.detach();
}

static torch::Tensor view(const float *values, at::IntArrayRef shape) {
    return torch::from_blob(const_cast<float *>(values), shape, torch::kFloat32);
}

CSStatus ct_training_step(CTNetwork *network, const CTBatch *batch, double learningRate, uint64_t seed, double *loss,
                          int64_t *correct, CSError *error) {
    return guarded(error, [&] {
        if (!network->optimizer) throw std::invalid_argument("ct_training_begin was not called");
        torch::manual_seed(seed);
        const int64_t n = batch->n;
        const auto &options = network->options;
        auto targets = labelTensor(*network, batch->labels, n);
        auto objective = [&](const Outputs &outputs) {
            const auto &logits = outputs.logits;
            const auto weights = batch->weights == nullptr ? shareInMean(*network, targets) : view(batch->weights, {n});
            auto sum = (crossEntropies(*network, logits, targets, options.labelSmoothing) * weights).sum();
            if (batch->teacher != nullptr && options.distillation > 0)
                sum = (1 - options.distillation) * sum +
                      options.distillation * distillation(*network, logits, view(batch->teacher, logits.sizes()),
                                                          targets, options.distillationTemperature);
            if (batch->nuclei == nullptr || options.nucleusGuidance == 0) return sum;
            const auto &classifier = find(network->parameters, network->nodes[network->logits - 1].name + ".weight");
            return sum + options.nucleusGuidance * guidance(outputs, network->share.whole, classifier,
                                                            view(batch->nuclei, {n, batch->h, batch->w}), targets);
        };
        auto logits =
            descend(*network, imageTensor(batch->images, n, batch->c, batch->h, batch->w), objective, learningRate, loss);
        *correct = logits.argmax(1).eq(targets).sum().item<int64_t>();
        if (batch->losses != nullptr) view(batch->losses, {n}).copy_(crossEntropies(*network, logits, targets, 0));
    });
}

CSStatus ct_reconstruction_step(CTNetwork *network, const float *images, int64_t n, int64_t c, int64_t h, int64_t w,
                                const float *targets, int64_t targetCount, double learningRate, uint64_t seed,
                                double *loss, CSError *error) {
    return guarded(error, [&] {
        if (!network->optimizer) throw std::invalid_argument("ct_training_begin was not called");
        torch::manual_seed(seed);
        auto squares = [&](const Outputs &outputs) {
            requireCount(outputs.logits, targetCount, "the reconstruction");
            const double part = static_cast<double>(n) / static_cast<double>(network->share.whole);
            return at::mse_loss(outputs.logits, view(targets, outputs.logits.sizes())) * part;
        };
        descend(*network, imageTensor(images, n, c, h, w), squares, learningRate, loss);
    });
}

CSStatus ct_target_step(CTNetwork *network, const float *images, int64_t n, int64_t c, int64_t h, int64_t w,
                        const float *targets, const float *weights, int64_t targetCount, double learningRate,
                        uint64_t seed, double *loss, CSError *error) {
    return guarded(error, [&] {
        if (!network->optimizer) throw std::invalid_argument("ct_training_begin was not called");
        torch::manual_seed(seed);
        auto entropies = [&](const Outputs &outputs) {
            const auto &logits = outputs.logits;
            requireCount(logits, targetCount, "the targets");
            const auto asked = view(targets, logits.sizes()), weight = view(weights, logits.sizes());
            const double sum = wholeSum(*network, weight.sum().item<double>());
            if (!(sum > 0)) throw std::invalid_argument("the weights of a step add up to nothing");
            const auto each = at::clamp_min(logits, 0) - logits * asked + at::log1p(at::exp(-logits.abs()));
            return (each * weight).sum() / sum;
        };
        descend(*network, imageTensor(images, n, c, h, w), entropies, learningRate, loss);
    });
}

CSStatus ct_gradients(CTNetwork *network, const float *images, const int64_t *labels, int64_t n, int64_t c, int64_t h,
                      int64_t w, int32_t training, double *loss, CSError *error) {
    return guarded(error, [&] {
        auto targets = labelTensor(*network, labels, n);
        auto input = imageTensor(images, n, c, h, w);
        Lookup lookup = [&](const std::string &name) -> const torch::Tensor & { return valueOf(*network, name); };
        for (auto &[name, parameter] : network->parameters) parameter.mutable_grad().reset();
        shareBatch(*network, n);
        auto logits = forward(*network, input, training != 0, lookup).logits;
        auto objective = (crossEntropies(*network, logits, targets, 0) * shareInMean(*network, targets)).sum();
        *loss = wholeSum(*network, objective.item<double>());
        objective.backward();
        std::vector<torch::Tensor> trained;
        for (auto &[name, parameter] : network->parameters)
            if (parameter.grad().defined()) trained.push_back(parameter);
        sumGradients(*network, trained);
    });
}

static void copyOut(const torch::Tensor &tensor, float *values, int64_t count, const char *name) {
    if (count == 0) return;
    requireCount(tensor, count, name);
    torch::from_blob(values, tensor.sizes(), torch::kFloat32).copy_(tensor);
}

CSStatus ct_forward(CTNetwork *network, const float *images, int64_t n, int64_t c, int64_t h, int64_t w,
                    int32_t average, int32_t bfloat16, float *logits, int64_t logitsCount, float *embedding,
                    int64_t embeddingCount, float *features, int64_t featuresCount, CSError *error) {
    return guarded(error, [&] {
        torch::NoGradGuard noGradients;
        if (average && network->averages.empty()) throw std::invalid_argument("no moving average is kept");
        auto input = imageTensor(images, n, c, h, w);
        Lookup lookup = [&](const std::string &name) -> const torch::Tensor & {
            return average ? find(network->averages, name) : valueOf(*network, name);
        };
        Autocast autocast(bfloat16 != 0);
        Outputs outputs = forward(*network, input, false, lookup);
        copyOut(outputs.logits, logits, logitsCount, "logits");
        copyOut(outputs.embedding, embedding, embeddingCount, "embedding");
        copyOut(outputs.features, features, featuresCount, "features");
    });
}
