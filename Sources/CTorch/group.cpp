#include "group.hpp"

#include <netdb.h>
#include <sys/socket.h>
#include <unistd.h>

#include <chrono>
#include <cstdlib>
#include <future>
#include <numeric>
#include <thread>

#define USE_C10D_GLOO  // as libtorch was built
#include <torch/csrc/distributed/c10d/ProcessGroupGloo.hpp>
#include <torch/csrc/distributed/c10d/TCPStore.hpp>

// Gloo's texts begin with a place in its source and go on with advice.
static std::string sentence(const std::exception &thrown) {
    const auto *torchError = dynamic_cast<const c10::Error *>(&thrown);
    std::string text = torchError != nullptr ? torchError->what_without_backtrace() : thrown.what();
    if (const auto end = text.find("] "); text.rfind('[', 0) == 0 && end != std::string::npos) text.erase(0, end + 2);
    if (const auto advice = text.find(". This is"); advice != std::string::npos) text.erase(advice);
    return text.substr(0, text.find('\n'));
}

// Runs what needs the other processes.
template <typename Body> static auto together(Body &&body) {
    try {
        return body();
    } catch (const std::invalid_argument &) {
        throw;
    } catch (const std::exception &thrown) {
        throw cstatus::Unreachable(sentence(thrown));
    }
}

void CTGroup::sum(torch::Tensor tensor) {
    std::vector<torch::Tensor> list{tensor};
    together([&] { return backend->allreduce(list)->wait(); });
}

void CTGroup::broadcast(torch::Tensor tensor) {
    std::vector<torch::Tensor> list{tensor};
    together([&] { return backend->broadcast(list)->wait(); });
}

torch::Tensor CTGroup::gather(const torch::Tensor &own) {
    auto shape = own.sizes().vec();
    shape.insert(shape.begin(), size);
    auto all = torch::zeros(shape, own.options());
    all[rank].copy_(own);
    sum(all);
    return all;
}

void shareBatch(CTNetwork &network, int64_t own) {
    network.share = {0, own, own, {}};
    if (network.group == nullptr) return;
    const auto counts = network.group->gather(torch::tensor(own, torch::kInt64));
    const int64_t *rows = counts.const_data_ptr<int64_t>();
    network.share.rows.assign(rows, rows + network.group->size);
    network.share.first = std::accumulate(rows, rows + network.group->rank, int64_t{0});
    network.share.whole = std::accumulate(rows, rows + network.group->size, int64_t{0});
}

double wholeSum(CTNetwork &network, double own) {
    if (network.group == nullptr) return own;
    auto sum = torch::tensor(own, torch::kFloat64);
    network.group->sum(sum);
    return sum.item<double>();
}

torch::Tensor wholeRows(CTNetwork &network, const torch::Tensor &own) {
    if (network.group == nullptr) return own;
    auto shape = own.sizes().vec();
    shape[0] = network.share.whole;
    auto whole = torch::zeros(shape, own.options());
    whole.narrow(0, network.share.first, network.share.own).copy_(own);
    network.group->sum(whole);
    return whole;
}

torch::Tensor ownRows(const CTNetwork &network, const torch::Tensor &whole) {
    return network.group == nullptr ? whole : whole.narrow(0, network.share.first, network.share.own);
}

using TensorList = std::vector<torch::Tensor>;

static torch::Tensor flat(const TensorList &tensors) {
    TensorList parts;
    for (auto &tensor : tensors) parts.push_back(tensor.reshape({-1}));
    return at::cat(parts);
}

static void spread(const torch::Tensor &flat, const TensorList &tensors) {
    int64_t begin = 0;
    for (auto &tensor : tensors) {
        tensor.copy_(flat.narrow(0, begin, tensor.numel()).view(tensor.sizes()));
        begin += tensor.numel();
    }
}

void sumGradients(CTNetwork &network, const TensorList &parameters) {
    if (network.group == nullptr || parameters.empty()) return;
    torch::NoGradGuard noGradients;
    TensorList gradients;
    for (auto &parameter : parameters) gradients.push_back(parameter.grad());
    auto sums = flat(gradients);
    network.group->sum(sums);
    spread(sums, gradients);
}

// Batch normalisation (Ioffe and Szegedy 2015, algorithm 1) with the statistics of the batch that the processes share, each of
// which has some of the images; the gradient is that of section 3 of the paper with its two sums taken over all of them.
struct WholeNormalization : torch::autograd::Function<WholeNormalization> {
    static torch::Tensor forward(torch::autograd::AutogradContext *context, const torch::Tensor &x,
                                 const torch::Tensor &weight, const torch::Tensor &bias, torch::Tensor runningMean,
                                 torch::Tensor runningVariance, double momentum, double epsilon, CTNetwork *network) {
        const auto [ownMean, ownVariance] = at::batch_norm_update_stats(x, {}, {}, momentum);
        const auto parts = network->group->gather(at::stack({ownMean, ownVariance}).to(torch::kFloat64));
        const auto &share = network->share;
        const auto rows = torch::tensor(share.rows, torch::kFloat64).div_(static_cast<double>(share.whole)).unsqueeze(1);
        // Means and variances of parts become those of the whole (Chan, Golub and LeVeque 1983).
        const auto means = parts.select(1, 0), variances = parts.select(1, 1);
        const auto mean = (means * rows).sum(0);
        const auto variance = ((variances + (means - mean).square()) * rows).sum(0);
        const double count = static_cast<double>(share.whole * (x.numel() / (x.size(0) * x.size(1))));
        runningMean.lerp_(mean.to(torch::kFloat32), momentum);
        runningVariance.lerp_((variance * (count / std::max(1.0, count - 1))).to(torch::kFloat32), momentum);
        const auto usedMean = mean.to(torch::kFloat32), usedVariance = variance.to(torch::kFloat32);
        context->save_for_backward({x, weight, usedMean, usedVariance});
        context->saved_data["epsilon"] = epsilon;
        context->saved_data["count"] = count;
        context->saved_data["network"] = reinterpret_cast<int64_t>(network);
        return at::batch_norm(x, weight, bias, usedMean, usedVariance, false, 0, epsilon, false);
    }

    static TensorList backward(torch::autograd::AutogradContext *context, TensorList gradients) {
        const auto saved = context->get_saved_variables();
        const auto &x = saved[0], &weight = saved[1], &mean = saved[2], &variance = saved[3];
        const double epsilon = context->saved_data["epsilon"].toDouble(), count = context->saved_data["count"].toDouble();
        auto *network = reinterpret_cast<CTNetwork *>(context->saved_data["network"].toInt());
        // As if mean and variance were given: what is missing is how they depend on the images.
        auto [gradient, ofWeight, ofBias] = at::native_batch_norm_backward(
            gradients[0], x, weight, mean, variance, {}, {}, false, epsilon, {true, true, true});
        auto sums = at::stack({ofWeight, ofBias}).to(torch::kFloat64);
        network->group->sum(sums);
        const auto inverse = (variance.to(torch::kFloat64) + epsilon).rsqrt();
        const auto factor = weight.to(torch::kFloat64) * inverse / count;
        const auto slope = factor * inverse * sums[0];
        const auto offset = factor * sums[1] - slope * mean.to(torch::kFloat64);
        const auto channels = [&](const torch::Tensor &values) {
            return values.to(torch::kFloat32).view({1, -1, 1, 1});
        };
        gradient.sub_(at::addcmul(channels(offset), x, channels(slope)));
        return {gradient, ofWeight, ofBias, {}, {}, {}, {}, {}};
    }
};

torch::Tensor normalizeWhole(CTNetwork &network, const NodeValue &node, const torch::Tensor &x, const Lookup &lookup) {
    return WholeNormalization::apply(x, lookup(node.name + ".weight"), lookup(node.name + ".bias"),
                                     lookup(node.name + ".running_mean"), lookup(node.name + ".running_var"),
                                     node.reals[1], node.reals[0], &network);
}

// The address of this machine on the way to another, which is the one that the others reach it by: what its own name means is
// often 127.0.1.1. Connecting a datagram socket sends nothing (connect(2), udp(7)).
static std::string addressTowards(const std::string &host, uint16_t port) {
    addrinfo hints{}, *found = nullptr;
    hints.ai_socktype = SOCK_DGRAM;
    if (const int code = getaddrinfo(host.c_str(), std::to_string(port).c_str(), &hints, &found); code != 0)
        throw std::runtime_error(host + ": " + gai_strerror(code));
    const std::unique_ptr<addrinfo, decltype(&freeaddrinfo)> list(found, freeaddrinfo);
    for (const addrinfo *entry = found; entry != nullptr; entry = entry->ai_next) {
        const int socket = ::socket(entry->ai_family, entry->ai_socktype, entry->ai_protocol);
        if (socket < 0) continue;
        sockaddr_storage own{};
        socklen_t length = sizeof own;
        char text[NI_MAXHOST];
        const bool known = ::connect(socket, entry->ai_addr, entry->ai_addrlen) == 0 &&
                           ::getsockname(socket, reinterpret_cast<sockaddr *>(&own), &length) == 0 &&
                           ::getnameinfo(reinterpret_cast<sockaddr *>(&own), length, text, sizeof text, nullptr, 0,
                                         NI_NUMERICHOST) == 0;
        ::close(socket);
        if (known) return text;
    }
    throw std::runtime_error("no way leads to " + host);
}

static c10::intrusive_ptr<c10d::ProcessGroupGloo::Options> options(const std::string &host, uint16_t port,
                                                                   std::chrono::seconds patience) {
    auto options = c10d::ProcessGroupGloo::Options::create(patience);
    const char *interface = std::getenv("GLOO_SOCKET_IFNAME");  // as PyTorch reads it
    options->devices.push_back(interface != nullptr && *interface != 0
                                   ? c10d::ProcessGroupGloo::createDeviceForInterface(interface)
                                   : c10d::ProcessGroupGloo::createDeviceForHostname(addressTowards(host, port)));
    return options;
}

// Meets the others. libtorch's client waits without end for a listener that says nothing, so this is done by a thread that is
// then left to itself.
static c10::intrusive_ptr<c10d::TCPStore> meet(const std::string &host, uint16_t port, int32_t rank, int32_t size,
                                               std::chrono::seconds patience) {
    std::packaged_task<c10::intrusive_ptr<c10d::TCPStore>()> task([=] {
        c10d::TCPStoreOptions options;
        options.port = port;
        options.isServer = rank == 0;
        options.numWorkers = size;
        options.timeout = patience;
        return c10::make_intrusive<c10d::TCPStore>(host, options);
    });
    auto store = task.get_future();
    std::thread(std::move(task)).detach();
    if (store.wait_for(patience + std::chrono::seconds(5)) != std::future_status::ready)
        throw std::runtime_error("something listens there and does not answer");
    return store.get();
}

// Refuses processes that were started with settings that do not fit one another.
static void compareSettings(c10d::Store &store, int32_t rank, int32_t size) {
    const std::string text = std::to_string(size);
    if (rank == 0) store.set("size", std::vector<uint8_t>(text.begin(), text.end()));
    const auto found = store.get("size");
    if (const std::string first(found.begin(), found.end()); first != text)
        throw std::invalid_argument("process 0 was started with WORLD_SIZE " + first + ", this one with " + text);
    if (store.add("rank " + std::to_string(rank), 1) != 1)
        throw std::invalid_argument("two processes were started with RANK " + std::to_string(rank));
}

CSStatus ct_group_join(const char *host, uint16_t port, int32_t rank, int32_t size, int32_t joinSeconds,
                       int32_t waitSeconds, CTGroup **group, CSError *error) {
    return guarded(error, [&] {
        if (size < 2 || rank < 0 || rank >= size) throw std::invalid_argument("a rank lies from 0 to below the size");
        FLAGS_caffe2_log_level = c10::GLOG_FATAL;  // what goes wrong is thrown too, and told once
        auto made = std::make_unique<CTGroup>();
        made->rank = rank;
        made->size = size;
        together([&] {
            auto store = meet(host, port, rank, size, std::chrono::seconds(joinSeconds));
            compareSettings(*store, rank, size);
            auto ring = c10::make_intrusive<c10d::ProcessGroupGloo>(
                store, rank, size, options(host, port, std::chrono::seconds(joinSeconds)));
            ring->setTimeout(std::chrono::seconds(waitSeconds));
            made->backend = ring;
            made->sum(torch::zeros({1}));
        });
        *group = made.release();
    });
}

void ct_group_free(CTGroup *group) { delete group; }

CSStatus ct_group_sum(CTGroup *group, double *values, int64_t count, CSError *error) {
    return guarded(error, [&] { group->sum(torch::from_blob(values, {count}, torch::kFloat64)); });
}

CSStatus ct_group_broadcast(CTGroup *group, uint8_t *bytes, int64_t count, CSError *error) {
    return guarded(error, [&] { group->broadcast(torch::from_blob(bytes, {count}, torch::kUInt8)); });
}

void ct_network_join(CTNetwork *network, CTGroup *group) { network->group = group; }

CSStatus ct_network_broadcast(CTNetwork *network, CSError *error) {
    return guarded(error, [&] {
        if (network->group == nullptr) return;
        torch::NoGradGuard noGradients;
        TensorList all;
        for (auto *tensors : {&network->parameters, &network->buffers, &network->averages})
            for (auto &[name, tensor] : *tensors) all.push_back(tensor);
        auto values = flat(all);
        network->group->broadcast(values);
        spread(values, all);
    });
}
