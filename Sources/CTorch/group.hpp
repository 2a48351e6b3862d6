// The processes that train one network together, behind the C interface.
#pragma once
#include <torch/csrc/distributed/c10d/Backend.hpp>

#include "network.hpp"

struct CTGroup {
    int32_t rank = 0, size = 1;
    c10::intrusive_ptr<c10d::Backend> backend;

    // Adds a tensor up over all processes, in place. Each piece is added up in one of them and sent to all, so that all have the
    // same sums to the last bit.
    void sum(torch::Tensor tensor);
    // Gives every process the tensor of process 0, in place.
    void broadcast(torch::Tensor tensor);
    // [size, …]: what each process has, in the order of their ranks. All have the same shape.
    torch::Tensor gather(const torch::Tensor &own);
};

// Says how large a part of a batch this process has, and learns the others' parts. Every process calls it before a step.
void shareBatch(CTNetwork &network, int64_t own);
// The sum over all processes.
double wholeSum(CTNetwork &network, double own);
// [whole, …]: the rows of every image of the batch, in order, of this process's rows `[own, …]`. Not differentiable.
torch::Tensor wholeRows(CTNetwork &network, const torch::Tensor &own);
// This process's rows of those of every image.
torch::Tensor ownRows(const CTNetwork &network, const torch::Tensor &whole);
// Adds the gradients up, as one flat tensor.
void sumGradients(CTNetwork &network, const std::vector<torch::Tensor> &parameters);
// Batch normalisation by the mean and the variance of the whole batch; moves the running statistics.
torch::Tensor normalizeWhole(CTNetwork &network, const NodeValue &node, const torch::Tensor &x, const Lookup &lookup);
