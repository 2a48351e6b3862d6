import CTorch
import Networks
import Tensors

extension TrainableNetwork {
    /// One optimiser step towards given values instead of labels, as an autoencoder learns.
    /// - Parameters:
    ///   - batch: `batch.labels` only counts the images.
    ///   - targets: in the shape of the graph's first output, a row an image.
    /// - Returns: the mean squared distance before the step.
    /// - Throws: ``TrainingError`` with `notFinite` when loss or gradient is NaN; the weights are then unchanged.
    public func reconstructionStep(_ batch: Batch, targets: [Float], learningRate: Double, seed: UInt64) throws
        -> Double
    {
        var loss = 0.0
        try Self.check {
            ct_reconstruction_step(
                handle, batch.images, Int64(batch.count), Int64(graph.inputChannels), Int64(batch.height),
                Int64(batch.width), targets, Int64(targets.count), learningRate, seed, &loss, $0)
        }
        return loss
    }

    /// What the graph's `embedding` is for each image, whatever its shape, in evaluation mode and single precision.
    /// - Parameter size: numbers an image.
    /// - Returns: `[N, size]`.
    public func codes(_ batch: Batch, size: Int) throws -> [[Float]] {
        var codes = Tensor(shape: [batch.count, size], repeating: 0)
        try Self.check {
            ct_forward(
                handle, batch.images, Int64(batch.count), Int64(graph.inputChannels), Int64(batch.height),
                Int64(batch.width), 0, 0, nil, 0, &codes.values, Int64(codes.values.count), nil, 0, $0)
        }
        return codes.rows
    }
}
